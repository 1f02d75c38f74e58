//! One value, from one task to another: [`channel`].

pub mod error;
mod receiver;
mod sender;
mod slot;

pub use self::receiver::{Receiver, Receiving};
pub use self::sender::Sender;
use self::slot::Slot;
use crate::sync::Arc;

/// A channel for one value. It is one allocation.
///
/// The [`Sender`] sends without waiting, from any thread. The [`Receiver`] is a futures 0.1
/// `Future` and a std `IntoFuture`.
///
/// ```
/// use futures::Future;
/// use tokio_sync::oneshot;
///
/// # futures03::executor::block_on(async {
/// let (tx, rx) = oneshot::channel();
/// tx.send(1).unwrap();
/// assert_eq!(rx.await.unwrap(), 1);
/// # });
///
/// let (tx, rx) = oneshot::channel(); // in futures 0.1
/// tx.send(1).unwrap();
/// assert_eq!(rx.map(|n| n + 1).wait().unwrap(), 2);
/// ```
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let slot = Arc::new(Slot::new());
    (Sender::new(slot.clone()), Receiver::new(slot))
}
