//! The timer itself: how long it sleeps, what ends its sleep, and how it ends.

mod support;

use std::cell::RefCell;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use support::*;
use tokio_executor::park::{Park, ParkThread, Unpark};
use tokio_task::Caller;
use tokio_timer::clock::{Clock, MockClock};
use tokio_timer::{sleep, Delay, Timer};

/// Sleeps by moving a clock on, and remembers for how long; runs something meanwhile.
struct Sleeper {
    clock: Rc<RefCell<Instant>>,
    sleeps: Vec<Option<Duration>>,
    meanwhile: Option<Box<dyn FnOnce()>>,
    unparked: Arc<AtomicUsize>,
    fails: bool,
}

struct Unparked(Arc<AtomicUsize>);

impl Unpark for Unparked {
    fn unpark(&self) {
        self.0.fetch_add(1, SeqCst);
    }
}

impl Park for Sleeper {
    type Unpark = Unparked;
    type Error = &'static str;

    fn unpark(&self) -> Unparked {
        Unparked(self.unparked.clone())
    }

    fn park(&mut self) -> Result<(), &'static str> {
        self.sleep(None)
    }

    fn park_timeout(&mut self, duration: Duration) -> Result<(), &'static str> {
        self.sleep(Some(duration))
    }
}

impl Sleeper {
    fn sleep(&mut self, time: Option<Duration>) -> Result<(), &'static str> {
        self.sleeps.push(time);
        if let Some(meanwhile) = self.meanwhile.take() {
            meanwhile();
            if self.unparked.load(SeqCst) > 0 {
                return Ok(());
            }
        }
        *self.clock.borrow_mut() += time.unwrap_or_default();
        match self.fails {
            true => Err("asleep"),
            false => Ok(()),
        }
    }
}

/// A clock of the 0.1 kind: the trait that only a timer asks.
struct OwnNow(Rc<RefCell<Instant>>);

#[allow(deprecated)]
impl tokio_timer::timer::Now for OwnNow {
    fn now(&mut self) -> Instant {
        *self.0.borrow()
    }
}

fn sleeper() -> (Timer<Sleeper, OwnNow>, Instant) {
    let start = Instant::now();
    let clock = Rc::new(RefCell::new(start));
    let park = Sleeper {
        clock: clock.clone(),
        sleeps: Vec::new(),
        meanwhile: None,
        unparked: Arc::default(),
        fails: false,
    };
    (Timer::new_with_now(park, OwnNow(clock)), start)
}

fn register(delay: &mut Delay) -> Task {
    let task = Task::new(Generation::Std);
    assert!(task.poll(|caller| delay.poll_with(caller)).is_pending());
    task
}

#[test]
fn the_timer_sleeps_until_the_first_delay_and_not_longer_than_asked() {
    let (mut timer, start) = sleeper();
    timer.turn(Some(Duration::ZERO)).unwrap();
    timer.turn(None).unwrap();
    timer.turn(Some(ms(7))).unwrap();
    let mut second = timer.handle().delay(start + ms(5_000));
    let mut first = timer.handle().delay(start + ms(1_007) + Duration::from_nanos(1));
    let tasks = [register(&mut first), register(&mut second)];
    timer.turn(Some(ms(400))).unwrap();
    assert_eq!(tasks[0].woken(), 0);
    timer.park().unwrap();
    assert_eq!((tasks[0].woken(), tasks[1].woken()), (1, 0));
    timer.park().unwrap();
    assert_eq!(tasks[1].woken(), 1);
    timer.park().unwrap();
    let rest = ms(600) + Duration::from_nanos(1);
    let last = ms(3_993) - Duration::from_nanos(1);
    let expected =
        [Some(Duration::ZERO), None, Some(ms(7)), Some(ms(400)), Some(rest), Some(last), None];
    assert_eq!(timer.get_park().sleeps, expected);
}

#[test]
fn the_timer_does_not_sleep_when_something_is_due() {
    let (mut timer, start) = sleeper();
    let mut delay = timer.handle().delay(start + ms(1));
    let task = register(&mut delay);
    *timer.get_park_mut().clock.borrow_mut() += ms(2);
    timer.park().unwrap();
    assert_eq!(timer.get_park().sleeps, [Some(Duration::ZERO)]);
    assert_eq!(task.woken(), 1);
}

#[test]
fn a_delay_that_was_dropped_costs_no_wake_up() {
    let (mut timer, start) = sleeper();
    for _ in 0..100 {
        let mut delay = timer.handle().delay(start + ms(5));
        register(&mut delay);
    }
    timer.park().unwrap();
    assert_eq!(timer.get_park().sleeps, [None]);
}

