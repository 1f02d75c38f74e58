//! Delays: when they complete, and what happens to them on the way.

mod support;

use std::time::{Duration, Instant};
use support::*;
use tokio_task::{poll_proceed, with_budget};
use tokio_timer::{sleep, Delay};

#[test]
fn a_delay_completes_at_its_deadline_and_not_before() {
    for generation in BOTH {
        for nanos in [1, 999, 65_535, 65_536, 1_000_000, 1_000_001, 3_600_000_000_001] {
            let mut mock = Mock::new();
            let task = Task::new(generation);
            let after = Duration::from_nanos(nanos);
            let mut delay = Delay::new(mock.now() + after);
            assert!(task.poll(|caller| delay.poll_with(caller)).is_pending());
            mock.advance(after - Duration::from_nanos(1));
            assert_eq!(task.woken(), 0, "{after:?}");
            assert!(task.poll(|caller| delay.poll_with(caller)).is_pending());
            assert!(!delay.is_elapsed());
            mock.advance(Duration::from_nanos(1));
            assert_eq!(task.woken(), 1, "{after:?}");
            assert!(delay.is_elapsed());
            assert!(task.poll(|caller| delay.poll_with(caller)).is_ready());
            assert!(task.poll(|caller| delay.poll_with(caller)).is_ready(), "and again");
            assert_eq!(task.held(), 0);
        }
    }
}

/// As in a biased `select`: what is always ready is polled first, and spends the budget each time.
#[test]
fn a_delay_completes_beside_what_is_always_ready() {
    for generation in BOTH {
        let mut mock = Mock::new();
        let task = Task::new(generation);
        let mut delay = Delay::new(mock.now() + ms(5));
        let mut poll = || {
            task.poll(|caller| {
                with_budget(|| {
                    while poll_proceed(caller).is_ready() {}
                    delay.poll_with(caller)
                })
            })
        };
        assert!(poll().is_pending());
        mock.advance(ms(5));
        let polls = (1..=10).find(|_| poll().is_ready());
        assert_eq!(polls, Some(2), "refused more than once, or never");
    }
}

/// A task that waits for what is due again and again lets others run.
#[test]
fn delays_that_are_due_spend_the_budget() {
    for generation in BOTH {
        let mut mock = Mock::new();
        mock.advance(ms(100));
        let task = Task::new(generation);
        let completed = task.poll(|caller| {
            with_budget(|| {
                let due = || Delay::new(mock.now() - ms(1)).poll_with(caller);
                (0..1_000).take_while(|_| due().is_ready()).count()
            })
        });
        assert_eq!(completed, 128);
        assert!(task.woken() > 0, "whoever is refused is woken");
    }
}

#[test]
fn delays_fire_in_the_order_of_their_deadlines() {
    let mut mock = Mock::new();
    let millis = [5, 1, 70, 3, 4_000, 64, 65, 1_000_000];
    let mut waits: Vec<_> = millis
        .iter()
        .map(|millis| (ms(*millis), sleep(ms(*millis)), Task::new(Generation::Std)))
        .collect();
    for (_, delay, task) in &mut waits {
        assert!(task.poll(|caller| delay.poll_with(caller)).is_pending());
    }
    let start = mock.now();
    let mut sorted = millis;
    sorted.sort();
    for now in sorted.map(ms) {
        mock.advance(now - (mock.now() - start));
        for (after, _, task) in &waits {
            assert_eq!(task.woken(), usize::from(*after <= now), "{after:?} at {now:?}");
        }
    }
}

#[test]
fn a_deadline_that_has_passed_completes_at_the_first_poll() {
    for generation in BOTH {
        let mut mock = Mock::new();
        mock.advance(ms(100));
        let task = Task::new(generation);
        for past in [mock.now(), mock.now() - ms(50), mock.now() - ms(100), mock.now() - ms(5_000)]
        {
            let mut delay = Delay::new(past);
            assert!(task.poll(|caller| delay.poll_with(caller)).is_ready());
            assert!(delay.is_elapsed());
        }
        assert_eq!(task.held(), 0);
    }
}

#[test]
fn a_delay_of_nothing_completes_at_the_next_turn_at_the_latest() {
    let mut timer = tokio_timer::Timer::default();
    let task = Task::new(Generation::Std);
    let mut delay = timer.handle().delay(Instant::now());
    if task.poll(|caller| delay.poll_with(caller)).is_pending() {
        timer.turn(Some(Duration::ZERO)).unwrap();
        assert_eq!(task.woken(), 1);
        assert!(task.poll(|caller| delay.poll_with(caller)).is_ready());
    }
}

#[test]
fn far_deadlines_are_accepted_and_do_not_come() {
    for generation in BOTH {
        let mut mock = Mock::new();
        let task = Task::new(generation);
        let century = Duration::from_secs(100 * 365 * 86_400);
        let mut delays =
            vec![sleep(Duration::MAX), sleep(century), Delay::new(mock.now() + century)];
        // The latest that there is, about.
        let mut latest = mock.now();
        for bit in (0..64).rev() {
            latest = latest.checked_add(Duration::from_secs(1 << bit)).unwrap_or(latest);
        }
        delays.push(Delay::new(latest));
        for delay in &mut delays {
            assert!(task.poll(|caller| delay.poll_with(caller)).is_pending());
        }
        mock.advance(Duration::from_secs(90 * 365 * 86_400));
        assert_eq!(task.woken(), 0);
        delays[0].reset(mock.now() + ms(1));
        mock.advance(ms(1));
        assert_eq!(task.woken(), 1);
        drop(delays);
        assert_eq!(task.held(), 0);
    }
}

