//! One end of a connection: a writer and a reader, in one task or in two.

use super::plan::{Plan, Side, Violence};
use super::Socket;
use crate::stress::manner::Manner;
use crate::stress::pause::{Pace, Pause};
use crate::stress::random::Random;
use crate::stress::scope::Scope;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::Shutdown;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::Arc;
use std::task::{ready, Poll};
use tokio_task::Caller;

/// A client begins by saying who it is: its number, and the same with all bits flipped.
pub(super) const HELLO: usize = 16;

/// How much is read or written at most by one call.
const CHUNK: u64 = 24 * 1024;

/// How often a slow task rests.
const RESTS: u32 = 15;

/// One end of a connection. Dropping it closes the connection.
pub(super) struct Endpoint<S> {
    scope: Scope,
    writer: Option<Writer<S>>,
    reader: Option<Reader<S>>,
    violent: bool,
}

impl<S: Socket> Endpoint<S> {
    pub(super) fn new(
        scope: Scope,
        plan: &Arc<Plan>,
        side: Side,
        mut stream: S,
        mut random: Random,
    ) -> Endpoint<S> {
        if random.once_in(4) {
            // So that writes are partial, and have to wait.
            stream = stream.narrowed(4096);
        }
        let stream = Arc::new(stream);
        let violent = plan.violence.is_some();
        let mut writer = Some(Writer::new(plan, side, &stream, random.fork()));
        let reader = Some(Reader::new(&scope, plan, side, &stream, random.fork()));
        if !violent && random.once_in(3) {
            // In a task of its own: two tasks wait for the two directions of one socket.
            let mut writer = writer.take().expect("there is one");
            let writes = scope.clone();
            let guard = scope.completes("writer of its own").guard();
            let manner = Manner::any(&mut random);
            manner.spawn(&scope.handle, guard, move |caller: Caller<'_>| {
                if let Err(error) = ready!(writer.poll(caller)) {
                    writes.loss(format_args!("writing failed: {error}; {:?}", writer.plan));
                }
                Poll::Ready(())
            });
        }
        Endpoint { scope, writer, reader, violent }
    }

    /// Ready when both directions have ended, or the connection was broken off.
    pub(super) fn poll(&mut self, caller: Caller<'_>) -> Poll<()> {
        if let Some(writer) = &mut self.writer {
            match writer.poll(caller) {
                Poll::Pending => {}
                Poll::Ready(Ok(Wrote::All)) => self.writer = None,
                Poll::Ready(Ok(Wrote::Enough)) => return Poll::Ready(()),
                Poll::Ready(Err(error)) => return self.broken(error),
            }
        }
        if let Some(reader) = &mut self.reader {
            match reader.poll(caller) {
                Poll::Pending => {}
                Poll::Ready(Ok(())) => self.reader = None,
                Poll::Ready(Err(error)) => return self.broken(error),
            }
        }
        match (&self.writer, &self.reader) {
            (None, None) => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }

    fn broken(&self, error: io::Error) -> Poll<()> {
        use io::ErrorKind::{BrokenPipe, ConnectionReset, NotConnected};
        let usual = matches!(error.kind(), BrokenPipe | ConnectionReset | NotConnected);
        self.scope.check(self.violent && usual, format_args!("a connection failed: {error}"));
        Poll::Ready(())
    }
}

/// How a writer has ended.
enum Wrote {
    All,
    /// The connection is to be broken off now.
    Enough,
}

/// Writes one direction.
struct Writer<S> {
    plan: Arc<Plan>,
    side: Side,
    stream: Arc<S>,
    /// What waits to be written, and how much of it was.
    chunk: Vec<u8>,
    done: usize,
    /// The place of the byte after `chunk`; the client's hello comes before place 0.
    next: u64,
    hello: usize,
    pace: Pace,
    pause: Pause,
    rests: u32,
    random: Random,
}

impl<S: Socket> Writer<S> {
    fn new(plan: &Arc<Plan>, side: Side, stream: &Arc<S>, mut random: Random) -> Writer<S> {
        let hello = [plan.id.to_le_bytes(), (!plan.id).to_le_bytes()].concat();
        let chunk = if side == Side::Client { hello } else { Vec::new() };
        Writer {
            plan: plan.clone(),
            side,
            stream: stream.clone(),
            hello: chunk.len(),
            chunk,
            done: 0,
            next: 0,
            pace: Pace::any(&mut random),
            pause: Pause::None,
            rests: RESTS,
            random,
        }
    }

