//! Several tasks at one source.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::thread;
use support::*;
use tokio_reactor::{Direction, Reactor};
use tokio_task::Caller;

#[test]
fn two_tasks_that_wait_for_one_direction_are_both_woken() {
    let mut reactor = Reactor::new().unwrap();
    let (ours, theirs) = udp_pair(&reactor.handle());
    let tasks = [Bell::new(), Bell::new(), Bell::new()];
    let wait = |waker: &Waker| {
        ours.poll_io(Caller::Std(waker), Direction::Read, |s| s.recv(&mut [0])).is_pending()
    };
    settle(&mut reactor);
    for round in 1..=3 {
        for (_, waker) in &tasks {
            assert!(wait(waker));
        }
        // Polled again for some other reason: stays where it is.
        for (_, waker) in tasks.iter().rev() {
            assert!(wait(waker));
        }
        theirs.send(b"x").unwrap();
        turn_until(&mut reactor, || tasks.iter().all(|(bell, _)| bell.rings() >= round));
        for (bell, _) in &tasks {
            assert_eq!(bell.rings(), round, "woken once each round");
        }
        assert_eq!(ours.get_ref().recv(&mut [0]).unwrap(), 1);
    }
}

#[test]
fn tasks_of_both_generations_share_a_listener() {
    bounded(|| {
        let background = background();
        let listener = Arc::new(listener(background.handle()));
        let address = listener.get_ref().local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let servers: Vec<_> = [BOTH, BOTH]
            .concat()
            .into_iter()
            .map(|generation| {
                let (listener, accepted) = (listener.clone(), accepted.clone());
                thread::spawn(move || {
                    for _ in 0..50 {
                        let socket = generation.block_on(|caller| {
                            listener.poll_io(caller, Direction::Read, |l| l.accept())
                        });
                        socket.unwrap();
                        accepted.fetch_add(1, SeqCst);
                    }
                })
            })
            .collect();
        for _ in 0..200 {
            std::net::TcpStream::connect(address).unwrap();
        }
        for server in servers {
            server.join().unwrap();
        }
        assert_eq!(accepted.load(SeqCst), 200);
    });
}

#[test]
fn the_two_directions_of_a_source_have_waiters_of_their_own() {
    let mut reactor = Reactor::new().unwrap();
    let (ours, theirs) = udp_pair(&reactor.handle());
    settle(&mut reactor);
    let (reader, reads) = Bell::new();
    let (writer, writes) = Bell::new();
    assert!(ours.poll_io(Caller::Std(&reads), Direction::Read, |s| s.recv(&mut [0])).is_pending());
    let full = ours.poll_io(Caller::Std(&writes), Direction::Write, |_| {
        Err::<(), _>(std::io::ErrorKind::WouldBlock.into())
    });
    assert!(full.is_pending());
    theirs.send(b"x").unwrap();
    turn_until(&mut reactor, || reader.rings() == 1);
    // epoll reports the room to write along with the data; kqueue does not.
    assert!(writer.rings() <= 1);
}

/// A waker whose `wake` comes straight back to the source, and whose clone and drop do too.
#[test]
fn waking_runs_foreign_code_outside_of_any_lock() {
    use std::task::{RawWaker, RawWakerVTable};
    use tokio_reactor::PollEvented;
    type Socket = PollEvented<mio::net::UdpSocket>;

    thread_local! {
        static SOCKET: std::cell::RefCell<Option<std::rc::Rc<Socket>>> = const { std::cell::RefCell::new(None) };
        static DEPTH: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
        static WAKES: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }
    fn come_back() {
        if DEPTH.get() > 0 {
            return;
        }
        DEPTH.set(1);
        let socket = SOCKET.with_borrow(|socket| socket.clone());
        if let Some(socket) = socket {
            for direction in [Direction::Read, Direction::Write] {
                let _ = socket.poll_ready(Caller::Std(Waker::noop()), direction);
                let _ = socket.poll_ready(Caller::Std(&Bell::new().1), direction);
            }
        }
        DEPTH.set(0);
    }
    fn clone(_: *const ()) -> RawWaker {
        come_back();
        RawWaker::new(std::ptr::null(), &VTABLE)
    }
    fn wake(_: *const ()) {
        WAKES.set(WAKES.get() + 1);
        come_back();
    }
    fn release(_: *const ()) {
        come_back();
    }
    static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake, release);

    bounded(|| {
        let mut reactor = Reactor::new().unwrap();
        let (ours, theirs) = udp_pair(&reactor.handle());
        let ours = std::rc::Rc::new(ours);
        SOCKET.set(Some(ours.clone()));
        // SAFETY: the functions of the table do not use the data.
        let foreign = unsafe { Waker::new(std::ptr::null(), &VTABLE) };
        settle(&mut reactor);
        for _ in 0..3 {
            let tasks = [foreign.clone(), Bell::new().1, foreign.clone(), Bell::new().1];
            for waker in &tasks {
                let receive = |s: &mio::net::UdpSocket| s.recv(&mut [0]);
                let _ = ours.poll_io(Caller::Std(waker), Direction::Read, receive);
            }
            let before = WAKES.get();
            theirs.send(b"x").unwrap();
            turn_until(&mut reactor, || WAKES.get() > before);
        }
        SOCKET.set(None);
        drop(reactor);
        assert!(matches!(
            ours.poll_ready(Caller::Std(Waker::noop()), Direction::Read),
            Poll::Ready(Err(_))
        ));
    });
}
