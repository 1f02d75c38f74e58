//! The timer beside a plain list of deadlines.

use crate::input::Input;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::Arc;
use std::task::{Wake, Waker};
use std::time::{Duration, Instant};
use tokio_executor::park::ParkThread;
use tokio_task::Caller;
use tokio_timer::clock::{self, MockClock};
use tokio_timer::timer::{self, Timer};
use tokio_timer::Delay;

#[derive(Default)]
struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}

/// A timer's time ends 146 years after its start; what is later is due then. No clock here gets so far.
const AGE: Duration = Duration::from_secs(140 * 365 * 24 * 60 * 60);

struct Wait {
    delay: Delay,
    bell: Arc<Bell>,
    deadline: Instant,
}

impl Wait {
    fn poll(&mut self) -> bool {
        let waker = Waker::from(self.bell.clone());
        self.delay.poll_with(Caller::Std(&waker)).is_ready()
    }
}

/// Delays are made, reset and dropped, and the clock is moved: each wakes its task when it is due,
/// and not before.
pub fn timer(data: &[u8]) {
    let mock = MockClock::new();
    let _clock = clock::set_default(&mock.clock());
    let end = mock.now() + AGE;
    let mut timer = Timer::new(ParkThread::new());
    let _timer = timer::set_default(&timer.handle());
    let mut waits: Vec<Wait> = Vec::new();
    let mut input = Input::new(data);
    while !input.is_empty() {
        let act = input.byte();
        // Of all magnitudes up to years, in whole milliseconds.
        let after = Duration::from_millis((1 + u64::from(input.byte())) << (act / 8));
        let at = input.below(waits.len().max(1));
        let deadline = mock.now() + after;
        match act % 8 {
            0..=2 => {
                let delay = Delay::new(deadline);
                let mut wait = Wait { delay, bell: Arc::default(), deadline };
                assert!(!wait.poll(), "fired before its time");
                waits.push(wait);
            }
            3 if !waits.is_empty() => drop(waits.swap_remove(at)),
            4 if !waits.is_empty() => {
                let wait = &mut waits[at];
                wait.delay.reset(deadline);
                wait.deadline = deadline;
                wait.bell = Arc::default();
                assert!(!wait.poll(), "fired before its time");
            }
            _ => {
                mock.advance(after.min(end - mock.now()));
                timer.turn(Some(Duration::ZERO)).unwrap();
            }
        }
        let now = mock.now();
        waits.retain_mut(|wait| {
            let due = wait.deadline <= now;
            assert_eq!(wait.bell.0.load(SeqCst), due, "woken is not due");
            !due || {
                assert!(wait.poll(), "woken, and not ready");
                false
            }
        });
    }
}
