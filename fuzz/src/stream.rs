//! A byte stream that cuts, waits and fails as the input says, and tasks that find out a hang.

use crate::input::Input;
use futures::executor::{spawn, Notify};
use futures::{Async, AsyncSink, Future as Future01, Poll as Poll01};
use futures::{Sink as Sink01, Stream as Stream01};
use std::future::{Future, IntoFuture};
use std::io::{self, ErrorKind, Read, Write};
use std::pin::{pin, Pin};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use tokio_io::{AsyncRead, AsyncWrite};

/// Reads give `unread` and writes go to `written`, by the plan; after its end all at once.
#[derive(Debug)]
pub(crate) struct Cut<'a> {
    plan: Input<'a>,
    /// How many of the errors that the plan has are still to be reported.
    errors: usize,
    unread: &'a [u8],
    pub(crate) written: Vec<u8>,
    pub(crate) shut_down: bool,
}

impl<'a> Cut<'a> {
    pub(crate) fn new(plan: &'a [u8], unread: &'a [u8]) -> Self {
        let plan = Input::new(plan);
        Cut { plan, errors: 0, unread, written: Vec::new(), shut_down: false }
    }

    /// The stream also fails now and then, and goes on.
    pub(crate) fn failing(plan: &'a [u8], unread: &'a [u8]) -> Self {
        Cut { errors: 8, ..Cut::new(plan, unread) }
    }

    /// How many bytes the next operation moves at most.
    fn step(&mut self) -> io::Result<usize> {
        if self.plan.is_empty() {
            return Ok(usize::MAX);
        }
        let byte = self.plan.byte();
        match byte % 8 {
            0 | 1 => {
                futures::task::current().notify();
                Err(ErrorKind::WouldBlock.into())
            }
            2 => Err(ErrorKind::Interrupted.into()),
            3 if self.errors > 0 => {
                self.errors -= 1;
                Err(ErrorKind::ConnectionReset.into())
            }
            _ => Ok(1 + usize::from(byte / 8)),
        }
    }
}

impl Read for Cut<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.step()?.min(buf.len()).min(self.unread.len());
        buf[..n].copy_from_slice(&self.unread[..n]);
        self.unread = &self.unread[n..];
        Ok(n)
    }
}

impl Write for Cut<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        assert!(!self.shut_down, "written after the end");
        let n = self.step()?.min(buf.len());
        self.written.extend_from_slice(&buf[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.step().map(drop)
    }
}

impl AsyncRead for Cut<'_> {}

impl AsyncWrite for Cut<'_> {
    fn shutdown(&mut self) -> Poll01<(), io::Error> {
        self.shut_down = true;
        Ok(Async::Ready(()))
    }
}

#[derive(Default)]
struct Bell(AtomicBool);

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

const MOST_POLLS: usize = 100_000;

/// Polls as long as the task is woken.
fn drive<T>(mut poll: impl FnMut(&Arc<Bell>) -> Option<T>) -> T {
    let bell = Arc::new(Bell::default());
    for _ in 0..MOST_POLLS {
        if let Some(result) = poll(&bell) {
            return result;
        }
        assert!(bell.0.swap(false, SeqCst), "pending, and nobody will wake it");
    }
    panic!("woken again and again without an end");
}

fn ready<T, E>(poll: Poll01<T, E>) -> Option<Result<T, E>> {
    match poll {
        Ok(Async::NotReady) => None,
        Ok(Async::Ready(value)) => Some(Ok(value)),
        Err(error) => Some(Err(error)),
    }
}

/// Which kind of task polls.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Generation {
    Futures01,
    Std,
}

pub(crate) const BOTH: [Generation; 2] = [Generation::Futures01, Generation::Std];

impl Generation {
    pub(crate) fn run<F, T, E>(self, future: F) -> Result<T, E>
    where
        F: Future01<Item = T, Error = E> + IntoFuture<Output = Result<T, E>>,
    {
        match self {
            Generation::Futures01 => {
                let mut task = spawn(future);
                drive(|bell| ready(task.poll_future_notify(bell, 0)))
            }
            Generation::Std => run_std(future.into_future()),
        }
    }

    /// Runs a 0.1 future that is polled again after each error of its streams.
    pub(crate) fn run_on<F, T>(future: F) -> T
    where
        F: Future01<Item = T, Error = io::Error>,
    {
        let mut task = spawn(future);
        drive(|bell| match ready(task.poll_future_notify(bell, 0))? {
            Ok(item) => Some(item),
            Err(error) => again(bell, &error),
        })
    }

    /// Sends all messages and closes the sink, trying again after each error of its byte stream.
    pub(crate) fn send_all<S, T>(self, sink: S, messages: &[T]) -> S
    where
        S: Sink01<SinkItem = T, SinkError = io::Error>,
        S: futures_sink::Sink<T, Error = io::Error> + Unpin,
        T: Clone,
    {
        match self {
            Generation::Futures01 => {
                let mut task = spawn(sink);
                for message in messages {
                    drive(|bell| match task.start_send_notify(message.clone(), bell, 0) {
                        Ok(AsyncSink::Ready) => Some(()),
                        Ok(AsyncSink::NotReady(_)) => None,
                        Err(error) => again(bell, &error),
                    });
                }
                drive(|bell| match ready(task.close_notify(bell, 0))? {
                    Ok(()) => Some(()),
                    Err(error) => again(bell, &error),
                });
                task.into_inner()
            }
            Generation::Std => {
                let mut sink = sink;
                for message in messages {
                    drive_std(|cx| Pin::new(&mut sink).poll_ready(cx));
                    Pin::new(&mut sink).start_send(message.clone()).unwrap();
                }
                drive_std(|cx| Pin::new(&mut sink).poll_close(cx));
                sink
            }
        }
    }

    /// All that a stream gives up to its end, errors included.
    pub(crate) fn all<S, T, E>(self, stream: S) -> Vec<Result<T, E>>
    where
        S: Stream01<Item = T, Error = E> + futures_core::Stream<Item = Result<T, E>>,
    {
        let mut all = Vec::new();
        match self {
            Generation::Futures01 => {
                let mut task = spawn(stream);
                let mut next =
                    || drive(|bell| ready(task.poll_stream_notify(bell, 0)).map(Result::transpose));
                while let Some(item) = next() {
                    all.push(item);
                    assert!(all.len() < MOST_POLLS, "a stream without an end");
                }
            }
            Generation::Std => {
                let mut stream = pin!(stream);
                let mut next = || run_std(std::future::poll_fn(|cx| stream.as_mut().poll_next(cx)));
                while let Some(item) = next() {
                    all.push(item);
                    assert!(all.len() < MOST_POLLS, "a stream without an end");
                }
            }
        }
        all
    }
}

/// An error of the byte stream is no end: another poll.
fn again<T>(bell: &Bell, error: &io::Error) -> Option<T> {
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    bell.0.store(true, SeqCst);
    None
}

/// Polls again after each error.
fn drive_std(mut poll: impl FnMut(&mut Context<'_>) -> Poll<io::Result<()>>) {
    drive(|bell| {
        let waker = Waker::from(bell.clone());
        match poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(Ok(())) => Some(()),
            Poll::Ready(Err(error)) => again(bell, &error),
            Poll::Pending => None,
        }
    })
}

fn run_std<F: Future>(future: F) -> F::Output {
    let mut future: Pin<&mut F> = pin!(future);
    drive(|bell| {
        let waker = Waker::from(bell.clone());
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    })
}
