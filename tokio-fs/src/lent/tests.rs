//! Operations on a resource that does what a script says.

use super::*;
use crate::waiting::wait;
use std::collections::VecDeque;
use std::io::ErrorKind;
use std::sync::{Arc, Mutex};
use std::task::Waker;

/// Answers reads and writes in turn; remembers what was written.
#[derive(Debug, Default)]
struct Script {
    answers: VecDeque<io::Result<usize>>,
    written: Arc<Mutex<Vec<u8>>>,
    synced: u64,
}

impl Script {
    fn new(answers: impl IntoIterator<Item = io::Result<usize>>) -> (Lent<Script>, Written) {
        let written = Written::default();
        let answers = answers.into_iter().collect();
        (Lent::new(Script { answers, written: written.clone(), synced: 0 }), written)
    }
}

type Written = Arc<Mutex<Vec<u8>>>;

impl Read for Script {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let len = self.answers.pop_front().expect("no more answers")?.min(buf.len());
        buf[..len].fill(b'r');
        Ok(len)
    }
}

impl Write for Script {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let len = self.answers.pop_front().expect("no more answers")?.min(buf.len());
        self.written.lock().unwrap().extend_from_slice(&buf[..len]);
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.answers.pop_front().expect("no more answers").map(drop)
    }
}

impl PutBack for Script {
    /// As a pipe.
    fn put_back(&mut self, _: u64) -> io::Result<()> {
        Err(ErrorKind::NotSeekable.into())
    }
}

fn error(kind: ErrorKind) -> io::Result<usize> {
    Err(kind.into())
}

/// Outside of tasks, so in place; and as a std task of no pool, so on a thread.
fn everywhere(body: impl Fn(&mut dyn FnMut(&mut dyn FnMut(Caller<'_>) -> Poll<()>))) {
    body(&mut |poll| assert!(poll(Caller::Futures01).is_ready()));
    body(&mut |poll| wait(poll));
}

/// Begins an operation and gives it up: polls once, and waits until it is done.
fn give_up<R: Send + 'static, T>(
    lent: &mut Lent<R>,
    mut poll: impl FnMut(&mut Lent<R>, Caller<'_>) -> Poll<T>,
) {
    if poll(lent, Caller::Std(Waker::noop())).is_ready() {
        panic!("not given up: the thread was faster than one poll");
    }
    wait(|caller| lent.poll_home(caller).map(|_| ()));
}

/// A resource whose operations wait until the test has given them up.
#[derive(Debug)]
struct Gate<R>(R, std::sync::mpsc::Receiver<()>);

#[test]
fn interrupted_operations_are_repeated() {
    everywhere(|run| {
        let (mut lent, written) = Script::new([
            error(ErrorKind::Interrupted),
            error(ErrorKind::Interrupted),
            Ok(3),
            error(ErrorKind::Interrupted),
            Ok(2),
            error(ErrorKind::Interrupted),
            Ok(0),
        ]);
        let mut buf = [0; 8];
        run(&mut |caller| lent.poll_read(caller, &mut buf).map(|n| assert_eq!(n.unwrap(), 3)));
        run(&mut |caller| lent.poll_write(caller, b"abc").map(|n| assert_eq!(n.unwrap(), 2)));
        run(&mut |caller| {
            lent.poll_other(caller, Which::Flush, |home| retry(|| home.resource.flush()))
                .map(|flushed| flushed.unwrap())
        });
        assert_eq!(&buf[..4], b"rrr\0");
        assert_eq!(*written.lock().unwrap(), b"ab");
    });
}

#[test]
fn would_block_is_an_error_of_another_kind() {
    everywhere(|run| {
        let (mut lent, _) =
            Script::new([error(ErrorKind::WouldBlock), error(ErrorKind::WouldBlock)]);
        run(&mut |caller| {
            lent.poll_read(caller, &mut [0; 8])
                .map(|read| assert_eq!(read.unwrap_err().kind(), ErrorKind::Other))
        });
        run(&mut |caller| {
            lent.poll_write(caller, b"abc")
                .map(|written| assert_eq!(written.unwrap_err().kind(), ErrorKind::Other))
        });
    });
}

#[test]
fn partial_writes_are_counted() {
    everywhere(|run| {
        let (mut lent, written) = Script::new([Ok(1), Ok(2), Ok(0)]);
        for (bytes, len) in [(&b"abc"[..], 1), (b"bc", 2), (b"d", 0)] {
            run(&mut |caller| {
                lent.poll_write(caller, bytes).map(|written| assert_eq!(written.unwrap(), len))
            });
        }
        assert_eq!(*written.lock().unwrap(), b"abc");
    });
}

impl<R: Read> Read for Gate<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let _ = self.1.recv();
        self.0.read(buf)
    }
}

impl<R: Write> Write for Gate<R> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let _ = self.1.recv();
        self.0.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.1.recv();
        self.0.flush()
    }
}

