//! A resource whose operations block, such as an open file: it is here, or lent to a thread of the
//! crew for one operation.
//!
//! # States
//!
//! | state | the resource is | an operation that is polled |
//! |---|---|---|
//! | `Home` | here | takes what an earlier poll of it has left; or is done here, by [`poll_here`]; or goes with the resource to the crew: `Out` |
//! | `Out` | with a thread | waits until the resource is back: `Home`, with what was left |
//!
//! So operations never overlap and happen in the order in which they began. What is done on the
//! crew's threads ends as what is done here does: when the poll is `Ready`, it has happened.
//!
//! # What an operation leaves
//!
//! A poll may begin an operation on a thread, and never come back: its caller gave up. Or another
//! task, with the other half of the file, is polled first. So what comes of an operation is left
//! at home, for whoever it is for:
//!
//! | left by | read | write | flush | any other operation |
//! |---|---|---|---|---|
//! | read: bytes | gets them | puts them back, then writes | leaves them | puts them back if it depends on the position |
//! | read: the end, an error | gets it | forgets it | leaves it | forgets it |
//! | write: done | leaves it | is answered with it if it is the same write; else forgets it, and writes | leaves it | forgets it |
//! | write: an error | leaves it | gets it | gets it | gets it |
//! | other: done | forgets it | forgets it | leaves it | is answered with it if it is the same operation; else forgets it |
//! | other: an error | leaves it | gets it | gets it | gets it |
//!
//! A write is the same if it starts with the bytes that were written. A write that was given up has
//! happened, in full or in part; whoever repeats it finds it done. "Puts back" moves the file's
//! position; what cannot be sought, such as a pipe, keeps its bytes for the next read.
//! An async method knows when it is given up (`give_up`): then its answer is forgotten at once.

use crate::here::{is_outside, poll_here};
use crate::job::Job;
use crate::std_io::retry;
use crate::unread::Unread;
use std::any::Any;
use std::fmt;
use std::fs::Permissions;
use std::io::{self, Read, SeekFrom, Write};
use std::mem;
use std::task::{ready, Poll};
use tokio_task::Caller;

#[cfg(all(test, not(tokio_loom)))]
mod tests;

/// How many bytes a thread reads or writes at a time.
const MOST: usize = 64 * 1024;

pub(crate) struct Lent<R> {
    place: Place<R>,
    /// Nobody waits any more for the answer to what the resource is out for.
    given_up: bool,
}

enum Place<R> {
    Home(Box<Home<R>>),
    Out(Job<Box<Home<R>>, Box<Home<R>>>),
    /// Only inside `lend`.
    Leaving,
}

/// A resource, and what operations have left.
pub(crate) struct Home<R> {
    pub(crate) resource: R,
    unread: Unread,
    /// The end, or an error.
    read: Option<io::Result<()>>,
    written: Option<(Vec<u8>, io::Result<usize>)>,
    answer: Option<(Which, io::Result<Box<dyn Any + Send + Sync>>)>,
}

/// Which operation, other than reading and writing. Each has one type of result.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Which {
    Flush,
    Seek(SeekFrom),
    SyncAll,
    SyncData,
    SetLen(u64),
    Metadata,
    TryClone,
    SetPermissions(Permissions),
    NextEntries,
}

/// What can take back bytes that were read and are not wanted.
pub(crate) trait PutBack {
    /// Moves the position back.
    fn put_back(&mut self, len: u64) -> io::Result<()>;
}

impl<R: PutBack> Home<R> {
    /// Puts back what nobody has asked for, if that can be.
    pub(crate) fn put_back(&mut self) {
        let len = self.unread.len();
        if len > 0 && retry(|| self.resource.put_back(len as u64)).is_ok() {
            self.unread.clear();
        }
    }
}

impl<R: Send + 'static> Lent<R> {
    pub(crate) fn new(resource: R) -> Self {
        let unread = Unread::new();
        let home = Home { resource, unread, read: None, written: None, answer: None };
        Lent { place: Place::Home(Box::new(home)), given_up: false }
    }

    /// The resource, once it is back.
    fn poll_home(&mut self, caller: Caller<'_>) -> Poll<&mut Home<R>> {
        if let Place::Out(job) = &self.place {
            let mut home =
                if is_outside(caller) { job.wait() } else { ready!(job.poll_with(caller)) };
            if mem::take(&mut self.given_up) {
                home.forget_answer();
            }
            self.place = Place::Home(home);
        }
        match &mut self.place {
            Place::Home(home) => Poll::Ready(home),
            _ => unreachable!("made to be `Home` above"),
        }
    }

    /// Sends the resource, which is here, to the crew.
    fn lend(&mut self, work: impl FnOnce(&mut Home<R>) + Send + 'static) -> io::Result<()> {
        let Place::Home(home) = mem::replace(&mut self.place, Place::Leaving) else {
            unreachable!("only what is here is lent")
        };
        let started = Job::start(home, |mut home: Box<Home<R>>| {
            work(&mut home);
            home
        });
        match started {
            Ok(job) => {
                self.place = Place::Out(job);
                Ok(())
            }
            Err((error, home)) => {
                self.place = Place::Home(home);
                Err(error)
            }
        }
    }

    /// Waits until no operation is under way, and reports what one that was given up has failed
    /// with.
    pub(crate) fn poll_idle(&mut self, caller: Caller<'_>) -> Poll<io::Result<()>> {
        let home = ready!(self.poll_home(caller));
        Poll::Ready(home.failed())
    }

    /// Any operation but reading and writing.
    pub(crate) fn poll_other<T: Send + Sync + 'static>(
        &mut self,
        caller: Caller<'_>,
        which: Which,
        operation: impl FnOnce(&mut Home<R>) -> io::Result<T> + Send + 'static,
    ) -> Poll<io::Result<T>> {
        let home = ready!(self.poll_home(caller));
        if let Some(answer) = home.answer_to(&which) {
            return Poll::Ready(answer);
        }
        home.failed()?;
        let mut operation = Some(operation);
        let run = || {
            home.forget_for(&which);
            operation.take().expect("run once")(home)
        };
        if let Some(result) = ready!(poll_here(caller, run)) {
            return Poll::Ready(result);
        }
        let operation = operation.take().expect("not run here");
        let asked = which.clone();
        self.lend(move |home| {
            home.forget_for(&asked);
            let result = operation(home);
            home.answer = Some((asked, result.map(|value| Box::new(value) as _)));
        })?;
        let home = ready!(self.poll_home(caller));
        Poll::Ready(home.answer_to(&which).expect("left by the thread"))
    }

    /// An operation other than reading and writing was given up, and its like will be a new one.
    pub(crate) fn give_up(&mut self) {
        match &mut self.place {
            Place::Home(home) => home.forget_answer(),
            Place::Out(_) => self.given_up = true,
            Place::Leaving => {}
        }
    }

    /// Gives the resource up. Blocks while a thread has it.
    pub(crate) fn into_resource(self) -> R
    where
        R: PutBack,
    {
        let mut home = match self.place {
            Place::Home(home) => home,
            Place::Out(job) => job.wait(),
            Place::Leaving => unreachable!("only inside `lend`"),
        };
        home.put_back();
        home.resource
    }
}

