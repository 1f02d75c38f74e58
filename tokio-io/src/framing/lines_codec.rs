//! Lines of text.

use super::{Decoder, Encoder};
use bytes::{BufMut, BytesMut};
use std::io::{self, ErrorKind};
use std::str;

/// A codec whose messages are lines: UTF-8 up to a `\n`, or `\r\n`, which is taken off.
///
/// When the stream ends, what came after the last line's end is a line too, if it is not empty.
/// Encoding appends a `\n`; it does not look whether the text has one already.
///
/// ```
/// use bytes::BytesMut;
/// use tokio_io::framing::{Decoder, LinesCodec};
///
/// let mut buffer = BytesMut::from("one\r\ntwo\nthr");
/// let mut lines = LinesCodec::new_with_max_length(80);
/// assert_eq!(lines.decode(&mut buffer)?.unwrap(), "one");
/// assert_eq!(lines.decode(&mut buffer)?.unwrap(), "two");
/// assert!(lines.decode(&mut buffer)?.is_none());
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// A line that is longer than the limit is an error of kind `InvalidData`, once; its rest is dropped as
/// it comes, and decoding goes on with the line after it. So is a line that is not UTF-8. Neither ends
/// a stream.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinesCodec {
    /// So many bytes of the buffer have no line's end.
    searched: usize,
    max_length: usize,
    /// In the middle of a line that is too long.
    dropping: bool,
}

impl LinesCodec {
    /// Lines of any length.
    ///
    /// A peer that never ends a line makes the buffer grow without bound: for what comes from a network
    /// use [`new_with_max_length`](LinesCodec::new_with_max_length).
    #[allow(clippy::new_without_default, reason = "0.1 has no default either")]
    pub fn new() -> LinesCodec {
        LinesCodec { searched: 0, max_length: usize::MAX, dropping: false }
    }

    /// Lines of at most `max_length` bytes, their ends not counted.
    pub fn new_with_max_length(max_length: usize) -> Self {
        LinesCodec { max_length, ..LinesCodec::new() }
    }

    /// The most bytes that a line may have; `usize::MAX` if there is no limit.
    pub fn max_length(&self) -> usize {
        self.max_length
    }

    /// Takes the rest of a line that is too long off `src`. True when it has come to its end.
    fn drop_line(&mut self, src: &mut BytesMut) -> bool {
        let end = src.iter().position(|byte| *byte == b'\n');
        src.advance(end.map_or(src.len(), |end| end + 1));
        self.dropping = end.is_none();
        end.is_some()
    }
}

impl Decoder for LinesCodec {
    type Item = String;
    type Error = io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<String>> {
        if self.dropping && !self.drop_line(src) {
            return Ok(None);
        }
        // Two more than a line may have, for its end.
        let limit = src.len().min(self.max_length.saturating_add(2));
        let from = self.searched.min(limit);
        match src[from..limit].iter().position(|byte| *byte == b'\n') {
            Some(at) => {
                self.searched = 0;
                let line = src.split_to(from + at + 1);
                let line = without_return(&line[..line.len() - 1]);
                if line.len() > self.max_length {
                    return Err(too_long());
                }
                text(line).map(Some)
            }
            None if src.len() > limit || without_return(&src[..limit]).len() > self.max_length => {
                self.searched = 0;
                self.drop_line(src);
                Err(too_long())
            }
            None => {
                self.searched = limit;
                Ok(None)
            }
        }
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> io::Result<Option<String>> {
        if let Some(line) = self.decode(src)? {
            return Ok(Some(line));
        }
        self.searched = 0;
        let rest = src.take();
        match without_return(&rest) {
            // A return alone was the beginning of a line's end.
            [] => Ok(None),
            line => text(line).map(Some),
        }
    }
}

impl Encoder for LinesCodec {
    type Item = String;
    type Error = io::Error;

    fn encode(&mut self, line: String, dst: &mut BytesMut) -> io::Result<()> {
        dst.reserve(line.len() + 1);
        dst.put(line);
        dst.put_u8(b'\n');
        Ok(())
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn text(line: &[u8]) -> io::Result<String> {
    let text = str::from_utf8(line).map_err(|error| io::Error::new(ErrorKind::InvalidData, error));
    text.map(str::to_owned)
}

fn too_long() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "a line is longer than the limit")
}
