//! The halves of a split: of one stream, for tasks of either generation on any thread.

mod script;

use futures::{Async, Future as Future01};
use script::{give, run01, run_future01, run_std, std_generation, Bell, Fail, NotReady, Script};
use std::fmt;
use std::future::{poll_fn, Future};
use std::io::{self, Cursor, ErrorKind, Read, Write};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::{pin, Pin};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;
use tokio_io::io::{copy, ReadHalf, WriteHalf};
use tokio_io::{AsyncRead, AsyncWrite};

const LONG: Duration = Duration::from_secs(20);

/// A stream in which a read stays until the test lets it go on.
struct Slow {
    entered: Sender<()>,
    go_on: Arc<Mutex<Receiver<()>>>,
}

impl Read for Slow {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.entered.send(()).unwrap();
        self.go_on.lock().unwrap().recv_timeout(LONG).expect("the test lets the read go on");
        Ok(0)
    }
}

impl Write for Slow {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for Slow {}

impl AsyncWrite for Slow {
    fn shutdown(&mut self) -> futures::Poll<(), io::Error> {
        Ok(Async::Ready(()))
    }
}

impl futures_io::AsyncWrite for Slow {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for Slow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slow")
    }
}

/// Runs `with_writer` while the other half is inside a read, and `after` when it has left.
fn while_a_read_is_under_way(
    with_writer: impl FnOnce(&mut WriteHalf<Slow>),
    after: impl FnOnce(&mut WriteHalf<Slow>),
) {
    let ((entered, enters), (let_go, go_on)) = (channel(), channel());
    let (mut reader, mut writer) = Slow { entered, go_on: Arc::new(Mutex::new(go_on)) }.split();
    let reading = thread::spawn(move || run01(|| reader.poll_read(&mut [0])).unwrap());
    enters.recv_timeout(LONG).unwrap();
    with_writer(&mut writer);
    let_go.send(()).unwrap();
    reading.join().unwrap();
    after(&mut writer);
}

