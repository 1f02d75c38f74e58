//! Bytes that were read and that nobody has asked for yet.

use std::io;

#[derive(Debug)]
pub(crate) struct Unread {
    bytes: Vec<u8>,
    given: usize,
}

impl Unread {
    pub(crate) const fn new() -> Self {
        Unread { bytes: Vec::new(), given: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len() - self.given
    }

    /// Moves the first bytes into `buf`, and says how many.
    pub(crate) fn give(&mut self, buf: &mut [u8]) -> usize {
        let len = self.len().min(buf.len());
        buf[..len].copy_from_slice(&self.bytes[self.given..][..len]);
        self.given += len;
        len
    }

    /// Reads up to `len` bytes, in place of those that there were.
    pub(crate) fn fill(
        &mut self,
        len: usize,
        read: impl FnOnce(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        self.given = 0;
        self.bytes.clear();
        self.bytes.resize(len, 0);
        let result = read(&mut self.bytes);
        self.bytes.truncate(*result.as_ref().unwrap_or(&0));
        result
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.given = 0;
    }
}
