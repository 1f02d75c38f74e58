//! What scenarios are made of.

use crate::pool::Pool;
use crate::sync::{lock, simulated, thread, Condvar, Mutex};
use crate::{Builder, Shutdown, ThreadPool};
use shuttle::rand::{thread_rng, Rng};
use shuttle::scheduler::{
    PctScheduler, RandomScheduler, ReplayScheduler, UncontrolledNondeterminismCheckScheduler,
};
use shuttle::{Config, MaxSteps, Runner};
use std::cell::{Cell, RefCell};
use std::future::{poll_fn, Future, IntoFuture};
use std::panic;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Once, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

/// How often PCT switches by itself, at most.
const DEPTH: usize = 4;

/// Runs `scenario` under many schedules: as many of each kind as the environment variable
/// `SHUTTLE_ITERATIONS` says. If `SHUTTLE_SCHEDULE` names a file with one that failed, only under that.
pub(super) fn check(scenario: impl Fn(&World) + Send + Sync + 'static) {
    count_panics();
    let scenario = Arc::new(scenario);
    let run = || {
        let scenario = scenario.clone();
        move || {
            simulated::reset();
            let world = World::default();
            scenario(&world);
            world.end();
        }
    };
    if let Ok(file) = std::env::var("SHUTTLE_SCHEDULE") {
        let schedule = ReplayScheduler::new_from_file(file).expect("`SHUTTLE_SCHEDULE` is a file");
        Runner::new(schedule, config()).run(run());
        return;
    }
    let iterations = std::env::var("SHUTTLE_ITERATIONS")
        .map_or(1000, |number| number.parse().expect("`SHUTTLE_ITERATIONS` is a number"));
    Runner::new(PctScheduler::new(DEPTH, iterations), config()).run(run());
    Runner::new(RandomScheduler::new(iterations), config()).run(run());
    // A schedule can be replayed only if nothing else decides what happens.
    let random = RandomScheduler::new(iterations / 50 + 1);
    let twice = UncontrolledNondeterminismCheckScheduler::new(random);
    Runner::new(twice, config()).run(run());
}

fn config() -> Config {
    let mut config = Config::new();
    config.stack_size = 0x4_0000;
    // Many times what a schedule takes: it goes round in circles.
    config.max_steps = MaxSteps::FailAfter(200_000);
    // That orders are not modelled is known.
    config.silence_warnings = true;
    config
}

std::thread_local! {
    /// shuttle runs all threads of a test on one.
    static PANICS: Cell<usize> = const { Cell::new(0) };
}

/// The pool contains panics; here there are none to contain.
fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            PANICS.set(PANICS.get() + 1);
            before(info);
        }));
    });
}

/// What one run of a scenario uses up, and has to give back.
#[derive(Default)]
pub(super) struct World {
    pools: RefCell<Vec<Weak<Pool>>>,
    tally: Arc<Tally>,
}

/// Counts futures. These are std's atomics: no points where shuttle switches.
#[derive(Default)]
struct Tally {
    made: AtomicUsize,
    ran: AtomicUsize,
    dropped: AtomicUsize,
    /// Whether a `Shutdown` has resolved, and how many were dropped after that.
    ended: AtomicBool,
    late: AtomicUsize,
}

impl World {
    /// Chosen by the schedule.
    pub(super) fn one_of<T, const N: usize>(&self, choices: [T; N]) -> T {
        let chosen = thread_rng().gen_range(0..N);
        choices.into_iter().nth(chosen).expect("it is one of them")
    }

    pub(super) fn pool(&self, workers: usize) -> ThreadPool {
        self.build(Builder::new().pool_size(workers))
    }

    pub(super) fn build(&self, builder: &Builder) -> ThreadPool {
        let pool = builder.build();
        self.pools.borrow_mut().push(Arc::downgrade(pool.sender().pool()));
        pool
    }

    /// `future`, counted.
    pub(super) fn count<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        self.counter().count(future)
    }

    pub(super) fn counter(&self) -> Counter {
        Counter(self.tally.clone())
    }

    /// How many futures have run to their end.
    pub(super) fn ran(&self) -> usize {
        self.tally.ran.load(Relaxed)
    }

    pub(super) fn made(&self) -> usize {
        self.tally.made.load(Relaxed)
    }

    /// Waits until the pool has stopped. Then each future has been dropped.
    pub(super) fn wait(&self, shutdown: Shutdown) {
        self.wait_while_others_spawn(shutdown);
        self.assert_dropped();
    }

    /// Waits until the pool has stopped, while other threads may have futures that it is to refuse.
    pub(super) fn wait_while_others_spawn(&self, shutdown: Shutdown) {
        block_on(shutdown.into_future());
        self.tally.ended.store(true, Relaxed);
    }

    /// When the pool had stopped, no future was left but those that it `refused`.
    pub(super) fn assert_dropped_but(&self, refused: usize) {
        self.assert_dropped();
        assert!(self.tally.late.load(Relaxed) <= refused, "a task outlived its pool");
    }

    pub(super) fn assert_dropped(&self) {
        assert_eq!(self.tally.dropped.load(Relaxed), self.made(), "each future is dropped once");
    }

    /// The scenario is over; what it made goes, as soon as threads that end have done so.
    fn end(self) {
        for pool in self.pools.into_inner() {
            wait_until(|| pool.strong_count() == 0);
        }
        assert_eq!(self.tally.dropped.load(Relaxed), self.tally.made.load(Relaxed));
        assert_eq!(PANICS.get(), 0, "a panic was contained");
    }
}

