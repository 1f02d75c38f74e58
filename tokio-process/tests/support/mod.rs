//! One body for both generations: each operation of a [`Generation`] blocks the test's thread.
#![allow(dead_code, unused_imports, reason = "each test binary uses a part")]

use futures::Future as _;
use futures03::executor::block_on;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::process::{Command, ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};
use tokio_process::{Child, CommandExt, OutputAsync, StatusAsync, WaitWithOutput};
use tokio_task::Caller;

pub(crate) use tests_support::{wait01, Bell, Reader, Writer, LIMIT};

/// Whether this test binary has children waited for by `SIGCHLD`.
pub(crate) fn by_signal() -> bool {
    env!("CARGO_CRATE_NAME").ends_with("by_signal")
}

/// Runs a test's body, and fails if it hangs.
pub(crate) fn bounded(body: impl FnOnce() + Send + 'static) {
    if by_signal() {
        tokio_process::__watch_by_signal();
    }
    tests_support::bounded(body);
}

/// Makes a test of each function, for each generation: `by_futures01::name` and `by_std::name`.
#[allow(unused_macros, reason = "as above")]
macro_rules! both {
    ($($name:ident),+ $(,)?) => {
        mod by_futures01 {
            $(#[test] fn $name() {
                super::support::bounded(super::$name::<super::support::Futures01>)
            })+
        }
        mod by_std {
            $(#[test] fn $name() {
                super::support::bounded(super::$name::<super::support::Std>)
            })+
        }
    };
}

