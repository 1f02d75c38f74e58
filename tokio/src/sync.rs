//! Channels, and a lock, for tasks of both generations; see [`tokio_sync`].
//!
//! ```
//! use futures::{Future, Sink, Stream};
//! use tokio::sync::mpsc;
//!
//! tokio::run(futures::future::lazy(|| {
//!     let (sender, receiver) = mpsc::channel(1);
//!     tokio::spawn(sender.send("hello").map(|_| ()).map_err(|_| ()));
//!     receiver.map_err(|_| ()).for_each(|word| Ok(println!("{word}")))
//! }));
//! tokio::run(async {
//!     let (sender, receiver) = tokio::sync::oneshot::channel();
//!     tokio::spawn(async move { sender.send("hello").unwrap() });
//!     assert_eq!(receiver.await.unwrap(), "hello");
//! });
//! ```

#[doc(no_inline)]
pub use tokio_sync::{lock, mpsc, oneshot, semaphore, watch};
