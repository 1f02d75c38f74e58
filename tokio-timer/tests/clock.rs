//! Clocks: whose time counts.

mod support;

use std::time::{Duration, Instant};
use support::*;
use tokio_executor::enter;
use tokio_timer::clock::{self, Clock, MockClock, Now};

struct At(Instant);

impl Now for At {
    fn now(&self) -> Instant {
        self.0
    }
}

#[test]
fn a_clock_is_the_threads_while_it_is_set() {
    let (first, second) = (Instant::now() + ms(1_000_000), Instant::now() + ms(2_000_000));
    let of_first = clock::set_default(&Clock::new_with_now(At(first)));
    assert_eq!(clock::now(), first);
    assert_eq!(Clock::new().now(), first);
    let mut enter = enter().unwrap();
    clock::with_default(&Clock::new_with_now(At(second)), &mut enter, |_| {
        assert_eq!(clock::now(), second);
        std::thread::spawn(move || assert!(clock::now() < first)).join().unwrap();
        assert!(Clock::system().now() < first);
        assert_eq!(Clock::default().now(), second);
    });
    assert_eq!(clock::now(), first);
    drop(of_first);
    assert!(clock::now() < first);
}

#[test]
fn guards_of_clocks_may_be_dropped_in_any_order() {
    let (first, second) = (MockClock::new(), MockClock::new());
    second.advance(ms(1_000_000));
    let of_first = clock::set_default(&first.clock());
    let of_second = clock::set_default(&second.clock());
    drop(of_first);
    assert_eq!(clock::now(), second.now());
    drop(of_second);
    assert!(clock::now() < second.now());
}

#[test]
fn a_clock_may_ask_the_threads_clock() {
    struct Ahead(Clock);
    impl Now for Ahead {
        fn now(&self) -> Instant {
            let _guard = clock::set_default(&self.0);
            clock::now() + Duration::from_secs(10)
        }
    }
    let mock = MockClock::new();
    let _guard = clock::set_default(&Clock::new_with_now(Ahead(mock.clock())));
    assert_eq!(clock::now(), mock.now() + Duration::from_secs(10));
}

#[test]
fn a_mock_clock_stands_still_until_it_is_moved() {
    let at = Instant::now();
    let clock = MockClock::at(at);
    let same = clock.clone();
    assert_eq!(clock.now(), at);
    same.advance(ms(5));
    assert_eq!(clock.now(), at + ms(5));
    same.set(at);
    assert_eq!(clock.now(), at);
    let text = format!("{clock:?} {:?} {:?}", clock.clock(), Clock::system());
    assert!(text.contains("Clock(custom) Clock(system)"), "{text}");
}

#[test]
fn a_mock_clock_keeps_no_timer() {
    let clock = MockClock::new();
    for _ in 0..3 {
        let timer = tokio_timer::Timer::new_with_now(
            tokio_executor::park::ParkThread::new(),
            clock.clock(),
        );
        drop(timer);
        clock.advance(ms(1));
    }
}
