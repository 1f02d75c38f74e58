//! What the traits promise, and the std types that implement them.

mod script;

use bytes::{Buf, BufMut, BytesMut};
use futures::{Async, Poll};
use script::{give, run01, run_std, std_generation, Fail, NotReady, Script, Take};
use std::io::{self, BufReader, BufWriter, Cursor, ErrorKind, Read, Write};
use tokio_io::io::{AllowStdIo, Window};
use tokio_io::{try_nb, AsyncRead, AsyncWrite};

/// Looks at the buffer that it is given.
struct Nosy {
    reads: usize,
    zeroes: bool,
}

impl Read for Nosy {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.zeroes &= buf.iter().all(|&b| b == 0);
        self.reads += 1;
        // Claims what it has not written: without the zeroes, this would be foreign memory.
        Ok(buf.len())
    }
}

impl AsyncRead for Nosy {}

fn is_zeroed_for(reader: &impl AsyncRead) -> bool {
    let mut buf = [7; 16];
    // SAFETY: after this the buffer is initialised in any case, as it was before.
    let initialised = unsafe { reader.prepare_uninitialized_buffer(&mut buf) };
    assert_eq!(initialised, buf == [0; 16], "the answer is what happened");
    initialised
}

#[test]
fn a_reader_sees_zeroes_unless_it_vouches_for_itself() {
    let mut nosy = Nosy { reads: 0, zeroes: true };
    // The spare room of this was written to before.
    let mut buf = vec![7; 64];
    buf.truncate(8);
    assert_eq!(AsyncRead::read_buf(&mut nosy, &mut buf).unwrap(), Async::Ready(56));
    assert!(nosy.zeroes);
    assert_eq!(buf, [[7; 8].as_slice(), &[0; 56]].concat());

    let nosy = || Nosy { reads: 0, zeroes: true };
    assert!(is_zeroed_for(&nosy()));
    assert!(is_zeroed_for(&&mut nosy()));
    assert!(is_zeroed_for(&(Box::new(nosy()) as Box<dyn AsyncRead>)));
    assert!(is_zeroed_for(&BufReader::new(nosy())));
    assert!(is_zeroed_for(&nosy().take(1)));
    assert!(is_zeroed_for(&nosy().chain(&b""[..])));
    assert!(is_zeroed_for(&(&b""[..]).chain(nosy())));
    assert!(is_zeroed_for(&AllowStdIo::new(io::empty())));
    assert!(is_zeroed_for(&Script::default().split().0));

    assert!(!is_zeroed_for(&&b""[..]));
    assert!(!is_zeroed_for(&&mut &b""[..]));
    assert!(!is_zeroed_for(&Box::new(&b""[..])));
    assert!(!is_zeroed_for(&Cursor::new("")));
    assert!(!is_zeroed_for(&io::repeat(1)));
    assert!(!is_zeroed_for(&BufReader::new(&b""[..])));
    assert!(!is_zeroed_for(&(&b""[..]).take(1)));
    assert!(!is_zeroed_for(&(&b""[..]).chain(&b""[..])));
    assert!(!is_zeroed_for(&Cursor::new(Vec::new()).split().0));
}

#[test]
fn read_buf_advances_by_what_was_read() {
    let mut script = Script::reading([NotReady, give("abc"), Fail(ErrorKind::TimedOut)]);
    let mut buf = BytesMut::with_capacity(64);
    run01(|| {
        assert!(AsyncRead::read_buf(&mut script, &mut buf)?.is_not_ready());
        Ok::<_, io::Error>(Async::Ready(()))
    })
    .unwrap();
    assert_eq!(AsyncRead::read_buf(&mut script, &mut buf).unwrap(), Async::Ready(3));
    assert!(AsyncRead::read_buf(&mut script, &mut buf).is_err());
    assert_eq!(AsyncRead::read_buf(&mut script, &mut buf).unwrap(), Async::Ready(0));
    assert_eq!(&buf[..], b"abc");
}

#[test]
fn read_buf_without_room_reads_nothing() {
    let mut nosy = Nosy { reads: 0, zeroes: true };
    let mut full = [0u8; 0];
    let mut full = Cursor::new(&mut full[..]);
    assert!(!full.has_remaining_mut());
    assert_eq!(AsyncRead::read_buf(&mut nosy, &mut full).unwrap(), Async::Ready(0));
    assert_eq!(nosy.reads, 0);
}

