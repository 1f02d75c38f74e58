//! The latest value, from one task to many: [`channel`].

pub mod error;
mod receiver;
mod sender;
mod shared;
mod watchers;

pub use self::receiver::{Receiver, Ref};
pub use self::sender::Sender;
use self::shared::Shared;
use crate::sync::Arc;

/// A channel that has one value at any time, `init` to begin with.
///
/// The [`Sender`] replaces it, without waiting. Each [`Receiver`] can look at it, and is told when
/// there is one that it has not seen. It never misses the last one; those before it may be
/// replaced before it looks.
///
/// ```
/// use futures::{Future, Stream};
/// use tokio_sync::watch;
///
/// # futures03::executor::block_on(async {
/// let (mut tx, mut rx) = watch::channel(1);
/// assert_eq!(rx.recv().await, Some(1));
/// tx.broadcast(2).unwrap();
/// tx.broadcast(3).unwrap();
/// assert_eq!(rx.recv().await, Some(3));
/// drop(tx);
/// assert_eq!(rx.recv().await, None);
/// # });
///
/// let (_tx, rx) = watch::channel(1); // in futures 0.1
/// assert_eq!(rx.take(1).collect().wait().unwrap(), [1]);
/// ```
pub fn channel<T>(init: T) -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Shared::new(init));
    (Sender::new(shared.clone()), Receiver::new(shared))
}
