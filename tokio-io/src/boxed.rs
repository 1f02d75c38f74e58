//! Boxed futures and streams of the futures 0.1 generation that fail with an I/O error.

use futures::{Future, Stream};
use std::io;

/// A boxed futures 0.1 future that may move between threads and fails with an [`io::Error`].
///
/// ```
/// use futures::{future, Future};
/// use tokio_io::IoFuture;
///
/// let answer: IoFuture<u8> = Box::new(future::ok(42));
/// assert_eq!(answer.wait().unwrap(), 42);
/// ```
pub type IoFuture<T> = Box<dyn Future<Item = T, Error = io::Error> + Send>;

/// A boxed futures 0.1 stream that may move between threads and fails with an [`io::Error`].
pub type IoStream<T> = Box<dyn Stream<Item = T, Error = io::Error> + Send>;
