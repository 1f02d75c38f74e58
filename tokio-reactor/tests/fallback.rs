//! Sockets on threads that have no reactor. One test, for the fallback belongs to the process.

mod support;

use std::task::Poll;
use support::*;
use tokio_reactor::{Backoff, Direction, Handle, LateBound, PollEvented, Reactor};

#[test]
fn on_a_plain_thread_sockets_make_progress_by_a_reactor_started_once() {
    bounded(|| {
        for generation in BOTH {
            let (ours, theirs) = udp_pair(&Handle::default());
            let mut polls = 0;
            let received = generation.block_on(|caller| {
                polls += 1;
                let poll = ours.poll_io(caller, Direction::Read, |s| s.recv(&mut [0; 4]));
                if polls == 1 {
                    assert!(poll.is_pending());
                    theirs.send(b"x").unwrap();
                }
                poll
            });
            assert_eq!(received.unwrap(), 1);

            let late = udp();
            late.set_nonblocking(true).unwrap();
            let (late, address) = (LateBound::new(late), theirs.local_addr().unwrap());
            let sent = generation.block_on(|caller| {
                late.poll_io(caller, Direction::Write, |s| s.send_to(b"x", address))
            });
            assert_eq!(sent.unwrap(), 1);

            let mut backoff = Backoff::new();
            backoff.start(std::time::Duration::from_millis(2));
            generation.block_on(|caller| match backoff.poll_elapsed(caller) {
                Poll::Ready(()) => Poll::Ready(()),
                Poll::Pending => Poll::Pending,
            });
            let bound = PollEvented::new(mio::net::UdpSocket::bind(loopback()).unwrap());
            generation.block_on(|caller| bound.poll_ready(caller, Direction::Write)).unwrap();
        }
        assert_eq!(reactor_threads(), cfg!(target_os = "linux").then_some(1));
        let error = Reactor::new().unwrap().set_fallback().unwrap_err();
        assert!(error.to_string().contains("fallback"));
    });
}

fn reactor_threads() -> Option<usize> {
    // Elsewhere such a folder may be that of another system, as under Wine.
    if !cfg!(target_os = "linux") {
        return None;
    }
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    let names = tasks.filter_map(|t| std::fs::read_to_string(t.ok()?.path().join("comm")).ok());
    Some(names.filter(|name| name.trim() == "tokio-reactor").count())
}
