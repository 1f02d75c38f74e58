//! Pipes on threads: std's pipes can only be read and written by calls that block.
//!
//! Each pipe has a thread from its first use on. The reading one reads ahead, up to a bound, and
//! keeps what it got until the task takes it; the writing one takes over up to a bound, and the
//! task waits while it writes. A thread that blocks in the system when its pipe is dropped ends
//! when the process has closed the other end, or has ended.
//!
//! Task and thread share a lock, which nobody holds while he calls the system or foreign code.
//! The task registers as the waiter, then looks; the thread changes the state, then wakes.
#![cfg_attr(not(windows), allow(dead_code))]

use std::io::{self, Read, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{ready, Poll};
use std::thread;
use tokio_task::{poll_proceed, Caller, WaiterCell};

const AT_ONCE: usize = 64 * 1024;

/// What task and thread share.
struct Shared<P> {
    state: Mutex<State<P>>,
    /// For the thread: there is something to do.
    work: Condvar,
    /// The task.
    waiter: WaiterCell,
}

struct State<P> {
    /// Before its thread starts, and after it has ended: the system's handle stays valid as long
    /// as this.
    pipe: Option<P>,
    /// Read and not taken yet; or taken over and not written yet.
    bytes: Vec<u8>,
    /// How many of `bytes` the task has taken already.
    taken: usize,
    /// Of the reading thread: the end. Of the writing one: it writes no more.
    over: bool,
    error: Option<io::Error>,
    /// The task wants no more.
    dropped: bool,
}

impl<P> Shared<P> {
    fn new(pipe: P) -> Arc<Self> {
        Arc::new(Shared {
            state: Mutex::new(State {
                pipe: Some(pipe),
                bytes: Vec::new(),
                taken: 0,
                over: false,
                error: None,
                dropped: false,
            }),
            work: Condvar::new(),
            waiter: WaiterCell::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State<P>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits, on the thread, until there is work, or nobody wants it any more.
    fn wait(&self, work: impl Fn(&State<P>) -> bool) -> MutexGuard<'_, State<P>> {
        let idle = |state: &mut State<P>| !work(state) && !state.dropped;
        self.work.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers the task, then looks.
    fn poll<T>(
        &self,
        caller: Caller<'_>,
        mut look: impl FnMut(&mut State<P>) -> Poll<T>,
    ) -> Poll<T> {
        let looked = look(&mut self.lock());
        if looked.is_ready() {
            return looked;
        }
        drop(self.waiter.register(caller));
        look(&mut self.lock())
    }

    fn drop_task_side(&self) {
        self.lock().dropped = true;
        self.waiter.clear();
        self.work.notify_one();
    }
}

impl<P: Send + 'static> Shared<P> {
    /// Starts the thread, unless it has been.
    fn start(self: &Arc<Self>, run: fn(&Shared<P>, P)) -> io::Result<()> {
        let Some(pipe) = self.lock().pipe.take() else { return Ok(()) };
        // A thread that cannot be had takes its closure along, so the pipe waits in a place of its
        // own until the thread runs.
        let pipe = Arc::new(Mutex::new(Some(pipe)));
        let (shared, handed) = (self.clone(), pipe.clone());
        let started = thread::Builder::new().name("tokio-process-pipe".into()).spawn(move || {
            let pipe = handed.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(pipe) = pipe {
                run(&shared, pipe);
            }
        });
        if started.is_err() {
            self.lock().pipe = pipe.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
        started.map(drop)
    }
}

/// The reading end.
pub(crate) struct Reader<R: Read + Send + 'static> {
    shared: Arc<Shared<R>>,
    started: bool,
}

impl<R: Read + Send + 'static> Reader<R> {
    pub(crate) fn start(pipe: R) -> Self {
        Reader { shared: Shared::new(pipe), started: false }
    }

    pub(crate) fn poll_read(
        &mut self,
        caller: Caller<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        ready!(poll_proceed(caller));
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        if !self.started {
            self.shared.start(read_ahead)?;
            self.started = true;
        }
        self.shared.poll(caller, |state| {
            let left = &state.bytes[state.taken..];
            if !left.is_empty() {
                let n = left.len().min(buf.len());
                buf[..n].copy_from_slice(&left[..n]);
                state.taken += n;
                if state.taken == state.bytes.len() {
                    self.shared.work.notify_one();
                }
                return Poll::Ready(Ok(n));
            }
            match state.error.take() {
                Some(error) => Poll::Ready(Err(error)),
                None if state.over => Poll::Ready(Ok(0)),
                None => Poll::Pending,
            }
        })
    }
}

fn read_ahead<R: Read>(shared: &Shared<R>, mut pipe: R) {
    let mut room = vec![0; AT_ONCE];
    loop {
        let got = pipe.read(&mut room);
        let mut state = shared.wait(|state| state.taken == state.bytes.len());
        if state.dropped {
            return;
        }
        match got {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Ok(n) if n > 0 => {
                state.bytes.clear();
                state.bytes.extend_from_slice(&room[..n]);
                state.taken = 0;
            }
            ended => {
                state.error = ended.err();
                state.over = true;
                state.pipe = Some(pipe);
                drop(state);
                return shared.waiter.wake();
            }
        }
        drop(state);
        shared.waiter.wake();
    }
}

impl<R: Read + Send + 'static> Drop for Reader<R> {
    fn drop(&mut self) {
        self.shared.drop_task_side();
    }
}

/// The writing end. What it has taken over is written even after it has been dropped.
pub(crate) struct Writer<W: Write + Send + 'static> {
    shared: Arc<Shared<W>>,
    started: bool,
}

