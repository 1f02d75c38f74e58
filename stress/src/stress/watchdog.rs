//! Ends the process, with a report of what waits, when something hangs.
//!
//! Each component that runs has to make progress of its own: one that hangs is found although the
//! others go on.

use super::ledger::{Kind, Ledger};
use std::fs;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may go without progress.
pub(super) const LIMIT: Duration = Duration::from_secs(30);

/// What the main thread does, and since when.
static STAGE: Mutex<(String, Option<Instant>)> = Mutex::new((String::new(), None));

/// Says more about what waits; each with the number by which it is taken back.
static WITNESSES: Mutex<Vec<(u64, Witness)>> = Mutex::new(Vec::new());

type Witness = Box<dyn Fn() -> Vec<String> + Send>;

/// The main thread begins something else.
pub(super) fn stage(what: String) {
    *STAGE.lock().unwrap() = (what, Some(Instant::now()));
}

/// Has `tell` asked in a report, until what this returns is dropped.
#[must_use]
pub(super) fn witness(tell: impl Fn() -> Vec<String> + Send + 'static) -> Testimony {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let id = NEXT.fetch_add(1, Relaxed);
    WITNESSES.lock().unwrap().push((id, Box::new(tell)));
    Testimony(id)
}

/// Keeps a witness.
pub(super) struct Testimony(u64);

impl Drop for Testimony {
    fn drop(&mut self) {
        let mut witnesses = WITNESSES.lock().unwrap();
        let index = witnesses.iter().position(|(id, _)| *id == self.0);
        let witness = witnesses.swap_remove(index.expect("a witness is taken back once"));
        drop(witnesses);
        drop(witness);
    }
}

/// Starts the thread that watches.
pub(super) fn start(ledgers: Vec<Arc<Ledger>>) {
    let watch = move || {
        let mut seen: Vec<_> = ledgers.iter().map(|_| (0, Instant::now())).collect();
        loop {
            thread::sleep(Duration::from_millis(500));
            for (ledger, (progress, since)) in ledgers.iter().zip(&mut seen) {
                let now = ledger.progress();
                if now != *progress || !ledger.active.load(Relaxed) {
                    (*progress, *since) = (now, Instant::now());
                } else if since.elapsed() > LIMIT {
                    give_up(&format!("{} makes no progress", ledger.name), &ledgers);
                }
            }
            let (stage, since) = STAGE.lock().unwrap().clone();
            // While components run, they are watched one by one.
            let runs = ledgers.iter().any(|ledger| ledger.active.load(Relaxed));
            if !runs && since.is_some_and(|since| since.elapsed() > LIMIT) {
                give_up(&stage, &ledgers);
            }
        }
    };
    thread::Builder::new().name("watchdog".into()).spawn(watch).expect("a thread can be started");
}

/// Reports what waits, and aborts, so that a core dump or a debugger sees the rest.
fn give_up(why: &str, ledgers: &[Arc<Ledger>]) -> ! {
    println!("HANGS: {why} for {LIMIT:?}; stage: {}", STAGE.lock().unwrap().0);
    for ledger in ledgers {
        let active = if ledger.active.load(Relaxed) { "runs" } else { "rests" };
        println!("  {active} {ledger}");
        ledger.each_kind(|kind: &Kind| {
            if kind.live() > 0 {
                println!("      waits: {kind}");
            }
        });
    }
    // Who holds the lock may be what hangs.
    if let Ok(witnesses) = WITNESSES.try_lock() {
        let lines = witnesses.iter().flat_map(|(_, tell)| tell());
        lines.for_each(|line| println!("      {line}"));
    }
    for task in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let of = |name| fs::read_to_string(task.path().join(name)).unwrap_or_default();
        let [name, place, call] = [of("comm"), of("wchan"), of("syscall")];
        println!("  thread {} {place} {}", name.trim(), call.trim());
    }
    if std::env::var_os("STRESS_WAITS_FOR_DEBUGGER").is_some() {
        println!("process {} waits for a debugger", process::id());
        loop {
            thread::sleep(LIMIT);
        }
    }
    process::abort()
}