#[test]
fn read_buf_zeroes_a_bounded_part_of_a_large_buffer() {
    let script = Script::reading([give("abc")]);
    let mut buf = Vec::with_capacity(10 << 20);
    AsyncRead::read_buf(&mut script.clone(), &mut buf).unwrap();
    assert_eq!(script.state().rooms, [64 * 1024]);
}

#[test]
#[should_panic(expected = "claims 5 bytes where there was room for 4")]
fn read_buf_finds_out_a_reader_that_lies_about_its_count() {
    struct Liar;
    impl Read for Liar {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            Ok(buf.len() + 1)
        }
    }
    impl AsyncRead for Liar {}
    let mut buf = [0; 4];
    let _ = AsyncRead::read_buf(&mut Liar, &mut Cursor::new(&mut buf[..]));
}

#[test]
fn write_buf_advances_by_what_was_written() {
    let mut script = Script::writing([Take(2), NotReady]);
    let mut buf = Cursor::new("abc");
    run01(|| {
        assert_eq!(script.write_buf(&mut buf)?, Async::Ready(2));
        assert!(script.write_buf(&mut buf)?.is_not_ready());
        assert_eq!(script.write_buf(&mut buf)?, Async::Ready(1));
        assert_eq!(script.write_buf(&mut buf)?, Async::Ready(0));
        Ok::<_, io::Error>(Async::Ready(()))
    })
    .unwrap();
    assert!(!buf.has_remaining());
    assert_eq!(script.written(), b"abc");
}

#[test]
fn the_provided_polls_speak_for_the_std_operations() {
    let steps = [Fail(ErrorKind::Interrupted), NotReady, Fail(ErrorKind::Other)];
    let mut script = Script::reading(steps.clone());
    script.state().writes.extend(steps.clone());
    script.state().flushes.extend(steps);
    run01(|| {
        assert!(script.poll_read(&mut [0])?.is_not_ready());
        assert!(script.poll_read(&mut [0]).is_err());
        assert!(script.poll_write(b"x")?.is_not_ready());
        assert!(script.poll_write(b"x").is_err());
        assert!(script.poll_flush()?.is_not_ready());
        assert!(script.poll_flush().is_err());
        Ok::<_, io::Error>(Async::Ready(()))
    })
    .unwrap();
}

#[test]
fn try_nb_tells_three_ways_apart() {
    fn step(result: io::Result<u8>) -> Poll<u8, Box<dyn std::error::Error>> {
        let value = try_nb!(result);
        Ok(Async::Ready(value))
    }
    assert_eq!(step(Ok(1)).unwrap(), Async::Ready(1));
    assert_eq!(step(Err(ErrorKind::WouldBlock.into())).unwrap(), Async::NotReady);
    assert!(step(Err(ErrorKind::Other.into())).is_err());
}

fn read_all(mut stream: impl AsyncRead) -> Vec<u8> {
    let (mut all, mut buf) = (Vec::new(), [0; 3]);
    loop {
        match stream.poll_read(&mut buf).unwrap() {
            Async::Ready(0) => return all,
            Async::Ready(n) => all.extend_from_slice(&buf[..n]),
            Async::NotReady => panic!("in memory, and not ready"),
        }
    }
}

#[test]
fn std_readers_are_streams() {
    assert_eq!(read_all(&b"hello"[..]), b"hello");
    assert_eq!(read_all(&mut &b"hello"[..]), b"hello");
    assert_eq!(read_all(Box::new(&b"hello"[..])), b"hello");
    assert_eq!(read_all(Box::new(&b"hello"[..]) as Box<dyn AsyncRead>), b"hello");
    assert_eq!(read_all(Cursor::new("hello")), b"hello");
    assert_eq!(read_all(BufReader::new(&b"hello"[..])), b"hello");
    assert_eq!(read_all((&b"hello"[..]).take(4)), b"hell");
    assert_eq!(read_all((&b"hello"[..]).chain(&b" world"[..])), b"hello world");
    assert_eq!(read_all(io::repeat(7).take(5)), [7; 5]);
    assert_eq!(read_all(AllowStdIo::new(&b"hello"[..])), b"hello");
}

