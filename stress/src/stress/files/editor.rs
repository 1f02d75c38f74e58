//! One file, and beside it what has to be in it: operations in any order, some of which are given up.

use crate::stress::limits;
use crate::stress::pause::{Pace, Pause};
use crate::stress::random::Random;
use crate::stress::scope::Scope;
use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};
use std::task::{ready, Poll};
use tokio::fs::{File, OpenOptions};
use tokio_fs::file::OpenFuture;
use tokio_fs::{Operation, ReadFile, RemoveFileFuture};
use tokio_task::Caller;

/// How large a file may get.
const LONGEST: u64 = 100_000;

/// How often a slow task rests.
const RESTS: u32 = 5;

/// Edits one file.
pub(super) struct Editor {
    scope: Scope,
    path: PathBuf,
    file: Option<File>,
    /// What has to be in the file, and where the next byte is read or written.
    model: Vec<u8>,
    at: u64,
    doing: Doing,
    /// How many operations are to come.
    left: u64,
    buf: Vec<u8>,
    pace: Pace,
    pause: Pause,
    rests: u32,
    random: Random,
    /// What is given up depends on what has to wait: no number of the others does.
    whims: Random,
}

/// What an editor is in the middle of.
enum Doing {
    Opening(OpenFuture<PathBuf>),
    Choosing,
    Writing(Vec<u8>),
    /// After a write of this was given up: how far did it get?
    Locating(Vec<u8>),
    Reading(usize),
    Seeking(SeekFrom, u64),
    Cutting(u64),
    Measuring,
    Flushing,
    Cloning,
    /// The position is also that of the other handle.
    Comparing(File),
    ReadingAll(ReadFile<PathBuf>),
    Removing(RemoveFileFuture<PathBuf>),
}

impl Editor {
    pub(super) fn new(scope: Scope, path: PathBuf, mut random: Random) -> Editor {
        let left = random.within(1..=40);
        let (pace, whims) = (Pace::any(&mut random), random.fork());
        let doing = Doing::Opening(Editor::open(&path));
        let (model, buf) = (Vec::new(), vec![0; 8_000]);
        let (file, at, pause, rests) = (None, 0, Pause::None, RESTS);
        Editor { scope, path, file, model, at, doing, left, buf, pace, pause, rests, random, whims }
    }

