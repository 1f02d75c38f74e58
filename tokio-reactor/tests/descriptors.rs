//! After many cycles, files and threads are where they were. One test, for it counts the
//! process's own.
#![cfg(target_os = "linux")]

mod support;

use futures::Future;
use support::*;
use tokio_reactor::{Direction, Handle, LateBound, Reactor};

fn count(what: &str) -> usize {
    std::fs::read_dir(format!("/proc/self/{what}")).unwrap().count()
}

#[test]
fn files_and_threads_are_where_they_were_after_many_cycles() {
    fn cycle() {
        let background = background();
        let pairs: Vec<_> = (0..4).map(|_| udp_pair(background.handle())).collect();
        for (ours, theirs) in &pairs {
            theirs.send(b"x").unwrap();
            let receive = |caller: tokio_task::Caller<'_>| {
                ours.poll_io(caller, Direction::Read, |s| s.recv(&mut [0; 4]))
            };
            Generation::Std.block_on(receive).unwrap();
        }
        background.shutdown_now().wait().unwrap();

        let reactor = Reactor::new().unwrap();
        let listener = listener(&reactor.handle());
        drop(reactor);
        drop(listener);
        drop((Handle::default(), LateBound::new(udp())));
    }
    bounded(|| {
        cycle();
        let before = (count("fd"), count("task"));
        for _ in 0..100 {
            cycle();
        }
        assert_eq!((count("fd"), count("task")), before);
    });
}
