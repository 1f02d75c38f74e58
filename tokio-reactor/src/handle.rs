//! Names a reactor, and keeps none alive.

use crate::current;
use crate::shared::Shared;
use crate::slot::Gone;
use std::fmt;
use std::io;
use std::sync::{Arc, Weak};
use tokio_executor::park::Unpark;

/// A name for a [`Reactor`](crate::Reactor), to give sources to.
///
/// The default handle names no reactor yet. Whenever one is needed it stands for the current
/// reactor of the thread, which [`set_default`](crate::set_default) decides, and otherwise for the
/// fallback: a reactor on a thread of its own, started when it is first needed. So sockets work
/// on any thread, under either generation's `wait` or `block_on`.
///
/// Handles are cheap to clone and may be sent anywhere. As an [`Unpark`], a handle makes the
/// turn of its reactor that waits, or else the next one, return at once; the default handle
/// unparks nothing.
///
/// ```
/// use tokio_reactor::{Handle, Reactor};
///
/// let reactor = Reactor::new()?;
/// let named = reactor.handle();
/// let whichever = Handle::default();
/// # let _ = (named, whichever);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Handle {
    reactor: Option<Weak<Shared>>,
}

impl Handle {
    /// The current reactor of this thread, by name; `None` if the thread has none.
    ///
    /// ```
    /// use tokio_reactor::{set_default, Handle, Reactor};
    ///
    /// assert!(Handle::try_current().is_none());
    /// let reactor = Reactor::new()?;
    /// let _guard = set_default(&reactor.handle());
    /// assert!(Handle::try_current().is_some());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_current() -> Option<Handle> {
        current::handle()
    }

    /// The current reactor of this thread, by name; or else the default handle.
    #[deprecated(note = "use `Handle::default`, which is resolved when it is needed")]
    #[doc(hidden)]
    pub fn current() -> Handle {
        current::handle().unwrap_or_default()
    }

    pub(crate) fn to(shared: &Arc<Shared>) -> Handle {
        Handle { reactor: Some(Arc::downgrade(shared)) }
    }

    /// False for the default handle.
    pub(crate) fn names_reactor(&self) -> bool {
        self.reactor.is_some()
    }

    /// The reactor that this stands for now.
    ///
    /// Fails if it is gone, or if the fallback is needed and cannot be started.
    pub(crate) fn resolve(&self) -> io::Result<Arc<Shared>> {
        match &self.reactor {
            Some(reactor) => reactor.upgrade().ok_or(Gone.into()),
            None => match current::handle() {
                Some(current) => current.resolve(),
                None => current::fallback()?.resolve(),
            },
        }
    }
}

impl Unpark for Handle {
    fn unpark(&self) {
        if let Some(reactor) = self.reactor.as_ref().and_then(Weak::upgrade) {
            reactor.unpark();
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.names_reactor() { "Handle(named)" } else { "Handle(default)" })
    }
}