    fn open(path: &Path) -> OpenFuture<PathBuf> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        options.open(path.to_owned())
    }

    pub(super) fn poll(&mut self, caller: Caller<'_>) -> Poll<()> {
        match ready!(self.poll_removed(caller)) {
            Ok(()) => {}
            Err(error) => {
                self.scope.loss(format_args!("an operation failed: {error}"));
            }
        }
        Poll::Ready(())
    }

    fn poll_removed(&mut self, caller: Caller<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.pause.poll(caller));
            let step = self.poll_step(caller);
            if step.is_pending() {
                let may = matches!(
                    self.doing,
                    Doing::Writing(_) | Doing::Reading(_) | Doing::Seeking(..)
                );
                if may && self.whims.once_in(4) {
                    self.give_up();
                    self.scope.count("operations given up", 1);
                    caller.wake();
                }
                return Poll::Pending;
            }
            match ready!(step) {
                Ok(true) => return Poll::Ready(Ok(())),
                Ok(false) => {}
                Err(error) if limits::are_reached(&error) => {
                    self.pause = self.scope.pause_without_descriptors();
                    // It is one of these that need one.
                    self.doing = match self.doing {
                        Doing::Opening(_) => Doing::Opening(Editor::open(&self.path)),
                        Doing::ReadingAll(_) => {
                            Doing::ReadingAll(tokio_fs::read(self.path.clone()))
                        }
                        _ => Doing::Choosing,
                    };
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// Another operation than the one that waits comes next.
    fn give_up(&mut self) {
        self.doing = match std::mem::replace(&mut self.doing, Doing::Choosing) {
            // To begin with the same bytes means to go on with the same write.
            Doing::Writing(bytes) if self.whims.once_in(2) => Doing::Writing(bytes),
            Doing::Writing(bytes) => Doing::Locating(bytes),
            // It may have been carried out.
            Doing::Seeking(..) => Editor::seek(self.model.len() as u64, &mut self.whims),
            _ => Doing::Choosing,
        };
    }

    /// Goes on with an operation. True when the file is gone.
    fn poll_step(&mut self, caller: Caller<'_>) -> Poll<io::Result<bool>> {
        let next = match &mut self.doing {
            Doing::Opening(opening) => {
                self.file = Some(ready!(opening.poll_with(caller))?);
                self.at = 0;
                Doing::Choosing
            }
            Doing::Choosing => self.choose(),
            Doing::Writing(bytes) => {
                let file = self.file.as_mut().expect("it is open");
                let n = ready!(file.poll_write_with(caller, bytes))?;
                let holds = (1..=bytes.len()).contains(&n);
                self.scope.check(holds, format_args!("{n} bytes were written"));
                let rest = bytes.split_off(n);
                let written = std::mem::take(bytes);
                self.wrote(&written);
                if rest.is_empty() {
                    Doing::Choosing
                } else {
                    Doing::Writing(rest)
                }
            }
            Doing::Locating(bytes) => {
                let file = self.file.as_mut().expect("it is open");
                let at = ready!(file.poll_seek_with(caller, SeekFrom::Current(0)))?;
                let n = at.checked_sub(self.at).filter(|n| *n <= bytes.len() as u64);
                let Some(n) = n else {
                    let (from, most) = (self.at, bytes.len());
                    let what = format!("a write of {most} at {from} that was given up got to {at}");
                    return Poll::Ready(Err(io::Error::other(what)));
                };
                bytes.truncate(n as usize);
                let written = std::mem::take(bytes);
                self.wrote(&written);
                Doing::Choosing
            }
            Doing::Reading(len) => {
                let buf = &mut self.buf[..*len];
                let file = self.file.as_mut().expect("it is open");
                let n = ready!(file.poll_read_with(caller, buf))?;
                let rest = self.model.get(self.at as usize..).unwrap_or_default();
                let holds = rest.starts_with(&buf[..n]) && (n > 0 || rest.is_empty());
                let (at, path) = (self.at, self.path.display());
                self.scope.check(holds, format_args!("{n} bytes read at {at} are wrong in {path}"));
                self.at += n as u64;
                self.scope.count("bytes", n as u64);
                Doing::Choosing
            }
            Doing::Seeking(to, due) => {
                let file = self.file.as_mut().expect("it is open");
                let at = ready!(file.poll_seek_with(caller, *to))?;
                let holds = at == *due;
                self.scope.check(holds, format_args!("{to:?} is {at} in place of {due}"));
                self.at = at;
                Doing::Choosing
            }
            Doing::Cutting(len) => {
                let file = self.file.as_mut().expect("it is open");
                ready!(file.poll_set_len_with(caller, *len))?;
                self.model.resize(*len as usize, 0);
                Doing::Choosing
            }
            Doing::Measuring => {
                let file = self.file.as_mut().expect("it is open");
                let len = ready!(file.poll_metadata_with(caller))?.len();
                let due = self.model.len();
                self.scope.check(len == due as u64, format_args!("{len} bytes of {due} are there"));
                Doing::Choosing
            }
            Doing::Flushing => {
                let file = self.file.as_mut().expect("it is open");
                ready!(file.poll_flush_with(caller))?;
                Doing::Choosing
            }
            Doing::Cloning => {
                let file = self.file.as_mut().expect("it is open");
                Doing::Comparing(ready!(file.poll_try_clone_with(caller))?)
            }
            Doing::Comparing(other) => {
                let at = ready!(other.poll_seek_with(caller, SeekFrom::Current(0)))?;
                let due = self.at;
                self.scope.check(at == due, format_args!("a clone is at {at} in place of {due}"));
                Doing::Choosing
            }
            Doing::ReadingAll(reading) => {
                let bytes = ready!(reading.poll_with(caller))?;
                let wrong = bytes.iter().zip(&self.model).position(|(one, other)| one != other);
                let holds = wrong.is_none() && bytes.len() == self.model.len();
                let (len, due, path) = (bytes.len(), self.model.len(), self.path.display());
                let what = format_args!("{len} bytes of {due}, wrong at {wrong:?}, are in {path}");
                self.scope.check(holds, what);
                Doing::Removing(tokio_fs::remove_file(self.path.clone()))
            }
            Doing::Removing(removing) => {
                ready!(removing.poll_with(caller))?;
                return Poll::Ready(Ok(true));
            }
        };
        self.doing = next;
        self.pause = Pause::any(self.pace, &mut self.rests, &mut self.random);
        Poll::Ready(Ok(false))
    }

    fn choose(&mut self) -> Doing {
        if self.left == 0 {
            // Closed before it is read by another handle.
            self.file = None;
            return Doing::ReadingAll(tokio_fs::read(self.path.clone()));
        }
        self.left -= 1;
        self.scope.ledger.advance();
        let longest = self.buf.len() as u64;
        match self.random.within(0..=11) {
            0..=4 if self.at < LONGEST => {
                let len = self.random.within(1..=longest);
                let words = (0..len.div_ceil(8)).flat_map(|_| self.random.number().to_le_bytes());
                let mut bytes: Vec<u8> = words.collect();
                bytes.truncate(len as usize);
                Doing::Writing(bytes)
            }
            0..=6 => Doing::Reading(self.random.within(1..=longest) as usize),
            7 | 8 => Editor::seek(self.model.len() as u64, &mut self.random),
            9 => match self.random.within(0..=3) {
                0 => {
                    self.file = None;
                    Doing::Opening(Editor::open(&self.path))
                }
                1 => Doing::Cloning,
                _ => Doing::Cutting(self.random.within(0..=self.model.len() as u64 + 100)),
            },
            10 => Doing::Measuring,
            _ => Doing::Flushing,
        }
    }

    /// To a place that is known, wherever a file of so many bytes is now.
    fn seek(len: u64, random: &mut Random) -> Doing {
        let to = random.within(0..=len + 100);
        if random.once_in(3) {
            return Doing::Seeking(SeekFrom::End(to as i64 - len as i64), to);
        }
        Doing::Seeking(SeekFrom::Start(to), to)
    }

    /// So much was written at the file's position.
    fn wrote(&mut self, bytes: &[u8]) {
        let (from, to) = (self.at as usize, self.at as usize + bytes.len());
        if !bytes.is_empty() {
            self.model.resize(to.max(self.model.len()), 0);
            self.model[from..to].copy_from_slice(bytes);
        }
        self.at = to as u64;
    }
}
