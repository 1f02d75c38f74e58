//! Configures a pool; then everything is immutable.

use crate::park::{self, BoxPark, DefaultPark};
use crate::pool::Pool;
use crate::sleep::MAX_WORKERS;
use crate::thread;
use crate::worker::{Worker, WorkerId};
use crate::ThreadPool;
use std::any::Any;
use std::error::Error;
use std::fmt;
use std::io;
use std::num::NonZero;
use std::sync::atomic::AtomicBool;
use std::sync::Arc;
use std::time::Duration;
use tokio_executor::park::Park;
use tokio_executor::Enter;

/// Configures a [`ThreadPool`].
///
/// ```
/// use tokio_threadpool::Builder;
///
/// let pool = Builder::new().pool_size(4).name_prefix("my-pool-").build();
/// # drop(pool);
/// ```
pub struct Builder {
    config: Config,
    pool_size: usize,
    new_park: Option<Box<NewPark>>,
    new_driver: Option<Box<NewDriver>>,
}

type NewPark = dyn Fn(&WorkerId) -> BoxPark;
type NewDriver = dyn Fn() -> io::Result<BoxPark>;
type Hook = Arc<dyn Fn() + Send + Sync>;
type AroundWorker = Arc<dyn Fn(&Worker, &mut Enter) + Send + Sync>;
type PanicHandler = Arc<dyn Fn(Box<dyn Any + Send>) + Send + Sync>;

#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) keep_alive: Option<Duration>,
    pub(crate) max_blocking: usize,
    pub(crate) name_prefix: Option<String>,
    pub(crate) stack_size: Option<usize>,
    pub(crate) around_worker: Option<AroundWorker>,
    pub(crate) after_start: Option<Hook>,
    pub(crate) before_stop: Option<Hook>,
    pub(crate) panic_handler: Option<PanicHandler>,
    /// Each worker has a `Park` of the user's, to be asked while there is work, too.
    pub(crate) custom_park: bool,
    /// While it is true, no thread can be started.
    pub(crate) refuse_threads: Option<Arc<AtomicBool>>,
}

impl Config {
    pub(crate) fn new() -> Config {
        Config {
            keep_alive: None,
            max_blocking: 100,
            name_prefix: None,
            stack_size: None,
            around_worker: None,
            after_start: None,
            before_stop: None,
            panic_handler: None,
            custom_park: false,
            refuse_threads: None,
        }
    }
}

impl Builder {
    /// As many workers as this process may use processors, at most 100 threads in
    /// [`blocking`](crate::blocking) at a time.
    pub fn new() -> Builder {
        Builder {
            config: Config::new(),
            pool_size: std::thread::available_parallelism()
                .map_or(1, NonZero::get)
                .min(MAX_WORKERS),
            new_park: None,
            new_driver: None,
        }
    }

    /// How many workers poll tasks.
    ///
    /// # Panics
    ///
    /// If `val` is 0 or more than 65,535.
    pub fn pool_size(&mut self, val: usize) -> &mut Self {
        assert!(val >= 1, "a pool needs at least one worker");
        assert!(val <= MAX_WORKERS, "a pool has at most {MAX_WORKERS} workers");
        self.pool_size = val;
        self
    }

    /// How many tasks may be in [`blocking`](crate::blocking) at a time, each on a thread beside
    /// the workers' own. 0 forbids it: every call then fails.
    pub fn max_blocking(&mut self, val: usize) -> &mut Self {
        self.config.max_blocking = val;
        self
    }

    /// For how long a thread that has done its blocking waits to be used again; `None`, the
    /// default, for as long as the pool runs.
    pub fn keep_alive(&mut self, val: Option<Duration>) -> &mut Self {
        self.config.keep_alive = val;
        self
    }

    /// Called, on the worker's thread, with what a task panicked with, if no handle waits for the
    /// task. By default nothing happens beyond the message of the panic hook.
    pub fn panic_handler<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn(Box<dyn Any + Send>) + Send + Sync + 'static,
    {
        self.config.panic_handler = Some(Arc::new(f));
        self
    }