impl<R: PutBack> PutBack for Gate<R> {
    fn put_back(&mut self, len: u64) -> io::Result<()> {
        self.0.put_back(len)
    }
}

/// Gives up the operation that `poll` begins, and opens the gate for it and all that follow.
fn gated(
    answers: impl IntoIterator<Item = io::Result<usize>>,
    mut poll: impl FnMut(&mut Lent<Gate<Script>>, Caller<'_>) -> Poll<()>,
) -> (Lent<Gate<Script>>, Written) {
    let (open, closed) = std::sync::mpsc::channel();
    let (lent, written) = Script::new(answers);
    let mut lent = Lent::new(Gate(lent.into_resource(), closed));
    let mut open = Some(open);
    give_up(&mut lent, |lent, caller| {
        let polled = poll(lent, caller);
        open = None;
        polled
    });
    (lent, written)
}

fn write(lent: &mut Lent<Gate<Script>>, bytes: &[u8]) -> io::Result<usize> {
    wait(|caller| lent.poll_write(caller, bytes))
}

fn read(lent: &mut Lent<Gate<Script>>, buf: &mut [u8]) -> io::Result<usize> {
    wait(|caller| lent.poll_read(caller, buf))
}

#[test]
fn a_write_that_is_resumed_is_not_written_twice() {
    let (mut lent, written) =
        gated([Ok(2), Ok(9)], |lent, caller| lent.poll_write(caller, b"abc").map(drop));
    // More may have been added to what the caller wants to write.
    assert_eq!(write(&mut lent, b"abcdef").unwrap(), 2);
    assert_eq!(write(&mut lent, b"cdef").unwrap(), 4);
    assert_eq!(*written.lock().unwrap(), b"abcdef");
}

#[test]
fn another_write_comes_after_one_that_was_given_up() {
    let (mut lent, written) =
        gated([Ok(3), Ok(9)], |lent, caller| lent.poll_write(caller, b"abc").map(drop));
    assert_eq!(write(&mut lent, b"xyz").unwrap(), 3);
    assert_eq!(*written.lock().unwrap(), b"abcxyz");
}

#[test]
fn the_error_of_a_write_that_was_given_up_is_reported_once() {
    type Next = fn(&mut Lent<Gate<Script>>) -> io::Result<()>;
    let nexts: [Next; 3] = [
        |lent| write(lent, b"xyz").map(drop),
        |lent| wait(|caller| lent.poll_idle(caller)),
        |lent| wait(|caller| lent.poll_other(caller, Which::SyncAll, |_| Ok(()))),
    ];
    for next in nexts {
        let (mut lent, written) = gated([error(ErrorKind::StorageFull), Ok(1)], |lent, caller| {
            lent.poll_write(caller, b"abc").map(drop)
        });
        assert_eq!(next(&mut lent).unwrap_err().kind(), ErrorKind::StorageFull);
        assert_eq!(write(&mut lent, b"z").unwrap(), 1);
        assert_eq!(*written.lock().unwrap(), b"z");
    }
}

/// As with the halves of a split file, which two tasks poll.
#[test]
fn a_read_in_between_leaves_a_write_and_its_error_alone() {
    let (mut lent, written) =
        gated([Ok(3), Ok(1)], |lent, caller| lent.poll_write(caller, b"abc").map(drop));
    assert_eq!(read(&mut lent, &mut [0; 4]).unwrap(), 1);
    wait(|caller| lent.poll_idle(caller)).unwrap();
    assert_eq!(write(&mut lent, b"abc").unwrap(), 3);
    assert_eq!(*written.lock().unwrap(), b"abc");

    let (mut lent, _) = gated([error(ErrorKind::BrokenPipe), Ok(1)], |lent, caller| {
        lent.poll_write(caller, b"abc").map(drop)
    });
    assert_eq!(read(&mut lent, &mut [0; 4]).unwrap(), 1);
    assert_eq!(write(&mut lent, b"abc").unwrap_err().kind(), ErrorKind::BrokenPipe);
}

#[test]
fn an_operation_on_the_file_ends_the_resumption_of_a_write() {
    let (mut lent, written) =
        gated([Ok(3), Ok(3)], |lent, caller| lent.poll_write(caller, b"abc").map(drop));
    wait(|caller| lent.poll_other(caller, Which::Seek(SeekFrom::Start(0)), |_| Ok(0u64))).unwrap();
    assert_eq!(write(&mut lent, b"abc").unwrap(), 3);
    assert_eq!(*written.lock().unwrap(), b"abcabc");
}

#[test]
fn what_cannot_be_put_back_is_kept_for_the_next_read() {
    let (mut lent, written) =
        gated([Ok(3), Ok(9), Ok(1)], |lent, caller| lent.poll_read(caller, &mut [0; 8]).map(drop));
    assert_eq!(write(&mut lent, b"abc").unwrap(), 3);
    let mut buf = [0; 2];
    assert_eq!(read(&mut lent, &mut buf).unwrap(), 2);
    assert_eq!(read(&mut lent, &mut buf).unwrap(), 1);
    assert_eq!(read(&mut lent, &mut buf).unwrap(), 1);
    assert_eq!(*written.lock().unwrap(), b"abc");
}

#[test]
fn the_answer_to_an_operation_that_was_given_up_is_for_the_same_one() {
    let ask = |lent: &mut Lent<Gate<Script>>, caller: Caller<'_>, pos: u64, answer: u64| {
        lent.poll_other(caller, Which::Seek(SeekFrom::Start(pos)), move |home| {
            let _ = home.resource.1.recv();
            Ok(answer)
        })
    };
    let (mut lent, _) = gated([], |lent, caller| ask(lent, caller, 1, 10).map(drop));
    assert_eq!(wait(|caller| ask(&mut lent, caller, 1, 11)).unwrap(), 10);
    assert_eq!(wait(|caller| ask(&mut lent, caller, 1, 12)).unwrap(), 12);
    let (mut lent, _) = gated([], |lent, caller| ask(lent, caller, 1, 10).map(drop));
    assert_eq!(wait(|caller| ask(&mut lent, caller, 2, 20)).unwrap(), 20);
}

