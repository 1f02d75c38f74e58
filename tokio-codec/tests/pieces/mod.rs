//! A byte stream in pieces, with a wait before each.
#![allow(dead_code, reason = "each test file uses a part")]

use futures::{Async, Future as _, Stream as _};
use futures03::StreamExt as _;
use std::io::{self, ErrorKind, Read};
use tokio_codec::{Decoder, FramedRead};
use tokio_io::AsyncRead;

/// Gives at most so many bytes at a time; every other read would block, and wakes its task.
#[derive(Debug)]
pub(crate) struct Pieces<'a> {
    rest: &'a [u8],
    size: usize,
    blocks: bool,
}

impl<'a> Pieces<'a> {
    pub(crate) fn new(rest: &'a [u8], size: usize) -> Self {
        Pieces { rest, size, blocks: false }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.blocks = !self.blocks;
        if self.blocks {
            futures::task::current().notify();
            return Err(ErrorKind::WouldBlock.into());
        }
        let n = self.size.min(buf.len()).min(self.rest.len());
        buf[..n].copy_from_slice(&self.rest[..n]);
        self.rest = &self.rest[n..];
        Ok(n)
    }
}

impl AsyncRead for Pieces<'_> {}

/// More than any test's messages and errors: a stream that does not end is found out.
const MOST: usize = 1_000;

/// All messages of futures 0.1's stream, and its errors by kind.
pub(crate) fn decode_in_pieces<D>(
    codec: D,
    bytes: &[u8],
    size: usize,
) -> Vec<Result<D::Item, ErrorKind>>
where
    D: Decoder<Error = io::Error>,
{
    let mut stream = FramedRead::new(Pieces::new(bytes, size), codec);
    let mut found = Vec::new();
    let all = futures::future::poll_fn(|| loop {
        assert!(found.len() < MOST, "the stream does not end");
        match stream.poll() {
            Ok(Async::Ready(Some(message))) => found.push(Ok(message)),
            Ok(Async::Ready(None)) => return Ok::<_, ()>(Async::Ready(())),
            Ok(Async::NotReady) => return Ok(Async::NotReady),
            Err(error) => found.push(Err(error.kind())),
        }
    });
    all.wait().unwrap();
    found
}

/// The same of the std stream.
pub(crate) fn decode_std<D>(codec: D, bytes: &[u8], size: usize) -> Vec<Result<D::Item, ErrorKind>>
where
    D: Decoder<Error = io::Error>,
{
    let stream = FramedRead::new(Pieces::new(bytes, size), codec);
    let kinds = futures03::StreamExt::map(stream, |message: io::Result<D::Item>| {
        message.map_err(|error| error.kind())
    });
    futures03::executor::block_on(futures03::StreamExt::collect(kinds.take(MOST)))
}
