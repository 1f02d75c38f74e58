//! Permits that tasks wait for in turn: [`Semaphore`], and [`Permit`] to ask it for one.

mod error;
mod permit;

pub use self::error::{AcquireError, TryAcquireError};
pub use self::permit::{Permit, SemaphorePermit};
use crate::permits::{Acquiring, Permits};
use crate::sync::Arc;
use std::fmt;

/// A number of permits, which tasks of both generations take and give back.
///
/// Whoever finds none waits in a queue: first come, first served. Nobody passes those who wait.
/// Taking and giving is one exchange of a word while nobody waits. Waiting allocates nothing once
/// the queue has been as long before.
///
/// futures 0.1 asks with [`Permit::poll_acquire`], async code awaits [`acquire`](Self::acquire).
///
/// ```
/// use tokio_sync::semaphore::Semaphore;
///
/// # futures03::executor::block_on(async {
/// let semaphore = Semaphore::new(2);
/// let _one = semaphore.acquire().await?;
/// let two = semaphore.acquire().await?;
/// assert_eq!(semaphore.available_permits(), 0);
/// drop(two);
/// assert_eq!(semaphore.available_permits(), 1);
/// # Ok::<_, tokio_sync::semaphore::AcquireError>(()) }).unwrap();
/// ```
pub struct Semaphore {
    /// Shared with each `Permit` that waits, so that one that is dropped can leave the queue.
    permits: Arc<Permits>,
}

impl Semaphore {
    /// A semaphore with `permits` permits.
    ///
    /// # Panics
    ///
    /// If there are more than `usize::MAX / 4`.
    pub fn new(permits: usize) -> Semaphore {
        Semaphore { permits: Arc::new(Permits::new(permits)) }
    }

    /// How many permits nobody has at the moment.
    pub fn available_permits(&self) -> usize {
        self.permits.available()
    }

    /// Refuses all who wait and all who will ask. Permits that are held stay valid.
    pub fn close(&self) {
        self.permits.close();
    }

    /// Adds `n` permits: first for those who wait.
    ///
    /// # Panics
    ///
    /// If there would be more than `usize::MAX / 4`.
    pub fn add_permits(&self, n: usize) {
        self.permits.give(n);
    }

    /// Waits for a permit, which is given back when it is dropped. For async code.
    ///
    /// Dropping the future gives up its place in the queue; a permit that it was granted goes to
    /// the next.
    ///
    /// # Errors
    ///
    /// If the semaphore is closed.
    pub async fn acquire(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        match Acquiring::new(&self.permits).await {
            Ok(()) => Ok(SemaphorePermit::new(&self.permits)),
            Err(_closed) => Err(AcquireError::new()),
        }
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("available_permits", &self.available_permits())
            .finish_non_exhaustive()
    }
}
