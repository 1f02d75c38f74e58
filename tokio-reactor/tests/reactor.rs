//! The reactor itself: waiting, being unparked, going away.

mod support;

use std::cell::RefCell;
use std::sync::{mpsc, Arc};
use std::task::{Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};
use support::*;
use tokio_executor::park::{Park, Unpark};
use tokio_reactor::{Backoff, Direction, Reactor};
use tokio_task::Caller;

#[test]
fn a_turn_waits_as_long_as_it_is_told() {
    let mut reactor = Reactor::new().unwrap();
    let begin = Instant::now();
    reactor.turn(Some(Duration::ZERO)).unwrap();
    reactor.turn(Some(Duration::from_micros(1))).unwrap();
    let mut turns = 0;
    let end = Instant::now() + Duration::from_micros(5_500);
    while Instant::now() < end {
        turns += 1;
        reactor.turn(Some(end.saturating_duration_since(Instant::now()))).unwrap();
    }
    assert!(turns <= 2, "{turns} turns: waits that are shorter than asked for end in a busy loop");
    assert!(begin.elapsed() < LIMIT);
}

#[test]
fn a_wait_is_never_shorter_than_asked() {
    let mut reactor = Reactor::new().unwrap();
    for micros in [1, 250, 999, 1_000, 1_001, 2_750] {
        let wait = Duration::from_micros(micros);
        let begin = Instant::now();
        reactor.turn(Some(wait)).unwrap();
        assert!(begin.elapsed() >= wait, "{wait:?}");
    }
}

#[test]
fn events_are_handed_out_in_waits_of_parts_of_a_millisecond() {
    bounded(|| {
        let mut reactor = Reactor::new().unwrap();
        let (socket, peer) = udp_pair(&reactor.handle());
        let (bell, waker) = Bell::new();
        for (round, micros) in [900, 1_500].into_iter().enumerate() {
            let caller = Caller::Std(&waker);
            let mut buf = [0; 8];
            let receive = |socket: &mio::net::UdpSocket| socket.recv(&mut buf);
            assert!(socket.poll_io(caller, Direction::Read, receive).is_pending());
            peer.send(b"hello").unwrap();
            while bell.rings() == round {
                reactor.turn(Some(Duration::from_micros(micros))).unwrap();
            }
            let receive = |socket: &mio::net::UdpSocket| socket.recv(&mut buf);
            assert!(socket.poll_io(caller, Direction::Read, receive).is_ready());
        }
    });
}

#[test]
fn unparking_ends_a_wait_of_days_and_a_bit() {
    bounded(|| {
        let mut reactor = Reactor::new().unwrap();
        let unpark = Park::unpark(&reactor);
        let thread = thread::spawn(move || unpark.unpark());
        reactor.park_timeout(Duration::from_secs(200_000) + Duration::from_nanos(1)).unwrap();
        thread.join().unwrap();
    });
}

#[test]
fn unparking_ends_the_wait_that_is_under_way() {
    bounded(|| {
        let mut reactor = Reactor::new().unwrap();
        let unpark = Park::unpark(&reactor);
        let thread = thread::spawn(move || unpark.unpark());
        reactor.park().unwrap();
        thread.join().unwrap();
    });
}

#[test]
fn unparking_is_kept_for_the_next_wait() {
    bounded(|| {
        let mut reactor = Reactor::new().unwrap();
        for _ in 0..3 {
            reactor.handle().unpark();
        }
        reactor.park().unwrap();
        let begin = Instant::now();
        reactor.park_timeout(Duration::from_millis(20)).unwrap();
        assert!(begin.elapsed() >= Duration::from_millis(20), "but once");
    });
}

#[test]
fn a_wake_racing_with_park_is_not_lost() {
    bounded(|| {
        let mut reactor = Reactor::new().unwrap();
        let unpark = reactor.handle();
        let (to, from) = mpsc::channel();
        let (ack, acked) = mpsc::channel();
        let thread = thread::spawn(move || {
            for i in 0..20_000 {
                to.send(i).unwrap();
                unpark.unpark();
                acked.recv().unwrap();
            }
        });
        for i in 0..20_000 {
            loop {
                match from.try_recv() {
                    Ok(got) => break assert_eq!(got, i),
                    Err(_) => reactor.park().unwrap(),
                }
            }
            ack.send(()).unwrap();
        }
        thread.join().unwrap();
    });
}