impl<R: Read + PutBack + Send + 'static> Lent<R> {
    pub(crate) fn poll_read(
        &mut self,
        caller: Caller<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let home = ready!(self.poll_home(caller));
        home.forget_answer();
        if let Some(read) = home.give(buf) {
            return Poll::Ready(read);
        }
        if let Some(read) = ready!(poll_here(caller, || retry(|| home.resource.read(buf)))) {
            return Poll::Ready(read);
        }
        let len = buf.len().min(MOST);
        self.lend(move |home| {
            let read = home.unread.fill(len, |room| retry(|| home.resource.read(room)));
            home.read = match read {
                Ok(0) => Some(Ok(())),
                Ok(_) => None,
                Err(error) => Some(Err(error)),
            };
        })?;
        let home = ready!(self.poll_home(caller));
        Poll::Ready(home.give(buf).expect("left by the thread"))
    }
}

impl<R: Write + PutBack + Send + 'static> Lent<R> {
    pub(crate) fn poll_write(&mut self, caller: Caller<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let home = ready!(self.poll_home(caller));
        home.forget_answer();
        if let Some(written) = home.written_of(buf) {
            return Poll::Ready(written);
        }
        home.failed()?;
        if let Some(written) = ready!(poll_here(caller, || home.write(buf))) {
            return Poll::Ready(written);
        }
        let bytes = buf[..buf.len().min(MOST)].to_vec();
        self.lend(move |home| {
            let written = home.write(&bytes);
            home.written = Some((bytes, written));
        })?;
        let home = ready!(self.poll_home(caller));
        Poll::Ready(home.written_of(buf).expect("left by the thread"))
    }
}

impl<R> Home<R> {
    /// What has been read already, into `buf`.
    fn give(&mut self, buf: &mut [u8]) -> Option<io::Result<usize>> {
        if self.unread.len() > 0 {
            return Some(Ok(self.unread.give(buf)));
        }
        self.read.take().map(|end| end.map(|()| 0))
    }

    /// How the write of `buf` went, if it is the one that was written last.
    fn written_of(&mut self, buf: &[u8]) -> Option<io::Result<usize>> {
        match self.written.take()? {
            (bytes, Ok(len)) => buf.starts_with(&bytes).then_some(Ok(len)),
            (_, Err(error)) => Some(Err(error)),
        }
    }

    /// What came of `which`, if that was the last operation.
    fn answer_to<T: 'static>(&mut self, which: &Which) -> Option<io::Result<T>> {
        match self.answer.take()? {
            (known, result) if known == *which => Some(
                result.map(|value| *value.downcast().expect("an operation has one type of result")),
            ),
            (_, Ok(_)) => None,
            failed => {
                self.answer = Some(failed);
                None
            }
        }
    }

    /// What was asked for has been given up: the same question is a new one after this. Errors stay.
    fn forget_answer(&mut self) {
        self.answer.take_if(|(_, answer)| answer.is_ok());
    }

    /// What another operation makes meaningless.
    fn forget_for(&mut self, which: &Which) {
        if *which != Which::Flush {
            (self.read, self.written) = (None, None);
        }
    }

    /// What an operation that was given up has failed with.
    fn failed(&mut self) -> io::Result<()> {
        if let Some((_, Err(error))) = self.written.take_if(|(_, written)| written.is_err()) {
            return Err(error);
        }
        if let Some((_, Err(error))) = self.answer.take_if(|(_, answer)| answer.is_err()) {
            return Err(error);
        }
        Ok(())
    }
}

impl<R: Write + PutBack> Home<R> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.put_back();
        self.read = None;
        retry(|| self.resource.write(bytes))
    }
}

impl<R: fmt::Debug> fmt::Debug for Lent<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Home(home) => home.resource.fmt(f),
            Place::Out(_) => f.write_str("<an operation is under way>"),
            Place::Leaving => unreachable!("only inside `lend`"),
        }
    }
}
