//! What the tests share: a timer by a clock that stands still, and tasks of both generations that
//! count how often they are woken.
#![allow(dead_code)]

use futures::executor::{self, Notify, NotifyHandle};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{mpsc, Arc};
use std::task::{Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};
use tokio_executor::park::ParkThread;
use tokio_task::Caller;
use tokio_timer::clock::{self, MockClock};
use tokio_timer::timer::{self, Handle, Timer};

pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// Runs `f` on a thread, and fails if it takes too long.
pub(crate) fn bounded<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> R {
    let (done, wait) = mpsc::channel();
    let thread = thread::spawn(move || {
        let result = f();
        let _ = done.send(());
        result
    });
    if wait.recv_timeout(LIMIT) == Err(mpsc::RecvTimeoutError::Timeout) {
        panic!("took longer than {LIMIT:?}");
    }
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A timer by a clock that stands still. Both are this thread's.
pub(crate) struct Mock {
    pub(crate) timer: Timer<ParkThread>,
    pub(crate) clock: MockClock,
    _defaults: (clock::DefaultGuard, timer::DefaultGuard),
}

impl Mock {
    pub(crate) fn new() -> Mock {
        let clock = MockClock::new();
        let of_clock = clock::set_default(&clock.clock());
        let timer = Timer::new(ParkThread::new());
        let of_timer = timer::set_default(&timer.handle());
        Mock { timer, clock, _defaults: (of_clock, of_timer) }
    }

    pub(crate) fn handle(&self) -> Handle {
        self.timer.handle()
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Moves the clock on, and lets the timer fire what is due.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.clock.advance(by);
        self.turn();
    }

    pub(crate) fn turn(&mut self) {
        self.timer.turn(Some(Duration::ZERO)).unwrap();
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Generation {
    Futures01,
    Std,
}

pub(crate) const BOTH: [Generation; 2] = [Generation::Futures01, Generation::Std];

/// A task that is polled by hand, and counts how often it is woken.
pub(crate) struct Task {
    generation: Generation,
    bell: Arc<Bell>,
    waker: Waker,
}

struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

impl Notify for Bell {
    fn notify(&self, _: usize) {
        self.0.fetch_add(1, SeqCst);
    }
}

impl Task {
    pub(crate) fn new(generation: Generation) -> Task {
        let bell = Arc::new(Bell(AtomicUsize::new(0)));
        Task { generation, waker: bell.clone().into(), bell }
    }

    pub(crate) fn poll<R>(&self, poll: impl FnOnce(Caller<'_>) -> R) -> R {
        match self.generation {
            Generation::Std => poll(Caller::Std(&self.waker)),
            Generation::Futures01 => {
                let notify = NotifyHandle::from(self.bell.clone());
                executor::spawn(()).poll_fn_notify(&notify, 0, |()| poll(Caller::Futures01))
            }
        }
    }

    pub(crate) fn woken(&self) -> usize {
        self.bell.0.load(SeqCst)
    }

    /// How many others hold on to this task.
    pub(crate) fn held(&self) -> usize {
        Arc::strong_count(&self.bell) - 2
    }
}

/// A waker whose `wake` panics.
pub(crate) fn panicking_waker() -> Waker {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("a waker that panics, as the test wants it");
        }
    }
    Arc::new(Panics).into()
}
