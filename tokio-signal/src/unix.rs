//! Unix signals: a stream of one signal.
//!
//! ```no_run
//! use tokio_signal::unix::{signal, SIGHUP};
//!
//! # async fn reload() {}
//! # async fn serve() -> std::io::Result<()> {
//! let mut hangups = signal(SIGHUP)?;
//! loop {
//!     hangups.recv().await?;
//!     reload().await;
//! }
//! # }
//! ```
//!
//! The system's handler only writes a byte into the mailbox of each stream, so it may interrupt
//! any code. System calls that it interrupts are restarted, but for those with a time limit, which
//! no system restarts: they fail with `Interrupted`. A handler that was there before is called as
//! well.
//!
//! # Forks
//!
//! In a process that was forked without `exec`, streams made before the fork stay silent, and its
//! signals do not reach the streams of the parent. It can make new ones, on a reactor of its own.

use futures::{future, Poll as Poll01, Stream as Stream01};
use futures_core::Stream;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use tokio_io::IoFuture;
use tokio_reactor::Handle;
use tokio_task::{to_futures01, Caller};

mod handler;
mod mailbox;

use self::handler::Delivery;
use self::mailbox::Mailbox;

pub use libc;
pub use libc::{SIGALRM, SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM, SIGTRAP, SIGUSR1, SIGUSR2};

/// Signals that only the BSDs have, macOS among them.
#[cfg(any(
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "macos",
    target_os = "netbsd",
    target_os = "openbsd",
))]
pub mod bsd {
    pub use libc::SIGINFO;
}

/// Each time one signal reaches the process.
///
/// A futures 0.1 `Stream` and a [`futures_core::Stream`] of the signal's number that never ends;
/// see [the crate](crate) for what it promises. Made by [`signal`] and by [`Signal::new`]. It binds
/// to the reactor of the runtime that polls it first, unless a `Handle` was given.
///
/// # Errors
///
/// When it is polled: that its reactor is gone, that there is none and none can be started, and
/// that someone else has taken the handler away
/// (`signal_hook_registry::unregister_signal`).
///
/// # Panics
///
/// When it has to wait, if it is polled as a futures 0.1 stream outside a futures 0.1 task.
#[must_use = "streams do nothing unless polled"]
pub struct Signal {
    signal: libc::c_int,
    /// Ended before the mailbox is closed: fields are dropped in this order.
    _delivery: Delivery,
    mailbox: Mailbox,
}

/// A stream of `signal`, which listens from now on. For async code, and for all code that wants
/// the stream itself rather than a future of it.
///
/// ```
/// use tokio_signal::unix::{libc, signal, SIGUSR1};
///
/// # fn main() -> std::io::Result<()> {
/// # futures03::executor::block_on(async {
/// let mut signals = signal(SIGUSR1)?;
/// // SAFETY: the signal has a handler, which the line above installed.
/// unsafe { libc::raise(SIGUSR1) };
/// assert_eq!(signals.recv().await?, SIGUSR1);
/// # Ok(()) })
/// # }
/// ```
///
/// # Errors
///
/// `InvalidInput` if there is no such signal, or it cannot be caught (`SIGKILL`, `SIGSTOP`) or must
/// not be (`SIGILL`, `SIGFPE`, `SIGSEGV`); and if the process has no descriptors left.
pub fn signal(signal: libc::c_int) -> io::Result<Signal> {
    Signal::listen(signal, &Handle::default())
}

impl Signal {
    /// A futures 0.1 future of a stream of `signal`.
    ///
    /// It listens from its first poll on, and is ready at once. Async code uses [`signal()`].
    ///
    /// ```
    /// use futures::{Future, Stream};
    /// use tokio_signal::unix::{libc, Signal, SIGUSR2};
    ///
    /// let signals = Signal::new(SIGUSR2).wait()?;
    /// // SAFETY: the signal has a handler, which the line above installed.
    /// unsafe { libc::raise(SIGUSR2) };
    /// let (first, _signals) = signals.into_future().wait().map_err(|(e, _)| e)?;
    /// assert_eq!(first, Some(SIGUSR2));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`signal()`].
    #[allow(clippy::new_ret_no_self, reason = "it is so in 0.1")]
    pub fn new(signal: libc::c_int) -> IoFuture<Signal> {
        Signal::with_handle(signal, &Handle::default())
    }

    /// The same, on the reactor of `handle`.
    ///
    /// # Errors
    ///
    /// Those of [`signal()`], and that the reactor is gone.
    pub fn with_handle(signal: libc::c_int, handle: &Handle) -> IoFuture<Signal> {
        let handle = handle.clone();
        Box::new(future::lazy(move || Signal::listen(signal, &handle)))
    }

    /// A stream of `signal`, which listens from now on, on the reactor of `handle`.
    ///
    /// # Errors
    ///
    /// Those of [`signal()`], and that the reactor is gone.
    pub fn listen(signal: libc::c_int, handle: &Handle) -> io::Result<Signal> {
        handler::check(signal)?;
        let (mailbox, letters) = Mailbox::open(handle)?;
        Ok(Signal { signal, _delivery: Delivery::start(signal, letters)?, mailbox })
    }

    /// Waits for the signal. The one definition, for either generation.
    ///
    /// # Errors
    ///
    /// Those of the stream.
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task.
    pub fn poll_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<libc::c_int>> {
        ready!(self.mailbox.poll_emptied(caller))?;
        Poll::Ready(Ok(self.signal))
    }

    /// Waits for the signal, in async code. Dropping the future loses none.
    ///
    /// # Errors
    ///
    /// Those of the stream.
    pub async fn recv(&mut self) -> io::Result<libc::c_int> {
        poll_fn(|cx| self.poll_with(cx.into())).await
    }
}

impl Stream01 for Signal {
    type Item = libc::c_int;
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<Option<libc::c_int>, io::Error> {
        to_futures01(self.poll_with(Caller::Futures01).map_ok(Some))
    }
}

impl Stream for Signal {
    type Item = io::Result<libc::c_int>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_with(cx.into()).map(Some)
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signal").field("signal", &self.signal).finish_non_exhaustive()
    }
}
