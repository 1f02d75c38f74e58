//! Runtimes by a clock that jumps, forward by anything from nothing to years, and back: no timer fires
//! before its time, and each fires once its time has come.

use super::manner::{spawn_async, spawn_futures01, Manner};
use super::random::Random;
use super::scope::{Company, Component, Scope};
use futures::{Future as _, Stream as _};
use std::collections::BTreeSet;
use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::task::{ready, Poll};
use std::thread;
use std::time::{Duration, Instant};
use tokio::clock::MockClock;
use tokio::runtime::{Builder, Handle};
use tokio::timer::{Delay, DelayQueue, Interval, Timeout};
use tokio_task::Caller;

pub(super) const COMPONENT: Component = Component {
    name: "clocks",
    shows: "clocks that jump forward and back; no timer is early, none is forgotten",
    run,
    company: Company::Others,
};

/// Timers go by milliseconds: so much after its time each has to have fired.
const RESOLUTION: Duration = Duration::from_millis(1);

/// The farthest deadline.
const FAR: Duration = Duration::from_secs(3 * 365 * 24 * 3600);

fn run(scope: &Scope, mut random: Random) {
    let inputs = random.fork();
    let mut runtimes = 0;
    while scope.is_open() {
        runtimes += 1;
        one(scope, inputs.of(runtimes));
    }
    scope.count("runtimes", runtimes);
}

/// One runtime, by a clock of its own.
fn one(scope: &Scope, mut random: Random) {
    let clock = MockClock::new();
    let workers = random.within(1..=3) as usize;
    let runtime = Builder::new().core_threads(workers).clock(clock.clock()).build();
    let runtime = runtime.expect("a runtime can be made");
    let fires = scope.completes("timer");
    let timers = Arc::new(Timers::new(scope, &clock));
    for _ in 0..random.within(1..=60) {
        timers.any(runtime.as_handle(), &mut random);
    }
    while fires.live() > 0 {
        let by = span(&mut random);
        if random.once_in(5) {
            timers.jump_back(by.min(Duration::from_secs(3600)));
        } else {
            timers.jump(by);
            scope.wait_while(|| timers.any_is_due());
        }
        scope.count("jumps", 1);
        if random.once_in(10) {
            timers.jump(FAR);
        }
        if random.once_in(3) {
            thread::sleep(random.micros(0..=500));
        }
    }
    // Timers whose time does not come are dropped with the runtime.
    let left = scope.open("timer at the end");
    for _ in 0..random.within(0..=20) {
        let guard = left.guard();
        let far = Delay::new(clock.now() + Duration::from_secs(1) + span(&mut random));
        runtime.as_handle().spawn(far.then(move |_| Ok(drop(guard))));
    }
    if random.once_in(2) {
        runtime.shutdown_now().wait().expect("a shutdown does not fail");
    } else {
        drop(runtime);
    }
    scope.check(left.live() == 0, "a timer outlived its runtime");
}

/// From nothing to years: at least one slot in each level of the wheel, and none at all.
fn span(random: &mut Random) -> Duration {
    const DAY: u64 = 24 * 3600 * 1_000_000;
    let most = random.one_of(&[0, 900, 50_000, 2_000_000, 3_600_000_000, DAY, 700 * DAY]);
    random.micros(0..=most)
}

/// The timers of a runtime.
struct Timers {
    scope: Scope,
    clock: MockClock,
    /// The latest time that the clock has shown: what has fired then may be polled after a jump back.
    reached: Mutex<Instant>,
    /// When timers are due, each with a number of its own.
    due: Mutex<BTreeSet<(Instant, u64)>>,
    next: AtomicU64,
}

impl Timers {
    fn new(scope: &Scope, clock: &MockClock) -> Timers {
        let (scope, clock) = (scope.clone(), clock.clone());
        let reached = Mutex::new(clock.now());
        Timers { scope, clock, reached, due: Mutex::default(), next: AtomicU64::new(0) }
    }

