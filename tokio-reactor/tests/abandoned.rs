//! Waits that end before there is an event, one task after the other, at one source.

mod support;

use mio::net::UdpSocket;
use std::sync::{Arc, Weak};
use std::task::Waker;
use support::*;
use tokio_reactor::{Direction, PollEvented, Reactor};
use tokio_task::Caller;

fn wait(ours: &PollEvented<UdpSocket>, waker: &Waker) {
    assert!(ours.poll_io(Caller::Std(waker), Direction::Read, |s| s.recv(&mut [0])).is_pending());
}

/// A task that waits until there is an event, and looks whenever it is woken.
struct Waits {
    bell: Arc<Bell>,
    waker: Waker,
    looked_after: usize,
}

impl Waits {
    fn new(ours: &PollEvented<UdpSocket>) -> Self {
        let (bell, waker) = Bell::new();
        wait(ours, &waker);
        Waits { bell, waker, looked_after: 0 }
    }

    fn is_woken(&self) -> bool {
        self.bell.rings() > self.looked_after
    }

    /// Looks if it was woken. True if it was.
    fn run(&mut self, ours: &PollEvented<UdpSocket>) -> bool {
        let woken = self.is_woken();
        if woken {
            self.looked_after = self.bell.rings();
            wait(ours, &self.waker);
        }
        woken
    }
}

fn alive(bells: &[Weak<Bell>]) -> usize {
    bells.iter().filter(|bell| bell.strong_count() > 0).count()
}

#[test]
fn abandoned_waits_are_forgotten_and_the_others_woken() {
    let mut reactor = Reactor::new().unwrap();
    for live in [1, 3, 40] {
        let (ours, theirs) = udp_pair(&reactor.handle());
        settle(&mut reactor);
        wait(&ours, Waker::noop());
        let mut tasks: Vec<_> = (0..live).map(|_| Waits::new(&ours)).collect();
        let mut abandoned = Vec::new();
        let mut most = 0;
        for _ in 0..1_000 {
            let (bell, waker) = Bell::new();
            abandoned.push(Arc::downgrade(&bell));
            wait(&ours, &waker);
            drop((bell, waker));
            for task in &mut tasks {
                task.run(&ours);
            }
            most = most.max(alive(&abandoned));
        }
        assert!(most <= 250, "{most} of 1000 tasks kept, with {live} that wait");
        for task in &mut tasks {
            assert!(task.bell.rings() <= 100, "woken {} times", task.bell.rings());
            while task.run(&ours) {}
        }
        assert!(!tasks.iter().any(Waits::is_woken));
        theirs.send(b"x").unwrap();
        turn_until(&mut reactor, || tasks.iter().all(Waits::is_woken));
        assert!(alive(&abandoned) <= 1, "only the cell keeps one");
    }
}

#[test]
fn many_tasks_that_wait_come_to_rest() {
    let mut reactor = Reactor::new().unwrap();
    let (ours, theirs) = udp_pair(&reactor.handle());
    settle(&mut reactor);
    let mut tasks: Vec<_> = (0..1_000).map(|_| Waits::new(&ours)).collect();
    let mut rounds = 0;
    while tasks.iter_mut().fold(false, |any, task| task.run(&ours) | any) {
        rounds += 1;
        assert!(rounds <= 50, "they wake each other for ever");
    }
    theirs.send(b"x").unwrap();
    turn_until(&mut reactor, || tasks.iter().all(Waits::is_woken));
}

/// As with an executor that makes a new waker for each poll.
#[test]
fn many_tasks_with_another_waker_each_time_come_to_rest() {
    let mut reactor = Reactor::new().unwrap();
    let (ours, theirs) = udp_pair(&reactor.handle());
    settle(&mut reactor);
    let mut tasks: Vec<_> = (0..100).map(|_| Waits::new(&ours)).collect();
    let mut rounds = 0;
    loop {
        let mut any = false;
        for task in &mut tasks {
            if task.is_woken() {
                *task = Waits::new(&ours);
                any = true;
            }
        }
        if !any {
            break;
        }
        rounds += 1;
        assert!(rounds <= 50, "they wake each other for ever");
    }
    theirs.send(b"x").unwrap();
    turn_until(&mut reactor, || tasks.iter().all(Waits::is_woken));
}
