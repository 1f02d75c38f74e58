//! Parking a worker: the default, and any [`Park`] behind one type.

use crate::sync::{Parker, Unparker};
use std::error::Error;
use std::fmt;
use std::time::Duration;
use tokio_executor::park::{Park, Unpark};

/// How a worker waits when no other [`Park`] was configured: it blocks its thread.
///
/// ```
/// use tokio_executor::park::{Park, Unpark};
/// use tokio_threadpool::park::DefaultPark;
///
/// let mut park = DefaultPark::new();
/// park.unpark().unpark();
/// park.park().unwrap(); // returns at once
/// ```
pub struct DefaultPark(Parker);

/// Wakes the thread that waits in a [`DefaultPark`].
pub struct DefaultUnpark(Unparker);

/// Never made: waiting in a [`DefaultPark`] does not fail.
pub struct ParkError(tokio_task::Never);

impl DefaultPark {
    /// A new one, which nobody waits in.
    pub fn new() -> DefaultPark {
        DefaultPark(Parker::new())
    }
}

impl Default for DefaultPark {
    fn default() -> Self {
        Self::new()
    }
}

impl Park for DefaultPark {
    type Unpark = DefaultUnpark;
    type Error = ParkError;

    fn unpark(&self) -> DefaultUnpark {
        DefaultUnpark(self.0.unparker().clone())
    }

    fn park(&mut self) -> Result<(), ParkError> {
        self.0.park();
        Ok(())
    }

    fn park_timeout(&mut self, duration: Duration) -> Result<(), ParkError> {
        self.0.park_timeout(duration);
        Ok(())
    }
}

impl Unpark for DefaultUnpark {
    fn unpark(&self) {
        self.0.unpark();
    }
}

impl fmt::Debug for DefaultPark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefaultPark").finish_non_exhaustive()
    }
}

impl fmt::Debug for DefaultUnpark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefaultUnpark").finish_non_exhaustive()
    }
}

impl fmt::Debug for ParkError {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {}
    }
}

impl fmt::Display for ParkError {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {}
    }
}

impl Error for ParkError {}

/// Any [`Park`], its error as text.
pub(crate) type BoxPark =
    Box<dyn Park<Unpark = BoxUnpark, Error = Box<dyn Error + Send + Sync>> + Send>;

/// Any [`Unpark`].
pub(crate) type BoxUnpark = Box<dyn Unpark>;

pub(crate) fn boxed<P>(park: P) -> BoxPark
where
    P: Park + Send + 'static,
    P::Error: Error,
{
    Box::new(AnyPark(park))
}

struct AnyPark<P>(P);

impl<P> Park for AnyPark<P>
where
    P: Park,
    P::Error: Error,
{
    type Unpark = BoxUnpark;
    type Error = Box<dyn Error + Send + Sync>;

    fn unpark(&self) -> BoxUnpark {
        Box::new(self.0.unpark())
    }

    fn park(&mut self) -> Result<(), Self::Error> {
        self.0.park().map_err(|error| error.to_string().into())
    }

    fn park_timeout(&mut self, duration: Duration) -> Result<(), Self::Error> {
        self.0.park_timeout(duration).map_err(|error| error.to_string().into())
    }
}
