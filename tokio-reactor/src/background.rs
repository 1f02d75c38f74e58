//! A reactor with a thread of its own.

use crate::shutdown::Shutdown;
use crate::{Handle, Reactor};
use log::error;
use std::cell::Cell;
use std::fmt;
use std::io;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};
use std::sync::Arc;
use std::thread;
use tokio_task::WaiterCell;

/// A reactor that runs on a thread of its own.
///
/// Made by [`Reactor::background`]. Dropping it shuts the reactor down and waits for its thread to
/// end; [`forget`](Background::forget) lets it run until the process ends.
///
/// ```
/// use futures::Future;
/// use tokio_reactor::Reactor;
///
/// let background = Reactor::new()?.background()?;
/// let handle = background.handle().clone();
/// // sockets that are bound to `handle` work on any thread
/// # let _ = handle;
/// background.shutdown_on_idle().wait().unwrap();
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Background {
    handle: Handle,
    running: Option<Running>,
}

/// The thread, as who wants it to end sees it.
pub(crate) struct Running {
    pub(crate) control: Arc<Control>,
    pub(crate) thread: thread::JoinHandle<()>,
}

/// What the thread and those who want it to end share.
#[derive(Debug, Default)]
pub(crate) struct Control {
    now: AtomicBool,
    on_idle: AtomicBool,
    /// The reactor is gone. Set before `waiter` is woken.
    pub(crate) done: AtomicBool,
    pub(crate) waiter: WaiterCell,
}

impl Background {
    /// Starts the thread.
    pub(crate) fn start(reactor: Reactor) -> io::Result<Background> {
        let handle = reactor.handle();
        let control = Arc::new(Control::default());
        let ours = control.clone();
        let thread = thread::Builder::new()
            .name("tokio-reactor".to_owned())
            .spawn(move || run(reactor, ours))?;
        Ok(Background { handle, running: Some(Running { control, thread }) })
    }

    /// A handle to the reactor.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Ends the reactor when it has no source any more.
    ///
    /// It goes on even if the [`Shutdown`] is dropped.
    pub fn shutdown_on_idle(mut self) -> Shutdown {
        self.shutdown(|control| &control.on_idle)
    }

    /// Ends the reactor now. Tasks that wait for its sources are woken and get an error.
    ///
    /// It goes on even if the [`Shutdown`] is dropped.
    pub fn shutdown_now(mut self) -> Shutdown {
        self.shutdown(|control| &control.now)
    }

    /// Lets the reactor run for as long as the process does.
    pub fn forget(mut self) {
        self.running = None;
    }

    fn shutdown(&mut self, when: impl FnOnce(&Control) -> &AtomicBool) -> Shutdown {
        let running = self.running.take();
        if let Some(running) = &running {
            when(&running.control).store(true, Release);
            // Without a reactor the thread is about to end anyway.
            if let Ok(reactor) = self.handle.resolve() {
                reactor.want_idle();
            }
        }
        Shutdown::of(running)
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if self.running.is_some() {
            self.shutdown(|control| &control.now).join();
        }
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Background").finish_non_exhaustive()
    }
}

/// The life of the thread.
fn run(reactor: Reactor, control: Arc<Control>) {
    HERE.with(|here| here.set(Arc::as_ptr(&control)));
    // Dropped last, so that the reactor is gone by then.
    let done = Done(control);
    let control = &done.0;
    let mut reactor = reactor;
    loop {
        // Acquire, for what the reactor's unpark orders is only that the loop comes here.
        if control.now.load(Acquire) || control.on_idle.load(Acquire) && reactor.is_idle() {
            return;
        }
        match catch_unwind(AssertUnwindSafe(|| reactor.turn(None))) {
            Ok(Ok(_)) => {}
            Ok(Err(e)) => return error!("the reactor cannot wait for events, and ends: {e}"),
            Err(_) => error!("a waker panicked in the reactor's thread"),
        }
    }
}

struct Done(Arc<Control>);

impl Drop for Done {
    fn drop(&mut self) {
        self.0.done.store(true, Release);
        self.0.waiter.wake();
    }
}

impl Running {
    /// Waits for the thread, unless this is it.
    pub(crate) fn join(self) {
        if HERE.with(Cell::get) != Arc::as_ptr(&self.control) {
            // It catches panics, so there is none to pass on.
            let _ = self.thread.join();
        }
    }
}

thread_local! {
    /// Whose thread this is; compared, never followed. Needs no destructor, so it can be used
    /// while the thread ends.
    static HERE: Cell<*const Control> = const { Cell::new(std::ptr::null()) };
}