#[test]
fn split_halves_never_return_would_block() {
    // futures 0.1: not ready while the other half is in, and woken when it is out.
    let bell = Arc::new(Bell::default());
    let mut task = futures::executor::spawn(());
    while_a_read_is_under_way(
        |writer| {
            task.poll_fn_notify(&bell, 0, |()| {
                assert!(writer.poll_write(b"x").unwrap().is_not_ready());
                assert!(writer.poll_flush().unwrap().is_not_ready());
                assert!(writer.shutdown().unwrap().is_not_ready());
                assert!(writer.write_buf(&mut Cursor::new("x")).unwrap().is_not_ready());
            });
            assert!(!bell.rang());
        },
        |writer| {
            assert!(bell.rang());
            assert_eq!(writer.poll_write(b"x").unwrap(), Async::Ready(1));
        },
    );

    // std, likewise.
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(bell.clone());
    let cx = &mut Context::from_waker(&waker);
    while_a_read_is_under_way(
        |writer| {
            assert!(futures_io::AsyncWrite::poll_write(Pin::new(writer), cx, b"x").is_pending());
            assert!(futures_io::AsyncWrite::poll_flush(Pin::new(writer), cx).is_pending());
            assert!(futures_io::AsyncWrite::poll_close(Pin::new(writer), cx).is_pending());
            assert!(!bell.rang());
        },
        |_| assert!(bell.rang()),
    );

    // Nor when the stream itself returns one from a poll.
    struct Bare;
    impl Read for Bare {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(ErrorKind::WouldBlock.into())
        }
    }
    impl Write for Bare {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(ErrorKind::WouldBlock.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(ErrorKind::WouldBlock.into())
        }
    }
    impl AsyncRead for Bare {
        fn poll_read(&mut self, buf: &mut [u8]) -> futures::Poll<usize, io::Error> {
            self.read(buf).map(Async::Ready)
        }
    }
    impl AsyncWrite for Bare {
        fn poll_write(&mut self, buf: &[u8]) -> futures::Poll<usize, io::Error> {
            self.write(buf).map(Async::Ready)
        }
        fn shutdown(&mut self) -> futures::Poll<(), io::Error> {
            self.flush().map(Async::Ready)
        }
    }
    let (mut reader, mut writer) = Bare.split();
    assert!(reader.poll_read(&mut [0]).unwrap().is_not_ready());
    assert!(AsyncRead::read_buf(&mut reader, &mut Vec::with_capacity(1)).unwrap().is_not_ready());
    assert!(writer.poll_write(b"x").unwrap().is_not_ready());
    assert!(writer.poll_flush().unwrap().is_not_ready());
    assert!(writer.shutdown().unwrap().is_not_ready());
    // The spelling of `std::io` has no other word for it.
    assert_eq!(reader.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(writer.write(b"x").unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(writer.flush().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_half_in_use_is_not_waited_for_when_formatted() {
    while_a_read_is_under_way(
        |writer| assert!(format!("{writer:?}").contains("in use")),
        |writer| assert!(format!("{writer:?}").contains("Slow")),
    );
}

/// A stream whose formatting stays until the test lets it go on.
#[test]
fn a_half_that_finds_the_stream_being_formatted_is_woken() {
    struct Formatted(Sender<()>, Mutex<Receiver<()>>);
    impl fmt::Debug for Formatted {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.send(()).unwrap();
            self.1.lock().unwrap().recv_timeout(LONG).unwrap();
            Ok(())
        }
    }
    impl Read for Formatted {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Ok(0)
        }
    }
    impl Write for Formatted {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            Ok(buf.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    impl AsyncRead for Formatted {}
    impl AsyncWrite for Formatted {
        fn shutdown(&mut self) -> futures::Poll<(), io::Error> {
            Ok(Async::Ready(()))
        }
    }

    let ((entered, enters), (let_go, go_on)) = (channel(), channel());
    let (mut reader, writer) = Formatted(entered, Mutex::new(go_on)).split();
    let formatting = thread::spawn(move || drop(format!("{writer:?}")));
    enters.recv_timeout(LONG).unwrap();
    let bell = Arc::new(Bell::default());
    let mut task = futures::executor::spawn(());
    let polled = task.poll_fn_notify(&bell, 0, |()| reader.poll_read(&mut [0]));
    assert!(polled.unwrap().is_not_ready());
    let_go.send(()).unwrap();
    formatting.join().unwrap();
    assert!(bell.rang());
}

#[test]
fn a_panic_in_the_stream_leaves_the_other_half_working() {
    struct Fragile(Cursor<Vec<u8>>);
    impl Read for Fragile {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("on purpose");
        }
    }
    impl Write for Fragile {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            self.0.write(buf)
        }
        fn flush(&mut self) -> io::Result<()> {
            self.0.flush()
        }
    }
    impl AsyncRead for Fragile {}
    impl AsyncWrite for Fragile {
        fn shutdown(&mut self) -> futures::Poll<(), io::Error> {
            self.0.shutdown()
        }
    }

    let (mut reader, mut writer) = Fragile(Cursor::new(Vec::new())).split();
    assert!(catch_unwind(AssertUnwindSafe(|| reader.poll_read(&mut [0]))).is_err());
    assert_eq!(writer.poll_write(b"abc").unwrap(), Async::Ready(3));
    assert_eq!(reader.unsplit(writer).0.into_inner(), b"abc");
}

#[test]
fn halves_do_what_the_stream_does() {
    let script = Script::reading([give("hello"), NotReady, Fail(ErrorKind::Interrupted)]);
    let (reader, writer) = script.clone().split();
    let (n, reader, mut writer) = run_future01(copy(reader, writer)).unwrap();
    assert_eq!(n, 5);
    assert!(writer.shutdown().unwrap().is_ready());
    assert!(script.state().shut_down);
    assert_eq!(writer.unsplit(reader).written(), b"hello");

    let (mut reader, mut writer) = Script::reading([NotReady, give("hello")]).split();
    run_std(async {
        let all = std_generation::read_to_end(&mut reader).await;
        std_generation::write_and_close(&mut writer, &all).await;
    });
    let script = reader.unsplit(writer);
    assert_eq!(script.written(), b"hello");
    assert!(script.state().shut_down);
}

#[test]
#[should_panic(expected = "two different streams")]
fn unsplit_of_strangers_panics() {
    let (reader, _) = Script::default().split();
    let (_, writer) = Script::default().split();
    reader.unsplit(writer);
}

/// Bytes written come back to the reader, as through a socket that is connected to itself. Each
/// side holds the task that waits for the other.
#[derive(Default)]
struct Loopback {
    bytes: std::collections::VecDeque<u8>,
    closed: bool,
    reader: tokio_task::WaiterCell,
    writer: tokio_task::WaiterCell,
}

const ROOM: usize = 64;

impl Loopback {
    fn poll_read_with(
        &mut self,
        caller: tokio_task::Caller<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.bytes.is_empty() && !self.closed {
            self.reader.register(caller);
            return Poll::Pending;
        }
        let n = self.bytes.read(buf)?;
        self.writer.wake();
        Poll::Ready(Ok(n))
    }

    fn poll_write_with(
        &mut self,
        caller: tokio_task::Caller<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let n = buf.len().min(ROOM - self.bytes.len());
        if n == 0 {
            self.writer.register(caller);
            return Poll::Pending;
        }
        self.bytes.extend(&buf[..n]);
        self.reader.wake();
        Poll::Ready(Ok(n))
    }

    fn close(&mut self) {
        self.closed = true;
        self.reader.wake();
    }
}

fn in_std_io<T>(poll: Poll<io::Result<T>>) -> io::Result<T> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => Err(ErrorKind::WouldBlock.into()),
    }
}