impl<W: Write + Send + 'static> Writer<W> {
    pub(crate) fn start(pipe: W) -> Self {
        Writer { shared: Shared::new(pipe), started: false }
    }

    pub(crate) fn poll_write(&mut self, caller: Caller<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        ready!(poll_proceed(caller));
        if !self.started {
            self.shared.start(write_behind)?;
            self.started = true;
        }
        self.shared.poll(caller, |state| {
            if let Some(result) = finished(state) {
                return Poll::Ready(result.map(|()| 0));
            }
            if !state.bytes.is_empty() {
                return Poll::Pending;
            }
            let n = buf.len().min(AT_ONCE);
            state.bytes.extend_from_slice(&buf[..n]);
            self.shared.work.notify_one();
            Poll::Ready(Ok(n))
        })
    }

    pub(crate) fn poll_flush(&mut self, caller: Caller<'_>) -> Poll<io::Result<()>> {
        self.shared.poll(caller, |state| match finished(state) {
            Some(result) => Poll::Ready(result),
            None if state.bytes.is_empty() => Poll::Ready(Ok(())),
            None => Poll::Pending,
        })
    }
}

/// The error with which writing came to its end, each time it is asked for.
fn finished<W>(state: &mut State<W>) -> Option<io::Result<()>> {
    state.over.then(|| Err(state.error.take().unwrap_or_else(|| io::ErrorKind::BrokenPipe.into())))
}

fn write_behind<W: Write>(shared: &Shared<W>, mut pipe: W) {
    loop {
        let mut state = shared.wait(|state| !state.bytes.is_empty());
        if state.bytes.is_empty() {
            // Dropped, and all is written: the pipe is closed.
            return;
        }
        // A copy, so that `bytes` says that there is something under way.
        let bytes = state.bytes.clone();
        drop(state);
        let written = pipe.write_all(&bytes).and_then(|()| pipe.flush());
        state = shared.lock();
        state.bytes.clear();
        if let Err(error) = written {
            state.error = Some(error);
            state.over = true;
            state.pipe = Some(pipe);
            drop(state);
            return shared.waiter.wake();
        }
        drop(state);
        shared.waiter.wake();
    }
}

impl<W: Write + Send + 'static> Drop for Writer<W> {
    fn drop(&mut self) {
        self.shared.drop_task_side();
    }
}

#[cfg(windows)]
pub(crate) use self::of_processes::{PipeReader, PipeWriter};

/// Pipes of processes, with their handles.
#[cfg(windows)]
mod of_processes {
    use super::{Reader, Writer};
    use std::io::{self, Read};
    use std::os::windows::io::{AsRawHandle, RawHandle};
    use std::process::ChildStdin;
    use std::task::Poll;
    use tokio_reactor::Handle;
    use tokio_task::Caller;

    pub(crate) struct PipeReader {
        reader: Reader<Box<dyn Read + Send>>,
        handle: Number,
    }

    pub(crate) struct PipeWriter {
        writer: Writer<ChildStdin>,
        handle: Number,
    }

    /// A handle as a number, which may go from thread to thread. Valid as long as the pipe, which
    /// lives as long as `Reader` and `Writer`.
    struct Number(usize);

    impl Number {
        fn of(pipe: &impl AsRawHandle) -> Self {
            Number(pipe.as_raw_handle().expose_provenance())
        }

        fn as_raw_handle(&self) -> RawHandle {
            std::ptr::with_exposed_provenance_mut(self.0)
        }
    }

