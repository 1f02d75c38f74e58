//! Byte streams and their combinators.
//!
//! The combinators take the futures 0.1 traits [`AsyncRead`] and [`AsyncWrite`]; each returns a
//! futures 0.1 future that can be awaited as well. In `async` code the sockets also implement the
//! traits of `futures::io`, whose extension traits (`AsyncReadExt`, ..) then apply. Import one
//! family of extension traits in a module, not both: their methods have the same names, and the
//! compiler would ask which one is meant (E0034). For the same reason do not import
//! `std::io::{Read, Write}` beside those of `futures::io`: the sockets implement them for 0.1 code.

pub use tokio_io::io::{
    copy, flush, lines, read, read_exact, read_to_end, read_until, shutdown, write_all, Copy,
    Flush, Lines, ReadExact, ReadHalf, ReadToEnd, ReadUntil, Shutdown, WriteAll, WriteHalf,
};
pub use tokio_io::{AsyncRead, AsyncWrite, Futures01IoAsStd, StdIoAsFutures01};

#[cfg(feature = "fs")]
#[doc(no_inline)]
pub use tokio_fs::{stderr, stdin, stdout, Stderr, Stdin, Stdout};

pub use std::io::{Error, ErrorKind, Read, Result, Write};
