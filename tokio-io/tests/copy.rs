//! `io::copy`, in both generations.

mod script;

use futures::Future;
use script::{both, give, run_future01, Fail, NotReady, Script, Take};
use std::io::{BufWriter, ErrorKind};
use tokio_io::io::copy;

/// A writer with its own buffer, as proxies have.
fn buffered(script: &Script) -> BufWriter<Script> {
    BufWriter::new(script.clone())
}

#[test]
fn copies_every_byte_and_flushes() {
    both(
        || {
            let interrupted = Fail(ErrorKind::Interrupted);
            let reads = [give("hello"), NotReady, interrupted.clone(), give(" world"), NotReady];
            let writer = Script::writing([Take(2), NotReady, interrupted, Take(1)]);
            writer.state().flushes.extend([NotReady]);
            copy(Script::reading(reads), writer)
        },
        |result| {
            let (n, _, writer) = result.unwrap();
            assert_eq!((n, &writer.written()[..]), (11, &b"hello world"[..]));
            assert_eq!(writer.state().flushed, 11);
            assert!(!writer.state().shut_down);
        },
    );
}

#[test]
fn copies_nothing_from_an_empty_stream() {
    both(
        || copy(Script::default(), Script::flushing([NotReady])),
        |result| assert_eq!(result.unwrap().0, 0),
    );
}

/// Polls once, then says what has arrived behind the buffer of the writer.
fn arrived_when_pending(reads: Vec<script::Step>, flushes: Vec<script::Step>) -> Vec<u8> {
    let target = Script::flushing(flushes);
    let mut future = copy(Script::reading(reads), buffered(&target));
    run_future01(futures::future::poll_fn(|| {
        assert!(future.poll()?.is_not_ready());
        Ok::<_, std::io::Error>(futures::Async::Ready(()))
    }))
    .unwrap();
    let flushed = target.state().flushed;
    let written = target.written();
    written[..flushed].to_vec()
}

#[test]
fn no_byte_waits_in_the_writer_for_a_pending_reader() {
    assert_eq!(arrived_when_pending(vec![give("request"), NotReady], vec![]), b"request");
    assert_eq!(arrived_when_pending(vec![give("a"), give("b"), NotReady], vec![]), b"ab");
}

#[test]
fn a_pending_flush_is_taken_up_again() {
    let target = Script::flushing([NotReady, NotReady]);
    let reads = [give("request"), NotReady, NotReady, NotReady, Fail(ErrorKind::TimedOut)];
    let future = copy(Script::reading(reads), buffered(&target));
    assert_eq!(run_future01(future).unwrap_err().kind(), ErrorKind::TimedOut);
    assert_eq!(target.state().flushed, 7);
}

#[test]
fn a_reader_that_stays_pending_costs_one_flush() {
    let target = Script::default();
    let reads = [NotReady, NotReady, give("abc"), NotReady, NotReady, NotReady];
    run_future01(copy(Script::reading(reads), target.clone())).unwrap();
    // One when the reader became pending after the bytes, and the one at the end.
    assert_eq!(target.state().flush_count, 2);
}

#[test]
fn a_reader_that_fails_fails_the_copy_after_what_it_gave() {
    let target = Script::default();
    both(
        || {
            target.state().written.clear();
            copy(
                Script::reading([give("abc"), NotReady, Fail(ErrorKind::ConnectionReset)]),
                target.clone(),
            )
        },
        |result| {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::ConnectionReset);
            assert_eq!(target.written(), b"abc");
        },
    );
}

#[test]
fn a_writer_that_fails_fails_the_copy() {
    both(
        || {
            let writer = Script::writing([Take(1), Fail(ErrorKind::BrokenPipe)]);
            copy(Script::reading([give("abc")]), writer)
        },
        |result| assert_eq!(result.unwrap_err().kind(), ErrorKind::BrokenPipe),
    );
    both(
        || copy(Script::reading([give("abc")]), Script::flushing([Fail(ErrorKind::BrokenPipe)])),
        |result| assert_eq!(result.unwrap_err().kind(), ErrorKind::BrokenPipe),
    );
}

#[test]
fn a_writer_that_takes_no_more_fails_the_copy() {
    both(
        || copy(Script::reading([give("abc")]), Script::writing([Take(1), Take(0)])),
        |result| assert_eq!(result.unwrap_err().kind(), ErrorKind::WriteZero),
    );
}

#[test]
fn a_copy_polled_after_an_error_goes_on_where_it_stopped() {
    let writer = Script::writing([Take(1), Fail(ErrorKind::TimedOut), Take(1)]);
    let reads = [give("abc"), Fail(ErrorKind::TimedOut), give("def")];
    let mut future = copy(Script::reading(reads), writer.clone());
    assert!(run_future01(&mut future).is_err());
    assert!(run_future01(&mut future).is_err());
    assert_eq!(run_future01(&mut future).unwrap().0, 6);
    assert_eq!(writer.written(), b"abcdef");
}

#[test]
fn the_buffer_grows_only_for_a_reader_that_fills_it() {
    let idle = Script::reading([give("x"), NotReady, give("y")]);
    run_future01(copy(idle.clone(), Script::default())).unwrap();
    assert!(idle.state().rooms.iter().all(|&room| room == 2048));

    let busy = Script::reading([give(vec![7; 100_000])]);
    run_future01(copy(busy.clone(), Script::default())).unwrap();
    assert_eq!(busy.state().rooms[..4], [2048, 4096, 8192, 8192]);
    assert_eq!(busy.state().rooms.iter().max(), Some(&8192));
}

#[test]
#[should_panic(expected = "claims")]
fn a_reader_that_lies_about_its_count_is_found_out() {
    struct Liar;
    impl std::io::Read for Liar {
        fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
            Ok(buf.len() + 1)
        }
    }
    impl tokio_io::AsyncRead for Liar {}
    let _ = run_future01(copy(Liar, Script::default()));
}

#[test]
#[should_panic(expected = "polled after it had completed")]
fn polling_after_completion_panics() {
    let mut future = copy(Script::default(), Script::default());
    run_future01(&mut future).unwrap();
    let _ = run_future01(&mut future);
}
