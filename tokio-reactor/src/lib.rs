#![doc = include_str!("../README.md")]
//!
//! # Modules
//!
//! | module | is |
//! |---|---|
//! | `reactor` | [`Reactor`]: waits, hands out events; is a `Park` |
//! | `handle` | [`Handle`]: names a reactor, keeps none alive |
//! | `current` | this thread's reactor; the fallback |
//! | `shared` | what a reactor shares with handles and sources |
//! | `doorbell` | whether the thread at the reactor has to be woken |
//! | `deadlines` | the reactor's own waits |
//! | `slots` | token to slot; guards a reused token |
//! | `slot` | one source: packed word, ticks, the way from event to wake |
//! | `waiters` | the tasks of one direction |
//! | `binding` | source and slot; what to do when an operation would block |
//! | `registration` | [`Registration`]: readiness of a source kept elsewhere |
//! | `poll_evented` | [`PollEvented`]: `poll_io`, and both generations' I/O by it |
//! | `late_source`, `late_bound` | [`LateBound`]: a std socket, bound at its first poll |
//! | `backoff` | [`Backoff`]: waiting for a while |
//! | `accepting` | [`Accepting`]: how a listener goes on when it cannot accept |
//! | `background`, `shutdown` | [`Background`]: a reactor with its own thread |
//! | `direction`, `ready` | [`Direction`], [`Ready`] |
//! | `wait` | waiting for the system, as precisely as it can |
//! | `panics` | panics of foreign code, put off |
//! | `sync` | std's or loom's atomics |
//!
//! The only `unsafe` is a system call in `wait`.
#![deny(unsafe_code)]

/// One of two items: the first with edge-triggered epoll and kqueue. There `mio` keeps nothing in a source,
/// what is ready again is announced again, and closing the last descriptor takes it out of the queue.
macro_rules! by_queue {
    (@if ($($queue:tt)*) $edge_triggered:item $other:item) => {
        #[cfg($($queue)*)]
        $edge_triggered
        #[cfg(not($($queue)*))]
        $other
    };
    ($edge_triggered:item $other:item) => {
        by_queue! {
            @if (any(
                target_os = "android",
                target_os = "linux",
                target_os = "dragonfly",
                target_os = "freebsd",
                target_os = "netbsd",
                target_os = "openbsd",
                target_vendor = "apple",
            ))
            $edge_triggered
            $other
        }
    };
}

mod accepting;
mod background;
mod backoff;
mod binding;
mod current;
mod deadlines;
mod direction;
mod doorbell;
mod handle;
mod late_bound;
mod late_source;
mod poll_evented;
mod reactor;
mod ready;
mod registration;
mod shared;
mod shutdown;
mod slot;
mod slots;
mod sync;
mod wait;
mod waiters;

pub use self::accepting::Accepting;
pub use self::background::Background;
pub use self::backoff::Backoff;
#[allow(deprecated)]
#[doc(hidden)]
pub use self::current::SetDefaultError;
pub use self::current::{set_default, with_default, DefaultGuard, SetFallbackError};
pub use self::direction::Direction;
pub use self::handle::Handle;
pub use self::late_bound::LateBound;
pub use self::late_source::LateSource;
pub use self::poll_evented::PollEvented;
pub use self::reactor::{Reactor, Turn};
pub use self::ready::Ready;
pub use self::registration::Registration;
pub use self::shutdown::{Shutdown, ShutdownFuture};
