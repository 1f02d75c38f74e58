//! Part of a buffer.

use std::ops::Range;

/// A part of a buffer that passes for a buffer itself.
///
/// For the combinators that use a whole buffer, such as [`write_all`](super::write_all()) and
/// [`read_exact`](super::read_exact()), where only a part is meant. The part starts out as all of
/// the buffer. It keeps its bounds if the buffer changes its length; looking through it panics
/// while it does not lie within the buffer.
///
/// ```
/// use futures::Future;
/// use tokio_io::io::{read_exact, Window};
///
/// let mut middle = Window::new(*b"......");
/// middle.set_start(1).set_end(4);
/// let (_, middle) = read_exact(&b"abcdef"[..], middle).wait().unwrap();
/// assert_eq!(&middle.into_inner(), b".abc..");
/// ```
#[derive(Debug)]
pub struct Window<T> {
    buf: T,
    range: Range<usize>,
}

impl<T: AsRef<[u8]>> Window<T> {
    /// A window on all of `t`.
    pub fn new(t: T) -> Window<T> {
        Window { range: 0..t.as_ref().len(), buf: t }
    }

    /// The whole buffer.
    pub fn get_ref(&self) -> &T {
        &self.buf
    }

    /// The whole buffer.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.buf
    }

    /// The whole buffer, unwrapped.
    pub fn into_inner(self) -> T {
        self.buf
    }

    /// Where the window starts, in bytes from the start of the buffer.
    pub fn start(&self) -> usize {
        self.range.start
    }

    /// Where the window ends, in bytes from the start of the buffer; the byte there is outside.
    pub fn end(&self) -> usize {
        self.range.end
    }

    /// Changes where the window starts.
    ///
    /// # Panics
    ///
    /// If that is behind the window's end or the buffer's.
    pub fn set_start(&mut self, start: usize) -> &mut Window<T> {
        let len = self.buf.as_ref().len();
        assert!(start <= len, "a window cannot start at {start} in {len} bytes");
        let end = self.range.end;
        assert!(start <= end, "a window cannot start at {start} and end at {end}");
        self.range.start = start;
        self
    }

    /// Changes where the window ends.
    ///
    /// # Panics
    ///
    /// If that is before the window's start or behind the buffer's end.
    pub fn set_end(&mut self, end: usize) -> &mut Window<T> {
        let len = self.buf.as_ref().len();
        assert!(end <= len, "a window cannot end at {end} in {len} bytes");
        let start = self.range.start;
        assert!(start <= end, "a window cannot start at {start} and end at {end}");
        self.range.end = end;
        self
    }
}

impl<T: AsRef<[u8]>> AsRef<[u8]> for Window<T> {
    fn as_ref(&self) -> &[u8] {
        &self.buf.as_ref()[self.range.clone()]
    }
}

impl<T: AsMut<[u8]>> AsMut<[u8]> for Window<T> {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.buf.as_mut()[self.range.clone()]
    }
}
