//! The standard output and the standard error.

use crate::lent::{Lent, PutBack, Which};
use crate::std_io::{or_would_block, retry};
use futures::Poll as Poll01;
use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_task::{to_futures01, Caller};

macro_rules! output {
    ($(#[$docs:meta])* $name:ident, $(#[$function_docs:meta])* $function:ident) => {
        $(#[$docs])*
        #[derive(Debug)]
        pub struct $name {
            std: Lent<io::$name>,
        }

        $(#[$function_docs])*
        pub fn $function() -> $name {
            $name { std: Lent::new(io::$function()) }
        }

        impl PutBack for io::$name {
            fn put_back(&mut self, _: u64) -> io::Result<()> {
                unreachable!("nothing is read from it")
            }
        }

        impl $name {
            /// Writes some bytes from the start of `buf`, and returns how many. The one definition
            /// of writing, for either generation.
            ///
            /// # Errors
            ///
            /// Those of the system, such as `BrokenPipe`, also those of a write that was given up.
            pub fn poll_write_with(
                &mut self,
                caller: Caller<'_>,
                buf: &[u8],
            ) -> Poll<io::Result<usize>> {
                self.std.poll_write(caller, buf)
            }

            /// Passes on what std holds back. For either generation.
            ///
            /// # Errors
            ///
            /// As [`poll_write_with`](Self::poll_write_with).
            pub fn poll_flush_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<()>> {
                self.std.poll_other(caller, Which::Flush, |home| retry(|| home.resource.flush()))
            }
        }

        /// For futures 0.1 tasks: `WouldBlock` means that the current task will be woken. Outside
        /// of tasks it blocks.
        impl Write for $name {
            fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
                or_would_block(self.poll_write_with(Caller::Futures01, buf))
            }

            fn flush(&mut self) -> io::Result<()> {
                or_would_block(self.poll_flush_with(Caller::Futures01))
            }
        }

        /// `shutdown` flushes, and closes nothing.
        impl tokio_io::AsyncWrite for $name {
            fn poll_write(&mut self, buf: &[u8]) -> Poll01<usize, io::Error> {
                to_futures01(self.poll_write_with(Caller::Futures01, buf))
            }

            fn poll_flush(&mut self) -> Poll01<(), io::Error> {
                to_futures01(self.poll_flush_with(Caller::Futures01))
            }

            fn shutdown(&mut self) -> Poll01<(), io::Error> {
                self.poll_flush()
            }
        }

        /// `poll_close` flushes, and closes nothing.
        impl futures_io::AsyncWrite for $name {
            fn poll_write(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<io::Result<usize>> {
                self.poll_write_with(cx.into(), buf)
            }

            fn poll_flush(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
            ) -> Poll<io::Result<()>> {
                self.poll_flush_with(cx.into())
            }

            fn poll_close(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
            ) -> Poll<io::Result<()>> {
                self.poll_flush_with(cx.into())
            }
        }
    };
}

output! {
    /// The standard output of the process; made by [`stdout`].
    ///
    /// It shares the buffer of [`std::io::stdout`], so that `println!` and this do not overtake
    /// each other: a write that is ready is in that buffer, or further, and std passes it on with
    /// the end of the line, at the latest at the end of the process. Flush to have it passed on
    /// now. Writes that are pending are given up as those of a [`File`](crate::File) are.
    Stdout,
    /// The standard output of the process.
    ///
    /// ```
    /// use futures::Future; // 0.1
    ///
    /// tokio_io::io::write_all(tokio_fs::stdout(), "hello\n").wait().unwrap();
    /// ```
    stdout
}

output! {
    /// The standard error of the process; made by [`stderr`].
    ///
    /// A write that is ready has reached the operating system. Writes that are pending are given up
    /// as those of a [`File`](crate::File) are.
    Stderr,
    /// The standard error of the process.
    ///
    /// ```
    /// use futures03::AsyncWriteExt;
    ///
    /// # futures03::executor::block_on(async {
    /// tokio_fs::stderr().write_all(b"hello\n").await
    /// # }).unwrap();
    /// ```
    stderr
}
