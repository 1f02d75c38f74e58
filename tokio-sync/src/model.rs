//! What the models share: a task that sleeps until it is woken. A lost wake is a deadlock, which loom
//! reports.

use loom::sync::Notify;
use std::sync::Arc;
use std::task::{Poll, Wake, Waker};
use tokio_task::Caller;

struct Bell(Notify);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

/// Polls until it is ready, each time after a wake.
pub(crate) fn block_on<T>(mut poll: impl FnMut(Caller<'_>) -> Poll<T>) -> T {
    let bell = Arc::new(Bell(Notify::new()));
    let waker = Waker::from(bell.clone());
    loop {
        if let Poll::Ready(value) = poll(Caller::Std(&waker)) {
            return value;
        }
        // A cell that was busy has woken this task at once: let its holder go on.
        loom::thread::yield_now();
        bell.0.wait();
    }
}

/// Polls once, for somebody who does not come back.
pub(crate) fn poll_once<T>(poll: impl FnOnce(Caller<'_>) -> Poll<T>) -> Poll<T> {
    poll(Caller::Std(Waker::noop()))
}
