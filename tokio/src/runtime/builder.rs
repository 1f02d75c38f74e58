//! Configures a runtime, and puts it together.

use super::handle::Spawner;
use super::{Handle, Runtime};
use std::any::Any;
use std::fmt;
use std::io;
use std::sync::Mutex;
use std::time::Duration;
use tokio_reactor::Reactor;
use tokio_timer::clock::{self, Clock};
use tokio_timer::timer::{self, Timer};

/// Configures a [`Runtime`].
///
/// ```
/// use tokio::runtime::Builder;
///
/// let runtime = Builder::new().core_threads(4).name_prefix("my-service-").build().unwrap();
/// # drop(runtime);
/// ```
pub struct Builder {
    pool: tokio_threadpool::Builder,
    clock: Clock,
}

impl Builder {
    /// As many workers as this process may use processors, at most 100 threads in `blocking` at a time,
    /// which leave after 60 seconds without work.
    pub fn new() -> Builder {
        let mut pool = tokio_threadpool::Builder::new();
        pool.name_prefix("tokio-runtime-worker-").keep_alive(Some(Duration::from_secs(60)));
        Builder { pool, clock: Clock::new() }
    }

    /// The same as [`Builder::new`], by tokio 1's name.
    pub fn new_multi_thread() -> Builder {
        Builder::new()
    }

    /// The same as [`current_thread::Builder::new`](super::current_thread::Builder::new), by tokio 1's name:
    /// a builder for a runtime of another type.
    ///
    /// ```
    /// use tokio::runtime::Builder;
    ///
    /// let mut runtime = Builder::new_current_thread().enable_all().build()?;
    /// assert_eq!(runtime.block_on(async { 42 }), 42);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new_current_thread() -> super::current_thread::Builder {
        super::current_thread::Builder::new()
    }

    /// Does nothing: sockets and timers are always there. For programs written for tokio 1.
    pub fn enable_all(&mut self) -> &mut Self {
        self
    }

    /// What the runtime's timers go by, and what [`tokio::clock::now`](crate::clock::now) says in its
    /// tasks. By default the clock of the thread that made this builder, which is the system's unless
    /// it was given another one.
    pub fn clock(&mut self, clock: Clock) -> &mut Self {
        self.clock = clock;
        self
    }

    /// Replaces the configuration of the pool.
    #[deprecated(
        since = "0.1.9",
        note = "use the `core_threads`, `blocking_threads`, .. methods instead"
    )]
    #[doc(hidden)]
    pub fn threadpool_builder(&mut self, val: tokio_threadpool::Builder) -> &mut Self {
        self.pool = val;
        self
    }

    /// Called, on a worker's thread, with what a task panicked with, if no handle waits for the
    /// task. By default nothing happens beyond the message of the panic hook.
    pub fn panic_handler<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn(Box<dyn Any + Send>) + Send + Sync + 'static,
    {
        self.pool.panic_handler(f);
        self
    }

    /// How many workers poll tasks.
    ///
    /// # Panics
    ///
    /// If `val` is 0 or more than 65,535.
    pub fn core_threads(&mut self, val: usize) -> &mut Self {
        self.pool.pool_size(val);
        self
    }

    /// The same as [`Builder::core_threads`], by tokio 1's name.
    ///
    /// # Panics
    ///
    /// As `core_threads`.
    pub fn worker_threads(&mut self, val: usize) -> &mut Self {
        self.core_threads(val)
    }

    /// The same as [`Builder::blocking_threads`], by tokio 1's name.
    pub fn max_blocking_threads(&mut self, val: usize) -> &mut Self {
        self.blocking_threads(val)
    }

    /// How many tasks may be in `blocking` at a time, each on a thread beside the workers' own.
    pub fn blocking_threads(&mut self, val: usize) -> &mut Self {
        self.pool.max_blocking(val);
        self
    }

    /// For how long a thread that has done its blocking waits to be used again; `None` for as long
    /// as the runtime runs.
    pub fn keep_alive(&mut self, val: Option<Duration>) -> &mut Self {
        self.pool.keep_alive(val);
        self
    }

    /// The threads are called so, followed by their worker's number.
    pub fn name_prefix<S: Into<String>>(&mut self, val: S) -> &mut Self {
        self.pool.name_prefix(val);
        self
    }

    /// The size of the threads' stacks, in bytes.
    pub fn stack_size(&mut self, val: usize) -> &mut Self {
        self.pool.stack_size(val);
        self
    }

    /// Called on each thread of the runtime when it has started.
    pub fn after_start<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.pool.after_start(f);
        self
    }

    /// Called on each thread of the runtime before it ends.
    pub fn before_stop<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.pool.before_stop(f);
        self
    }

    /// Starts the runtime.
    ///
    /// # Errors
    ///
    /// If the system refuses the reactor's descriptors, or a thread.
    pub fn build(&mut self) -> io::Result<Runtime> {
        let reactor = Reactor::new()?;
        let reactor_handle = reactor.handle();
        let driver = Timer::new_with_now(reactor, self.clock.clone());
        let timer_handle = driver.handle();
        let of_workers = (reactor_handle.clone(), timer_handle.clone(), self.clock.clone());
        let driver = Mutex::new(Some(driver));
        self.pool
            .around_worker(move |worker, enter| {
                let (reactor, timer, clock) = &of_workers;
                tokio_reactor::with_default(reactor, enter, |enter| {
                    clock::with_default(clock, enter, |enter| {
                        timer::with_default(timer, enter, |_| worker.run());
                    });
                });
            })
            .shared_park(move || {
                let driver = driver.lock().ok().and_then(|mut driver| driver.take());
                driver.ok_or_else(|| io::Error::other("a driver drives one runtime"))
            });
        let pool = self.pool.try_build()?;
        let handle = Handle {
            spawner: Spawner::Pool(pool.sender().clone()),
            reactor: reactor_handle,
            timer: timer_handle,
            clock: self.clock.clone(),
        };
        Ok(Runtime { pool, handle })
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("pool", &self.pool).finish_non_exhaustive()
    }
}
