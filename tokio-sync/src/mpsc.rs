//! Many values, from many tasks to one: [`channel`] has a bound, [`unbounded_channel`] has none.

mod block;
mod bounded;
#[allow(unsafe_code)]
mod chan;
pub mod error;
#[allow(unsafe_code)]
mod queue;
mod unbounded;

pub use self::bounded::{channel, Receiver, Sender};
pub use self::unbounded::{unbounded_channel, UnboundedReceiver, UnboundedSender};
