//! One body for both generations: each operation of a [`Generation`] blocks the test's thread.
#![allow(dead_code, reason = "each test binary uses a part")]

use futures::executor::Notify;
use futures::{Future as _, Stream as _};
use futures03::executor::block_on;
use futures03::StreamExt;
use std::future::poll_fn;
use std::io;
use std::net::{self, SocketAddr};
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::mpsc::{channel, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};
use tokio_task::Caller;
use tokio_tcp::{ConnectFuture, Incoming, TcpListener, TcpStream};

/// How long anything may take before it counts as hung.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// Runs a test's body, and fails if it hangs.
pub(crate) fn bounded(body: impl FnOnce() + Send + 'static) {
    let (done, outcome) = channel();
    let body = thread::spawn(move || {
        body();
        let _ = done.send(());
    });
    match outcome.recv_timeout(LIMIT) {
        Err(RecvTimeoutError::Timeout) => panic!("hung for {LIMIT:?}"),
        Ok(()) | Err(RecvTimeoutError::Disconnected) => {
            body.join().unwrap_or_else(|panic| resume_unwind(panic))
        }
    }
}

/// Makes a test of each function, for each generation: `by_futures01::name` and `by_std::name`.
#[macro_export]
macro_rules! both {
    ($($name:ident),+ $(,)?) => {
        mod by_futures01 {
            $(#[test] fn $name() {
                $crate::support::bounded(super::$name::<$crate::support::Futures01>)
            })+
        }
        mod by_std {
            $(#[test] fn $name() {
                $crate::support::bounded(super::$name::<$crate::support::Std>)
            })+
        }
    };
}

pub(crate) trait Generation: 'static {
    fn connect(future: ConnectFuture) -> io::Result<TcpStream>;
    fn accept(listener: &mut TcpListener) -> io::Result<(TcpStream, SocketAddr)>;
    fn next(incoming: &mut Incoming) -> io::Result<TcpStream>;
    fn peek(stream: &mut TcpStream, buf: &mut [u8]) -> io::Result<usize>;
    fn read<R: Reader>(reader: &mut R, buf: &mut [u8]) -> io::Result<usize>;
    fn write<W: Writer>(writer: &mut W, buf: &[u8]) -> io::Result<usize>;
    /// What the generation calls closing: 0.1's `shutdown`, std's `close`.
    fn close<W: Writer>(writer: &mut W) -> io::Result<()>;
    /// Polls once, as a task whose waker is `bell`.
    fn poll<T>(bell: &Arc<Bell>, op: impl FnMut(Caller<'_>) -> Poll<T>) -> Poll<T>;

    fn read_exact<R: Reader>(reader: &mut R, mut buf: &mut [u8]) -> io::Result<()> {
        while !buf.is_empty() {
            match Self::read(reader, buf)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                n => buf = &mut buf[n..],
            }
        }
        Ok(())
    }

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

    fn write_all<W: Writer>(writer: &mut W, mut buf: &[u8]) -> io::Result<()> {
        while !buf.is_empty() {
            buf = &buf[Self::write(writer, buf)?..];
        }
        Ok(())
    }

    /// A stream and the std socket of its peer.
    fn pair() -> (TcpStream, net::TcpStream) {
        let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(&listener.local_addr().unwrap());
        let stream = Self::connect(stream).unwrap();
        (stream, listener.accept().unwrap().0)
    }
}

pub(crate) trait Reader: tokio_io::AsyncRead + futures_io::AsyncRead + Unpin {}
impl<R: tokio_io::AsyncRead + futures_io::AsyncRead + Unpin> Reader for R {}

pub(crate) trait Writer: tokio_io::AsyncWrite + futures_io::AsyncWrite + Unpin {}
impl<W: tokio_io::AsyncWrite + futures_io::AsyncWrite + Unpin> Writer for W {}

pub(crate) struct Futures01;

fn wait01<T>(poll: impl FnMut() -> futures::Poll<T, io::Error>) -> io::Result<T> {
    futures::future::poll_fn(poll).wait()
}

impl Generation for Futures01 {
    fn connect(future: ConnectFuture) -> io::Result<TcpStream> {
        future.wait()
    }

    fn accept(listener: &mut TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
        wait01(|| listener.poll_accept())
    }

    fn next(incoming: &mut Incoming) -> io::Result<TcpStream> {
        futures::Stream::by_ref(incoming).wait().next().expect("it never ends")
    }

    fn peek(stream: &mut TcpStream, buf: &mut [u8]) -> io::Result<usize> {
        wait01(|| stream.poll_peek(buf))
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

    fn poll<T>(bell: &Arc<Bell>, mut op: impl FnMut(Caller<'_>) -> Poll<T>) -> Poll<T> {
        futures::executor::spawn(()).poll_fn_notify(bell, 0, |_| op(Caller::Futures01))
    }
}

pub(crate) struct Std;

impl Generation for Std {
    fn connect(future: ConnectFuture) -> io::Result<TcpStream> {
        block_on(async { future.await })
    }

    fn accept(listener: &mut TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
        block_on(listener.accept())
    }

    fn next(incoming: &mut Incoming) -> io::Result<TcpStream> {
        block_on(StreamExt::next(incoming)).expect("it never ends")
    }

    fn peek(stream: &mut TcpStream, buf: &mut [u8]) -> io::Result<usize> {
        block_on(stream.peek(buf))
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

    fn poll<T>(bell: &Arc<Bell>, mut op: impl FnMut(Caller<'_>) -> Poll<T>) -> Poll<T> {
        op(Caller::Std(&Waker::from(bell.clone())))
    }
}

/// A task's waker, of either generation, that a test can wait for.
#[derive(Default)]
pub(crate) struct Bell {
    rang: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    fn ring(&self) {
        *self.rang.lock().unwrap() = true;
        self.changed.notify_all();
    }

    /// Waits until it has rung, and silences it. False if it had not by `deadline`.
    pub(crate) fn wait_until(&self, deadline: Instant) -> bool {
        let mut rang = self.rang.lock().unwrap();
        while !*rang {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            rang = self.changed.wait_timeout(rang, left).unwrap().0;
        }
        *rang = false;
        true
    }

    /// # Panics
    ///
    /// If it does not ring.
    pub(crate) fn wait(&self) {
        assert!(self.wait_until(Instant::now() + LIMIT), "the task was not woken");
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ring();
    }
}

impl Notify for Bell {
    fn notify(&self, _: usize) {
        self.ring();
    }
}

/// Polls `op` as a task of generation `G` until it is ready.
pub(crate) fn finish<G: Generation, T>(
    bell: &Arc<Bell>,
    mut op: impl FnMut(Caller<'_>) -> Poll<T>,
) -> T {
    loop {
        match G::poll(bell, &mut op) {
            Poll::Ready(value) => return value,
            Poll::Pending => bell.wait(),
        }
    }
}

/// The numbers of a seeded generator.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn seeded(seed: u64) -> Self {
        Random(seed.wrapping_mul(2).wrapping_add(1))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}
