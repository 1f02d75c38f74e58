//! The runtimes that are compared.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

mod ours;
mod smol;
mod tokio01;
mod tokio1;

pub use self::ours::Ours;
pub use self::smol::{configure as configure_smol, Smol};
pub use self::tokio01::Tokio01;
pub use self::tokio1::{current_thread, multi_thread, CurrentThread, Tokio1};

/// A subject of the comparison. All but the single-threaded ones have [`workers()`] workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Peer {
    /// This project's runtime, with std tasks.
    Ours,
    /// This project's runtime, with futures 0.1 tasks.
    OursFutures01,
    /// tokio 1, multi-thread: what the others are compared with.
    Tokio1,
    /// tokio 1, current-thread.
    Tokio1CurrentThread,
    /// tokio 0.1.22.
    Tokio01,
    /// smol 2.
    Smol,
    /// No runtime: a loop around `epoll_wait`, in one thread.
    Epoll,
}

impl Peer {
    /// Everyone.
    pub const ALL: [Peer; 7] = [
        Peer::Tokio1,
        Peer::Ours,
        Peer::OursFutures01,
        Peer::Tokio1CurrentThread,
        Peer::Tokio01,
        Peer::Smol,
        Peer::Epoll,
    ];

    /// The name on the command line and in tables.
    pub fn name(self) -> &'static str {
        match self {
            Peer::Ours => "ours-std",
            Peer::OursFutures01 => "ours-01",
            Peer::Tokio1 => "tokio1",
            Peer::Tokio1CurrentThread => "tokio1-ct",
            Peer::Tokio01 => "tokio01",
            Peer::Smol => "smol",
            Peer::Epoll => "epoll",
        }
    }

    /// The one of that name.
    pub fn parse(name: &str) -> Option<Peer> {
        Peer::ALL.into_iter().find(|peer| peer.name() == name)
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The variable of the environment that says how many workers a runtime has that has several.
pub const WORKERS: &str = "BENCH_WORKERS";

/// How many workers a runtime has that has several: 2, if nothing else is said.
pub fn workers() -> usize {
    std::env::var(WORKERS).map_or(2, |text| text.parse().expect("a number of workers"))
}

/// A runtime for std futures.
pub trait Std: Send + 'static {
    /// Waits for a task.
    type Join<T: Send + 'static>: Future<Output = T> + Send;
    /// Spawns from outside.
    type Remote: Send + 'static;

    /// Runs `main` as a task of a fresh runtime, and blocks the thread on it.
    fn run<T: Send + 'static>(main: impl Future<Output = T> + Send + 'static) -> T;
    /// Spawns a task that is joined, from inside a task.
    fn spawn<T: Send + 'static>(f: impl Future<Output = T> + Send + 'static) -> Self::Join<T>;
    /// Spawns a task that nobody waits for, from inside a task.
    fn detach(f: impl Future<Output = ()> + Send + 'static);
    /// What spawns from outside on the runtime of the calling task.
    fn remote() -> Self::Remote;
    /// Spawns from outside.
    fn spawn_remote(remote: &Self::Remote, f: impl Future<Output = ()> + Send + 'static);
    /// Runs a closure that blocks on another thread.
    fn spawn_blocking<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> Self::Join<T>;
}

/// A runtime for futures 0.1.
pub trait Futures01: Send + 'static {
    /// Spawns from outside.
    type Remote: Send + 'static;

    /// Runs `main` as a task of a fresh runtime, and blocks the thread until it sends its result.
    fn run(main: impl futures::Future<Item = (), Error = ()> + Send + 'static);
    /// Spawns a task, from inside a task.
    fn spawn(f: impl futures::Future<Item = (), Error = ()> + Send + 'static);
    /// What spawns from outside on the runtime of the calling task.
    fn remote() -> Self::Remote;
    /// Spawns from outside.
    fn spawn_remote(
        remote: &Self::Remote,
        f: impl futures::Future<Item = (), Error = ()> + Send + 'static,
    );
}

/// A join handle whose task did not fail.
#[derive(Debug)]
pub struct Joined<J>(J);

impl<T, E: fmt::Debug, J: Future<Output = Result<T, E>> + Unpin> Future for Joined<J> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.0).poll(cx).map(|result| result.expect("no task fails"))
    }
}
