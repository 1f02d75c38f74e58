//! How a task is made of one poll function: in either generation, or in one inside the other.

use super::ledger::Guard;
use super::random::Random;
use futures::{future, Future as _};
use futures03::FutureExt;
use std::future::{poll_fn, Future};
use std::sync::OnceLock;
use std::task::{ready, Poll};
use tokio::runtime::Handle;
use tokio::task::{Futures01AsStd, JoinHandle, Never, StdAsFutures01};
use tokio_task::{to_futures01, Caller};

/// The generation of all tasks that may be of either, if not each has its own.
static GENERATION: OnceLock<Generation> = OnceLock::new();

/// A generation of tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Generation {
    Futures01,
    Std,
}

impl Generation {
    /// All tasks that may be of either are of this one. Called once at most.
    pub(super) fn of_all_tasks(self) {
        GENERATION.set(self).expect("it is chosen once at most");
    }

    fn any(random: &mut Random) -> Generation {
        // Drawn in any case: what comes after it is to be the same.
        let drawn = random.one_of(&[Generation::Futures01, Generation::Std]);
        GENERATION.get().copied().unwrap_or(drawn)
    }
}

/// What kind of task polls.
#[derive(Clone, Copy, Debug)]
pub(super) enum Manner {
    /// A futures 0.1 task.
    Futures01,
    /// A std task.
    Std,
    /// A futures 0.1 future inside a std task.
    Futures01InStd,
    /// A std future inside a futures 0.1 task.
    StdInFutures01,
}

impl Manner {
    pub(super) fn any(random: &mut Random) -> Manner {
        match Generation::any(random) {
            Generation::Futures01 => random.one_of(&[Manner::Futures01, Manner::StdInFutures01]),
            Generation::Std => Manner::joinable(random),
        }
    }

    /// One that has a join handle.
    pub(super) fn joinable(random: &mut Random) -> Manner {
        random.one_of(&[Manner::Std, Manner::Futures01InStd])
    }

    /// Spawns a task that polls `step` until it is ready. The guard goes with the task, and is
    /// completed then. Returns a handle if this kind of task has one.
    pub(super) fn spawn(
        self,
        handle: &Handle,
        mut guard: Guard,
        mut step: impl FnMut(Caller<'_>) -> Poll<()> + Send + 'static,
    ) -> Option<JoinHandle<()>> {
        let mut step = move |caller: Caller<'_>| {
            ready!(step(caller));
            guard.complete();
            Poll::Ready(())
        };
        match self {
            Manner::Futures01 => {
                let poll = move || to_futures01(step(Caller::Futures01).map(Ok::<_, ()>));
                handle.spawn(future::poll_fn(poll));
                None
            }
            Manner::Std => Some(handle.spawn(poll_fn(move |cx| step(cx.into())))),
            Manner::Futures01InStd => {
                let poll = move || to_futures01(step(Caller::Futures01).map(Ok::<_, ()>));
                Some(handle.spawn(Futures01AsStd::new(future::poll_fn(poll)).map(|_| ())))
            }
            Manner::StdInFutures01 => {
                let future = StdAsFutures01::new(poll_fn(move |cx| step(cx.into())));
                handle.spawn(future.map_err(|never: Never| match never {}));
                None
            }
        }
    }
}

/// Spawns an async block as a std task, or inside a futures 0.1 task. The guard is completed when
/// the future is.
pub(super) fn spawn_async(
    handle: &Handle,
    random: &mut Random,
    mut guard: Guard,
    future: impl Future<Output = ()> + Send + 'static,
) {
    let future = async move {
        future.await;
        guard.complete();
    };
    match Generation::any(random) {
        Generation::Std => drop(handle.spawn(future)),
        Generation::Futures01 => {
            handle.spawn(StdAsFutures01::new(future).map_err(|never: Never| match never {}));
        }
    }
}

/// Spawns a futures 0.1 future as a 0.1 task, or inside a std task. The guard is completed when the
/// future is done; it may not fail.
pub(super) fn spawn_futures01(
    handle: &Handle,
    random: &mut Random,
    mut guard: Guard,
    future: impl futures::Future<Item = (), Error = ()> + Send + 'static,
) {
    let future = future.map(move |()| guard.complete());
    match Generation::any(random) {
        Generation::Futures01 => handle.spawn(future),
        Generation::Std => drop(handle.spawn(Futures01AsStd::new(future))),
    }
}
