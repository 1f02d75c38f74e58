//! The standard input.
//!
//! A read of it may take for ever. So it is never done in a pool's thread, whose end a shutdown
//! waits for, but on a thread of the crew, for which nobody waits; and what it brings goes to a
//! place that all handles share, so that nothing is lost with the handle or the poll that asked.
//!
//! | `input` | a poll |
//! |---|---|
//! | has bytes | gets some |
//! | has an end or an error | gets it; the next poll reads again |
//! | has neither, a thread reads | waits |
//! | has neither, nobody reads | has a thread read, and waits |

use crate::crew::Crew;
use crate::here::is_outside;
use crate::std_io::{or_would_block, retry};
use crate::unread::Unread;
use crate::waiting::{wait, Waiting};
use futures::Poll as Poll01;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{ready, Context, Poll};
use tokio_task::{poll_proceed, to_futures01, Caller};

/// The standard input of the process; made by [`stdin`].
///
/// All handles read from one stream. futures 0.1 uses [`tokio_io::AsyncRead`], std uses
/// [`futures_io::AsyncRead`]. (Do not read [`std::io::stdin`] at the same time: which of the two
/// gets which bytes is open.)
///
/// # Cancellation
///
/// Giving up a read loses no bytes: the next one gets them, with this handle or another. The thread
/// that reads goes on waiting for input. It delays neither the shutdown of a runtime nor the end of
/// the process, which takes with it input that nobody has asked for. It also goes on to own
/// the terminal's next line: a child process that shares the input may miss it.
#[derive(Debug)]
pub struct Stdin(());

/// The standard input of the process.
///
/// ```no_run
/// use futures03::io::{AsyncBufReadExt, BufReader};
/// use futures03::StreamExt;
///
/// # futures03::executor::block_on(async {
/// let mut lines = BufReader::new(tokio_fs::stdin()).lines();
/// while let Some(line) = lines.next().await {
///     println!("{}", line?);
/// }
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub fn stdin() -> Stdin {
    Stdin(())
}

struct Input {
    bytes: Unread,
    end: Option<io::Result<()>>,
    reading: bool,
}

/// Bytes that are read at a time.
const AT_ONCE: usize = 16 * 1024;

fn input() -> &'static Waiting<Input> {
    static INPUT: OnceLock<Waiting<Input>> = OnceLock::new();
    INPUT.get_or_init(|| Waiting::new(Input { bytes: Unread::new(), end: None, reading: false }))
}

impl Input {
    fn give(&mut self, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        if self.bytes.len() > 0 {
            return Poll::Ready(Ok(self.bytes.give(buf)));
        }
        self.end.take().map_or(Poll::Pending, |end| Poll::Ready(end.map(|()| 0)))
    }
}

/// Has a thread read, unless one does or something has been read already.
fn begin() -> io::Result<()> {
    let begin = input().change_quietly(|input| {
        let idle = input.bytes.len() == 0 && input.end.is_none() && !input.reading;
        input.reading |= idle;
        idle
    });
    if !begin {
        return Ok(());
    }
    let submitted = Crew::get().submit(Box::new(|| {
        let mut bytes = Unread::new();
        let read = bytes.fill(AT_ONCE, |room| retry(|| io::stdin().read(room)));
        input().change(|input| {
            input.end = match read {
                Ok(0) => Some(Ok(())),
                Ok(_) => None,
                Err(error) => Some(Err(error)),
            };
            (input.bytes, input.reading) = (bytes, false);
        });
    }));
    if submitted.is_err() {
        // Whoever waits finds that nobody reads, and tries for itself.
        input().change(|input| input.reading = false);
    }
    submitted
}

impl Stdin {
    /// Reads up to `buf.len()` bytes; 0 for a non-empty `buf` means the end, for now: at a terminal
    /// there may be more later. The one definition of reading, for either generation.
    ///
    /// # Errors
    ///
    /// Those of the system, or that no thread can be started.
    pub fn poll_read_with(
        &mut self,
        caller: Caller<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if is_outside(caller) {
            return Poll::Ready(wait(|caller| poll_read(caller, buf)));
        }
        ready!(poll_proceed(caller));
        poll_read(caller, buf)
    }
}

fn poll_read(caller: Caller<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
    if buf.is_empty() {
        return Poll::Ready(Ok(0));
    }
    begin()?;
    input().poll(caller, |input| input.give(buf))
}

/// For futures 0.1 tasks: `WouldBlock` means that the current task will be woken. Outside of tasks
/// it blocks.
impl Read for Stdin {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        or_would_block(self.poll_read_with(Caller::Futures01, buf))
    }
}

impl tokio_io::AsyncRead for Stdin {
    fn poll_read(&mut self, buf: &mut [u8]) -> Poll01<usize, io::Error> {
        to_futures01(self.poll_read_with(Caller::Futures01, buf))
    }
}

impl futures_io::AsyncRead for Stdin {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_read_with(cx.into(), buf)
    }
}
