//! A reactor with a thread of its own, and how it ends.

mod support;

use futures::Future;
use std::sync::{mpsc, Arc};
use std::task::{Poll, Wake, Waker};
use std::thread;
use support::*;
use tokio_reactor::{Direction, Reactor, Shutdown};
use tokio_task::Caller;

fn end(generation: Generation, shutdown: Shutdown) {
    match generation {
        Generation::Futures01 => shutdown.wait().unwrap(),
        Generation::Std => futures03::executor::block_on(async { shutdown.await }),
    }
}

#[test]
fn shutdown_on_idle_waits_for_the_last_source() {
    for generation in BOTH {
        bounded(move || {
            let background = background();
            let (ours, theirs) = udp_pair(background.handle());
            let shutdown = background.shutdown_on_idle();
            // It still serves what is there.
            theirs.send(b"x").unwrap();
            let receive =
                |caller: Caller<'_>| ours.poll_io(caller, Direction::Read, |s| s.recv(&mut [0; 4]));
            assert_eq!(generation.block_on(receive).unwrap(), 1);
            let (done, ended) = mpsc::channel();
            let waiting = thread::spawn(move || {
                end(generation, shutdown);
                done.send(()).unwrap();
            });
            assert!(ended.try_recv().is_err());
            drop(ours);
            ended.recv().unwrap();
            waiting.join().unwrap();
        });
    }
}

#[test]
fn shutdown_on_idle_ends_an_idle_reactor_at_once() {
    for generation in BOTH {
        bounded(move || end(generation, background().shutdown_on_idle()));
    }
}

#[test]
fn shutdown_now_fails_those_who_wait() {
    for generation in BOTH {
        bounded(move || {
            let background = background();
            let (ours, _theirs) = udp_pair(background.handle());
            let (waits, waiting) = mpsc::channel();
            let task = thread::spawn(move || {
                generation.block_on(|caller| {
                    let poll = ours.poll_io(caller, Direction::Read, |s| s.recv(&mut [0; 4]));
                    let _ = waits.send(());
                    poll
                })
            });
            waiting.recv().unwrap();
            end(generation, background.shutdown_now());
            assert_eq!(task.join().unwrap().unwrap_err().to_string(), "reactor gone");
        });
    }
}

#[test]
fn dropping_the_background_shuts_it_down() {
    bounded(|| {
        let background = background();
        let (ours, _theirs) = udp_pair(background.handle());
        drop(background);
        let polled = ours.poll_ready(Caller::Std(Waker::noop()), Direction::Read);
        assert!(matches!(polled, Poll::Ready(Err(_))));
    });
}

#[test]
fn a_forgotten_background_goes_on() {
    bounded(|| {
        let background = background();
        let handle = background.handle().clone();
        background.forget();
        let (ours, _theirs) = udp_pair(&handle);
        Generation::Std.block_on(|caller| ours.poll_ready(caller, Direction::Write)).unwrap();
    });
}

#[test]
fn dropping_a_shutdown_cancels_nothing() {
    bounded(|| {
        let background = background();
        let handle = background.handle().clone();
        let (ours, _theirs) = udp_pair(&handle);
        drop(background.shutdown_now());
        Generation::Std.block_on(|caller| match ours.poll_ready(caller, Direction::Read) {
            Poll::Ready(Err(_)) => Poll::Ready(()),
            Poll::Ready(Ok(_)) => panic!("ready to read"),
            Poll::Pending => Poll::Pending,
        });
    });
}

struct Panics(mpsc::Sender<()>);

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        self.0.send(()).unwrap();
        std::panic::resume_unwind(Box::new("a foreign waker panics"));
    }
}

#[test]
fn a_waker_that_panics_does_not_end_the_thread() {
    bounded(|| {
        let background = background();
        let (ours, theirs) = udp_pair(background.handle());
        let (panics, panicked) = mpsc::channel();
        let bad = Waker::from(Arc::new(Panics(panics)));
        assert!(ours.poll_ready(Caller::Std(&bad), Direction::Read).is_pending());
        theirs.send(b"x").unwrap();
        panicked.recv().unwrap();
        for generation in BOTH {
            generation.block_on(|caller| ours.poll_ready(caller, Direction::Read)).unwrap();
        }
    });
}

/// The waker that the thread runs owns the background, and drops it there.
#[test]
fn a_background_may_be_dropped_on_its_own_thread() {
    struct Owner(std::sync::Mutex<Option<tokio_reactor::Background>>, mpsc::Sender<()>);
    impl Wake for Owner {
        fn wake(self: Arc<Self>) {
            let background = self.0.lock().unwrap().take();
            drop(background);
            let _ = self.1.send(());
        }
    }
    bounded(|| {
        let background = Reactor::new().unwrap().background().unwrap();
        let (ours, theirs) = udp_pair(background.handle());
        let (done, dropped) = mpsc::channel();
        let owner = Arc::new(Owner(std::sync::Mutex::new(Some(background)), done));
        let waker = Waker::from(owner);
        let receive = |s: &mio::net::UdpSocket| s.recv(&mut [0]);
        let _ = ours.poll_io(Caller::Std(&waker), Direction::Read, receive);
        theirs.send(b"x").unwrap();
        dropped.recv().unwrap();
    });
}
