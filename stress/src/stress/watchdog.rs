//! Ends the process, with a report of what waits, when something hangs.
//!
//! Each component that runs has to make progress of its own: one that hangs is found although the
//! others go on. It also bounds the memory that a run may take.

use super::folder;
use super::ledger::{Kind, Ledger};
use std::fs;
use std::process;
use std::sync::atomic::{AtomicIsize, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// How much of the heap a run may have in use: several times of what it has at its worst.
const MOST_HEAP: isize = 1 << 30;

/// The most that was seen in use.
static PEAK_HEAP: AtomicIsize = AtomicIsize::new(0);

/// What the main thread does, and since when.
static STAGE: Mutex<(String, Option<Instant>)> = Mutex::new((String::new(), None));

/// Says more about what waits; each with the number by which it is taken back.
static WITNESSES: Mutex<Vec<(u64, Witness)>> = Mutex::new(Vec::new());

/// The command that gives the present cycle's inputs again.
static REPLAY: Mutex<String> = Mutex::new(String::new());

type Witness = Box<dyn Fn() -> Vec<String> + Send>;

/// The main thread begins something else.
pub(super) fn stage(what: String) {
    *STAGE.lock().unwrap() = (what, Some(Instant::now()));
}

/// A cycle begins, whose inputs this command gives again.
pub(super) fn replay_by(command: String) {
    *REPLAY.lock().unwrap() = command;
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

/// The most of the heap that was seen in use, in bytes.
pub(super) fn peak_heap() -> isize {
    PEAK_HEAP.load(Relaxed)
}

/// Starts the thread that watches. Nothing may go without progress for longer than `limit`.
pub(super) fn start(ledgers: Vec<Arc<Ledger>>, limit: Duration) {
    let watch = move || {
        let mut seen: Vec<_> = ledgers.iter().map(|_| (0, Instant::now())).collect();
        loop {
            thread::sleep(Duration::from_millis(500));
            let heap = tests_heap::process::bytes_in_use();
            PEAK_HEAP.fetch_max(heap, Relaxed);
            if heap > MOST_HEAP {
                give_up(&format!("{} MiB of heap are in use", heap >> 20), &ledgers);
            }
            for (ledger, (progress, since)) in ledgers.iter().zip(&mut seen) {
                let now = ledger.progress();
                if now != *progress || !ledger.active.load(Relaxed) {
                    (*progress, *since) = (now, Instant::now());
                } else if since.elapsed() > limit {
                    give_up(&format!("{} makes no progress", ledger.name), &ledgers);
                }
            }
            let (stage, since) = STAGE.lock().unwrap().clone();
            // While components run, they are watched one by one.
            let runs = ledgers.iter().any(|ledger| ledger.active.load(Relaxed));
            if !runs && since.is_some_and(|since| since.elapsed() > limit) {
                give_up(&format!("nothing goes on: {stage}"), &ledgers);
            }
        }
    };
    thread::Builder::new().name("watchdog".into()).spawn(watch).expect("a thread can be started");
}

/// Reports what waits, and aborts, so that a core dump or a debugger sees the rest.
fn give_up(why: &str, ledgers: &[Arc<Ledger>]) -> ! {
    println!("HANGS: {why}; stage: {}", STAGE.lock().unwrap().0);
    println!("replay: {}", REPLAY.lock().unwrap());
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
            thread::sleep(Duration::from_secs(30));
        }
    }
    folder::remove_all();
    process::abort()
}
