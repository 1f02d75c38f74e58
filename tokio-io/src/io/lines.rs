//! A stream of bytes as a stream of lines.

use super::read_until;
use crate::AsyncRead;
use futures::{try_ready, Async, Poll as Poll01, Stream as Stream01};
use std::io::{self, BufRead, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_task::{to_std, AmbientTask};

/// The lines of `a`, without their endings `\n` or `\r\n`.
///
/// A last line without an ending counts, unless it is empty. A line has no limit in length: lines
/// of a peer that is not trusted want a decoder with a limit, in a
/// [`FramedRead`](crate::framing::FramedRead).
///
/// The stream belongs to both generations: `futures::Stream` of `String`, and
/// `futures_core::Stream` of `Result<String, io::Error>`. A poll that is not ready keeps the part
/// of the line that it has, even when that ends in the middle of a character.
///
/// ```
/// use futures::{Future, Stream};
/// use tokio_io::io::lines;
///
/// let lines = lines(&b"one\r\ntwo"[..]).collect().wait().unwrap();
/// assert_eq!(lines, ["one", "two"]);
/// ```
///
/// # Errors
///
/// `InvalidData` for a line that is not UTF-8; the line is lost, and the stream goes on with the
/// next one. And those of the reader, after which the stream may be polled again.
pub fn lines<A>(a: A) -> Lines<A>
where
    A: AsyncRead + BufRead,
{
    Lines { reader: a, line: Vec::new(), ambient: AmbientTask::default() }
}

/// The stream of [`lines`].
#[must_use = "streams do nothing unless polled"]
#[derive(Debug)]
pub struct Lines<A> {
    reader: A,
    /// The line so far.
    line: Vec<u8>,
    /// Of the std task that reads.
    ambient: AmbientTask,
}

impl<A> Lines<A> {
    /// The reader. Of a line that was not yet complete, what has been read is lost.
    pub fn into_inner(self) -> A {
        self.reader
    }
}

fn step(reader: &mut impl BufRead, line: &mut Vec<u8>) -> Poll01<Option<String>, io::Error> {
    try_ready!(read_until::step(reader, b'\n', line));
    if line.is_empty() {
        return Ok(Async::Ready(None));
    }
    let mut line = std::mem::take(line);
    if line.ends_with(b"\n") {
        line.pop();
        if line.ends_with(b"\r") {
            line.pop();
        }
    }
    match String::from_utf8(line) {
        Ok(line) => Ok(Async::Ready(Some(line))),
        Err(e) => Err(io::Error::new(ErrorKind::InvalidData, e)),
    }
}

impl<A> Stream01 for Lines<A>
where
    A: AsyncRead + BufRead,
{
    type Item = String;
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<Option<String>, io::Error> {
        step(&mut self.reader, &mut self.line)
    }
}

/// The reader is never pinned.
impl<A> Unpin for Lines<A> {}

impl<A> futures_core::Stream for Lines<A>
where
    A: AsyncRead + BufRead,
{
    type Item = io::Result<String>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let poll = || step(&mut this.reader, &mut this.line);
        to_std(this.ambient.enter(cx, poll)).map(Result::transpose)
    }
}
