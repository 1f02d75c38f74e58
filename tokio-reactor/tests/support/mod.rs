//! What the tests share: bounded waits, both generations, and counted wakes.
#![allow(dead_code)]

use futures::Future;
use mio::net::{TcpListener, TcpStream, UdpSocket};
use std::future::poll_fn;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{mpsc, Arc};
use std::task::{Poll, Wake, Waker};
use std::thread;
use std::time::Duration;
use tokio_reactor::{Background, Handle, PollEvented, Reactor};
use tokio_task::{to_futures01, Caller};

pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// Runs `f` on a thread, and fails if it takes too long.
pub(crate) fn bounded<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> R {
    let (done, wait) = mpsc::channel();
    let thread = thread::spawn(move || {
        let result = f();
        let _ = done.send(());
        result
    });
    if wait.recv_timeout(LIMIT) == Err(mpsc::RecvTimeoutError::Timeout) {
        panic!("took longer than {LIMIT:?}");
    }
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Generation {
    Futures01,
    Std,
}

pub(crate) const BOTH: [Generation; 2] = [Generation::Futures01, Generation::Std];

impl Generation {
    /// Blocks the thread until `poll` is ready, as a task of this generation.
    pub(crate) fn block_on<R>(self, mut poll: impl FnMut(Caller<'_>) -> Poll<R>) -> R {
        match self {
            Generation::Futures01 => {
                futures::future::poll_fn(|| to_futures01(poll(Caller::Futures01).map(Ok::<R, ()>)))
                    .wait()
                    .unwrap()
            }
            Generation::Std => futures03::executor::block_on(poll_fn(|cx| poll(Caller::from(cx)))),
        }
    }
}

/// A std task that counts how often it is woken.
pub(crate) struct Bell(AtomicUsize);

impl Bell {
    pub(crate) fn new() -> (Arc<Bell>, Waker) {
        let bell = Arc::new(Bell(AtomicUsize::new(0)));
        (bell.clone(), bell.into())
    }

    pub(crate) fn rings(&self) -> usize {
        self.0.load(SeqCst)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

pub(crate) fn loopback() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

/// A UDP socket in the reactor, and one outside that is connected with it.
pub(crate) fn udp_pair(handle: &Handle) -> (PollEvented<UdpSocket>, std::net::UdpSocket) {
    let (ours, theirs) = (UdpSocket::bind(loopback()).unwrap(), udp());
    ours.connect(theirs.local_addr().unwrap()).unwrap();
    theirs.connect(ours.local_addr().unwrap()).unwrap();
    (PollEvented::new_with_handle(ours, handle).unwrap(), theirs)
}

pub(crate) fn udp() -> std::net::UdpSocket {
    std::net::UdpSocket::bind(loopback()).unwrap()
}

/// A TCP stream in the reactor, and its peer outside.
pub(crate) fn tcp_pair(handle: &Handle) -> (PollEvented<TcpStream>, std::net::TcpStream) {
    let (ours, theirs) = std_tcp_pair();
    ours.set_nonblocking(true).unwrap();
    (PollEvented::new_with_handle(TcpStream::from_std(ours), handle).unwrap(), theirs)
}

pub(crate) fn std_tcp_pair() -> (std::net::TcpStream, std::net::TcpStream) {
    let listener = std::net::TcpListener::bind(loopback()).unwrap();
    let theirs = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (listener.accept().unwrap().0, theirs)
}

pub(crate) fn listener(handle: &Handle) -> PollEvented<TcpListener> {
    PollEvented::new_with_handle(TcpListener::bind(loopback()).unwrap(), handle).unwrap()
}

pub(crate) fn background() -> Background {
    Reactor::new().unwrap().background().unwrap()
}

/// Turns until `done`.
pub(crate) fn turn_until(reactor: &mut Reactor, mut done: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + LIMIT;
    while !done() {
        assert!(std::time::Instant::now() < end, "took longer than {LIMIT:?}");
        reactor.turn(Some(Duration::from_millis(100))).unwrap();
    }
}

/// Turns until there is nothing more to hand out for now.
pub(crate) fn settle(reactor: &mut Reactor) {
    for _ in 0..3 {
        reactor.turn(Some(Duration::ZERO)).unwrap();
    }
}

/// Reads from a stream that is shared.
pub(crate) fn read(mut stream: &TcpStream, buf: &mut [u8]) -> io::Result<usize> {
    stream.read(buf)
}
