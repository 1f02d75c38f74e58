//! Delays, intervals and timeouts: each that is left alone fires, none before its time, none twice.

use super::fault::{self, Fault};
use super::manner::{spawn_async, spawn_futures01, Manner};
use super::random::Random;
use super::scope::{Company, Component, Scope};
use futures::{Future as _, Stream as _};
use std::future::{pending, IntoFuture};
use std::task::{ready, Poll};
use std::thread;
use std::time::{Duration, Instant};
use tokio::clock;
use tokio::timer::{Delay, Interval, Timeout};
use tokio_task::Caller;

pub(super) const COMPONENT: Component = Component {
    name: "timers",
    shows: "delays that are reset and cancelled, intervals, timeouts; none is early",
    run,
    company: Company::Others,
};

/// How many tasks there are at most at a time.
const WIDTH: u64 = 1_000;

fn run(scope: &Scope, mut random: Random) {
    let (fires, cancelled) = (scope.completes("fires"), scope.open("is cancelled"));
    let (inputs, mut id) = (random.fork(), 0);
    while scope.is_open() {
        for _ in 0..random.within(1..=100) {
            if fires.live() + cancelled.live() >= WIDTH {
                break;
            }
            id += 1;
            let mut random = inputs.of(id);
            match random.within(0..=9) {
                0..=5 => resets(scope, &mut random),
                6 => far(scope, &mut random),
                7 => ticks(scope, &mut random),
                8 => times_out(scope, &mut random),
                _ => in_time(scope, &mut random),
            }
        }
        thread::sleep(random.micros(0..=1_500));
    }
    scope.settle(&fires);
    scope.settle(&cancelled);
}

/// Reports a timer that was early, and how late the latest was.
fn on_time(scope: &Scope, deadline: Instant) {
    let now = clock::now();
    let late = if fault::strikes(Fault::TimerEarly) { 1 } else { 0 };
    let deadline = deadline + Duration::from_secs(late);
    let early = deadline.saturating_duration_since(now);
    scope.check(early.is_zero(), format_args!("a timer fired {early:?} early"));
    scope.ledger.peak("us late", (now - deadline.min(now)).as_micros() as u64);
}

/// Up to 40 ms: several slots of the wheel, some beyond its first level.
fn span(random: &mut Random) -> Duration {
    let most = random.one_of(&[50, 2_000, 40_000]);
    random.micros(0..=most)
}

/// A delay that is polled, and set to another time now and then.
fn resets(scope: &Scope, random: &mut Random) {
    let handle = scope.handle.clone();
    let mut left = random.within(0..=4);
    let mut random = random.fork();
    let mut delay = Delay::new(clock::now() + span(&mut random));
    let manner = Manner::any(&mut random);
    let guard = scope.completes("fires").guard();
    let scope = scope.clone();
    manner.spawn(&handle, guard, move |caller: Caller<'_>| {
        while left > 0 {
            left -= 1;
            let polled = delay.poll_with(caller);
            if polled.is_ready() {
                on_time(&scope, delay.deadline());
            }
            delay.reset(clock::now() + span(&mut random));
            if random.once_in(2) {
                caller.wake();
                return Poll::Pending;
            }
        }
        ready!(delay.poll_with(caller)).expect("the timer is there");
        on_time(&scope, delay.deadline());
        Poll::Ready(())
    });
}

/// A delay of hours, dropped by its task after a short one.
fn far(scope: &Scope, random: &mut Random) {
    let handle = scope.handle.clone();
    let mut long = Delay::new(clock::now() + Duration::from_secs(random.within(60..=100_000_000)));
    let mut short = Delay::new(clock::now() + span(random));
    let guard = scope.completes("fires").guard();
    let dropped = scope.open_guard("is cancelled");
    let scope = scope.clone();
    Manner::any(random).spawn(&handle, guard, move |caller: Caller<'_>| {
        let _ = &dropped;
        scope.check(long.poll_with(caller).is_pending(), "a timer fired hours early");
        short.poll_with(caller).map(|result| result.expect("the timer is there"))
    });
}

fn ticks(scope: &Scope, random: &mut Random) {
    let (start, period) = (clock::now(), random.micros(500..=4_000));
    let n = random.within(1..=8);
    let guard = scope.completes("fires").guard();
    let (handle, scope) = (scope.handle.clone(), scope.clone());
    if random.once_in(2) {
        let mut due = start;
        let ticks = Interval::new(start, period).take(n).for_each(move |_| {
            on_time(&scope, due);
            due += period;
            Ok(())
        });
        let ticks = ticks.map_err(|error| panic!("the timer is there: {error}"));
        spawn_futures01(&handle, random, guard, ticks);
    } else {
        spawn_async(&handle, random, guard, async move {
            let mut interval = Interval::new(start, period);
            for tick in 0..n as u32 {
                interval.tick().await.expect("the timer is there");
                on_time(&scope, start + tick * period);
            }
        });
    }
}

/// A timeout of what never comes.
fn times_out(scope: &Scope, random: &mut Random) {
    let time = span(random);
    let deadline = clock::now() + time;
    let guard = scope.completes("fires").guard();
    let waits = scope.open_guard("is cancelled");
    let (handle, scope) = (scope.handle.clone(), scope.clone());
    if random.once_in(2) {
        let never = futures::future::empty::<(), ()>().map(move |()| drop(waits));
        let limited = Timeout::new_at(never, deadline).then(move |result| {
            let elapsed = result.is_err_and(|error| error.is_elapsed());
            scope.check(elapsed, "a timeout of nothing was not elapsed");
            Ok(on_time(&scope, deadline))
        });
        spawn_futures01(&handle, random, guard, limited);
    } else {
        spawn_async(&handle, random, guard, async move {
            let never = async move {
                let _waits = waits;
                pending::<()>().await;
            };
            let result = tokio::time::timeout_at(deadline, never).await;
            scope.check(result.is_err(), "what is never ready was ready");
            on_time(&scope, deadline);
        });
    }
}

/// A timeout of what comes long before.
fn in_time(scope: &Scope, random: &mut Random) {
    let deadline = clock::now() + span(random);
    let limit = Duration::from_secs(3_600);
    let guard = scope.completes("fires").guard();
    let (handle, scope) = (scope.handle.clone(), scope.clone());
    if random.once_in(2) {
        let limited = Timeout::new(Delay::new(deadline), limit).then(move |result| {
            scope.check(result.is_ok(), "a timeout of an hour fired at once");
            Ok(on_time(&scope, deadline))
        });
        spawn_futures01(&handle, random, guard, limited);
    } else {
        spawn_async(&handle, random, guard, async move {
            let short = Delay::new(deadline).into_future();
            let result = tokio::time::timeout(limit, short).await;
            scope.check(matches!(result, Ok(Ok(()))), "a timeout of an hour fired at once");
            on_time(&scope, deadline);
        });
    }
}
