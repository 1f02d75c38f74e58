//! A byte stream that does what a script says, and two executors that fail rather than hang.

#![allow(dead_code, unreachable_pub, reason = "each test file uses some of it")]

use futures::executor::{spawn, Notify, Spawn};
use futures::task::current;
use futures::{Async, Future as Future01, Poll as Poll01, Stream as Stream01};
use std::collections::VecDeque;
use std::fmt::Debug;
use std::future::{Future, IntoFuture};
use std::io::{self, ErrorKind, Read, Write};
use std::pin::{pin, Pin};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};
use tokio_io::{AsyncRead, AsyncWrite};

/// What the next operation does.
#[derive(Clone, Debug)]
pub enum Step {
    /// A read gives these bytes; several reads, if there is too little room.
    Give(Vec<u8>),
    /// A write takes at most so many bytes.
    Take(usize),
    /// Registers the task, which is woken at once.
    NotReady,
    Fail(ErrorKind),
}

pub use self::Step::{Fail, Give, NotReady, Take};

pub fn give(bytes: impl AsRef<[u8]>) -> Step {
    Give(bytes.as_ref().to_vec())
}

/// A clone is the same stream: a test keeps one to look at it.
///
/// Reads, writes and flushes have a script each. At the end of it reads meet the end of the
/// stream, writes take everything, and flushes are ready. A flush moves what was written to
/// `flushed`; a shutdown follows the script of the flushes as well.
#[derive(Clone, Debug, Default)]
pub struct Script(Arc<Mutex<State>>);

#[derive(Debug, Default)]
pub struct State {
    pub reads: VecDeque<Step>,
    pub writes: VecDeque<Step>,
    pub flushes: VecDeque<Step>,
    pub written: Vec<u8>,
    /// How much of `written` has been flushed.
    pub flushed: usize,
    /// How often that was.
    pub flush_count: usize,
    pub shut_down: bool,
    /// The sizes of the buffers that reads were given.
    pub rooms: Vec<usize>,
}

impl Script {
    pub fn reading(steps: impl IntoIterator<Item = Step>) -> Self {
        let script = Script::default();
        script.state().reads.extend(steps);
        script
    }

    pub fn writing(steps: impl IntoIterator<Item = Step>) -> Self {
        let script = Script::default();
        script.state().writes.extend(steps);
        script
    }

    pub fn flushing(steps: impl IntoIterator<Item = Step>) -> Self {
        let script = Script::default();
        script.state().flushes.extend(steps);
        script
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub fn written(&self) -> Vec<u8> {
        self.state().written.clone()
    }
}

impl State {
    fn read(&mut self, buf: &mut [u8], wake: impl FnOnce()) -> io::Result<usize> {
        self.rooms.push(buf.len());
        match self.reads.pop_front() {
            Some(Give(mut bytes)) => {
                let n = bytes.len().min(buf.len());
                buf[..n].copy_from_slice(&bytes[..n]);
                if n < bytes.len() {
                    self.reads.push_front(Give(bytes.split_off(n)));
                }
                Ok(n)
            }
            step => Self::other(step, wake).map(|()| 0),
        }
    }

    fn write(&mut self, buf: &[u8], wake: impl FnOnce()) -> io::Result<usize> {
        let n = match self.writes.pop_front() {
            Some(Take(n)) => n.min(buf.len()),
            step => Self::other(step, wake).map(|()| buf.len())?,
        };
        self.written.extend_from_slice(&buf[..n]);
        Ok(n)
    }

    fn flush(&mut self, wake: impl FnOnce()) -> io::Result<()> {
        Self::other(self.flushes.pop_front(), wake)?;
        self.flushed = self.written.len();
        self.flush_count += 1;
        Ok(())
    }

    fn other(step: Option<Step>, wake: impl FnOnce()) -> io::Result<()> {
        match step {
            None => Ok(()),
            Some(NotReady) => {
                wake();
                Err(ErrorKind::WouldBlock.into())
            }
            Some(Fail(kind)) => Err(kind.into()),
            Some(step) => panic!("{step:?} does not fit the operation"),
        }
    }
}

fn wake01() {
    current().notify();
}

impl Read for Script {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.state().read(buf, wake01)
    }
}

impl Write for Script {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.state().write(buf, wake01)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.state().flush(wake01)
    }
}

impl AsyncRead for Script {}

impl AsyncWrite for Script {
    fn shutdown(&mut self) -> Poll01<(), io::Error> {
        tokio_io::try_nb!(self.flush());
        self.state().shut_down = true;
        Ok(Async::Ready(()))
    }
}

fn poll_std<T>(result: io::Result<T>) -> Poll<io::Result<T>> {
    match result {
        Err(e) if e.kind() == ErrorKind::WouldBlock => Poll::Pending,
        result => Poll::Ready(result),
    }
}

impl futures_io::AsyncRead for Script {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        poll_std(self.state().read(buf, || cx.waker().wake_by_ref()))
    }
}

