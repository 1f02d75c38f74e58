//! From an event to an operation: what makes a source ready, and what uses it up.

mod support;

use std::cell::Cell;
use std::io::{self, ErrorKind, Write};
use std::net::Shutdown;
use std::task::{Poll, Waker};
use support::*;
use tokio_reactor::{Direction, PollEvented, Reactor, Ready};
use tokio_task::Caller;

const NOBODY: Caller<'static> = Caller::Std(Waker::noop());

#[test]
fn an_operation_waits_for_its_event_in_either_generation() {
    for generation in BOTH {
        bounded(move || {
            let background = background();
            let (ours, theirs) = udp_pair(background.handle());
            let sender = std::thread::spawn(move || theirs.send(b"hello").unwrap());
            let mut buf = [0; 16];
            let received = generation
                .block_on(|caller| ours.poll_io(caller, Direction::Read, |s| s.recv(&mut buf)));
            assert_eq!(&buf[..received.unwrap()], b"hello");
            sender.join().unwrap();
        });
    }
}

#[test]
fn a_new_source_is_tried_before_its_first_event() {
    let reactor = Reactor::new().unwrap();
    let (ours, theirs) = udp_pair(&reactor.handle());
    let sent = ours.poll_io(NOBODY, Direction::Write, |s| s.send(b"at once"));
    assert!(matches!(sent, Poll::Ready(Ok(7))));
    assert_eq!(theirs.recv(&mut [0; 16]).unwrap(), 7);
    assert!(ours.poll_ready(NOBODY, Direction::Write).is_pending(), "that needs an event");
}

#[test]
fn an_operation_that_would_block_is_not_tried_again_without_an_event() {
    let mut reactor = Reactor::new().unwrap();
    let (ours, theirs) = udp_pair(&reactor.handle());
    let tries = Cell::new(0);
    let poll = || {
        ours.poll_io(NOBODY, Direction::Read, |s| {
            tries.set(tries.get() + 1);
            s.recv(&mut [0; 16])
        })
    };
    for _ in 0..5 {
        assert!(poll().is_pending());
    }
    assert_eq!(tries.get(), 1);
    theirs.send(b"x").unwrap();
    turn_until(&mut reactor, || poll().is_ready());
    assert_eq!(tries.get(), 2);
}

#[test]
fn an_interrupted_operation_is_tried_again() {
    let reactor = Reactor::new().unwrap();
    let (ours, _theirs) = udp_pair(&reactor.handle());
    let mut answers = vec![Ok(7), Err(ErrorKind::Interrupted), Err(ErrorKind::Interrupted)];
    let result =
        ours.poll_io(NOBODY, Direction::Read, |_| answers.pop().unwrap().map_err(io::Error::from));
    assert!(matches!(result, Poll::Ready(Ok(7))));
}

#[test]
fn other_errors_are_handed_on_and_use_nothing_up() {
    let reactor = Reactor::new().unwrap();
    let (ours, _theirs) = udp_pair(&reactor.handle());
    for _ in 0..2 {
        let failed = ours.poll_io(NOBODY, Direction::Read, |_| {
            Err::<(), _>(io::Error::from(ErrorKind::ConnectionReset))
        });
        let Poll::Ready(Err(e)) = failed else { panic!("no error") };
        assert_eq!(e.kind(), ErrorKind::ConnectionReset);
    }
}

/// How often `poll_stream_io` asks the system for reads of `wanted` bytes until it has to wait.
fn reads(ours: &PollEvented<mio::net::TcpStream>, wanted: usize) -> usize {
    let tries = Cell::new(0);
    let mut buf = vec![0; wanted];
    let poll = |buf: &mut [u8]| {
        ours.poll_stream_io(NOBODY, Direction::Read, wanted, |s| {
            tries.set(tries.get() + 1);
            read(s, buf)
        })
    };
    while let Poll::Ready(moved) = poll(&mut buf) {
        if moved.unwrap() == 0 {
            break;
        }
    }
    tries.get()
}

#[test]
fn a_short_read_counts_as_drained_where_that_is_true() {
    let mut reactor = Reactor::new().unwrap();
    let (ours, mut theirs) = tcp_pair(&reactor.handle());
    assert_eq!(reads(&ours, 16), 1);

    theirs.write_all(b"short").unwrap();
    turn_until(&mut reactor, || ours.poll_ready(NOBODY, Direction::Read).is_ready());
    let drained = cfg!(any(target_os = "linux", target_os = "android", target_vendor = "apple"));
    assert_eq!(reads(&ours, 16), if drained { 1 } else { 2 });

    // A read that was filled says nothing.
    theirs.write_all(b"filled").unwrap();
    turn_until(&mut reactor, || ours.poll_ready(NOBODY, Direction::Read).is_ready());
    assert_eq!(reads(&ours, 6), 2);
}

#[test]
#[cfg_attr(windows, ignore = "no second event comes there before an operation would have blocked")]
fn a_short_read_after_the_peer_has_closed_does_not_hide_the_end() {
    let mut reactor = Reactor::new().unwrap();
    let (ours, mut theirs) = tcp_pair(&reactor.handle());
    assert!(ours.poll_io(NOBODY, Direction::Read, |s| read(s, &mut [0])).is_pending());
    theirs.write_all(b"last").unwrap();
    theirs.shutdown(Shutdown::Write).unwrap();
    let closed = || match ours.poll_ready(NOBODY, Direction::Read) {
        Poll::Ready(ready) => ready.unwrap().is_read_closed(),
        Poll::Pending => false,
    };
    turn_until(&mut reactor, closed);
    assert_eq!(reads(&ours, 16), 2, "the data, then the end");
}

