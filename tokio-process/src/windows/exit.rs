//! How the end of a process wakes a task: a thread waits for it.
//!
//! The thread is started by the first poll that has to wait, one for each process that is waited
//! for, and ends with the process. That is simple, and dear for thousands of processes at once.
#![allow(unsafe_code, reason = "one call of the system that takes a handle")]

use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle};
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use tokio_reactor::Handle;
use tokio_task::{Caller, WaiterCell};
use windows_sys::Win32::System::Threading::{WaitForSingleObject, INFINITE};

pub(crate) struct Preparation;

impl Preparation {
    pub(crate) fn new(_: &Handle) -> io::Result<Preparation> {
        Ok(Preparation)
    }

    pub(crate) fn watch(self, _: &Child, _: &Handle) -> io::Result<Exit> {
        Ok(Exit { waiter: None })
    }
}

/// The end of one process, to be waited for.
pub(crate) struct Exit {
    /// Whom the thread wakes, once there is one.
    waiter: Option<Arc<WaiterCell>>,
}

impl Exit {
    /// Ready when `child`, the process this was made for, has ended.
    pub(crate) fn poll_exited(
        &mut self,
        child: &mut Child,
        caller: Caller<'_>,
    ) -> Poll<io::Result<ExitStatus>> {
        if let Some(status) = child.try_wait()? {
            return Poll::Ready(Ok(status));
        }
        let waiter = match &self.waiter {
            Some(waiter) => waiter,
            None => self.waiter.insert(start(child)?),
        };
        // First the waiter, then the question: an end after the question wakes the task.
        drop(waiter.register(caller));
        match child.try_wait()? {
            Some(status) => Poll::Ready(Ok(status)),
            None => Poll::Pending,
        }
    }
}

fn start(child: &Child) -> io::Result<Arc<WaiterCell>> {
    let process = child.as_handle().try_clone_to_owned()?;
    let waiter = Arc::new(WaiterCell::new());
    let woken = waiter.clone();
    thread::Builder::new().name("tokio-process-wait".into()).spawn(move || {
        // SAFETY: the handle is open, as this thread owns it. The result does not matter: whoever
        // is woken asks for himself.
        unsafe { WaitForSingleObject(process.as_raw_handle(), INFINITE) };
        woken.wake();
    })?;
    Ok(waiter)
}
