//! Who hears an event of the console.

use std::fmt;
use std::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Poll;
use tokio_task::{Caller, WaiterCell};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    CtrlC,
    CtrlBreak,
}

/// All listeners of the process.
#[cfg_attr(not(windows), allow(dead_code))]
pub(crate) static LISTENERS: Listeners = Listeners::none();

pub(crate) struct Listeners(Mutex<Vec<Weak<Ear>>>);

/// Hears one kind of event, until it is dropped.
pub(crate) struct Listener(Arc<Ear>);

/// The flag is raised (Release), then the waiter woken; the task registers, then lowers the flag
/// (Acquire): `WaiterCell` says why no event is lost. Acquire and Release pass on what led to the
/// event.
struct Ear {
    kind: Kind,
    heard: AtomicBool,
    waiter: WaiterCell,
}

impl Listeners {
    pub(crate) const fn none() -> Self {
        Listeners(Mutex::new(Vec::new()))
    }

    pub(crate) fn listen(&self, kind: Kind) -> Listener {
        let ear = Arc::new(Ear { kind, heard: AtomicBool::new(false), waiter: WaiterCell::new() });
        let mut all = self.lock();
        // So the list is never longer than what was alive at once.
        all.retain(|ear| ear.strong_count() > 0);
        all.push(Arc::downgrade(&ear));
        Listener(ear)
    }

    /// Tells all who listen. False if nobody does.
    pub(crate) fn tell(&self, kind: Kind) -> bool {
        // Waking runs foreign code, so the lock is given up before.
        let ears: Vec<_> =
            self.lock().iter().filter_map(Weak::upgrade).filter(|ear| ear.kind == kind).collect();
        for ear in &ears {
            ear.heard.store(true, Release);
            ear.waiter.wake();
        }
        !ears.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<Ear>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener {
    /// Waits for an event, and forgets it.
    pub(crate) fn poll_heard(&mut self, caller: Caller<'_>) -> Poll<()> {
        if self.0.heard.swap(false, Acquire) {
            return Poll::Ready(());
        }
        // Another task that waited has lost the stream to this one.
        drop(self.0.waiter.register(caller));
        if self.0.heard.swap(false, Acquire) {
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Listener").field(&self.0.kind).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Waker;

    fn heard(listener: &mut Listener) -> bool {
        listener.poll_heard(Caller::Std(Waker::noop())).is_ready()
    }

    #[test]
    fn all_listeners_of_a_kind_hear_an_event_once() {
        let listeners = Listeners::none();
        let (mut a, mut b) = (listeners.listen(Kind::CtrlC), listeners.listen(Kind::CtrlC));
        let mut other = listeners.listen(Kind::CtrlBreak);
        assert!(!heard(&mut a));
        assert!(listeners.tell(Kind::CtrlC));
        assert!(listeners.tell(Kind::CtrlC));
        assert!(heard(&mut a) && heard(&mut b) && !heard(&mut other));
        assert!(!heard(&mut a) && !heard(&mut b));
    }

    #[test]
    fn an_event_that_nobody_listens_to_is_not_taken() {
        let listeners = Listeners::none();
        drop(listeners.listen(Kind::CtrlC));
        assert!(!listeners.tell(Kind::CtrlC));
    }

    #[test]
    fn listeners_that_are_gone_leave_nothing_behind() {
        let listeners = Listeners::none();
        for _ in 0..100 {
            drop(listeners.listen(Kind::CtrlC));
        }
        assert!(listeners.lock().len() <= 1);
    }
}
