//! What the futures of [`crate::io`] share: their life from the first poll to the last, and the
//! single steps that they are made of.

use crate::poll::settled;
use crate::{AsyncRead, AsyncWrite};
use futures::{try_ready, Async, Poll as Poll01};
use std::fmt;
use std::io::{self, ErrorKind};

/// What an operation works on, until it is given back with the result.
pub(super) struct Operation<S>(Option<S>);

impl<S> Operation<S> {
    pub(super) fn on(subject: S) -> Self {
        Operation(Some(subject))
    }

    /// Takes one step; gives the subject back when that was the last one.
    ///
    /// # Panics
    ///
    /// If it has been given back before.
    pub(super) fn poll<T>(
        &mut self,
        step: impl FnOnce(&mut S) -> Poll01<T, io::Error>,
    ) -> Poll01<(S, T), io::Error> {
        const OVER: &str = "an I/O future was polled after it had completed";
        let value = try_ready!(step(self.0.as_mut().expect(OVER)));
        Ok(Async::Ready((self.0.take().expect(OVER), value)))
    }
}

impl<S: fmt::Debug> fmt::Debug for Operation<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(subject) => subject.fmt(f),
            None => f.write_str("<completed>"),
        }
    }
}

/// Makes a futures 0.1 future of [`crate::io`] one that can be awaited.
macro_rules! awaitable {
    ($name:ident<$($param:ident),+>) => {
        /// `.await` gives a `Result` of the futures 0.1 item and error. Inside the tasks of this
        /// runtime that allocates nothing.
        impl<$($param),+> std::future::IntoFuture for $name<$($param),+>
        where
            Self: futures::Future,
        {
            type Output =
                Result<<Self as futures::Future>::Item, <Self as futures::Future>::Error>;
            type IntoFuture = tokio_task::Futures01AsStd<Self>;

            fn into_future(self) -> Self::IntoFuture {
                tokio_task::Futures01AsStd::new(self)
            }
        }
    };
}
pub(super) use awaitable;

/// Reads some bytes; 0 is the end of the stream.
pub(super) fn poll_read(reader: &mut impl AsyncRead, buf: &mut [u8]) -> Poll01<usize, io::Error> {
    let n = try_ready!(settled(|| reader.poll_read(buf)));
    let len = buf.len();
    assert!(n <= len, "the reader claims {n} bytes where there was room for {len}");
    Ok(Async::Ready(n))
}

/// Writes some bytes, at least one.
pub(super) fn poll_write(writer: &mut impl AsyncWrite, buf: &[u8]) -> Poll01<usize, io::Error> {
    let n = try_ready!(settled(|| writer.poll_write(buf)));
    let len = buf.len();
    assert!(n <= len, "the writer claims to have taken {n} bytes of {len}");
    if n == 0 {
        return Err(io::Error::new(ErrorKind::WriteZero, "the writer takes no more bytes"));
    }
    Ok(Async::Ready(n))
}

pub(super) fn poll_flush(writer: &mut impl AsyncWrite) -> Poll01<(), io::Error> {
    settled(|| writer.poll_flush())
}

pub(super) fn poll_shutdown(writer: &mut impl AsyncWrite) -> Poll01<(), io::Error> {
    settled(|| writer.shutdown())
}
