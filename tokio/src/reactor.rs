//! Readiness of sockets and other sources, for authors of resources.
//!
//! Programs need nothing of this: sockets find the reactor of the runtime in which they are first
//! polled.

mod poll_evented;

#[doc(hidden)]
#[allow(deprecated)]
pub use self::poll_evented::PollEvented;
pub use tokio_reactor::{
    Background, Direction, Handle, PollEvented as PollEvented2, Reactor, Ready, Registration, Turn,
};