/// Counts futures that are made elsewhere.
#[derive(Clone)]
pub(super) struct Counter(Arc<Tally>);

impl Counter {
    pub(super) fn count<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        struct Dropped(Arc<Tally>);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.dropped.fetch_add(1, Relaxed);
                self.0.late.fetch_add(usize::from(self.0.ended.load(Relaxed)), Relaxed);
            }
        }
        self.0.made.fetch_add(1, Relaxed);
        let dropped = Dropped(self.0.clone());
        async move {
            let output = future.await;
            dropped.0.ran.fetch_add(1, Relaxed);
            output
        }
    }
}

/// Blocks this thread, which is none of the pool's.
pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let yielding = poll_fn(|cx| {
        // A cell that another thread is busy with has us come back at once, and PCT would let us do
        // so for ever.
        thread::yield_now();
        future.as_mut().poll(cx)
    });
    tokio_executor::enter().expect("no executor runs here").block_on(yielding)
}

/// Lets other threads run until `done`. If that is never, shuttle complains of too many steps.
pub(super) fn wait_until(done: impl Fn() -> bool) {
    while !done() {
        thread::yield_now();
    }
}

/// Makes time pass until `done`, a standby period at a time.
pub(super) fn pass_time_until(done: impl Fn() -> bool) {
    while !done() {
        simulated::advance(crate::sleep::STANDBY);
        thread::yield_now();
    }
}

/// Something that happens once, and that tasks and threads wait for.
#[derive(Clone, Default)]
pub(super) struct Event(Arc<(Mutex<Happened>, Condvar)>);

#[derive(Default)]
struct Happened {
    yes: bool,
    wakers: Vec<Waker>,
}

impl Event {
    pub(super) fn set(&self) {
        self.set_quietly().into_iter().for_each(Waker::wake);
    }

    /// Who waits is the caller's to wake.
    pub(super) fn set_quietly(&self) -> Vec<Waker> {
        let mut happened = lock(&self.0 .0);
        happened.yes = true;
        let wakers = std::mem::take(&mut happened.wakers);
        drop(happened);
        self.0 .1.notify_all();
        wakers
    }

    pub(super) async fn wait(&self) {
        poll_fn(|cx| self.poll(cx)).await;
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        let waker = cx.waker().clone();
        let mut happened = lock(&self.0 .0);
        if happened.yes {
            return Poll::Ready(());
        }
        if !happened.wakers.iter().any(|known| known.will_wake(&waker)) {
            happened.wakers.push(waker);
        }
        Poll::Pending
    }

    pub(super) fn is_set(&self) -> bool {
        lock(&self.0 .0).yes
    }

    /// Blocks the thread.
    pub(super) fn block(&self) {
        let mut happened = lock(&self.0 .0);
        while !happened.yes {
            happened = self.0 .1.wait(happened).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Runs `f`, which may block, inside a task.
pub(super) async fn blocking<T>(f: impl FnOnce() -> T) -> Result<T, crate::BlockingError> {
    let mut f = Some(f);
    poll_fn(|cx| crate::poll_blocking(cx, || f.take().expect("called once")())).await
}

/// The pool stops before, while and after closures run.
pub(super) fn stop_while_closures_run(world: &World, pool: ThreadPool) {
    let event = Event::default();
    for _ in 0..3 {
        let event = event.clone();
        pool.spawn(world.count(async move {
            let _ = blocking(|| event.block()).await;
            yield_once().await;
        }));
    }
    let other = thread::spawn(move || event.set());
    world.wait(pool.shutdown_now());
    other.join().expect("it does not panic");
}

/// Never ready; sets `dropped` when it is dropped.
pub(super) fn pending_until_dropped(dropped: &Event) -> impl Future<Output = ()> + use<> {
    struct Sets(Event);
    impl Drop for Sets {
        fn drop(&mut self) {
            self.0.set();
        }
    }
    let sets = Sets(dropped.clone());
    async move {
        let _sets = sets;
        std::future::pending::<()>().await;
    }
}

/// Goes to the back of the queue.
pub(super) async fn yield_once() {
    let mut yielded = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