#[test]
fn a_later_deadline_counts_from_the_reset_on() {
    for generation in BOTH {
        let mut mock = Mock::new();
        let task = Task::new(generation);
        let mut delay = sleep(ms(100));
        assert!(task.poll(|caller| delay.poll_with(caller)).is_pending());
        mock.advance(ms(60));
        delay.reset(mock.now() + ms(100));
        delay.reset(mock.now() + ms(90));
        mock.advance(ms(89));
        assert_eq!(task.woken(), 0, "not at the earlier deadline, nor before the later one");
        mock.advance(ms(1));
        assert_eq!(task.woken(), 1);
        assert!(task.poll(|caller| delay.poll_with(caller)).is_ready());
    }
}

#[test]
fn an_earlier_deadline_counts_from_the_reset_on() {
    for generation in BOTH {
        let mut mock = Mock::new();
        let task = Task::new(generation);
        let mut delay = sleep(ms(1_000_000));
        assert!(task.poll(|caller| delay.poll_with(caller)).is_pending());
        delay.reset(mock.now() + ms(3));
        mock.advance(ms(3));
        assert_eq!(task.woken(), 1);
        assert!(task.poll(|caller| delay.poll_with(caller)).is_ready());
    }
}

#[test]
fn a_delay_can_be_reset_to_a_time_that_has_passed() {
    for generation in BOTH {
        let mut mock = Mock::new();
        mock.advance(ms(10));
        let task = Task::new(generation);
        let mut delay = sleep(ms(10));
        assert!(task.poll(|caller| delay.poll_with(caller)).is_pending());
        delay.reset(mock.now() - ms(5));
        mock.turn();
        assert_eq!(task.woken(), 1);
        assert!(task.poll(|caller| delay.poll_with(caller)).is_ready());
    }
}

#[test]
fn a_delay_can_be_used_again_after_it_completed() {
    for generation in BOTH {
        let mut mock = Mock::new();
        let task = Task::new(generation);
        let mut delay = sleep(ms(1));
        for round in 1..=3 {
            assert!(task.poll(|caller| delay.poll_with(caller)).is_pending());
            mock.advance(ms(1));
            assert_eq!(task.woken(), round);
            if round != 2 {
                assert!(task.poll(|caller| delay.poll_with(caller)).is_ready());
            }
            // In the second round it fired, and was not polled.
            delay.reset(mock.now() + ms(1));
            assert!(!delay.is_elapsed());
        }
    }
}

#[test]
fn a_delay_that_is_reset_before_its_first_poll_has_the_new_deadline() {
    let mut mock = Mock::new();
    let task = Task::new(Generation::Std);
    let mut delay = sleep(ms(1));
    delay.reset(mock.now() + ms(10));
    assert_eq!(delay.deadline(), mock.now() + ms(10));
    mock.advance(ms(5));
    assert!(task.poll(|caller| delay.poll_with(caller)).is_pending());
}

#[test]
fn a_delay_wakes_the_task_that_polled_it_last() {
    for first in BOTH {
        for second in BOTH {
            let mut mock = Mock::new();
            let (first, second) = (Task::new(first), Task::new(second));
            let mut delay = sleep(ms(10));
            assert!(first.poll(|caller| delay.poll_with(caller)).is_pending());
            assert!(second.poll(|caller| delay.poll_with(caller)).is_pending());
            assert_eq!(first.held(), 0);
            assert!(second.poll(|caller| delay.poll_with(caller)).is_pending());
            mock.advance(ms(10));
            assert_eq!((first.woken(), second.woken()), (0, 1));
            assert!(first.poll(|caller| delay.poll_with(caller)).is_ready());
        }
    }
}

#[test]
fn a_delay_that_is_dropped_wakes_nobody_and_holds_no_task() {
    for generation in BOTH {
        let mut mock = Mock::new();
        let task = Task::new(generation);
        let before_the_first_poll = sleep(ms(10));
        drop(before_the_first_poll);
        let mut waiting = sleep(ms(10));
        assert!(task.poll(|caller| waiting.poll_with(caller)).is_pending());
        assert_eq!(task.held(), 1);
        drop(waiting);
        assert_eq!(task.held(), 0);
        let mut put_off = sleep(ms(10));
        assert!(task.poll(|caller| put_off.poll_with(caller)).is_pending());
        put_off.reset(mock.now() + ms(20));
        drop(put_off);
        mock.advance(ms(10));
        assert_eq!(task.woken(), 0);
        let mut fired = sleep(ms(10));
        assert!(task.poll(|caller| fired.poll_with(caller)).is_pending());
        mock.advance(ms(10));
        drop(fired);
        assert_eq!(task.woken(), 1);
        assert_eq!(task.held(), 0);
    }
}
