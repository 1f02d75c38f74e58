//! A byte stream of one generation in code of the other: no byte is lost, and nothing is allocated per poll.

mod script;

use futures::Future as _;
use futures03::io::{AsyncReadExt, AsyncWriteExt};
use futures03::{SinkExt as _, StreamExt as _, TryStreamExt as _};
use script::{give, Fail, NotReady, Script, Step, Take};
use std::io::{BufReader, ErrorKind};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use tests_heap::{allocations, Counting};
use tokio_io::framing::{Framed, FramedRead, FramedWrite, LinesCodec};
use tokio_io::io::{copy, lines, read_to_end, shutdown, write_all, Lines};
use tokio_io::{AsyncRead, AsyncWrite, Futures01IoAsStd, StdIoAsFutures01};

#[global_allocator]
static HEAP: Counting = Counting;

fn script(reads: impl IntoIterator<Item = Step>, writes: impl IntoIterator<Item = Step>) -> Script {
    let script = Script::reading(reads);
    script.state().writes.extend(writes);
    script
}

#[test]
fn async_code_reads_and_writes_a_stream_of_futures01() {
    let script = script(
        [NotReady, give("hel"), Fail(ErrorKind::Interrupted), NotReady, give("lo")],
        [Take(2), NotReady, Fail(ErrorKind::Interrupted), Take(1)],
    );
    let look = script.clone();
    let bytes = futures03::executor::block_on(async move {
        let mut stream = Futures01IoAsStd::new(script);
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await?;
        stream.write_all(b"there").await?;
        stream.close().await?;
        Ok::<_, std::io::Error>(bytes)
    });
    assert_eq!(bytes.unwrap(), b"hello");
    assert_eq!(look.written(), b"there");
    assert!(look.state().shut_down);
}

#[test]
fn futures01_code_reads_and_writes_a_stream_of_async_code() {
    // Twice around: of 0.1, as std, as 0.1 again.
    let script = script([NotReady, give("hello"), NotReady], [Take(1), NotReady]);
    let look = script.clone();
    let stream = StdIoAsFutures01::new(Futures01IoAsStd::new(script));
    let all = read_to_end(stream, Vec::new())
        .and_then(|(stream, bytes)| {
            assert_eq!(bytes, b"hello");
            write_all(stream, "there")
        })
        .and_then(|(stream, _)| shutdown(stream));
    let stream = all.wait().unwrap();
    assert_eq!(look.written(), b"there");
    assert!(look.state().shut_down);
    assert_eq!(stream.into_inner().into_inner().written(), b"there");
}

#[test]
fn combinators_copy_between_the_generations() {
    let from = StdIoAsFutures01::new(futures03::io::Cursor::new(vec![7; 100_000]));
    let to = StdIoAsFutures01::new(futures03::io::Cursor::new(Vec::new()));
    let (n, _, to) = copy(from, to).wait().unwrap();
    assert_eq!(n, 100_000);
    assert_eq!(to.into_inner().into_inner(), vec![7; 100_000]);
}