    impl PipeReader {
        pub(crate) fn new(
            pipe: impl Read + AsRawHandle + Send + 'static,
            _: &Handle,
        ) -> io::Result<Self> {
            let handle = Number::of(&pipe);
            Ok(PipeReader { reader: Reader::start(Box::new(pipe)), handle })
        }

        pub(crate) fn poll_read(
            &mut self,
            caller: Caller<'_>,
            buf: &mut [u8],
        ) -> Poll<io::Result<usize>> {
            self.reader.poll_read(caller, buf)
        }
    }

    impl PipeWriter {
        pub(crate) fn new(pipe: ChildStdin, _: &Handle) -> io::Result<Self> {
            let handle = Number::of(&pipe);
            Ok(PipeWriter { writer: Writer::start(pipe), handle })
        }

        pub(crate) fn poll_write(
            &mut self,
            caller: Caller<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.writer.poll_write(caller, buf)
        }

        pub(crate) fn poll_flush(&mut self, caller: Caller<'_>) -> Poll<io::Result<()>> {
            self.writer.poll_flush(caller)
        }
    }

    impl AsRawHandle for PipeReader {
        fn as_raw_handle(&self) -> RawHandle {
            self.handle.as_raw_handle()
        }
    }

    impl AsRawHandle for PipeWriter {
        fn as_raw_handle(&self) -> RawHandle {
            self.handle.as_raw_handle()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures03::executor::block_on;
    use std::future::poll_fn;
    use std::sync::mpsc::{channel, Sender};
    use std::time::Duration;

    fn read(reader: &mut Reader<impl Read + Send>, buf: &mut [u8]) -> io::Result<usize> {
        block_on(poll_fn(|cx| reader.poll_read(cx.into(), buf)))
    }

    fn write(writer: &mut Writer<impl Write + Send>, buf: &[u8]) -> io::Result<usize> {
        block_on(poll_fn(|cx| writer.poll_write(cx.into(), buf)))
    }

    fn flush(writer: &mut Writer<impl Write + Send>) -> io::Result<()> {
        block_on(poll_fn(|cx| writer.poll_flush(cx.into())))
    }

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("broken"))
        }
    }

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::other("broken"))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn all_bytes_arrive_in_order_and_then_the_end() {
        let bytes: Vec<u8> = (0..3 * AT_ONCE + 5).map(|n| n as u8).collect();
        let mut reader = Reader::start(io::Cursor::new(bytes.clone()));
        let mut got = Vec::new();
        let mut buf = [0; 1000];
        loop {
            match read(&mut reader, &mut buf).unwrap() {
                0 => break,
                n => got.extend_from_slice(&buf[..n]),
            }
        }
        assert!(got == bytes);
        assert_eq!(read(&mut reader, &mut buf).unwrap(), 0);
        assert_eq!(read(&mut reader, &mut []).unwrap(), 0);
    }

    /// Says what was written to it when it is closed.
    struct Recorded(Vec<u8>, Sender<Vec<u8>>);

    impl Write for Recorded {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            self.0.push(buf[0]);
            Ok(1)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Drop for Recorded {
        fn drop(&mut self) {
            self.1.send(std::mem::take(&mut self.0)).unwrap();
        }
    }

    #[test]
    fn what_was_taken_over_is_written_even_after_the_drop() {
        let (closed, written) = channel();
        let mut writer = Writer::start(Recorded(Vec::new(), closed));
        assert_eq!(write(&mut writer, b"flushed ").unwrap(), 8);
        flush(&mut writer).unwrap();
        assert_eq!(write(&mut writer, b"taken over").unwrap(), 10);
        drop(writer);
        let written = written.recv_timeout(Duration::from_secs(30)).unwrap();
        assert_eq!(written, b"flushed taken over");
    }

    #[test]
    fn a_pipe_that_is_never_used_is_closed_when_it_is_dropped() {
        let (closed, written) = channel();
        drop(Writer::start(Recorded(Vec::new(), closed)));
        assert_eq!(written.recv_timeout(Duration::from_secs(30)).unwrap(), b"");
    }

    #[test]
    fn errors_of_the_threads_reach_the_task() {
        let mut reader = Reader::start(Broken);
        assert_eq!(read(&mut reader, &mut [0]).unwrap_err().to_string(), "broken");
        assert_eq!(read(&mut reader, &mut [0]).unwrap(), 0);

        let mut writer = Writer::start(Broken);
        assert_eq!(write(&mut writer, b"taken over").unwrap(), 10);
        assert_eq!(flush(&mut writer).unwrap_err().to_string(), "broken");
        let error = write(&mut writer, b"no more").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        assert!(flush(&mut writer).is_err());
    }
}
