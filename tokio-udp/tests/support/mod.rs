//! One body for both generations: each operation of a [`Generation`] blocks the test's thread.
#![allow(dead_code, reason = "each test binary uses a part")]

use futures::executor::Notify;
use futures::{Future as _, Stream as _};
use futures03::executor::block_on;
use futures03::{SinkExt, StreamExt};
use std::io;
use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::sync::mpsc::{channel, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Poll, Wake, Waker};
use std::thread;
use std::time::Duration;
use tokio_io::_tokio_codec::{Decoder, Encoder};
use tokio_task::Caller;
use tokio_udp::{RecvDgram, SendDgram, UdpFramed, UdpSocket};

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

pub(crate) fn bind() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    let addr = socket.local_addr().unwrap();
    (socket, addr)
}

pub(crate) type Received<T> = io::Result<(UdpSocket, T, usize, SocketAddr)>;

pub(crate) trait Generation: 'static {
    fn send(socket: &mut UdpSocket, buf: &[u8]) -> io::Result<usize>;
    fn recv(socket: &mut UdpSocket, buf: &mut [u8]) -> io::Result<usize>;
    fn send_to(socket: &mut UdpSocket, buf: &[u8], to: &SocketAddr) -> io::Result<usize>;
    fn recv_from(socket: &mut UdpSocket, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)>;
    fn send_dgram<T: AsRef<[u8]>>(future: SendDgram<T>) -> io::Result<(UdpSocket, T)>;
    fn recv_dgram<T: AsMut<[u8]>>(future: RecvDgram<T>) -> Received<T>;
    fn next<C: Decoder>(framed: &mut UdpFramed<C>) -> Result<(C::Item, SocketAddr), C::Error>;
    fn feed<C: Encoder>(
        framed: UdpFramed<C>,
        item: C::Item,
        to: SocketAddr,
    ) -> Result<UdpFramed<C>, C::Error>;
    /// Polls once, as a task whose waker is `bell`.
    fn poll<T>(bell: &Arc<Bell>, op: impl FnMut(Caller<'_>) -> Poll<T>) -> Poll<T>;
}

pub(crate) struct Futures01;

fn wait01<T>(poll: impl FnMut() -> futures::Poll<T, io::Error>) -> io::Result<T> {
    futures::future::poll_fn(poll).wait()
}

impl Generation for Futures01 {
    fn send(socket: &mut UdpSocket, buf: &[u8]) -> io::Result<usize> {
        wait01(|| socket.poll_send(buf))
    }

    fn recv(socket: &mut UdpSocket, buf: &mut [u8]) -> io::Result<usize> {
        wait01(|| socket.poll_recv(buf))
    }

    fn send_to(socket: &mut UdpSocket, buf: &[u8], to: &SocketAddr) -> io::Result<usize> {
        wait01(|| socket.poll_send_to(buf, to))
    }

    fn recv_from(socket: &mut UdpSocket, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        wait01(|| socket.poll_recv_from(buf))
    }

    fn send_dgram<T: AsRef<[u8]>>(future: SendDgram<T>) -> io::Result<(UdpSocket, T)> {
        future.wait()
    }

    fn recv_dgram<T: AsMut<[u8]>>(future: RecvDgram<T>) -> Received<T> {
        future.wait()
    }

    fn next<C: Decoder>(framed: &mut UdpFramed<C>) -> Result<(C::Item, SocketAddr), C::Error> {
        futures::Stream::by_ref(framed).wait().next().expect("it never ends")
    }

    fn feed<C: Encoder>(
        framed: UdpFramed<C>,
        item: C::Item,
        to: SocketAddr,
    ) -> Result<UdpFramed<C>, C::Error> {
        futures::Sink::send(framed, (item, to)).wait()
    }

    fn poll<T>(bell: &Arc<Bell>, mut op: impl FnMut(Caller<'_>) -> Poll<T>) -> Poll<T> {
        futures::executor::spawn(()).poll_fn_notify(bell, 0, |_| op(Caller::Futures01))
    }
}

pub(crate) struct Std;

impl Generation for Std {
    fn send(socket: &mut UdpSocket, buf: &[u8]) -> io::Result<usize> {
        block_on(socket.send(buf))
    }

    fn recv(socket: &mut UdpSocket, buf: &mut [u8]) -> io::Result<usize> {
        block_on(socket.recv(buf))
    }

    fn send_to(socket: &mut UdpSocket, buf: &[u8], to: &SocketAddr) -> io::Result<usize> {
        block_on(socket.send_to(buf, to))
    }

    fn recv_from(socket: &mut UdpSocket, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        block_on(socket.recv_from(buf))
    }

    fn send_dgram<T: AsRef<[u8]>>(future: SendDgram<T>) -> io::Result<(UdpSocket, T)> {
        block_on(async { future.await })
    }

    fn recv_dgram<T: AsMut<[u8]>>(future: RecvDgram<T>) -> Received<T> {
        block_on(async { future.await })
    }

    fn next<C: Decoder>(framed: &mut UdpFramed<C>) -> Result<(C::Item, SocketAddr), C::Error> {
        block_on(StreamExt::next(framed)).expect("it never ends")
    }

    fn feed<C: Encoder>(
        mut framed: UdpFramed<C>,
        item: C::Item,
        to: SocketAddr,
    ) -> Result<UdpFramed<C>, C::Error> {
        block_on(SinkExt::send(&mut framed, (item, to)))?;
        Ok(framed)
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

    /// Waits until it has rung, and silences it.
    ///
    /// # Panics
    ///
    /// If it does not ring.
    pub(crate) fn wait(&self) {
        let rang = self.rang.lock().unwrap();
        let (mut rang, limit) =
            self.changed.wait_timeout_while(rang, LIMIT, |rang| !*rang).unwrap();
        assert!(!limit.timed_out(), "the task was not woken");
        *rang = false;
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
