//! Configures a runtime of the current thread, and puts it together.

use super::Runtime;
use std::io;
use tokio_reactor::Reactor;
use tokio_timer::clock::Clock;
use tokio_timer::timer::Timer;

/// Configures a [`Runtime`].
///
/// ```
/// use std::time::Duration;
/// use tokio::clock::MockClock;
/// use tokio::runtime::current_thread::Builder;
///
/// let mock = MockClock::new();
/// let mut runtime = Builder::new().clock(mock.clock()).build()?;
/// let begin = mock.now();
/// mock.advance(Duration::from_secs(60));
/// assert_eq!(runtime.block_on(async { tokio::clock::now() - begin }).as_secs(), 60);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Builder {
    clock: Clock,
}

impl Builder {
    /// A runtime by the clock of this thread, which is the system's unless it was given another one.
    pub fn new() -> Builder {
        Builder { clock: Clock::new() }
    }

    /// Does nothing: sockets and timers are always there. For programs written for tokio 1.
    pub fn enable_all(&mut self) -> &mut Self {
        self
    }

    /// What the runtime's timers go by, and what [`tokio::clock::now`](crate::clock::now) says in its
    /// tasks.
    pub fn clock(&mut self, clock: Clock) -> &mut Self {
        self.clock = clock;
        self
    }

    /// Makes the runtime. It may be made on a thread that runs another one, but not be run there.
    ///
    /// # Errors
    ///
    /// If the system refuses the reactor's descriptors.
    pub fn build(&mut self) -> io::Result<Runtime> {
        let reactor = Reactor::new()?;
        let reactor_handle = reactor.handle();
        let driver = Timer::new_with_now(reactor, self.clock.clone());
        Ok(Runtime::of(reactor_handle, driver, self.clock.clone()))
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}
