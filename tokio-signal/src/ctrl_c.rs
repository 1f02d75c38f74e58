//! Ctrl-C, by the same name on all systems.

use crate::{IoFuture, IoStream};
use futures::{future, Poll as Poll01, Stream as Stream01};
use futures_core::Stream;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_reactor::Handle;
use tokio_task::{to_futures01, Caller};

#[cfg(unix)]
use crate::unix::Signal as Source;
#[cfg(windows)]
use crate::windows::Event as Source;

/// Each time somebody asks the process to end with Ctrl-C: `SIGINT` on Unix, `CTRL_C_EVENT` on
/// Windows.
///
/// A futures 0.1 `Stream` and a [`futures_core::Stream`] that never ends; see [the crate](crate)
/// for what it promises. As long as there is one, Ctrl-C does not end the process by itself.
///
/// # Errors
///
/// On Unix, when it is polled: that the reactor it belongs to is gone, that there is none and none
/// can be started, and that someone else has taken the handler away. On Windows none.
///
/// # Panics
///
/// When it has to wait, if it is polled as a futures 0.1 stream outside a futures 0.1 task.
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct CtrlC(Source);

impl CtrlC {
    /// Listens from now on. It binds to the reactor of the runtime that polls it first.
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// let mut ctrl_c = tokio_signal::CtrlC::new()?;
    /// let _ended = async move { ctrl_c.recv().await };
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the process has no descriptors left (Unix), or the system refuses the handler.
    pub fn new() -> io::Result<CtrlC> {
        CtrlC::with_handle(&Handle::default())
    }

    /// The same, bound to the reactor of `handle`. Windows needs no reactor for this, and ignores
    /// it.
    ///
    /// # Errors
    ///
    /// Those of [`new`](CtrlC::new), and that the reactor is gone.
    pub fn with_handle(handle: &Handle) -> io::Result<CtrlC> {
        #[cfg(unix)]
        return Source::listen(crate::unix::SIGINT, handle).map(CtrlC);
        #[cfg(windows)]
        {
            let _ = handle;
            crate::windows::ctrl_c().map(CtrlC)
        }
    }

    /// Waits for the next Ctrl-C. The one definition, for either generation.
    ///
    /// # Errors
    ///
    /// Those of the stream.
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task.
    pub fn poll_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<()>> {
        self.0.poll_with(caller).map_ok(drop)
    }

    /// Waits for the next Ctrl-C, in async code. Dropping the future loses none.
    ///
    /// # Errors
    ///
    /// Those of the stream.
    pub async fn recv(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_with(cx.into())).await
    }
}

impl Stream01 for CtrlC {
    type Item = ();
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<Option<()>, io::Error> {
        to_futures01(self.poll_with(Caller::Futures01).map_ok(Some))
    }
}

impl Stream for CtrlC {
    type Item = io::Result<()>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_with(cx.into()).map(Some)
    }
}

/// A futures 0.1 future of a stream that yields each Ctrl-C.
///
/// It listens from its first poll on, and is ready at once. Async code uses [`CtrlC::new`].
///
/// ```no_run
/// use futures::{Future, Stream};
///
/// let first = tokio_signal::ctrl_c().flatten_stream().take(1);
/// tokio::run(first.for_each(|()| Ok(())).map_err(|e| eprintln!("{e}")));
/// ```
///
/// # Errors
///
/// Those of [`CtrlC::new`].
pub fn ctrl_c() -> IoFuture<IoStream<()>> {
    ctrl_c_handle(&Handle::default())
}

/// The same, on the reactor of `handle`.
///
/// # Errors
///
/// Those of [`CtrlC::with_handle`].
pub fn ctrl_c_handle(handle: &Handle) -> IoFuture<IoStream<()>> {
    let handle = handle.clone();
    Box::new(future::lazy(move || {
        CtrlC::with_handle(&handle).map(|stream| Box::new(stream) as IoStream<()>)
    }))
}
