//! What slows a task down.

use super::random::Random;
use std::task::{ready, Poll};
use std::time::{Duration, Instant};
use tokio::timer::Delay;
use tokio_task::Caller;

/// How fast a task goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pace {
    Quick,
    /// Gives way now and then.
    Yielding,
    /// Waits now and then, by a timer.
    Slow,
}

impl Pace {
    pub(super) fn any(random: &mut Random) -> Pace {
        use Pace::*;
        random.one_of(&[Quick, Quick, Quick, Yielding, Yielding, Slow])
    }
}

/// A rest between two steps; [`Pause::None`] when it is over.
#[derive(Debug)]
pub(super) enum Pause {
    None,
    Yield,
    Delay(Delay),
}

impl Pause {
    /// At most `rests` times a real one, so that a task does not take for ever.
    pub(super) fn any(pace: Pace, rests: &mut u32, random: &mut Random) -> Pause {
        match pace {
            Pace::Quick => Pause::None,
            Pace::Yielding if random.once_in(4) => Pause::Yield,
            Pace::Slow if *rests > 0 && random.once_in(3) => {
                *rests -= 1;
                Pause::for_time(random.micros(100..=20_000))
            }
            Pace::Yielding | Pace::Slow => Pause::None,
        }
    }

    pub(super) fn for_time(time: Duration) -> Pause {
        Pause::Delay(Delay::new(Instant::now() + time))
    }

    pub(super) fn poll(&mut self, caller: Caller<'_>) -> Poll<()> {
        match self {
            Pause::None => {}
            Pause::Yield => {
                *self = Pause::None;
                caller.wake();
                return Poll::Pending;
            }
            Pause::Delay(delay) => {
                ready!(delay.poll_with(caller)).expect("the timer is there");
                *self = Pause::None;
            }
        }
        Poll::Ready(())
    }
}
