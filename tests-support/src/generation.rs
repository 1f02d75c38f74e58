//! The operations of a generation, as functions that block the test's thread.

use crate::Bell;
use futures::{Future as Future01, Sink as Sink01, Stream as Stream01};
use futures03::executor::block_on;
use futures03::{Sink, SinkExt, Stream, StreamExt};
use std::future::{poll_fn, IntoFuture};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, Waker};
use tokio_task::Caller;

/// A generation of futures. Each operation blocks the test's thread.
pub trait Generation: 'static {
    /// Polls once, as a task whose waker is `bell`.
    fn poll<T>(bell: &Arc<Bell>, op: impl FnMut(Caller<'_>) -> Poll<T>) -> Poll<T>;

    /// Waits for a future that the 0.1 API hands out.
    fn complete<F, T, E>(future: F) -> Result<T, E>
    where
        F: Future01<Item = T, Error = E> + IntoFuture<Output = Result<T, E>>;

    /// The next item of a stream.
    fn next<S, T, E>(stream: &mut S) -> Option<Result<T, E>>
    where
        S: Stream01<Item = T, Error = E> + Stream<Item = Result<T, E>> + Unpin;

    /// Sends an item through a sink, and flushes it.
    fn feed<S, T, E>(sink: S, item: T) -> Result<S, E>
    where
        S: Sink01<SinkItem = T, SinkError = E> + Sink<T, Error = E> + Unpin;

    /// Reads some bytes.
    fn read<R: Reader>(reader: &mut R, buf: &mut [u8]) -> io::Result<usize>;

    /// Writes some bytes.
    fn write<W: Writer>(writer: &mut W, buf: &[u8]) -> io::Result<usize>;

    /// What the generation calls closing: 0.1's `shutdown`, std's `close`.
    fn close<W: Writer>(writer: &mut W) -> io::Result<()>;

    /// Polls `op` as the task of `bell` until it is ready.
    fn finish<T>(bell: &Arc<Bell>, mut op: impl FnMut(Caller<'_>) -> Poll<T>) -> T {
        loop {
            match Self::poll(bell, &mut op) {
                Poll::Ready(value) => return value,
                Poll::Pending => bell.wait(),
            }
        }
    }

    /// Reads as many bytes as `buf` has.
    fn read_exact<R: Reader>(reader: &mut R, mut buf: &mut [u8]) -> io::Result<()> {
        while !buf.is_empty() {
            match Self::read(reader, buf)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                n => buf = &mut buf[n..],
            }
        }
        Ok(())
    }

    /// Reads to the end of the stream.
    fn read_to_end<R: Reader>(reader: &mut R) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        let mut buf = [0; 1024];
        loop {
            match Self::read(reader, &mut buf)? {
                0 => return Ok(all),
                n => all.extend_from_slice(&buf[..n]),
            }
        }
    }

    /// Writes all of `buf`.
    fn write_all<W: Writer>(writer: &mut W, mut buf: &[u8]) -> io::Result<()> {
        while !buf.is_empty() {
            buf = &buf[Self::write(writer, buf)?..];
        }
        Ok(())
    }
}

/// What both generations can read from.
pub trait Reader: tokio_io::AsyncRead + futures_io::AsyncRead + Unpin {}
impl<R: tokio_io::AsyncRead + futures_io::AsyncRead + Unpin> Reader for R {}

/// What both generations can write to.
pub trait Writer: tokio_io::AsyncWrite + futures_io::AsyncWrite + Unpin {}
impl<W: tokio_io::AsyncWrite + futures_io::AsyncWrite + Unpin> Writer for W {}

/// The generation of futures 0.1.
#[derive(Debug)]
pub enum Futures01 {}

/// Waits for an operation of futures 0.1.
///
/// # Errors
///
/// Those of the operation.
pub fn wait01<T>(poll: impl FnMut() -> futures::Poll<T, io::Error>) -> io::Result<T> {
    futures::future::poll_fn(poll).wait()
}

impl Generation for Futures01 {
    fn poll<T>(bell: &Arc<Bell>, mut op: impl FnMut(Caller<'_>) -> Poll<T>) -> Poll<T> {
        futures::executor::spawn(()).poll_fn_notify(bell, 0, |_| op(Caller::Futures01))
    }

    fn complete<F, T, E>(future: F) -> Result<T, E>
    where
        F: Future01<Item = T, Error = E> + IntoFuture<Output = Result<T, E>>,
    {
        future.wait()
    }

    fn next<S, T, E>(stream: &mut S) -> Option<Result<T, E>>
    where
        S: Stream01<Item = T, Error = E> + Stream<Item = Result<T, E>> + Unpin,
    {
        Stream01::by_ref(stream).wait().next()
    }

    fn feed<S, T, E>(sink: S, item: T) -> Result<S, E>
    where
        S: Sink01<SinkItem = T, SinkError = E> + Sink<T, Error = E> + Unpin,
    {
        Sink01::send(sink, item).wait()
    }

    fn read<R: Reader>(reader: &mut R, buf: &mut [u8]) -> io::Result<usize> {
        wait01(|| tokio_io::AsyncRead::poll_read(reader, buf))
    }

    fn write<W: Writer>(writer: &mut W, buf: &[u8]) -> io::Result<usize> {
        wait01(|| tokio_io::AsyncWrite::poll_write(writer, buf))
    }

    fn close<W: Writer>(writer: &mut W) -> io::Result<()> {
        wait01(|| tokio_io::AsyncWrite::shutdown(writer))
    }
}

/// The std generation.
#[derive(Debug)]
pub enum Std {}

impl Generation for Std {
    fn poll<T>(bell: &Arc<Bell>, mut op: impl FnMut(Caller<'_>) -> Poll<T>) -> Poll<T> {
        op(Caller::Std(&Waker::from(bell.clone())))
    }

    fn complete<F, T, E>(future: F) -> Result<T, E>
    where
        F: Future01<Item = T, Error = E> + IntoFuture<Output = Result<T, E>>,
    {
        block_on(async { future.await })
    }

    fn next<S, T, E>(stream: &mut S) -> Option<Result<T, E>>
    where
        S: Stream01<Item = T, Error = E> + Stream<Item = Result<T, E>> + Unpin,
    {
        block_on(StreamExt::next(stream))
    }

    fn feed<S, T, E>(mut sink: S, item: T) -> Result<S, E>
    where
        S: Sink01<SinkItem = T, SinkError = E> + Sink<T, Error = E> + Unpin,
    {
        block_on(SinkExt::send(&mut sink, item))?;
        Ok(sink)
    }

    fn read<R: Reader>(reader: &mut R, buf: &mut [u8]) -> io::Result<usize> {
        block_on(poll_fn(|cx| futures_io::AsyncRead::poll_read(Pin::new(reader), cx, buf)))
    }

    fn write<W: Writer>(writer: &mut W, buf: &[u8]) -> io::Result<usize> {
        block_on(poll_fn(|cx| futures_io::AsyncWrite::poll_write(Pin::new(writer), cx, buf)))
    }

    fn close<W: Writer>(writer: &mut W) -> io::Result<()> {
        block_on(poll_fn(|cx| futures_io::AsyncWrite::poll_close(Pin::new(writer), cx)))
    }
}