impl Read for Loopback {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        in_std_io(self.poll_read_with(tokio_task::Caller::Futures01, buf))
    }
}

impl Write for Loopback {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        in_std_io(self.poll_write_with(tokio_task::Caller::Futures01, buf))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for Loopback {}

impl AsyncWrite for Loopback {
    fn shutdown(&mut self) -> futures::Poll<(), io::Error> {
        self.close();
        Ok(Async::Ready(()))
    }
}

impl futures_io::AsyncRead for Loopback {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_read_with(cx.into(), buf)
    }
}

impl futures_io::AsyncWrite for Loopback {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_with(cx.into(), buf)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.close();
        Poll::Ready(Ok(()))
    }
}

/// Parks the thread between polls; `None` when no wake came for too long.
fn park_on<F: Future>(future: F) -> Option<F::Output> {
    struct Unpark(Mutex<Sender<()>>);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            let _ = self.0.lock().unwrap().send(());
        }
    }
    let (wake, woken) = channel();
    let waker = Waker::from(Arc::new(Unpark(Mutex::new(wake))));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
        woken.recv_timeout(LONG).ok()?;
    }
}

fn std_write(mut half: WriteHalf<Loopback>, bytes: Vec<u8>) -> Option<WriteHalf<Loopback>> {
    park_on(async {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let write = |cx: &mut Context<'_>| {
                futures_io::AsyncWrite::poll_write(Pin::new(&mut half), cx, rest)
            };
            let n = poll_fn(write).await.expect("no WouldBlock");
            rest = &rest[n..];
        }
        poll_fn(|cx| futures_io::AsyncWrite::poll_close(Pin::new(&mut half), cx)).await.unwrap();
        half
    })
}

fn std_read(mut half: ReadHalf<Loopback>) -> Option<(ReadHalf<Loopback>, Vec<u8>)> {
    park_on(async {
        let (mut all, mut buf) = (Vec::new(), [0; 37]);
        loop {
            let read = |cx: &mut Context<'_>| {
                futures_io::AsyncRead::poll_read(Pin::new(&mut half), cx, &mut buf)
            };
            match poll_fn(read).await.expect("no WouldBlock") {
                0 => return (half, all),
                n => all.extend_from_slice(&buf[..n]),
            }
        }
    })
}

fn write01(half: WriteHalf<Loopback>, bytes: Vec<u8>) -> Option<WriteHalf<Loopback>> {
    let future =
        tokio_io::io::write_all(half, bytes).and_then(|(half, _)| tokio_io::io::shutdown(half));
    Some(park_on(tokio_task::Futures01AsStd::new(future))?.unwrap())
}

fn read01(half: ReadHalf<Loopback>) -> Option<(ReadHalf<Loopback>, Vec<u8>)> {
    let future = tokio_io::io::read_to_end(half, Vec::new());
    Some(park_on(tokio_task::Futures01AsStd::new(future))?.unwrap())
}

#[test]
fn no_wake_is_lost_between_halves_on_two_threads() {
    type WriteSide = fn(WriteHalf<Loopback>, Vec<u8>) -> Option<WriteHalf<Loopback>>;
    type ReadSide = fn(ReadHalf<Loopback>) -> Option<(ReadHalf<Loopback>, Vec<u8>)>;
    let writes: [WriteSide; 2] = [write01, std_write];
    let reads: [ReadSide; 2] = [read01, std_read];
    for write in writes {
        for read in reads {
            let bytes = script::XorShift::new(7).bytes(400_000);
            let expected = bytes.clone();
            let (reader, writer) = Loopback::default().split();
            let writing = thread::spawn(move || write(writer, bytes));
            let (reader, all) = read(reader).expect("the reader is woken");
            let writer = writing.join().unwrap().expect("the writer is woken");
            assert!(all == expected, "a byte was lost or moved");
            assert!(reader.unsplit(writer).bytes.is_empty());
        }
    }
}