#[test]
fn an_earlier_delay_ends_the_sleep_and_a_later_one_does_not() {
    for (after, unparked) in [(ms(50), 1), (ms(100), 0), (ms(150), 0)] {
        let (mut timer, start) = sleeper();
        let mut delay = timer.handle().delay(start + ms(100));
        register(&mut delay);
        assert_eq!(timer.get_park().unparked.load(SeqCst), 0, "it is awake");
        let mut other = timer.handle().delay(start + after);
        let keep = Rc::new(RefCell::new(None));
        let kept = keep.clone();
        timer.get_park_mut().meanwhile = Some(Box::new(move || {
            register(&mut other);
            *kept.borrow_mut() = Some(other);
        }));
        timer.park().unwrap();
        assert_eq!(timer.get_park().unparked.load(SeqCst), unparked, "{after:?}");
    }
}

#[test]
fn a_delay_that_is_made_shorter_ends_the_sleep() {
    let (mut timer, start) = sleeper();
    let mut delay = timer.handle().delay(start + ms(100));
    let task = register(&mut delay);
    let keep = Rc::new(RefCell::new(None));
    let kept = keep.clone();
    timer.get_park_mut().meanwhile = Some(Box::new(move || {
        delay.reset(start + ms(50));
        *kept.borrow_mut() = Some(delay);
    }));
    timer.park().unwrap();
    assert_eq!(timer.get_park().unparked.load(SeqCst), 1);
    timer.park().unwrap();
    assert_eq!(task.woken(), 1);
    assert_eq!(timer.get_park().sleeps, [Some(ms(100)), Some(ms(50))]);
}

#[test]
fn what_is_due_fires_even_if_the_sleep_fails() {
    let (mut timer, start) = sleeper();
    let mut delay = timer.handle().delay(start + ms(1));
    let task = register(&mut delay);
    timer.get_park_mut().fails = true;
    assert_eq!(timer.park(), Err("asleep"));
    assert_eq!(task.woken(), 1);
}

#[test]
fn a_waker_that_panics_costs_no_other_task_its_wake() {
    let mut mock = Mock::new();
    let mut delays: Vec<_> = (0..200).map(|_| sleep(ms(10))).collect();
    let tasks: Vec<_> = delays
        .iter_mut()
        .enumerate()
        .map(|(i, delay)| {
            let task = Task::new(BOTH[i % 2]);
            let panics = panicking_waker();
            match i % 7 {
                0 => assert!(delay.poll_with(Caller::Std(&panics)).is_pending()),
                _ => assert!(task.poll(|caller| delay.poll_with(caller)).is_pending()),
            }
            task
        })
        .collect();
    mock.clock.advance(ms(10));
    assert!(catch_unwind(AssertUnwindSafe(|| mock.turn())).is_err());
    for (i, task) in tasks.iter().enumerate() {
        assert_eq!(task.woken(), usize::from(i % 7 != 0));
    }
    mock.advance(ms(10));
}

#[test]
fn a_timer_that_is_dropped_wakes_its_waiters_and_they_find_an_error() {
    for generation in BOTH {
        let mut mock = Mock::new();
        let handle = mock.handle();
        let (fired, waits, fresh) =
            (Task::new(generation), Task::new(generation), Task::new(generation));
        let mut fired_delay = sleep(ms(1));
        let mut delays: Vec<_> = (0..200).map(|i| sleep(ms(1_000 + i))).collect();
        assert!(fired.poll(|caller| fired_delay.poll_with(caller)).is_pending());
        for delay in &mut delays {
            assert!(waits.poll(|caller| delay.poll_with(caller)).is_pending());
        }
        let panics = panicking_waker();
        let mut unlucky = sleep(ms(10));
        assert!(unlucky.poll_with(Caller::Std(&panics)).is_pending());
        mock.advance(ms(1));
        drop(mock);

        assert_eq!(waits.woken(), delays.len());
        assert!(fired.poll(|caller| fired_delay.poll_with(caller)).is_ready());
        assert!(!delays[1].is_elapsed());
        delays[0].reset(Instant::now() + ms(100_000));
        for delay in &mut delays {
            let result = waits.poll(|caller| delay.poll_with(caller));
            match result {
                std::task::Poll::Ready(Err(error)) => assert!(error.is_shutdown()),
                other => panic!("{other:?}"),
            }
        }
        let mut late = handle.delay(Instant::now() + ms(100_000));
        match fresh.poll(|caller| late.poll_with(caller)) {
            std::task::Poll::Ready(Err(error)) => assert!(error.is_shutdown()),
            other => panic!("{other:?}"),
        }
        drop(delays);
        assert_eq!((waits.held(), fresh.held()), (0, 0));
    }
}

#[test]
fn a_clock_that_goes_back_is_waited_for() {
    let mut mock = Mock::new();
    mock.advance(ms(1_000));
    let then = mock.now();
    mock.clock.set(then - ms(900));
    mock.turn();
    let task = Task::new(Generation::Std);
    let mut delay = Delay::new(then + ms(10));
    assert!(task.poll(|caller| delay.poll_with(caller)).is_pending());
    mock.advance(ms(500));
    assert_eq!(task.woken(), 0);
    mock.clock.set(then + ms(10));
    mock.turn();
    assert_eq!(task.woken(), 1);
    // Even to before the timer was made.
    mock.clock.set(then - ms(5_000));
    mock.turn();
    assert!(task.poll(|caller| delay.poll_with(caller)).is_ready());
}

