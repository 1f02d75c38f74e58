//! How tasks keep their pool alive.

use crate::pool::Pool;
use crossbeam_utils::CachePadded;
use std::ops::Deref;
use std::sync::Arc;

/// A counted reference to a pool, itself counted by tasks.
///
/// If every task counted the pool itself, all threads that spawn and all that free a task would
/// change one word. So each thread of a pool has a lease of its own, and so has each handle that
/// was not cloned from another; a task holds on to the lease that it was spawned through.
#[derive(Clone, Debug)]
pub(crate) struct Lease(
    /// Padded away from the lease's own count: every wake reads it.
    Arc<CachePadded<Arc<Pool>>>,
);

impl Lease {
    pub(crate) fn new(pool: Arc<Pool>) -> Lease {
        Lease(Arc::new(CachePadded::new(pool)))
    }
}

impl Deref for Lease {
    type Target = Arc<Pool>;

    #[inline]
    fn deref(&self) -> &Arc<Pool> {
        &self.0
    }
}
