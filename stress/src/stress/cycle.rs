//! One cycle: a runtime, all components on it, and its end.

use super::interrupts::Interrupts;
use super::ledger::Ledger;
use super::random::Random;
use super::scope::{Company, Component, Parts, Scope, Threads};
use super::{panics, watchdog, CYCLE};
use futures::Future as _;
use std::future::pending;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tokio::timer::Delay;

/// How many closures of `blocking` run at a time: few, so that others wait for their turn.
pub(super) const BLOCKING: usize = 6;

/// The parts of a run that stay the same.
type Chosen = [(Component, Arc<Ledger>)];

pub(super) fn run(n: u64, chosen: &Chosen, workers: usize, descriptors: u64, mut random: Random) {
    let interrupts = Interrupts::start();
    let of_runtime = Arc::new(Threads::default());
    let runtime = runtime(workers, &of_runtime.refused);
    let scope = |ledger: &Arc<Ledger>, time| {
        Scope::new(Parts {
            handle: runtime.as_handle().clone(),
            workers,
            until: Instant::now() + time,
            ledger: ledger.clone(),
            threads: of_runtime.clone(),
            descriptors,
        })
    };
    watchdog::stage(format!("cycle {n}: the components that run beside each other"));
    thread::scope(|threads| {
        for (component, ledger) in chosen {
            if component.company == Company::Others {
                let scope = scope(ledger, CYCLE);
                let random = random.named(component.name);
                let name = component.name.to_owned();
                let run = move || watched(component, &scope, random);
                thread::Builder::new().name(name).spawn_scoped(threads, run).unwrap();
            }
        }
    });
    for (component, ledger) in chosen {
        if component.company == Company::Alone {
            watchdog::stage(format!("cycle {n}: {}", component.name));
            watched(component, &scope(ledger, CYCLE / 4), random.named(component.name));
        }
    }
    let ending = random.one_of(&Ending::ALL);
    watchdog::stage(format!("cycle {n}: {ending:?}"));
    // The first ledger keeps the books of what is left in the runtime at its end.
    ending.put_end_to(runtime, &chosen[0].1, &mut random);
    drop(interrupts);
}

/// Runs a component under the eyes of the watchdog.
fn watched(component: &Component, scope: &Scope, random: Random) {
    scope.ledger.advance();
    scope.ledger.active.store(true, Relaxed);
    // A panic has been counted as a loss by the hook; the others go on to their end.
    let _ = catch_unwind(AssertUnwindSafe(|| (component.run)(scope, random)));
    scope.ledger.active.store(false, Relaxed);
}

/// Builds runtimes that are refused threads beyond those that they have while `refused` is true.
pub(super) fn runtime_builder(refused: &Arc<AtomicBool>) -> Builder {
    let mut pool = tokio_threadpool::Builder::new();
    pool.refuse_threads(refused.clone()).name_prefix("worker-");
    let mut builder = Builder::new();
    #[allow(deprecated, reason = "the pool's builder is the one that can refuse threads")]
    builder.threadpool_builder(pool);
    builder
}

/// A runtime whose panics are counted, and that can be refused threads.
fn runtime(workers: usize, refused: &Arc<AtomicBool>) -> Runtime {
    let mut builder = runtime_builder(refused);
    builder.core_threads(workers).blocking_threads(BLOCKING);
    builder.panic_handler(panics::handler).keep_alive(Some(Duration::from_millis(20)));
    builder.build().expect("a runtime can be made")
}

/// How a runtime ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ending {
    OnIdle,
    Now,
    Dropped,
    /// Dropped in a task of another runtime, of either generation.
    DroppedInATask,
    /// Told to stop, and not waited for.
    Left,
}

impl Ending {
    pub(super) const ALL: [Ending; 5] =
        [Ending::OnIdle, Ending::Now, Ending::Dropped, Ending::DroppedInATask, Ending::Left];

    /// Ends the runtime with work pending, and waits until it has ended and all is dropped.
    pub(super) fn put_end_to(self, runtime: Runtime, ledger: &Ledger, random: &mut Random) {
        let work = ledger.kind("pending at the end", super::ledger::End::Open);
        let handle = runtime.as_handle().clone();
        for _ in 0..random.within(0..=50) {
            let (one, other) = (work.guard(), work.guard());
            let short = Delay::new(Instant::now() + random.micros(0..=3_000));
            let short = short.then(move |_| Ok(drop(one)));
            handle.spawn(short);
            if !matches!(self, Ending::OnIdle) {
                drop(handle.spawn(async move {
                    let _other = other;
                    pending::<()>().await;
                }));
            }
        }
        match self {
            Ending::OnIdle => runtime.shutdown_on_idle().wait().expect("a shutdown does not fail"),
            Ending::Now => runtime.shutdown_now().wait().expect("a shutdown does not fail"),
            Ending::Dropped => drop(runtime),
            Ending::DroppedInATask => drop_in_a_task(runtime, random),
            Ending::Left => drop(runtime.shutdown_now()),
        }
        // A runtime that is left alone ends in its own time.
        while matches!(self, Ending::Left) && work.live() > 0 {
            thread::sleep(Duration::from_millis(1));
        }
        let live = work.live();
        if live > 0 {
            super::loss(format_args!("{live} futures outlived their runtime after {self:?}"));
        }
        ledger.advance();
    }
}

fn drop_in_a_task(runtime: Runtime, random: &mut Random) {
    let mut other = Builder::new().core_threads(1).build().expect("a runtime can be made");
    if random.once_in(2) {
        other.block_on(async move { drop(runtime) });
    } else {
        other.block_on(futures::future::lazy(move || Ok::<_, ()>(drop(runtime)))).unwrap();
    }
}
