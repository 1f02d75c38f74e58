//! More methods for futures 0.1 futures and streams.

mod enumerate;

pub use self::enumerate::Enumerate;

use futures::{Future, Stream};

/// Methods that every futures 0.1 future gains. Those of tokio 0.1 have to do with timers, and come
/// with them; until then the name is here, so that it can be imported.
pub trait FutureExt: Future {}

impl<T: ?Sized + Future> FutureExt for T {}

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