#[test]
fn a_panic_of_an_operation_goes_to_the_task() {
    let (mut lent, _) = Script::new([]);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        wait(|caller| lent.poll_read(caller, &mut [0; 8]))
    }));
    let message = *panicked.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(message, "no more answers");
    // The threads are none the worse for it.
    let (mut lent, _) = Script::new([Ok(1)]);
    assert_eq!(wait(|caller| lent.poll_read(caller, &mut [0; 8])).unwrap(), 1);
}

/// Counts how often it was run, and answers with that.
fn count(lent: &mut Lent<Gate<Script>>, caller: Caller<'_>) -> Poll<io::Result<u64>> {
    lent.poll_other(caller, Which::SyncAll, |home| {
        let _ = home.resource.1.recv();
        home.resource.0.synced += 1;
        Ok(home.resource.0.synced)
    })
}

#[test]
fn an_answer_is_not_for_an_operation_after_a_read_or_a_write() {
    type Between = fn(&mut Lent<Gate<Script>>);
    let betweens: [(Between, u64); 5] = [
        (|_| {}, 1),
        (|lent| wait(|caller| lent.poll_idle(caller)).unwrap(), 1),
        (|lent| assert_eq!(write(lent, b"x").unwrap(), 1), 2),
        (|lent| assert_eq!(read(lent, &mut [0; 2]).unwrap(), 1), 2),
        (|lent| lent.give_up(), 2),
    ];
    for (between, answer) in betweens {
        let (mut lent, _) = gated([Ok(1)], |lent, caller| count(lent, caller).map(drop));
        between(&mut lent);
        assert_eq!(wait(|caller| count(&mut lent, caller)).unwrap(), answer);
    }
}

#[test]
fn an_operation_that_is_given_up_while_it_is_out_is_no_answer() {
    let (open, closed) = std::sync::mpsc::channel::<()>();
    let mut lent = Lent::new(Gate(Script::new([]).0.into_resource(), closed));
    assert!(count(&mut lent, Caller::Std(Waker::noop())).is_pending());
    lent.give_up();
    drop(open);
    assert_eq!(wait(|caller| count(&mut lent, caller)).unwrap(), 2);
}
