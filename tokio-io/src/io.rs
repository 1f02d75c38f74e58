//! What to do with byte streams: copy, read, write, cut into lines, split.
//!
//! Each function takes a stream by value and returns a future that gives it back. The futures are
//! of the futures 0.1 generation and can be awaited as well:
//!
//! ```
//! use futures::Future;
//! use std::io::Cursor;
//! use tokio_io::io;
//!
//! // futures 0.1
//! let greeting = io::write_all(Cursor::new(Vec::new()), "hello ")
//!     .and_then(|(stream, _)| io::write_all(stream, "world"))
//!     .map(|(stream, _)| stream.into_inner());
//! assert_eq!(greeting.wait().unwrap(), b"hello world");
//!
//! // async/await
//! let greeting = async {
//!     let (stream, _) = io::write_all(Cursor::new(Vec::new()), "hello ").await?;
//!     let (stream, _) = io::write_all(stream, "world").await?;
//!     Ok::<_, std::io::Error>(stream.into_inner())
//! };
//! assert_eq!(futures03::executor::block_on(greeting).unwrap(), b"hello world");
//! ```
//!
//! What holds for all of them:
//!
//! - An operation that was `Interrupted` is tried again; no other error is.
//! - After an error the streams stay inside the future. Polling it again, which only futures 0.1
//!   can do, goes on where it stopped: no byte is lost or moved twice.
//! - Dropping a future drops its streams. Bytes that were moved before stay moved; what was read
//!   and not yet written is gone.
//! - Polling a future that was ready panics.
//! - A stream that claims to have moved more bytes than it was offered causes a panic.

mod allow_std_io;
mod copy;
mod flush;
mod lines;
mod operation;
mod read;
mod read_exact;
mod read_half;
mod read_to_end;
mod read_until;
mod shutdown;
mod window;
mod write_all;
mod write_half;

pub use self::allow_std_io::AllowStdIo;
pub use self::copy::{copy, Copy};
pub use self::flush::{flush, Flush};
pub use self::lines::{lines, Lines};
pub use self::read::{read, Read};
pub use self::read_exact::{read_exact, ReadExact};
pub use self::read_half::ReadHalf;
pub use self::read_to_end::{read_to_end, ReadToEnd};
pub use self::read_until::{read_until, ReadUntil};
pub use self::shutdown::{shutdown, Shutdown};
pub use self::window::Window;
pub use self::write_all::{write_all, WriteAll};
pub use self::write_half::WriteHalf;