#[test]
fn moving_a_clock_by_hand_ends_the_sleep_of_its_timer() {
    bounded(|| {
        let clock = MockClock::new();
        let (sender, receiver) = std::sync::mpsc::channel();
        let of_timer = clock.clone();
        let thread = thread::spawn(move || {
            let mut timer = Timer::new_with_now(ParkThread::new(), of_timer.clock());
            let task = Task::new(Generation::Std);
            let mut delay = timer.handle().delay(of_timer.now() + Duration::from_secs(86_400));
            assert!(task.poll(|caller| delay.poll_with(caller)).is_pending());
            sender.send(()).unwrap();
            while task.woken() == 0 {
                timer.park().unwrap();
            }
        });
        receiver.recv().unwrap();
        clock.advance(Duration::from_secs(43_200));
        clock.advance(Duration::from_secs(43_200));
        thread.join().unwrap();
    });
}

#[test]
fn many_delays_from_many_threads_all_fire_and_none_early() {
    bounded(|| {
        let mut timer = Timer::new_with_now(ParkThread::new(), Clock::system());
        let handle = timer.handle();
        let unpark = timer.unpark();
        let threads: Vec<_> = (0..4)
            .map(|i| {
                let handle = handle.clone();
                thread::spawn(move || {
                    for j in 0..200u64 {
                        let deadline = Instant::now() + Duration::from_micros(j * 17 % 300 + i);
                        let delay = handle.delay(deadline);
                        let given_up = handle.delay(deadline);
                        futures03::executor::block_on(async {
                            let waited = futures03::future::select(
                                Box::pin(async { delay.await }),
                                Box::pin(async { given_up.await }),
                            );
                            waited.await.factor_first().0.unwrap();
                        });
                        assert!(Instant::now() >= deadline, "early");
                    }
                })
            })
            .collect();
        let done = Arc::new(AtomicUsize::new(0));
        let waiter = {
            let done = done.clone();
            thread::spawn(move || {
                let ended: Vec<_> = threads.into_iter().map(thread::JoinHandle::join).collect();
                done.store(1, SeqCst);
                unpark.unpark();
                ended
            })
        };
        while done.load(SeqCst) == 0 {
            timer.park().unwrap();
        }
        waiter.join().unwrap().into_iter().for_each(|ended| ended.unwrap());
    });
}

#[test]
fn a_hundred_thousand_delays_fire_once_each() {
    let mut mock = Mock::new();
    let task = Task::new(Generation::Std);
    let mut delays: Vec<_> =
        (0..100_000u64).map(|i| sleep(Duration::from_micros(i * 7_919 % 10_000_000))).collect();
    let pending = delays
        .iter_mut()
        .filter_map(|delay| task.poll(|caller| delay.poll_with(caller)).is_pending().then_some(()))
        .count();
    mock.advance(Duration::from_micros(4_999_999));
    assert_eq!(
        task.woken(),
        delays.iter().filter(|delay| delay.is_elapsed()).count() - (delays.len() - pending)
    );
    mock.advance(Duration::from_secs(6));
    assert_eq!(task.woken(), pending);
    assert!(delays.iter().all(Delay::is_elapsed));
}

#[test]
#[should_panic(expected = "names no timer")]
fn the_default_handle_cannot_be_the_current_one() {
    let _ = tokio_timer::timer::set_default(&tokio_timer::timer::Handle::default());
}

#[test]
fn guards_of_timers_may_be_dropped_in_any_order() {
    use tokio_timer::timer::{set_default, Handle};
    let (mut first, second) = (Mock::new(), Timer::default());
    let of_first = set_default(&first.handle());
    let of_second = set_default(&second.handle());
    drop(of_first);
    let task = Task::new(Generation::Std);
    let mut of_second_timer = sleep(ms(1));
    assert!(task.poll(|caller| of_second_timer.poll_with(caller)).is_pending());
    first.advance(ms(1));
    assert_eq!(task.woken(), 0);
    drop(of_second);
    assert_eq!(format!("{:?}", Handle::current()), "Handle(named)");
    let mut of_first_timer = sleep(ms(1));
    assert!(task.poll(|caller| of_first_timer.poll_with(caller)).is_pending());
    first.advance(ms(1));
    assert_eq!(task.woken(), 1);
    let mut enter = tokio_executor::enter().unwrap();
    tokio_timer::with_default(&second.handle(), &mut enter, |_| {
        let mut delay = sleep(ms(1));
        assert!(task.poll(|caller| delay.poll_with(caller)).is_pending());
        first.advance(ms(1));
        assert_eq!(task.woken(), 1);
    });
}
