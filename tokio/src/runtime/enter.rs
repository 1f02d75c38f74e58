//! A thread that uses a runtime without being one of its workers.

use super::Handle;
use std::fmt;
use std::marker::PhantomData;

/// Makes a thread use a runtime; made by [`Runtime::enter`](super::Runtime::enter) and
/// [`Handle::enter`]. It stays on its thread. Guards may be dropped in any order: the latest that is left
/// decides.
#[must_use = "dropping this leaves the runtime"]
pub struct EnterGuard {
    // Dropped in this order; each is independent of the others.
    _executor: tokio_executor::DefaultGuard,
    _timer: tokio_timer::timer::DefaultGuard,
    _clock: tokio_timer::clock::DefaultGuard,
    _reactor: tokio_reactor::DefaultGuard,
    stays: PhantomData<*const ()>,
}

impl EnterGuard {
    pub(super) fn new(handle: &Handle) -> EnterGuard {
        EnterGuard {
            _executor: handle.spawner.set_default(),
            _timer: tokio_timer::timer::set_default(&handle.timer),
            _clock: tokio_timer::clock::set_default(&handle.clock),
            _reactor: tokio_reactor::set_default(&handle.reactor),
            stays: PhantomData,
        }
    }
}

impl fmt::Debug for EnterGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnterGuard").finish_non_exhaustive()
    }
}
