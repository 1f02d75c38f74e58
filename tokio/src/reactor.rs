//! Readiness of sockets and other sources, for authors of resources.
//!
//! Programs need nothing of this: sockets find the reactor of the runtime in which they are first
//! polled.

pub use tokio_reactor::{
    Background, Direction, Handle, PollEvented as PollEvented2, Reactor, Ready, Registration, Turn,
};