#[test]
fn an_error_comes_through() {
    let script = Script::reading([Fail(ErrorKind::ConnectionReset)]);
    let stream = StdIoAsFutures01::new(Futures01IoAsStd::new(script));
    let error = read_to_end(stream, Vec::new()).wait().map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn a_would_block_of_a_std_stream_is_an_error_and_no_wait_for_ever() {
    struct Wrong;
    impl futures03::io::AsyncRead for Wrong {
        fn poll_read(
            self: std::pin::Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &mut [u8],
        ) -> Poll<std::io::Result<usize>> {
            Poll::Ready(Err(ErrorKind::WouldBlock.into()))
        }
    }
    let error = read_to_end(StdIoAsFutures01::new(Wrong), Vec::new()).wait().map(drop);
    assert_ne!(error.unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn shutting_down_twice_closes_once() {
    struct Once(bool);
    impl futures03::io::AsyncWrite for Once {
        fn poll_write(
            self: std::pin::Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<std::io::Result<usize>> {
            Poll::Ready(Ok(buf.len()))
        }
        fn poll_flush(
            self: std::pin::Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<std::io::Result<()>> {
            Poll::Ready(Ok(()))
        }
        fn poll_close(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<std::io::Result<()>> {
            assert!(!std::mem::replace(&mut self.0, true), "closed twice");
            Poll::Ready(Ok(()))
        }
    }
    let stream = shutdown(StdIoAsFutures01::new(Once(false))).wait().unwrap();
    shutdown(stream).wait().unwrap();
}

/// A waker of another runtime.
struct Foreign;

impl Wake for Foreign {
    fn wake(self: Arc<Self>) {}
}

#[test]
fn nothing_is_allocated_per_poll() {
    // In a futures 0.1 task, a stream of async code.
    let mut stream = StdIoAsFutures01::new(futures03::io::repeat(1));
    let mut poll = futures::executor::spawn(futures::future::poll_fn(move || {
        stream.poll_read(&mut [0; 16])?;
        let count = allocations(|| {
            for _ in 0..100 {
                assert!(stream.poll_read(&mut [0; 16]).unwrap().is_ready());
            }
        });
        assert_eq!(count, 0);
        Ok::<_, std::io::Error>(futures::Async::Ready(()))
    }));
    poll.wait_future().unwrap();
    // In a std task of another runtime, a stream of futures 0.1.
    let mut stream = Futures01IoAsStd::new(std::io::repeat(1));
    let waker = Waker::from(Arc::new(Foreign));
    let mut cx = Context::from_waker(&waker);
    let mut read = || {
        let poll = futures03::io::AsyncRead::poll_read(
            std::pin::Pin::new(&mut stream),
            &mut cx,
            &mut [0; 16],
        );
        assert!(matches!(poll, Poll::Ready(Ok(16))));
    };
    read();
    assert_eq!(allocations(|| (0..100).for_each(|_| read())), 0);
}

/// Never ready; keeps the task that waits for each direction, and counts how often that was another one.
#[derive(Debug, Default)]
struct NeverReady {
    reader: Option<futures::task::Task>,
    writer: Option<futures::task::Task>,
    tasks: usize,
}

impl NeverReady {
    fn wait<T>(known: &mut Option<futures::task::Task>, tasks: &mut usize) -> std::io::Result<T> {
        if !known.as_ref().is_some_and(|task| task.will_notify_current()) {
            *known = Some(futures::task::current());
            *tasks += 1;
        }
        Err(ErrorKind::WouldBlock.into())
    }
}

impl std::io::Read for NeverReady {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Self::wait(&mut self.reader, &mut self.tasks)
    }
}

impl std::io::Write for NeverReady {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Self::wait(&mut self.writer, &mut self.tasks)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Self::wait(&mut self.writer, &mut self.tasks)
    }
}

impl AsyncRead for NeverReady {}

impl AsyncWrite for NeverReady {
    fn shutdown(&mut self) -> futures::Poll<(), std::io::Error> {
        unreachable!("never flushed")
    }
}

/// That `poll` is pending, allocates nothing once it has been called, and stays the same 0.1 task.
fn waits_for_free<S>(stream: &mut S, mut poll: impl FnMut(&mut S), tasks: impl Fn(&S) -> usize) {
    poll(stream);
    let before = tasks(stream);
    assert_eq!(allocations(|| (0..100).for_each(|_| poll(stream))), 0);
    assert_eq!(tasks(stream), before);
}

#[test]
fn frames_and_lines_of_a_std_task_of_another_runtime_wait_for_free() {
    let [reads, writes] = [(); 2].map(|()| Waker::from(Arc::new(Foreign)));
    let [mut reads, mut writes] = [&reads, &writes].map(Context::from_waker);

    let mut read = FramedRead::new(NeverReady::default(), LinesCodec::new());
    let poll = |read: &mut FramedRead<_, _>| assert!(read.poll_next_unpin(&mut reads).is_pending());
    waits_for_free(&mut read, poll, |read| read.get_ref().tasks);

    let mut write = FramedWrite::new(NeverReady::default(), LinesCodec::new());
    write.start_send_unpin("hello".into()).unwrap();
    let poll = |write: &mut FramedWrite<_, LinesCodec>| {
        assert!(write.poll_flush_unpin(&mut writes).is_pending());
        assert!(write.poll_close_unpin(&mut writes).is_pending());
    };
    waits_for_free(&mut write, poll, |write| write.get_ref().tasks);

    // Two tasks by turns, one for each direction.
    let mut both = Framed::new(NeverReady::default(), LinesCodec::new());
    both.start_send_unpin("x".repeat(10_000)).unwrap();
    let poll = |both: &mut Framed<_, LinesCodec>| {
        assert!(both.poll_next_unpin(&mut reads).is_pending());
        assert!(both.poll_ready_unpin(&mut writes).is_pending());
        assert!(both.poll_flush_unpin(&mut writes).is_pending());
    };
    waits_for_free(&mut both, poll, |both| both.get_ref().tasks);
    assert_eq!(both.get_ref().tasks, 2);

    let mut all = lines(BufReader::new(NeverReady::default()));
    let poll = |all: &mut Lines<_>| assert!(all.poll_next_unpin(&mut reads).is_pending());
    waits_for_free(&mut all, poll, |_| 0);
    assert_eq!(all.into_inner().get_ref().tasks, 1);
}

#[test]
fn frames_over_a_stream_of_async_code_wait_for_free() {
    let stream = StdIoAsFutures01::new(Futures01IoAsStd::new(NeverReady::default()));
    let mut frames = Framed::new(stream, LinesCodec::new());
    let waker = Waker::from(Arc::new(Foreign));
    let mut cx = Context::from_waker(&waker);
    let poll = |frames: &mut Framed<_, LinesCodec>| {
        assert!(frames.poll_next_unpin(&mut cx).is_pending());
    };
    waits_for_free(&mut frames, poll, |frames| frames.get_ref().get_ref().get_ref().tasks);
}

#[test]
fn a_stream_of_async_code_is_framed_in_either_generation() {
    fn framed() -> (Script, Framed<impl AsyncRead + AsyncWrite, LinesCodec>) {
        let reads = [NotReady, give("o"), NotReady, give("ne\ntwo")];
        let script = script(reads, [Take(2), NotReady]);
        let stream = StdIoAsFutures01::new(Futures01IoAsStd::new(script.clone()));
        (script, Framed::new(stream, LinesCodec::new()))
    }
    let (look, frames) = framed();
    let frames = futures::Sink::send(frames, "hello".into()).wait().unwrap();
    assert_eq!(futures::Stream::collect(frames).wait().unwrap(), ["one", "two"]);
    assert_eq!(look.written(), b"hello\n");

    let (look, mut frames) = framed();
    let found = futures03::executor::block_on(async {
        futures03::SinkExt::send(&mut frames, "hello".into()).await?;
        frames.try_collect::<Vec<_>>().await
    });
    assert_eq!(found.unwrap(), ["one", "two"]);
    assert_eq!(look.written(), b"hello\n");
}
