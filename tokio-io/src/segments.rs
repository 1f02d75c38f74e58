//! Buffers in several segments (`bytes` 0.4), moved by one vectored operation.

use bytes::{Buf, BufMut};
use futures::{try_ready, Async, Poll as Poll01};
use iovec::IoVec;
use std::array;
use std::io::{self, IoSlice, IoSliceMut};

/// How many segments of a buffer one operation takes.
const SEGMENTS: usize = 32;

/// Reads into the segments of `buf` by one call of `read`.
///
/// # Safety
///
/// The segments may be uninitialised memory. `read` does nothing with them but to fill the first
/// so many bytes, in their order, as it then says.
pub unsafe fn read_segments<B: BufMut>(
    buf: &mut B,
    read: impl FnOnce(&mut [IoSliceMut<'_>]) -> Poll01<usize, io::Error>,
) -> Poll01<usize, io::Error> {
    if !buf.has_remaining_mut() {
        return Ok(Async::Ready(0));
    }
    let mut unused = [[0; 1]; SEGMENTS];
    let mut unused = unused.iter_mut();
    let mut segments: [&mut IoVec; SEGMENTS] =
        array::from_fn(|_| unused.next().expect("one each").as_mut_slice().into());
    // SAFETY: the segments go to `read` only, which just fills them: the caller sees to that.
    let count = unsafe { buf.bytes_vec_mut(&mut segments) };
    let mut segments = segments.map(|segment| IoSliceMut::new(segment));
    let filled = try_ready!(read(&mut segments[..count]));
    // SAFETY: `read` filled the first `filled` bytes of the segments, in their order.
    unsafe { buf.advance_mut(filled) };
    Ok(Async::Ready(filled))
}

/// Writes from the segments of `buf` by one call of `write`.
pub fn write_segments<B: Buf>(
    buf: &mut B,
    write: impl FnOnce(&[IoSlice<'_>]) -> Poll01<usize, io::Error>,
) -> Poll01<usize, io::Error> {
    if !buf.has_remaining() {
        return Ok(Async::Ready(0));
    }
    let unused: &IoVec = [0; 1].as_slice().into();
    let mut segments = [unused; SEGMENTS];
    let count = buf.bytes_vec(&mut segments);
    let segments = segments.map(|segment| IoSlice::new(segment));
    let written = try_ready!(write(&segments[..count]));
    buf.advance(written);
    Ok(Async::Ready(written))
}
