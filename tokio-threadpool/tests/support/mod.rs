//! What the tests share: tasks of either generation from one poll function, and waits that end.

#![allow(dead_code, unreachable_pub)]

use futures::Future as Future01;
use std::fs;
use std::sync::mpsc::{self, Receiver};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};
use tokio_executor::SpawnError;
use tokio_task::{to_futures01, Caller};
use tokio_threadpool::{Builder, Sender, Shutdown, ThreadPool};

/// Longer than anything here takes, however busy the machine.
pub const LIMIT: Duration = Duration::from_secs(60);

/// The sizes of pool that matter.
pub const SIZES: [usize; 4] = [1, 2, 4, 16];

/// Spawns a poll function as a future of one generation.
pub trait Generation: Copy + Send + Sync + 'static {
    fn try_spawn(
        self,
        sender: &Sender,
        poll: impl FnMut(Caller<'_>) -> Poll<()> + Send + 'static,
    ) -> Result<(), SpawnError>;

    fn spawn(self, sender: &Sender, poll: impl FnMut(Caller<'_>) -> Poll<()> + Send + 'static) {
        self.try_spawn(sender, poll).expect("the pool takes tasks");
    }

    /// Spawns what is ready at its first poll.
    fn run(self, sender: &Sender, f: impl FnOnce() + Send + 'static) {
        self.try_run(sender, f).expect("the pool takes tasks");
    }

    fn try_run(self, sender: &Sender, f: impl FnOnce() + Send + 'static) -> Result<(), SpawnError> {
        let mut f = Some(f);
        self.try_spawn(sender, move |_| {
            f.take().expect("polled once")();
            Poll::Ready(())
        })
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Futures01;

impl Generation for Futures01 {
    fn try_spawn(
        self,
        sender: &Sender,
        mut poll: impl FnMut(Caller<'_>) -> Poll<()> + Send + 'static,
    ) -> Result<(), SpawnError> {
        sender
            .spawn(futures::future::poll_fn(move || to_futures01(poll(Caller::Futures01).map(Ok))))
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Std;

impl Generation for Std {
    fn try_spawn(
        self,
        sender: &Sender,
        mut poll: impl FnMut(Caller<'_>) -> Poll<()> + Send + 'static,
    ) -> Result<(), SpawnError> {
        sender.spawn(std::future::poll_fn(move |cx| poll(cx.into()))).map(drop)
    }
}

/// One test of each generation for each function, which takes the generation.
#[macro_export]
macro_rules! both_generations {
    ($($(#[$attribute:meta])* $name:ident;)*) => {
        mod futures01 {
            $($(#[$attribute])* #[test] fn $name() { super::$name(super::support::Futures01) })*
        }
        mod std_future {
            $($(#[$attribute])* #[test] fn $name() { super::$name(super::support::Std) })*
        }
    };
}

pub fn pool(size: usize) -> ThreadPool {
    Builder::new().pool_size(size).build()
}

/// Receives, or fails.
pub fn receive<T>(receiver: &Receiver<T>, what: &str) -> T {
    receiver.recv_timeout(LIMIT).unwrap_or_else(|error| {
        dump();
        panic!("{what}: {error}");
    })
}

/// Runs `f` on a thread of its own, and fails if it takes too long.
pub fn within<T: Send + 'static>(what: &str, f: impl FnOnce() -> T + Send + 'static) -> T {
    let (send, received) = mpsc::channel();
    thread::spawn(move || drop(send.send(f())));
    receive(&received, what)
}

/// Waits for a pool's end.
pub fn end(shutdown: Shutdown) {
    within("the pool does not end", move || shutdown.wait().unwrap());
}

/// Waits for something that nobody announces.
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        if start.elapsed() > LIMIT {
            dump();
            panic!("never: {what}");
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// The threads of this process whose name starts with `prefix`: name, state, voluntary switches.
pub fn threads(prefix: &str) -> Vec<(String, String, u64)> {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else { return Vec::new() };
    tasks
        .filter_map(|task| {
            let status = fs::read_to_string(task.ok()?.path().join("status")).ok()?;
            let field = |name: &str| {
                let line = status.lines().find(|line| line.starts_with(name))?;
                Some(line[name.len()..].trim().to_owned())
            };
            let switches = field("voluntary_ctxt_switches:")?.parse().ok()?;
            Some((field("Name:")?, field("State:")?, switches))
        })
        .filter(|(name, ..)| name.starts_with(prefix))
        .collect()
}

fn dump() {
    for (name, state, switches) in threads("") {
        eprintln!("{name:16} {state:16} {switches} voluntary switches");
    }
}