#[test]
fn waiting_to_read_does_not_consume_write_readiness() {
    let mut reactor = Reactor::new().unwrap();
    let (ours, _theirs) = tcp_pair(&reactor.handle());
    turn_until(&mut reactor, || ours.poll_ready(NOBODY, Direction::Write).is_ready());
    for _ in 0..3 {
        assert!(ours.poll_io(NOBODY, Direction::Read, |s| read(s, &mut [0])).is_pending());
        let Poll::Ready(ready) = ours.poll_ready(NOBODY, Direction::Write) else {
            panic!("write readiness is gone")
        };
        assert_eq!(ready.unwrap(), Ready::writable(), "and nothing is closed");
    }
}

#[test]
fn events_of_one_direction_do_not_keep_the_other_from_being_cleared() {
    let mut reactor = Reactor::new().unwrap();
    let (ours, theirs) = udp_pair(&reactor.handle());
    turn_until(&mut reactor, || ours.poll_ready(NOBODY, Direction::Write).is_ready());
    let tries = Cell::new(0);
    let sent = ours.poll_io(NOBODY, Direction::Write, |_| {
        tries.set(tries.get() + 1);
        assert_eq!(tries.get(), 1, "the event for reading kept it ready to write");
        theirs.send(b"x").unwrap();
        Err::<(), _>(io::Error::from(ErrorKind::WouldBlock))
    });
    assert!(sent.is_pending());
}

/// The kernel reports the refused datagram as an error of the socket, and mio that as a close
/// of its write side. Neither lasts.
#[test]
#[cfg_attr(windows, ignore = "a refused datagram is no error of the socket there")]
fn a_refused_datagram_makes_no_task_spin() {
    let mut reactor = Reactor::new().unwrap();
    let (ours, theirs) = udp_pair(&reactor.handle());
    drop(theirs);
    assert!(ours.poll_io(NOBODY, Direction::Read, |s| s.recv(&mut [0; 4])).is_pending());
    assert!(ours.poll_io(NOBODY, Direction::Write, |s| s.send(b"lost")).is_ready());
    let mut refused = None;
    turn_until(&mut reactor, || {
        let polled = ours.poll_io(NOBODY, Direction::Read, |s| s.recv(&mut [0; 4]));
        if let Poll::Ready(result) = polled {
            refused = Some(result.unwrap_err().kind());
        }
        refused.is_some()
    });
    assert_eq!(refused, Some(ErrorKind::ConnectionRefused));

    for direction in [Direction::Read, Direction::Write] {
        let mut tries = 0;
        let blocked = ours.poll_io(NOBODY, direction, |_| {
            tries += 1;
            assert!(tries < 3, "spins");
            Err::<(), _>(io::Error::from(ErrorKind::WouldBlock))
        });
        assert!(blocked.is_pending());
        assert!(ours.poll_ready(NOBODY, direction).is_pending(), "falsely closed: {direction:?}");
    }
}

#[test]
fn a_peer_that_hangs_up_makes_both_directions_ready() {
    let mut reactor = Reactor::new().unwrap();
    let (ours, theirs) = tcp_pair(&reactor.handle());
    let read_once = || ours.poll_io(NOBODY, Direction::Read, |s| read(s, &mut [0]));
    assert!(read_once().is_pending());
    socket2::SockRef::from(&theirs).set_linger(Some(std::time::Duration::ZERO)).unwrap();
    drop(theirs);
    let mut end = None;
    turn_until(&mut reactor, || {
        if let Poll::Ready(result) = read_once() {
            end = Some(result);
        }
        end.is_some()
    });
    assert!(matches!(end, Some(Ok(0) | Err(_))));
    let Poll::Ready(ready) = ours.poll_ready(NOBODY, Direction::Write) else {
        panic!("not ready to write")
    };
    assert!(ready.unwrap().is_write_closed());
}

/// A pool of one thread: whoever never returns from its poll keeps the other from running.
#[test]
fn a_task_whose_source_is_always_ready_lets_others_run() {
    use futures::{future, Async};
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    use std::sync::{mpsc, Arc};
    use tokio_task::to_futures01;

    for generation in BOTH {
        bounded(move || {
            let reactor = Reactor::new().unwrap();
            let (ours, _theirs) = udp_pair(&reactor.handle());
            let pool = tokio_threadpool::Builder::new().pool_size(1).build();
            let other_ran = Arc::new(AtomicBool::new(false));
            let (done, finished) = mpsc::channel();

            let stop = other_ran.clone();
            let greedy = move |caller: Caller<'_>| -> Poll<()> {
                while !stop.load(Relaxed) {
                    match ours.poll_io(caller, Direction::Write, |_| Ok(())) {
                        Poll::Ready(moved) => moved.unwrap(),
                        Poll::Pending => return Poll::Pending,
                    }
                }
                done.send(()).unwrap();
                Poll::Ready(())
            };
            match generation {
                Generation::Futures01 => {
                    pool.spawn(future::poll_fn(move || {
                        to_futures01(greedy(Caller::Futures01).map(Ok::<_, ()>))
                    }));
                }
                Generation::Std => {
                    drop(pool.spawn(std::future::poll_fn(move |cx| greedy(cx.into()))));
                }
            }
            pool.spawn(future::poll_fn(move || {
                other_ran.store(true, Relaxed);
                Ok::<_, ()>(Async::Ready(()))
            }));
            finished.recv().unwrap();
        });
    }
}
