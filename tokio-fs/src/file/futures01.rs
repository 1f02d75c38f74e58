//! The futures 0.1 generation's spellings: `tokio_io`.

use crate::std_io::or_would_block;
use crate::File;
use futures::Poll as Poll01;
use std::io::{self, Read, Write};
use tokio_io::{AsyncRead, AsyncWrite};
use tokio_task::{to_futures01, Caller};

/// For futures 0.1 tasks: `WouldBlock` means that the current task will be woken. Outside of tasks
/// it blocks.
impl Read for File {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        or_would_block(self.poll_read_with(Caller::Futures01, buf))
    }
}

/// For futures 0.1 tasks: `WouldBlock` means that the current task will be woken. Outside of tasks
/// it blocks.
impl Write for File {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        or_would_block(self.poll_write_with(Caller::Futures01, buf))
    }

    fn flush(&mut self) -> io::Result<()> {
        or_would_block(self.poll_flush_with(Caller::Futures01))
    }
}

impl AsyncRead for File {
    fn poll_read(&mut self, buf: &mut [u8]) -> Poll01<usize, io::Error> {
        to_futures01(self.poll_read_with(Caller::Futures01, buf))
    }
}

/// `shutdown` flushes; see [`File`].
impl AsyncWrite for File {
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
