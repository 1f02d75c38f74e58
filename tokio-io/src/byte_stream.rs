//! The I/O traits of a socket, of both generations, each one line over one definition.

/// Implements the I/O traits of both generations for a socket and for references to it:
/// `std::io::{Read, Write}`, [`AsyncRead`](crate::AsyncRead), [`AsyncWrite`](crate::AsyncWrite),
/// `futures_io::{AsyncRead, AsyncWrite}`.
///
/// For sockets of this family. The type has the inherent methods `poll_read_with(&self, caller,
/// buf)`, `poll_read_vectored_with`, `poll_write_with`, `poll_write_vectored_with`, and implements
/// [`FinishWriting`](crate::FinishWriting). Reading writes into the buffers, and does nothing else
/// with them: they may be uninitialised.
#[doc(hidden)]
#[macro_export]
macro_rules! byte_stream {
    (unsafe $Stream:ident) => {
        const _: () = {
            use ::std::io::{self, IoSlice, IoSliceMut, Read, Write};
            use ::std::pin::Pin;
            use ::std::task::{Context, Poll};
            use $crate::__byte_stream::bytes::{Buf, BufMut};
            use $crate::__byte_stream::{
                futures_io, or_would_block, read_segments, to_futures01, write_segments, Async,
                Caller, Poll01,
            };
            use $crate::{AsyncRead, AsyncWrite, FinishWriting};

    $crate::byte_stream!(@impls $Stream, $Stream);
    $crate::byte_stream!(@impls $Stream, &$Stream);
        };
    };
    (@impls $Stream:ident, $Self:ty) => {
        /// For futures 0.1 tasks: `WouldBlock` means that the current task will be woken.
        ///
        /// # Panics
        ///
        /// If it has to wait outside a futures 0.1 task.
        impl Read for $Self {
            fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
                or_would_block(to_futures01(self.poll_read_with(Caller::Futures01, buf)))
            }

            fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
                or_would_block(to_futures01(self.poll_read_vectored_with(Caller::Futures01, bufs)))
            }
        }

        /// For futures 0.1 tasks: `WouldBlock` means that the current task will be woken.
        ///
        /// # Panics
        ///
        /// If it has to wait outside a futures 0.1 task.
        impl Write for $Self {
            fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
                or_would_block(to_futures01(self.poll_write_with(Caller::Futures01, buf)))
            }

            fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
                or_would_block(to_futures01(self.poll_write_vectored_with(Caller::Futures01, bufs)))
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }

        impl AsyncRead for $Self {
            /// Nothing to prepare: reading only writes into the buffer.
            #[allow(unsafe_code)]
            unsafe fn prepare_uninitialized_buffer(&self, _: &mut [u8]) -> bool {
                false
            }

            fn poll_read(&mut self, buf: &mut [u8]) -> Poll01<usize, io::Error> {
                to_futures01(self.poll_read_with(Caller::Futures01, buf))
            }

            /// Reads into all segments of `buf` with one system call.
            #[allow(unsafe_code)]
            fn read_buf<B: BufMut>(&mut self, buf: &mut B) -> Poll01<usize, io::Error> {
                let read = |segments: &mut [IoSliceMut<'_>]| {
                    to_futures01(self.poll_read_vectored_with(Caller::Futures01, segments))
                };
                // SAFETY: who called this macro says that reading only writes into the buffers.
                unsafe { read_segments(buf, read) }
            }
        }

        #[doc = concat!("`shutdown` does nothing; see [`", stringify!($Stream), "`].")]
        impl AsyncWrite for $Self {
            fn poll_write(&mut self, buf: &[u8]) -> Poll01<usize, io::Error> {
                to_futures01(self.poll_write_with(Caller::Futures01, buf))
            }

            fn poll_flush(&mut self) -> Poll01<(), io::Error> {
                Ok(Async::Ready(()))
            }

            fn shutdown(&mut self) -> Poll01<(), io::Error> {
                Ok(Async::Ready(()))
            }

            /// Writes from all segments of `buf` with one system call.
            fn write_buf<B: Buf>(&mut self, buf: &mut B) -> Poll01<usize, io::Error> {
                write_segments(buf, |segments| {
                    to_futures01(self.poll_write_vectored_with(Caller::Futures01, segments))
                })
            }
        }

        impl futures_io::AsyncRead for $Self {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                self.poll_read_with(cx.into(), buf)
            }

            fn poll_read_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &mut [IoSliceMut<'_>],
            ) -> Poll<io::Result<usize>> {
                self.poll_read_vectored_with(cx.into(), bufs)
            }
        }

        /// `poll_flush` has nothing to do: bytes that were written are on their way. `poll_close`
        /// shuts down the sending side, for every user of the stream.
        impl futures_io::AsyncWrite for $Self {
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<io::Result<usize>> {
                self.poll_write_with(cx.into(), buf)
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                self.poll_write_vectored_with(cx.into(), bufs)
            }

            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(self.finish_writing())
            }
        }
    };
}

/// What the macro uses.
#[doc(hidden)]
pub mod __byte_stream {
    pub use crate::poll::or_would_block;
    pub use crate::segments::{read_segments, write_segments};
    pub use bytes;
    pub use futures::{Async, Poll as Poll01};
    pub use futures_io;
    pub use tokio_task::{to_futures01, Caller};
}
