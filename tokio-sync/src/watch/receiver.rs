//! The half that looks at the value.

use super::error::RecvError;
use super::shared::{Look, Shared, Version};
use crate::sync::{Arc, RwLockReadGuard};
use futures::{Async, Poll as Poll01, Stream as Stream01};
use futures_core::Stream;
use std::fmt;
use std::future::poll_fn;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use tokio_task::{poll_proceed, to_futures01, Caller};

/// Looks at the value; made by [`channel`](super::channel).
///
/// If the value is `Clone` it is a stream of both generations: of the value that there is, at
/// once, and then of each that it finds to be new. It ends when the sender is dropped and the last
/// value has been seen. A clone has seen what its original had.
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
    seen: Version,
    /// Where it waits, once it has waited.
    place: Option<usize>,
}

/// The value, borrowed. While it lives the sender cannot set another one, and blocks if it tries:
/// keep it for a short time only, and not across an `.await`.
pub struct Ref<'a, T: 'a> {
    value: RwLockReadGuard<'a, T>,
}

impl<T> Receiver<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Receiver { shared, seen: Version::none(), place: None }
    }

    /// The value that there is. It does not count as seen.
    pub fn get_ref(&self) -> Ref<'_, T> {
        Ref { value: self.shared.read().0 }
    }

    /// The value, if it has not been seen; `None` at the end. For futures 0.1. It never fails.
    ///
    /// # Panics
    ///
    /// If it has to wait, outside a futures 0.1 task.
    pub fn poll_ref(&mut self) -> Poll01<Option<Ref<'_, T>>, RecvError> {
        match self.poll_ref_with(Caller::Futures01) {
            Poll::Ready(value) => Ok(Async::Ready(value)),
            Poll::Pending => Ok(Async::NotReady),
        }
    }

    /// [`poll_ref`](Self::poll_ref) for either generation.
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task.
    pub fn poll_ref_with(&mut self, caller: Caller<'_>) -> Poll<Option<Ref<'_, T>>> {
        let is_new = ready!(self.poll_new(caller));
        Poll::Ready(is_new.then(|| self.see()))
    }

    /// Waits for a value that has not been seen, and borrows it; `None` at the end. For async
    /// code. The first one is the one that there is.
    ///
    /// Dropping the future loses no value.
    pub async fn recv_ref(&mut self) -> Option<Ref<'_, T>> {
        let is_new = poll_fn(|cx| self.poll_new(cx.into())).await;
        is_new.then(|| self.see())
    }

    /// Waits for a value that has not been seen, and clones it; `None` at the end. For async
    /// code. The first one is the one that there is.
    ///
    /// Dropping the future loses no value.
    pub async fn recv(&mut self) -> Option<T>
    where
        T: Clone,
    {
        self.recv_ref().await.map(|value| value.clone())
    }

    /// `true` if there is a value that has not been seen, `false` at the end.
    fn poll_new(&mut self, caller: Caller<'_>) -> Poll<bool> {
        ready!(poll_proceed(caller));
        let mut look = self.shared.look(self.seen);
        if look == Look::Seen {
            look = self.shared.wait(self.seen, &mut self.place, caller);
        }
        match look {
            Look::New => Poll::Ready(true),
            Look::Ended => Poll::Ready(false),
            Look::Seen => Poll::Pending,
        }
    }

    fn see(&mut self) -> Ref<'_, T> {
        let (value, version) = self.shared.read();
        self.seen = version;
        Ref { value }
    }

    fn poll_cloned(&mut self, caller: Caller<'_>) -> Poll<Option<T>>
    where
        T: Clone,
    {
        self.poll_ref_with(caller).map(|value| value.map(|value| value.clone()))
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        self.shared.add_receiver();
        Receiver { shared: self.shared.clone(), seen: self.seen, place: None }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.shared.drop_receiver(self.place);
    }
}

impl<T: Clone> Stream01 for Receiver<T> {
    type Item = T;
    type Error = RecvError;

    fn poll(&mut self) -> Poll01<Option<T>, RecvError> {
        to_futures01(self.poll_cloned(Caller::Futures01).map(Ok))
    }
}

impl<T: Clone> Stream for Receiver<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll_cloned(cx.into())
    }
}

impl<T: fmt::Debug> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("value", &*self.get_ref()).finish_non_exhaustive()
    }
}

impl<'a, T: 'a> Deref for Ref<'a, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'a, T: fmt::Debug + 'a> fmt::Debug for Ref<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
