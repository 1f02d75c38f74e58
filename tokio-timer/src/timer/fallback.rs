//! The timer of threads that have none: on a thread of its own, which sleeps until something is
//! due.

use super::{Handle, Timer};
use crate::clock::Clock;
use crate::shared::Shared;
use crate::Error;
use log::error;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{mpsc, Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use tokio_executor::park::{Park, ParkThread};

static FALLBACK: OnceLock<Handle> = OnceLock::new();

/// Started if it was not.
///
/// Fails if the system refuses the thread. Then it is tried again the next time.
pub(super) fn timer() -> Result<Arc<Shared>, Error> {
    static STARTING: Mutex<()> = Mutex::new(());
    if FALLBACK.get().is_none() {
        let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        if FALLBACK.get().is_none() {
            let _ = FALLBACK.set(start()?);
        }
    }
    FALLBACK.get().and_then(Handle::named).cloned().ok_or_else(Error::shutdown)
}

fn start() -> Result<Handle, Error> {
    let (sender, receiver) = mpsc::channel();
    let thread = thread::Builder::new().name("tokio-timer".to_owned());
    let started = thread.spawn(move || {
        // It parks the thread that makes it.
        let mut timer = Timer::new_with_now(ParkThread::new(), Clock::system());
        let _ = sender.send(timer.handle());
        loop {
            if catch_unwind(AssertUnwindSafe(|| timer.park())).is_err() {
                error!("a waker panicked in the timer's thread");
            }
        }
    });
    match started {
        Ok(_) => receiver.recv().map_err(|_| Error::shutdown()),
        Err(e) => {
            error!("cannot start a thread for the timer: {e}");
            Err(Error::shutdown())
        }
    }
}