    fn poll(&mut self, caller: Caller<'_>) -> Poll<io::Result<Wrote>> {
        loop {
            ready!(self.pause.poll(caller));
            if self.done == self.chunk.len() && !self.refill() {
                return Poll::Ready(self.end());
            }
            let rest = &self.chunk[self.done..];
            let written = if self.random.once_in(4) {
                let (front, back) =
                    rest.split_at(self.random.within(0..=rest.len() as u64) as usize);
                let parts = [IoSlice::new(front), IoSlice::new(back)];
                ready!(self.stream.poll_write_vectored_with(caller, &parts))?
            } else {
                ready!(self.stream.poll_write_with(caller, rest))?
            };
            if written == 0 || written > rest.len() {
                return Poll::Ready(Err(io::Error::other(format!("{written} bytes were written"))));
            }
            self.done += written;
            let said = self.hello.min(written);
            self.hello -= said;
            self.plan.way(self.side).written.fetch_add((written - said) as u64, Relaxed);
            self.pause = Pause::any(self.pace, &mut self.rests, &mut self.random);
        }
    }

    /// The next chunk, if there is one.
    fn refill(&mut self) -> bool {
        let left = self.plan.limit(self.side) - self.next;
        let len = left.min(self.random.within(1..=CHUNK));
        self.chunk.resize(len as usize, 0);
        self.plan.way(self.side).fill(self.next, &mut self.chunk);
        if self.next == 0 && self.side == Side::Client && len > 0 {
            self.plan.fault.iter().for_each(|fault| fault.befall(&mut self.chunk));
        }
        self.done = 0;
        self.next += len;
        !self.chunk.is_empty()
    }

    fn end(&mut self) -> io::Result<Wrote> {
        match self.plan.violence {
            Some(Violence::Reset(side, _)) if side == self.side => {
                self.stream.reset_when_closed()?;
                Ok(Wrote::Enough)
            }
            Some(Violence::Vanish(side, _)) if side == self.side => Ok(Wrote::Enough),
            _ => self.stream.shutdown(Shutdown::Write).map(|()| Wrote::All),
        }
    }
}

/// Reads one direction.
struct Reader<S> {
    scope: Scope,
    plan: Arc<Plan>,
    /// Who has sent what is read here.
    from: Side,
    stream: Arc<S>,
    buf: Vec<u8>,
    at: u64,
    pace: Pace,
    pause: Pause,
    rests: u32,
    random: Random,
}

impl<S: Socket> Reader<S> {
    fn new(
        scope: &Scope,
        plan: &Arc<Plan>,
        side: Side,
        stream: &Arc<S>,
        mut random: Random,
    ) -> Reader<S> {
        let longest = random.one_of(&[1, 64, 1000, 4096, CHUNK]);
        // Byte by byte only what is short.
        let longest = if plan.way(side.other()).len > 2000 { longest.max(1000) } else { longest };
        Reader {
            scope: scope.clone(),
            plan: plan.clone(),
            from: side.other(),
            stream: stream.clone(),
            buf: vec![0; longest as usize],
            at: 0,
            pace: Pace::any(&mut random),
            pause: Pause::None,
            rests: RESTS,
            random,
        }
    }

    /// Ready at the end of what the other side has sent.
    fn poll(&mut self, caller: Caller<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.pause.poll(caller));
            let len = self.random.within(1..=self.buf.len() as u64) as usize;
            let buf = &mut self.buf[..len];
            // A call that has to wait may be another one when it goes on.
            let how = self.random.within(0..=7);
            let n = match how {
                0 if S::PEEKS => ready!(self.stream.poll_peek_with(caller, buf))?,
                1 => {
                    let (front, back) = buf.split_at_mut(len / 2);
                    let mut parts = [IoSliceMut::new(front), IoSliceMut::new(back)];
                    ready!(self.stream.poll_read_vectored_with(caller, &mut parts))?
                }
                _ => ready!(self.stream.poll_read_with(caller, buf))?,
            };
            let way = self.plan.way(self.from);
            if n == 0 {
                way.ended.store(true, Relaxed);
                return Poll::Ready(Ok(()));
            }
            if let Some(place) = way.difference(self.at, &buf[..n]) {
                let (at, plan) = (self.at, &self.plan);
                self.scope.loss(format_args!("byte {place} is wrong, read from {at}: {plan:?}"));
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
            if !S::PEEKS || how != 0 {
                self.at += n as u64;
                way.read.store(self.at, Relaxed);
                self.scope.ledger.advance();
            }
            self.pause = Pause::any(self.pace, &mut self.rests, &mut self.random);
        }
    }
}
