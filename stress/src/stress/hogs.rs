//! Tasks that keep their worker for 20 ms at a time. How long the sockets and timers of others wait
//! meanwhile is reported, not judged: the machine may be busy with something else.

use super::loopback;
use super::manner::{spawn_async, Manner};
use super::pause::Pause;
use super::random::Random;
use super::scope::{Company, Component, Scope};
use std::future::poll_fn;
use std::task::{ready, Poll};
use std::time::{Duration, Instant};
use tokio_task::Caller;

pub(super) const COMPONENT: Component = Component {
    name: "hogs",
    shows: "polls of 20 ms; how long others wait is reported",
    run,
    company: Company::Others,
};

/// How long one poll takes.
const POLL: Duration = Duration::from_millis(20);

fn run(scope: &Scope, mut random: Random) {
    let (hogs, probes) = (scope.completes("hog"), scope.completes("probe"));
    for _ in 0..(scope.workers / 2).clamp(1, 3) {
        let (scope, mut inside) = (scope.clone(), random.fork());
        let handle = scope.handle.clone();
        let mut pause = Pause::None;
        Manner::any(&mut random).spawn(&handle, hogs.guard(), move |caller: Caller<'_>| loop {
            ready!(pause.poll(caller));
            if !scope.is_open() {
                return Poll::Ready(());
            }
            let start = Instant::now();
            while start.elapsed() < POLL {}
            scope.count("polls of 20 ms", 1);
            pause = Pause::for_time(inside.micros(20_000..=150_000));
        });
    }
    let listener = loopback::listener();
    let addr = listener.local_addr().unwrap();
    spawn_async(&scope.handle, &mut random, probes.guard(), async move {
        let (stream, _) = listener.accept().await.expect("a connection comes");
        let mut byte = [0];
        while poll_fn(|cx| stream.poll_read_with(cx.into(), &mut byte)).await.expect("it reads") > 0
        {
            let n = poll_fn(|cx| stream.poll_write_with(cx.into(), &byte)).await;
            assert_eq!(n.expect("it writes"), 1);
        }
    });
    let in_probe = scope.clone();
    spawn_async(&scope.handle, &mut random, probes.guard(), async move {
        let stream = loopback::connect(&addr).await.expect("somebody listens");
        while in_probe.is_open() {
            let start = Instant::now();
            let n = poll_fn(|cx| stream.poll_write_with(cx.into(), &[7])).await;
            assert_eq!(n.expect("it writes"), 1);
            let n = poll_fn(|cx| stream.poll_read_with(cx.into(), &mut [0])).await;
            assert_eq!(n.expect("it reads"), 1);
            let waited = start.elapsed().as_millis() as u64;
            in_probe.ledger.peak("ms for a byte to and fro", waited);
            in_probe.count("bytes to and fro", 1);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    scope.settle(&hogs);
    scope.settle(&probes);
}