pub(crate) trait Generation: 'static {
    fn exit(child: &mut Child) -> io::Result<ExitStatus>;
    fn child(child: Child) -> io::Result<ExitStatus>;
    fn status(status: StatusAsync) -> io::Result<ExitStatus>;
    fn output(output: OutputAsync) -> io::Result<Output>;
    fn wait_with_output(output: WaitWithOutput) -> io::Result<Output>;
    fn read<R: Reader>(reader: &mut R, buf: &mut [u8]) -> io::Result<usize>;
    fn write<W: Writer>(writer: &mut W, buf: &[u8]) -> io::Result<usize>;
    fn flush<W: Writer>(writer: &mut W) -> io::Result<()>;
    /// What the generation calls closing: 0.1's `shutdown`, std's `close`.
    fn close<W: Writer>(writer: &mut W) -> io::Result<()>;
    /// Polls once, as a task whose waker is `bell`.
    fn poll<T>(bell: &Arc<Bell>, op: impl FnMut(Caller<'_>) -> Poll<T>) -> Poll<T>;
    /// Spawns a task that waits for a status.
    fn spawn(
        runtime: &tokio::runtime::Runtime,
        child: Child,
        then: impl FnOnce(io::Result<ExitStatus>) + Send + 'static,
    );

    fn write_all<W: Writer>(writer: &mut W, mut buf: &[u8]) -> io::Result<()> {
        while !buf.is_empty() {
            buf = &buf[Self::write(writer, buf)?..];
        }
        Self::flush(writer)
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
}

pub(crate) struct Futures01;

impl Generation for Futures01 {
    fn exit(child: &mut Child) -> io::Result<ExitStatus> {
        wait01(|| child.poll())
    }

    fn child(child: Child) -> io::Result<ExitStatus> {
        child.wait()
    }

    fn status(status: StatusAsync) -> io::Result<ExitStatus> {
        status.wait()
    }

    fn output(output: OutputAsync) -> io::Result<Output> {
        output.wait()
    }

    fn wait_with_output(output: WaitWithOutput) -> io::Result<Output> {
        output.wait()
    }

    fn read<R: Reader>(reader: &mut R, buf: &mut [u8]) -> io::Result<usize> {
        wait01(|| tokio_io::AsyncRead::poll_read(reader, buf))
    }

    fn write<W: Writer>(writer: &mut W, buf: &[u8]) -> io::Result<usize> {
        wait01(|| tokio_io::AsyncWrite::poll_write(writer, buf))
    }

    fn flush<W: Writer>(writer: &mut W) -> io::Result<()> {
        wait01(|| tokio_io::AsyncWrite::poll_flush(writer))
    }

    fn close<W: Writer>(writer: &mut W) -> io::Result<()> {
        wait01(|| tokio_io::AsyncWrite::shutdown(writer))
    }

    fn poll<T>(bell: &Arc<Bell>, mut op: impl FnMut(Caller<'_>) -> Poll<T>) -> Poll<T> {
        futures::executor::spawn(()).poll_fn_notify(bell, 0, |_| op(Caller::Futures01))
    }

    fn spawn(
        runtime: &tokio::runtime::Runtime,
        child: Child,
        then: impl FnOnce(io::Result<ExitStatus>) + Send + 'static,
    ) {
        runtime.executor().spawn(child.then(|result| {
            then(result);
            Ok(())
        }));
    }
}

pub(crate) struct Std;

impl Generation for Std {
    fn exit(child: &mut Child) -> io::Result<ExitStatus> {
        block_on(child.exit_status())
    }

    fn child(child: Child) -> io::Result<ExitStatus> {
        block_on(async { child.await })
    }

    fn status(status: StatusAsync) -> io::Result<ExitStatus> {
        block_on(async { status.await })
    }

    fn output(output: OutputAsync) -> io::Result<Output> {
        block_on(async { output.await })
    }

    fn wait_with_output(output: WaitWithOutput) -> io::Result<Output> {
        block_on(async { output.await })
    }

    fn read<R: Reader>(reader: &mut R, buf: &mut [u8]) -> io::Result<usize> {
        block_on(poll_fn(|cx| futures_io::AsyncRead::poll_read(Pin::new(reader), cx, buf)))
    }

    fn write<W: Writer>(writer: &mut W, buf: &[u8]) -> io::Result<usize> {
        block_on(poll_fn(|cx| futures_io::AsyncWrite::poll_write(Pin::new(writer), cx, buf)))
    }

    fn flush<W: Writer>(writer: &mut W) -> io::Result<()> {
        block_on(poll_fn(|cx| futures_io::AsyncWrite::poll_flush(Pin::new(writer), cx)))
    }

    fn close<W: Writer>(writer: &mut W) -> io::Result<()> {
        block_on(poll_fn(|cx| futures_io::AsyncWrite::poll_close(Pin::new(writer), cx)))
    }

    fn poll<T>(bell: &Arc<Bell>, mut op: impl FnMut(Caller<'_>) -> Poll<T>) -> Poll<T> {
        op(Caller::Std(&Waker::from(bell.clone())))
    }

    fn spawn(
        runtime: &tokio::runtime::Runtime,
        child: Child,
        then: impl FnOnce(io::Result<ExitStatus>) + Send + 'static,
    ) {
        drop(runtime.executor().spawn(async { then(child.await) }));
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

/// A shell script with nothing to read.
pub(crate) fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]).stdin(Stdio::null());
    command
}

/// A child that only ends when it is killed.
pub(crate) fn endless() -> Child {
    Command::new("sleep").arg("100000").stdin(Stdio::null()).spawn_async().unwrap()
}

/// Looks again and again, as there is nothing to wait for.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Whether there is such a process; a zombie is one.
pub(crate) fn exists(id: u32) -> bool {
    // SAFETY: signal 0 only asks.
    unsafe { libc::kill(i32::try_from(id).unwrap(), 0) == 0 }
}

/// Set in the process that runs one test alone.
const CHILD: &str = "TOKIO_PROCESS_TEST_ALONE";

/// Runs `body`, the body of the test `name`, in a process of its own.
pub(crate) fn in_a_process_of_its_own(name: &str, body: fn()) {
    if std::env::var_os(CHILD).is_some() {
        return bounded(body);
    }
    let name = match module_path!().strip_suffix("::support").and_then(|p| p.split_once("::")) {
        Some((_, module)) => format!("{module}::{name}"),
        None => name.to_string(),
    };
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture", "--test-threads", "1"])
        .env(CHILD, "")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{output:?}");
}