    fn jump(&self, by: Duration) {
        let mut reached = self.reached.lock().unwrap();
        // Before the clock is moved: who sees the new time finds it reached.
        *reached = (*reached).max(self.clock.now() + by);
        drop(reached);
        self.clock.advance(by);
    }

    fn jump_back(&self, by: Duration) {
        // Not before the clock of the system began, if that was just now.
        if let Some(at) = self.clock.now().checked_sub(by) {
            self.clock.set(at);
        }
    }

    /// Whether a timer should have fired.
    fn any_is_due(&self) -> bool {
        let now = self.clock.now();
        self.due.lock().unwrap().first().is_some_and(|(at, _)| *at + RESOLUTION < now)
    }

    /// A timer for `at` begins. Returns what ends it.
    fn begin(self: &Arc<Self>, at: Instant) -> impl FnOnce() + Send + 'static {
        let number = self.next.fetch_add(1, Relaxed);
        self.due.lock().unwrap().insert((at, number));
        let timers = self.clone();
        move || {
            let reached = *timers.reached.lock().unwrap();
            let early = at.saturating_duration_since(reached);
            timers.scope.check(early.is_zero(), format_args!("a timer fired {early:?} early"));
            let was_due = timers.due.lock().unwrap().remove(&(at, number));
            assert!(was_due, "each has a number of its own");
        }
    }

    /// A timer of any kind, in a task of any kind.
    fn any(self: &Arc<Self>, handle: &Handle, random: &mut Random) {
        let now = self.clock.now();
        let at = now + span(random);
        let guard = self.scope.completes("timer").guard();
        match random.within(0..=4) {
            0 => {
                let mut end = Some(self.begin(at));
                let mut delay = Delay::new(at);
                Manner::any(random).spawn(handle, guard, move |caller: Caller<'_>| {
                    ready!(delay.poll_with(caller)).expect("the timer is there");
                    end.take().expect("it fires once")();
                    Poll::Ready(())
                });
            }
            1 => {
                let end = self.begin(at);
                spawn_async(handle, random, guard, async move {
                    let result = tokio::time::timeout_at(at, pending::<()>()).await;
                    assert!(result.is_err(), "what is never ready was ready");
                    end();
                });
            }
            2 => {
                let end = self.begin(at);
                let never = futures::future::empty::<(), ()>();
                let limited = Timeout::new_at(never, at).then(move |result| {
                    assert!(result.is_err_and(|error| error.is_elapsed()));
                    Ok(end())
                });
                spawn_futures01(handle, random, guard, limited);
            }
            3 => {
                let (ticks, period) = (random.within(1..=5) as u32, span(random) + RESOLUTION);
                let ends: Vec<_> = (0..ticks).map(|tick| self.begin(at + period * tick)).collect();
                let mut interval = Interval::new(at, period);
                spawn_async(handle, random, guard, async move {
                    for end in ends {
                        interval.tick().await.expect("the timer is there");
                        end();
                    }
                });
            }
            _ => {
                let ats: Vec<Instant> =
                    (0..random.within(1..=12)).map(|_| now + span(random)).collect();
                let ends: Vec<_> = ats.iter().map(|at| Some(self.begin(*at))).collect();
                // Made in the task, whose timer it uses.
                let all = futures::future::lazy(move || {
                    let mut queue = DelayQueue::new();
                    for (n, at) in ats.iter().enumerate() {
                        queue.insert_at(n, *at);
                    }
                    queue.fold(ends, |mut ends, expired| {
                        ends[expired.into_inner()].take().expect("each expires once")();
                        Ok::<_, tokio::timer::Error>(ends)
                    })
                });
                let all = all.map_err(|error| panic!("the timer is there: {error}"));
                let all = all.map(|ends| assert!(ends.iter().all(Option::is_none)));
                spawn_futures01(handle, random, guard, all);
            }
        }
    }
}