    /// The threads are called so, followed by their worker's number.
    pub fn name_prefix<S: Into<String>>(&mut self, val: S) -> &mut Self {
        self.config.name_prefix = Some(val.into());
        self
    }

    /// The size of the threads' stacks, in bytes.
    pub fn stack_size(&mut self, val: usize) -> &mut Self {
        self.config.stack_size = Some(val);
        self
    }

    /// Called once on each thread of the pool; it calls [`Worker::run`], and can set what is to
    /// hold while the thread works.
    pub fn around_worker<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn(&Worker, &mut Enter) + Send + Sync + 'static,
    {
        self.config.around_worker = Some(Arc::new(f));
        self
    }

    /// Called on each thread of the pool when it has started.
    pub fn after_start<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.config.after_start = Some(Arc::new(f));
        self
    }

    /// Called on each thread of the pool before it ends.
    pub fn before_stop<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.config.before_stop = Some(Arc::new(f));
        self
    }

    /// Each worker waits in a [`Park`] of its own, made by `f`, when it has nothing to do; while it
    /// has, it asks it now and then without waiting.
    pub fn custom_park<F, P>(&mut self, f: F) -> &mut Self
    where
        F: Fn(&WorkerId) -> P + 'static,
        P: Park + Send + 'static,
        P::Error: Error,
    {
        self.config.custom_park = true;
        self.new_park = Some(Box::new(move |id| park::boxed(f(id))));
        self
    }

    /// The workers share one [`Park`], made by `f` when the pool is built: a reactor, say.
    ///
    /// The last worker awake waits in it; a worker that has been busy for long asks it without
    /// waiting; and if no worker does so in time, because all are stuck in polls, one that sleeps
    /// takes it over. The other workers wait on their own parkers.
    pub fn shared_park<F, P>(&mut self, f: F) -> &mut Self
    where
        F: Fn() -> io::Result<P> + 'static,
        P: Park + Send + 'static,
        P::Error: Error,
    {
        self.new_driver = Some(Box::new(move || f().map(park::boxed)));
        self
    }

    /// While `refuse` is true, the pool gets no thread, as if the system refused it. For tests.
    #[doc(hidden)]
    pub fn refuse_threads(&mut self, refuse: Arc<AtomicBool>) -> &mut Self {
        self.config.refuse_threads = Some(refuse);
        self
    }

    /// Builds the pool and starts its workers.
    ///
    /// # Panics
    ///
    /// If the system refuses a thread, or what [`Builder::shared_park`] makes fails;
    /// [`Builder::try_build`] returns an error instead.
    pub fn build(&self) -> ThreadPool {
        self.try_build().expect("failed to build a thread pool")
    }

    /// Builds the pool and starts its workers, or says why it cannot.
    pub fn try_build(&self) -> io::Result<ThreadPool> {
        let driver = self.new_driver.as_ref().map(|new_driver| new_driver()).transpose()?;
        let parks = (0..self.pool_size)
            .map(|index| match &self.new_park {
                Some(new_park) => new_park(&WorkerId(index)),
                None => park::boxed(DefaultPark::new()),
            })
            .collect();
        let (pool, cores) = Pool::new(self.config.clone(), driver, parks);
        // Counted while the pool is built, so that no failure looks like the end.
        pool.thread_starts();
        let mut failed = None;
        for core in cores {
            if failed.is_some() {
                pool.finish(core);
            } else if let Err((error, core)) = thread::start(&pool, core) {
                failed = Some(error);
                pool.stop();
                pool.finish(core);
            }
        }
        pool.thread_ends();
        match failed {
            None => Ok(ThreadPool::new_with_pool(pool)),
            Some(error) => Err(error),
        }
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("pool_size", &self.pool_size)
            .field("max_blocking", &self.config.max_blocking)
            .field("keep_alive", &self.config.keep_alive)
            .field("name_prefix", &self.config.name_prefix)
            .field("stack_size", &self.config.stack_size)
            .finish_non_exhaustive()
    }
}