/// An unpark from a waker that this turn runs is answered by the end of this turn.
#[test]
#[cfg_attr(windows, ignore = "a turn may end there once more for what has been handed out")]
fn an_unpark_from_within_a_turn_costs_the_next_one_nothing() {
    struct Unparks(tokio_reactor::Handle);
    impl Wake for Unparks {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    bounded(|| {
        let mut reactor = Reactor::new().unwrap();
        let (ours, theirs) = udp_pair(&reactor.handle());
        settle(&mut reactor);
        let waker = Waker::from(Arc::new(Unparks(reactor.handle())));
        let receive = |s: &mio::net::UdpSocket| s.recv(&mut [0]);
        assert!(ours.poll_io(Caller::Std(&waker), Direction::Read, receive).is_pending());
        theirs.send(b"x").unwrap();
        turn_until(&mut reactor, || {
            ours.poll_ready(Caller::Std(&waker), Direction::Read).is_ready()
        });
        let begin = Instant::now();
        reactor.turn(Some(Duration::from_millis(20))).unwrap();
        assert!(begin.elapsed() >= Duration::from_millis(20));
    });
}

#[test]
fn dropping_the_reactor_wakes_those_who_wait_and_fails_their_polls() {
    for generation in BOTH {
        bounded(move || {
            let reactor = Reactor::new().unwrap();
            let (ours, _theirs) = udp_pair(&reactor.handle());
            let ours = Arc::new(ours);
            let (waits, waiting) = mpsc::channel();
            let tasks: Vec<_> = (0..3)
                .map(|_| {
                    let (ours, waits) = (ours.clone(), waits.clone());
                    thread::spawn(move || {
                        generation.block_on(|caller| {
                            let poll =
                                ours.poll_io(caller, Direction::Read, |s| s.recv(&mut [0; 4]));
                            let _ = waits.send(());
                            poll
                        })
                    })
                })
                .collect();
            for _ in 0..3 {
                waiting.recv().unwrap();
            }
            drop(reactor);
            for task in tasks {
                let error = task.join().unwrap().unwrap_err();
                assert_eq!(error.kind(), std::io::ErrorKind::Other);
                assert_eq!(error.to_string(), "reactor gone");
            }
        });
    }
}

#[test]
fn a_reactor_that_is_gone_keeps_no_waker() {
    let reactor = Reactor::new().unwrap();
    let (ours, _theirs) = udp_pair(&reactor.handle());
    let (bells, wakers): (Vec<_>, Vec<_>) = (0..3).map(|_| Bell::new()).unzip();
    for waker in &wakers {
        let caller = Caller::Std(waker);
        assert!(ours.poll_ready(caller, Direction::Read).is_pending());
        assert!(ours.poll_ready(caller, Direction::Write).is_pending());
    }
    drop(reactor);
    assert!(bells.iter().all(|bell| bell.rings() > 0));
    for waker in wakers {
        let polled = ours.poll_ready(Caller::Std(&waker), Direction::Read);
        assert!(matches!(polled, Poll::Ready(Err(_))));
    }
    assert!(bells.iter().all(|bell| Arc::strong_count(bell) == 1));
}

#[test]
#[cfg_attr(
    windows,
    ignore = "threads end there under a lock, and none can be waited for meanwhile"
)]
fn dropping_a_reactor_while_thread_local_storage_is_torn_down_does_not_panic() {
    type All = (
        Backoff,
        tokio_reactor::PollEvented<mio::net::UdpSocket>,
        tokio_reactor::DefaultGuard,
        Reactor,
        tokio_reactor::Background,
    );
    struct Last(Option<All>);
    impl Drop for Last {
        fn drop(&mut self) {
            let (mut backoff, ours, guard, mut reactor, background) = self.0.take().unwrap();
            let (_, waker) = Bell::new();
            let caller = Caller::Std(&waker);
            reactor.turn(Some(Duration::ZERO)).unwrap();
            reactor.handle().unpark();
            backoff.start(LIMIT);
            assert!(backoff.poll_elapsed(caller).is_pending());
            assert!(ours.poll_io(caller, Direction::Read, |s| s.recv(&mut [0])).is_pending());
            drop(tokio_reactor::set_default(&reactor.handle()));
            drop(reactor);
            assert!(ours.poll_ready(caller, Direction::Read).is_ready());
            drop((background, guard));
        }
    }
    thread_local! {
        static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
    }
    bounded(|| {
        thread::spawn(|| {
            // Used before the crate's own thread-locals, so torn down after them.
            LAST.with_borrow_mut(|last| assert!(last.is_none()));
            let reactor = Reactor::new().unwrap();
            let guard = tokio_reactor::set_default(&reactor.handle());
            let (ours, _) = udp_pair(&reactor.handle());
            let backoff = Backoff::with_handle(&reactor.handle());
            LAST.set(Some(Last(Some((backoff, ours, guard, reactor, background())))));
        })
        .join()
        .unwrap();
    });
}

struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        std::panic::resume_unwind(Box::new("a foreign waker panics"));
    }
}

#[test]
fn a_waker_that_panics_costs_no_other_task_its_wake() {
    let mut reactor = Reactor::new().unwrap();
    let pairs: Vec<_> = (0..8).map(|_| udp_pair(&reactor.handle())).collect();
    settle(&mut reactor);
    let bad = Waker::from(Arc::new(Panics));
    let mut bells = Vec::new();
    for (ours, theirs) in &pairs {
        let (bell, good) = Bell::new();
        bells.push(bell);
        for waker in [&good, &bad, &Bell::new().1, &bad] {
            let receive = |s: &mio::net::UdpSocket| s.recv(&mut [0]);
            assert!(ours.poll_io(Caller::Std(waker), Direction::Read, receive).is_pending());
        }
        theirs.send(b"x").unwrap();
    }
    let mut panics = 0;
    let end = Instant::now() + LIMIT;
    while !bells.iter().all(|bell| bell.rings() > 0) {
        assert!(Instant::now() < end, "a wake was lost");
        let turn = std::panic::AssertUnwindSafe(|| reactor.turn(Some(Duration::from_millis(10))));
        panics += usize::from(std::panic::catch_unwind(turn).is_err());
    }
    assert!(panics > 0);
}

#[test]
fn more_events_than_fit_one_turn_are_handed_out_by_the_next() {
    let mut reactor = Reactor::new().unwrap();
    let pairs: Vec<_> = (0..200).map(|_| udp_pair(&reactor.handle())).collect();
    let ready = |(ours, _): &(tokio_reactor::PollEvented<mio::net::UdpSocket>, _)| {
        ours.poll_ready(Caller::Std(Waker::noop()), Direction::Write).is_ready()
    };
    reactor.turn(None).unwrap();
    assert!(pairs.iter().filter(|pair| ready(pair)).count() <= 64);
    turn_until(&mut reactor, || pairs.iter().all(ready));
}

#[cfg(unix)]
#[test]
fn a_reactor_has_a_descriptor_of_its_own() {
    use std::os::fd::AsRawFd;
    assert!(Reactor::new().unwrap().as_raw_fd() > 2);
}

#[test]
fn the_types_can_be_sent_and_shared() {
    fn both<T: Send + Sync>() {}
    both::<Reactor>();
    both::<tokio_reactor::Handle>();
    both::<tokio_reactor::Background>();
    both::<tokio_reactor::Shutdown>();
    both::<tokio_reactor::Registration>();
    both::<tokio_reactor::PollEvented<mio::net::TcpStream>>();
    both::<tokio_reactor::LateBound<std::net::TcpStream>>();
    both::<tokio_reactor::DefaultGuard>();
    both::<tokio_reactor::Turn>();
    both::<Backoff>();
}