fn write_hello(stream: &mut impl AsyncWrite) {
    assert_eq!(stream.poll_write(b"hello").unwrap(), Async::Ready(5));
    assert!(stream.shutdown().unwrap().is_ready());
}

#[test]
fn std_writers_are_streams() {
    let mut stream = Cursor::new(Vec::new());
    write_hello(&mut stream);
    assert_eq!(stream.into_inner(), b"hello");

    let mut stream = Cursor::new(vec![0; 5].into_boxed_slice());
    write_hello(&mut stream);
    assert_eq!(&stream.into_inner()[..], b"hello");

    let mut room = [0; 5];
    write_hello(&mut Cursor::new(&mut room[..]));
    assert_eq!(&room, b"hello");

    write_hello(&mut io::sink());
    write_hello(&mut &mut io::sink());
    write_hello(&mut Box::new(io::sink()));
    write_hello(&mut (Box::new(io::sink()) as Box<dyn AsyncWrite>));
}

#[test]
fn wrappers_pass_every_operation_on() {
    let script = Script::default();
    write_hello(&mut &mut script.clone());
    assert!(script.state().shut_down);
    let script = Script::default();
    write_hello(&mut (Box::new(script.clone()) as Box<dyn AsyncWrite>));
    assert!(script.state().shut_down);
    assert!(Box::new(script).poll_flush().unwrap().is_ready());
}

#[test]
fn shutting_a_buffered_writer_down_writes_the_buffer_first() {
    let script = Script::writing([NotReady, Take(2), NotReady]);
    let mut stream = BufWriter::new(script.clone());
    stream.write_all(b"hello").unwrap();
    run01(|| {
        let polled = stream.shutdown();
        let ready = polled.as_ref().unwrap().is_ready();
        assert_eq!(script.state().shut_down, ready);
        assert_eq!(script.written() == b"hello", ready);
        polled
    })
    .unwrap();
}

#[test]
fn a_std_stream_passes_for_one_of_either_generation() {
    let mut stream = AllowStdIo::new(BufWriter::new(Script::default()));
    write_hello(&mut stream);
    assert_eq!(stream.get_ref().get_ref().written(), b"hello");

    run_std(async {
        // What registers the current futures 0.1 task works under a std task as well.
        let script = Script::writing([NotReady, Take(1), Fail(ErrorKind::Interrupted)]);
        script.state().reads.extend([NotReady, give("abc")]);
        let mut stream = AllowStdIo::new(script.clone());
        std_generation::write_and_close(&mut stream, b"hello").await;
        assert_eq!(script.written(), b"hello");
        assert_eq!(script.state().flushed, 5);
        assert_eq!(std_generation::read_to_end(stream).await, b"abc");
    });

    let mut wrapped = AllowStdIo::new(1);
    *wrapped.get_mut() += 1;
    assert_eq!(wrapped, AllowStdIo::new(2));
    assert_eq!(wrapped.into_inner(), 2);
}

#[test]
fn a_window_shows_a_part() {
    let mut window = Window::new(b"abcdef".to_vec());
    assert_eq!((window.start(), window.end(), window.as_ref()), (0, 6, &b"abcdef"[..]));
    window.set_start(1).set_end(3);
    assert_eq!((window.start(), window.end(), window.as_ref()), (1, 3, &b"bc"[..]));
    window.as_mut().fill(b'x');
    window.get_mut().push(b'g');
    window.set_end(7).set_start(7);
    assert!(window.as_ref().is_empty());
    assert_eq!(window.get_ref(), b"axxdefg");
    assert_eq!(window.into_inner(), b"axxdefg");
}

#[test]
fn a_window_refuses_bounds_that_make_no_sense() {
    let refused = |change: fn(&mut Window<Vec<u8>>)| {
        let mut window = Window::new(vec![0; 4]);
        window.set_start(1).set_end(3);
        let change = std::panic::AssertUnwindSafe(|| change(&mut window));
        assert!(std::panic::catch_unwind(change).is_err());
        assert_eq!((window.start(), window.end()), (1, 3));
    };
    refused(|w| {
        w.set_start(4);
    });
    refused(|w| {
        w.set_start(5);
    });
    refused(|w| {
        w.set_end(0);
    });
    refused(|w| {
        w.set_end(5);
    });
    refused(|w| {
        w.set_start(usize::MAX);
    });
}
