//! More methods for futures 0.1 streams.

mod enumerate;

pub use self::enumerate::Enumerate;

use futures::Stream;

/// Methods that every futures 0.1 stream gains.
pub trait StreamExt: Stream {
    /// Pairs each item with its number, from 0.
    ///
    /// ```
    /// use tokio::prelude::*;
    ///
    /// let letters = stream::iter_ok::<_, ()>(vec!['a', 'b']).enumerate();
    /// assert_eq!(letters.collect().wait(), Ok(vec![(0, 'a'), (1, 'b')]));
    /// ```
    fn enumerate(self) -> Enumerate<Self>
    where
        Self: Sized,
    {
        Enumerate::new(self)
    }
}

impl<T: ?Sized + Stream> StreamExt for T {}
