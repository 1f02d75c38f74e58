//! The combinators that do one thing: reads, writes, flush, shutdown. In both generations.

mod script;

use script::{both, give, run_future01, Fail, NotReady, Script, Take};
use std::io::{BufReader, ErrorKind};
use tokio_io::io::{flush, read, read_exact, read_to_end, read_until, shutdown, write_all, Window};

const INTERRUPTED: script::Step = Fail(ErrorKind::Interrupted);

#[test]
fn read_reads_once() {
    both(
        || read(Script::reading([NotReady, INTERRUPTED, give("abc"), give("def")]), [0; 8]),
        |result| {
            let (reader, buf, n) = result.unwrap();
            assert_eq!(&buf[..n], b"abc");
            assert_eq!(reader.state().reads.len(), 1);
        },
    );
}

#[test]
fn read_says_zero_at_the_end() {
    both(|| read(Script::default(), [0; 8]), |result| assert_eq!(result.unwrap().2, 0));
}

#[test]
fn read_passes_an_error_on() {
    both(
        || read(Script::reading([NotReady, Fail(ErrorKind::ConnectionReset)]), [0; 8]),
        |result| assert_eq!(result.unwrap_err().kind(), ErrorKind::ConnectionReset),
    );
}

#[test]
fn read_exact_fills_the_buffer_and_takes_no_more() {
    both(
        || {
            let steps = [give("a"), NotReady, give("b"), INTERRUPTED, give("cdef")];
            read_exact(Script::reading(steps), [0; 4])
        },
        |result| {
            let (reader, buf) = result.unwrap();
            assert_eq!(&buf, b"abcd");
            assert!(matches!(&reader.state().reads[0], script::Give(rest) if rest == b"ef"));
        },
    );
}

#[test]
fn read_exact_of_nothing_reads_nothing() {
    both(
        || read_exact(Script::reading([Fail(ErrorKind::Other)]), []),
        |result| assert_eq!(result.unwrap().0.state().reads.len(), 1),
    );
}

#[test]
fn read_exact_fails_when_the_stream_ends_before() {
    both(
        || read_exact(Script::reading([give("abc")]), [0; 4]),
        |result| assert_eq!(result.unwrap_err().kind(), ErrorKind::UnexpectedEof),
    );
}

#[test]
fn read_exact_fills_a_window() {
    both(
        || {
            let mut window = Window::new(*b"......");
            window.set_start(1).set_end(4);
            read_exact(Script::reading([give("ab"), NotReady, give("cd")]), window)
        },
        |result| assert_eq!(&result.unwrap().1.into_inner(), b".abc.."),
    );
}

#[test]
fn read_to_end_appends_everything() {
    both(
        || {
            let steps = [give("bc"), NotReady, INTERRUPTED, give("d"), NotReady];
            read_to_end(Script::reading(steps), b"a".to_vec())
        },
        |result| assert_eq!(result.unwrap().1, b"abcd"),
    );
}

#[test]
fn read_to_end_does_not_grow_a_buffer_of_the_right_size() {
    both(
        || read_to_end(Script::reading([give([7; 1000])]), Vec::with_capacity(1000)),
        |result| {
            let buf = result.unwrap().1;
            assert_eq!((buf.len(), buf.capacity()), (1000, 1000));
        },
    );
}

#[test]
fn read_to_end_fails_with_the_reader() {
    both(
        || read_to_end(Script::reading([give("ab"), Fail(ErrorKind::TimedOut)]), Vec::new()),
        |result| assert_eq!(result.unwrap_err().kind(), ErrorKind::TimedOut),
    );
}

#[test]
fn read_until_takes_the_delimiter_and_no_more() {
    both(
        || {
            let steps = [give("a"), NotReady, INTERRUPTED, give("b;c")];
            read_until(BufReader::new(Script::reading(steps)), b';', b">".to_vec())
        },
        |result| {
            let (reader, buf) = result.unwrap();
            assert_eq!(buf, b">ab;");
            assert_eq!(reader.buffer(), b"c");
        },
    );
}

#[test]
fn read_until_stops_at_the_end_of_the_stream() {
    both(
        || read_until(BufReader::new(Script::reading([give("ab"), NotReady])), b';', Vec::new()),
        |result| assert_eq!(result.unwrap().1, b"ab"),
    );
}

#[test]
fn write_all_writes_every_byte_once() {
    both(
        || {
            let steps = [Take(1), NotReady, INTERRUPTED, Take(2), NotReady, Take(1)];
            write_all(Script::writing(steps), "abcdefg")
        },
        |result| {
            let (writer, buf) = result.unwrap();
            assert_eq!((&writer.written()[..], buf), (&b"abcdefg"[..], "abcdefg"));
            assert_eq!(writer.state().flushed, 0);
        },
    );
}

#[test]
fn write_all_fails_when_the_writer_takes_no_more() {
    both(
        || write_all(Script::writing([Take(2), Take(0)]), "abc"),
        |result| assert_eq!(result.unwrap_err().kind(), ErrorKind::WriteZero),
    );
}

#[test]
fn write_all_of_nothing_writes_nothing() {
    both(|| write_all(Script::writing([Take(0)]), ""), |result| drop(result.unwrap()));
}

#[test]
fn write_all_fails_with_the_writer() {
    both(
        || write_all(Script::writing([Take(1), Fail(ErrorKind::BrokenPipe)]), "abc"),
        |result| assert_eq!(result.unwrap_err().kind(), ErrorKind::BrokenPipe),
    );
}

#[test]
fn an_operation_polled_after_an_error_goes_on_where_it_stopped() {
    let steps = [Take(1), Fail(ErrorKind::TimedOut), Take(1), Fail(ErrorKind::TimedOut)];
    let mut future = write_all(Script::writing(steps), "abc");
    assert_eq!(run_future01(&mut future).unwrap_err().kind(), ErrorKind::TimedOut);
    assert_eq!(run_future01(&mut future).unwrap_err().kind(), ErrorKind::TimedOut);
    assert_eq!(run_future01(&mut future).unwrap().0.written(), b"abc");

    let steps = [give("a"), Fail(ErrorKind::TimedOut), give("b")];
    let mut future = read_exact(Script::reading(steps), [0; 2]);
    assert_eq!(run_future01(&mut future).unwrap_err().kind(), ErrorKind::TimedOut);
    assert_eq!(&run_future01(&mut future).unwrap().1, b"ab");
}

#[test]
fn flush_waits_for_the_writer() {
    both(
        || {
            let script = Script::flushing([NotReady, INTERRUPTED, NotReady]);
            script.state().written = b"abc".to_vec();
            flush(script)
        },
        |result| assert_eq!(result.unwrap().state().flushed, 3),
    );
    both(
        || flush(Script::flushing([NotReady, Fail(ErrorKind::BrokenPipe)])),
        |result| assert_eq!(result.unwrap_err().kind(), ErrorKind::BrokenPipe),
    );
}

#[test]
fn shutdown_waits_for_the_writer() {
    both(
        || shutdown(Script::flushing([NotReady, INTERRUPTED, NotReady])),
        |result| assert!(result.unwrap().state().shut_down),
    );
    both(
        || shutdown(Script::flushing([Fail(ErrorKind::BrokenPipe)])),
        |result| assert_eq!(result.unwrap_err().kind(), ErrorKind::BrokenPipe),
    );
}

#[test]
#[should_panic(expected = "polled after it had completed")]
fn polling_after_completion_panics() {
    let mut future = flush(Script::default());
    run_future01(&mut future).unwrap();
    let _ = run_future01(&mut future);
}
