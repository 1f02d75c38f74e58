//! The traits of futures 0.1 and of its byte streams, in one import.
//!
//! ```
//! # #![allow(unused_imports)]
//! use tokio::prelude::*;
//! ```
//!
//! `async` code needs no prelude of ours: the sockets' own methods are `async fn`s, and the traits
//! of `futures` 0.3 come from there. Do not import both in one module: `read`, `write_all`, `map`,
//! `for_each` and others exist in both.

pub use futures::{future, stream, task, Async, AsyncSink, Future, IntoFuture, Poll, Sink, Stream};

pub use crate::util::{FutureExt, StreamExt};
#[cfg(feature = "io")]
pub use tokio_io::{AsyncRead, AsyncWrite};

pub use std::io::{Read, Write};
