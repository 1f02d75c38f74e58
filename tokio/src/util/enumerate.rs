//! A stream whose items are numbered.

use futures::{try_ready, Async, Poll, Sink, StartSend, Stream};

/// Pairs each item of a stream with its number. Made by
/// [`StreamExt::enumerate`](super::StreamExt::enumerate).
///
/// # Panics
///
/// In debug builds, when the number overflows `usize`.
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct Enumerate<T> {
    inner: T,
    count: usize,
}

impl<T> Enumerate<T> {
    pub(super) fn new(inner: T) -> Self {
        Enumerate { inner, count: 0 }
    }

    /// The stream inside.
    pub fn get_ref(&self) -> &T {
        &self.inner
    }

    /// The stream inside. An item taken from it gets no number.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.inner
    }

    /// The stream inside.
    pub fn into_inner(self) -> T {
        self.inner
    }
}

impl<T: Stream> Stream for Enumerate<T> {
    type Item = (usize, T::Item);
    type Error = T::Error;

    fn poll(&mut self) -> Poll<Option<Self::Item>, T::Error> {
        let Some(item) = try_ready!(self.inner.poll()) else { return Ok(Async::Ready(None)) };
        let number = self.count;
        self.count += 1;
        Ok(Async::Ready(Some((number, item))))
    }
}

impl<T: Sink> Sink for Enumerate<T> {
    type SinkItem = T::SinkItem;
    type SinkError = T::SinkError;

    fn start_send(&mut self, item: T::SinkItem) -> StartSend<T::SinkItem, T::SinkError> {
        self.inner.start_send(item)
    }

    fn poll_complete(&mut self) -> Poll<(), T::SinkError> {
        self.inner.poll_complete()
    }

    fn close(&mut self) -> Poll<(), T::SinkError> {
        self.inner.close()
    }
}