impl futures_io::AsyncWrite for Script {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        poll_std(self.state().write(buf, || cx.waker().wake_by_ref()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        poll_std(self.state().flush(|| cx.waker().wake_by_ref()))
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = self.as_ref().state().flush(|| cx.waker().wake_by_ref());
        self.state().shut_down = flushed.is_ok();
        poll_std(flushed)
    }
}

/// Whether a task was woken.
#[derive(Default)]
pub struct Bell(AtomicBool);

impl Bell {
    pub fn rang(&self) -> bool {
        self.0.swap(false, SeqCst)
    }
}

impl Notify for Bell {
    fn notify(&self, _: usize) {
        self.0.store(true, SeqCst);
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}

const MOST_POLLS: usize = 1_000_000;

/// Polls as long as the task is woken; one that is pending and not woken has hung.
fn drive<T>(mut poll: impl FnMut(&Arc<Bell>) -> Option<T>) -> T {
    let bell = Arc::new(Bell::default());
    for _ in 0..MOST_POLLS {
        match poll(&bell) {
            Some(result) => return result,
            None => assert!(bell.rang(), "pending, and nobody will wake it"),
        }
    }
    panic!("woken again and again without an end");
}

fn result01<T, E>(poll: Poll01<T, E>) -> Option<Result<T, E>> {
    match poll {
        Ok(Async::NotReady) => None,
        Ok(Async::Ready(value)) => Some(Ok(value)),
        Err(e) => Some(Err(e)),
    }
}

/// Runs `f` inside a futures 0.1 task until it is ready.
pub fn run01<T, E>(f: impl FnMut() -> Poll01<T, E>) -> Result<T, E> {
    let mut task = spawn(futures::future::poll_fn(f));
    drive(|bell| result01(task.poll_future_notify(bell, 0)))
}

/// Runs a futures 0.1 future as a futures 0.1 task.
pub fn run_future01<F: Future01>(mut future: F) -> Result<F::Item, F::Error> {
    run01(move || future.poll())
}

/// Runs a std future as a std task.
pub fn run_std<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    drive(|bell| {
        let waker = Waker::from(bell.clone());
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    })
}

/// Checks a future, polled by a futures 0.1 task and awaited by a std one.
pub fn both<F>(make: impl Fn() -> F, check: impl Fn(Result<F::Item, F::Error>))
where
    F: Future01 + IntoFuture<Output = Result<<F as Future01>::Item, <F as Future01>::Error>>,
{
    check(run_future01(make()));
    check(run_std(make().into_future()));
}

/// All that a stream gives, errors included, up to its end.
pub fn all01<S: Stream01>(stream: S) -> Vec<Result<S::Item, S::Error>> {
    let mut task: Spawn<S> = spawn(stream);
    let mut all = Vec::new();
    while let Some(next) =
        drive(|bell| result01(task.poll_stream_notify(bell, 0)).map(Result::transpose))
    {
        all.push(next);
        assert!(all.len() < MOST_POLLS, "a stream without an end");
    }
    all
}

/// The same for a stream of the std generation.
pub fn all_std<S: futures_core::Stream>(stream: S) -> Vec<S::Item> {
    let mut stream = pin!(stream);
    let mut all = Vec::new();
    while let Some(next) = run_std(std::future::poll_fn(|cx| stream.as_mut().poll_next(cx))) {
        all.push(next);
        assert!(all.len() < MOST_POLLS, "a stream without an end");
    }
    all
}

/// Checks a stream, polled by a futures 0.1 task and by a std one.
pub fn both_streams<S, T: Debug, E: Debug>(make: impl Fn() -> S, check: impl Fn(Vec<Result<T, E>>))
where
    S: Stream01<Item = T, Error = E> + futures_core::Stream<Item = Result<T, E>>,
{
    check(all01(make()));
    check(all_std(make()));
}

/// A generator of numbers that are random enough, the same for the same seed.
pub struct XorShift(u64);

impl XorShift {
    pub fn new(seed: u64) -> Self {
        XorShift(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| (self.next() >> 32) as u8).collect()
    }

    /// The bytes in pieces of at most `largest`, with interruptions between them.
    pub fn reads(&mut self, bytes: &[u8], largest: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            steps.extend(self.hindrance());
            let (piece, more) = rest.split_at((1 + self.below(largest)).min(rest.len()));
            steps.push(give(piece));
            rest = more;
        }
        steps.extend(self.hindrance());
        steps
    }

    /// So many writes that each take at most `largest` bytes, with interruptions between them.
    pub fn writes(&mut self, count: usize, largest: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        for _ in 0..count {
            steps.extend(self.hindrance());
            steps.push(Take(1 + self.below(largest)));
        }
        steps
    }

    fn hindrance(&mut self) -> Option<Step> {
        match self.below(4) {
            0 => Some(NotReady),
            1 => Some(Fail(ErrorKind::Interrupted)),
            _ => None,
        }
    }
}

/// Methods of the std generation. The traits they are from cannot be imported beside `std::io`'s.
pub mod std_generation {
    use futures03::io::{AsyncReadExt, AsyncWriteExt};

    pub async fn read_to_end(mut stream: impl futures_io::AsyncRead + Unpin) -> Vec<u8> {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await.unwrap();
        all
    }

    pub async fn write_and_close(mut stream: impl futures_io::AsyncWrite + Unpin, bytes: &[u8]) {
        stream.write_all(bytes).await.unwrap();
        stream.close().await.unwrap();
    }
}
