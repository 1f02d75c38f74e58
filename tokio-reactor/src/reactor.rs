//! The reactor: waits for the system's events and hands them to their slots.

use crate::doorbell::Wait;
use crate::shared::Shared;
use crate::slots::{Key, WAKE};
use crate::wait::wait;
use crate::{current, Background, Handle, Ready, SetFallbackError};
use log::error;
use mio::event::Event;
use mio::{Events, Poll};
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_executor::park::Park;
use tokio_task::panics::Panics;

/// Waits for readiness of sources, and wakes the tasks that wait for it.
///
/// A reactor does nothing by itself: something has to call [`turn`](Reactor::turn), or park on it
/// (it is a [`Park`]), or give it [a thread of its own](Reactor::background). Sources come to it
/// by a [`Handle`]. It serves tasks of both generations alike.
///
/// When a reactor is dropped, every task that waits for one of its sources is woken, and finds the
/// error "reactor gone"; its handles take no new sources. Nothing blocks on a reactor that is gone.
///
/// ```
/// use std::time::Duration;
/// use tokio_reactor::Reactor;
///
/// let mut reactor = Reactor::new()?;
/// assert!(reactor.is_idle());
/// reactor.turn(Some(Duration::from_millis(1)))?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Reactor {
    poll: Poll,
    events: Events,
    shared: Arc<Shared>,
}

/// That a turn of a [`Reactor`] is over.
#[derive(Debug)]
pub struct Turn {
    _private: (),
}

impl Reactor {
    /// A reactor without sources.
    ///
    /// # Errors
    ///
    /// Those of the system, above all when the process is out of file descriptors.
    pub fn new() -> io::Result<Reactor> {
        let poll = Poll::new()?;
        let shared = Arc::new(Shared::new(&poll)?);
        Ok(Reactor { poll, events: Events::with_capacity(EVENTS), shared })
    }

    /// A handle to this reactor. It does not keep the reactor alive.
    pub fn handle(&self) -> Handle {
        Handle::to(&self.shared)
    }

    /// Makes this the reactor of all threads that have none of their own.
    ///
    /// # Errors
    ///
    /// If there is one already: set before, or started because a thread needed it.
    pub fn set_fallback(&self) -> Result<(), SetFallbackError> {
        current::set_fallback(&self.handle())
    }

    /// Waits until there are events, for at most `max_wait`, and wakes the tasks that they are for.
    ///
    /// `None` waits as long as it takes, `Some(Duration::ZERO)` does not wait. A wait is not shorter
    /// than `max_wait`, and as precise as the system's timers; where the system counts in milliseconds
    /// (not on Linux, Android, the BSDs and Apple's) it is rounded up to them. A wait of more than a
    /// day may end after a day. The turn also ends, and perhaps with no event, when the reactor is
    /// [unparked](Handle), and when a signal interrupts it.
    /// At most 64 events are handed out; the others are there for the next turn.
    ///
    /// # Errors
    ///
    /// Those of the system's wait. They are not expected.
    ///
    /// # Panics
    ///
    /// If a task's waker panics, after all other tasks have been woken.
    pub fn turn(&mut self, max_wait: Option<Duration>) -> io::Result<Turn> {
        let waited = self.wait(max_wait);
        if let Err(e) = waited {
            if e.kind() != io::ErrorKind::Interrupted {
                return Err(e);
            }
            self.events.clear();
        }
        let (shared, events) = (&self.shared, &self.events);
        shared.hand_out(|| {
            let events = events.iter().filter(|event| event.token() != WAKE);
            // An event is reported once: a waker that panics must not cost other tasks theirs.
            let mut panics = Panics::none();
            for event in events {
                panics.hold(|| dispatch(shared, event));
            }
            shared.deadlines.wake_due(&mut panics);
            panics.resume();
        });
        Ok(Turn { _private: () })
    }

    fn wait(&mut self, max_wait: Option<Duration>) -> io::Result<()> {
        let bell = &self.shared.bell;
        if max_wait == Some(Duration::ZERO) || bell.lie_down() == Wait::Forbidden {
            bell.get_up();
            return self.poll.poll(&mut self.events, Some(Duration::ZERO));
        }
        // Looked at after `lie_down`: who adds one from now on rings.
        let to_deadline = self.shared.deadlines.first().map(until);
        let longest = [max_wait, to_deadline].into_iter().flatten().min();
        let result = wait(&mut self.poll, &mut self.events, longest);
        bell.get_up();
        result
    }

    /// True if the reactor has no source.
    pub fn is_idle(&self) -> bool {
        self.shared.slots.is_empty()
    }

    /// Gives the reactor a thread of its own, which turns it until it is shut down.
    ///
    /// # Errors
    ///
    /// If the system refuses a new thread. The reactor is dropped then.
    pub fn background(self) -> io::Result<Background> {
        Background::start(self)
    }
}

fn dispatch(shared: &Shared, event: &Event) {
    let key = Key::from_token(event.token());
    let Some(slot) = shared.slots.get(key) else { return };
    let flags = [
        (event.is_readable(), Ready::readable()),
        (event.is_writable(), Ready::writable()),
        (event.is_read_closed(), Ready::read_closed()),
        (event.is_write_closed(), Ready::write_closed()),
        (event.is_error(), Ready::error()),
    ];
    let mut ready = Ready::empty();
    for (there, flag) in flags {
        if there {
            ready |= flag;
        }
    }
    slot.event(key.generation(), ready);
}

fn until(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

impl Drop for Reactor {
    fn drop(&mut self) {
        let shared = &self.shared;
        shared.deadlines.close();
        let mut panics = Panics::none();
        for slot in shared.slots.close() {
            panics.hold(|| slot.close());
        }
        shared.deadlines.wake_all(&mut panics);
        if panics.swallow() {
            error!("a waker panicked while its reactor was dropped");
        }
    }
}

/// Parking is a turn: it ends with events, when it is unparked, and sometimes for no reason.
impl Park for Reactor {
    type Unpark = Handle;
    type Error = io::Error;

    fn unpark(&self) -> Handle {
        self.handle()
    }

    fn park(&mut self) -> io::Result<()> {
        self.turn(None).map(|Turn { .. }| ())
    }

    fn park_timeout(&mut self, duration: Duration) -> io::Result<()> {
        self.turn(Some(duration)).map(|Turn { .. }| ())
    }
}

/// Readable when there are events, for a reactor inside another event loop.
#[cfg(all(unix, not(target_os = "fuchsia")))]
impl std::os::fd::AsRawFd for Reactor {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.poll.as_raw_fd()
    }
}

impl fmt::Debug for Reactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reactor").finish_non_exhaustive()
    }
}

/// More of them do not fit well into the processor's cache.
const EVENTS: usize = 64;
