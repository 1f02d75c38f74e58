//! What a scheduler does, each in a function for either generation of futures.
//!
//! A function gets a scale and returns how many operations it measured, and how long they took; it
//! has warmed the runtime up before. Channels are those of the `futures` crates on all sides:
//! runtimes are compared, not channels.

use crate::peer::{CurrentThread, Futures01, Ours, Peer, Smol, Std, Tokio01, Tokio1};
use crate::process::own_processor_time;
use std::sync::atomic::{AtomicU64, Ordering::AcqRel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

mod behind_a_poll;
mod blocking;
mod blocking_in_place;
mod chained;
mod channel;
mod contended;
mod fan_out;
mod local;
mod ping_pong;
mod remote;
mod thread_to_task;
mod timer_cancel;
mod timer_lateness;
mod uneven;
mod yields;

/// What was measured in one run.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// How many operations.
    pub operations: u64,
    /// How long they took.
    pub wall: Duration,
    /// How much processor time the process used meanwhile.
    pub cpu: Duration,
}

/// A question.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Its name on the command line and in tables.
    pub name: &'static str,
    /// What is asked.
    pub question: &'static str,
    /// The share of tokio 1's time that we want to stay within.
    pub target: f64,
    /// The scale at which it is asked.
    pub scale: u64,
    std: StdRun,
    futures01: Option<Futures01Run>,
}

#[derive(Clone, Copy, Debug)]
struct StdRun {
    ours: fn(u64) -> Sample,
    tokio1: fn(u64) -> Sample,
    current_thread: Option<fn(u64) -> Sample>,
    smol: Option<fn(u64) -> Sample>,
}

#[derive(Clone, Copy, Debug)]
struct Futures01Run {
    ours: fn(u64) -> Sample,
    tokio01: fn(u64) -> Sample,
}

macro_rules! std_run {
    ($module:ident) => {
        StdRun {
            ours: $module::std::<Ours>,
            tokio1: $module::std::<Tokio1>,
            current_thread: Some($module::std::<CurrentThread>),
            smol: Some($module::std::<Smol>),
        }
    };
}

macro_rules! futures01_run {
    ($module:ident) => {
        Some(Futures01Run {
            ours: $module::futures01::<Ours>,
            tokio01: $module::futures01::<Tokio01>,
        })
    };
}

/// All of them.
pub const ALL: &[Scenario] = &[
    Scenario {
        name: "spawn-local",
        question: "What does it cost to spawn a task from inside a task, and to run it?",
        target: 0.33,
        scale: 10_000,
        std: std_run!(local),
        futures01: futures01_run!(local),
    },
    Scenario {
        name: "spawn-remote",
        question: "What does it cost to spawn a task from another thread, and to run it?",
        target: 0.40,
        scale: 10_000,
        std: std_run!(remote),
        futures01: futures01_run!(remote),
    },
    Scenario {
        name: "spawn-chained",
        question: "What does it cost to spawn a task that spawns the next one?",
        target: 0.20,
        scale: 10_000,
        std: std_run!(chained),
        futures01: futures01_run!(chained),
    },
    Scenario {
        name: "ping-pong",
        question: "What do a spawned task and its parent pay to tell each other one thing each?",
        target: 0.50,
        scale: 5_000,
        std: std_run!(ping_pong),
        futures01: futures01_run!(ping_pong),
    },
    Scenario {
        name: "yield",
        question: "What does it cost to let the other 199 tasks run?",
        target: 0.55,
        scale: 100_000,
        std: std_run!(yields),
        futures01: futures01_run!(yields),
    },
    Scenario {
        name: "channel",
        question: "What does a message between two tasks that take turns cost?",
        target: 0.60,
        scale: 20_000,
        std: std_run!(channel),
        futures01: futures01_run!(channel),
    },
    Scenario {
        name: "contended-channel",
        question: "What does a message cost when ten tasks send to one?",
        target: 0.40,
        scale: 20_000,
        std: std_run!(contended),
        futures01: futures01_run!(contended),
    },
    Scenario {
        name: "fan-out",
        question: "What does it cost to spawn a task and to join it, a hundred at a time?",
        target: 0.50,
        scale: 20_000,
        std: std_run!(fan_out),
        futures01: futures01_run!(fan_out),
    },
    Scenario {
        name: "uneven",
        question: "How well are tasks of very uneven length spread over two workers?",
        target: 0.99,
        scale: 2_000,
        std: std_run!(uneven),
        futures01: futures01_run!(uneven),
    },
    Scenario {
        name: "thread-to-task",
        question: "What does it cost to ask a task from a thread, and to get an answer?",
        target: 0.95,
        scale: 5_000,
        std: std_run!(thread_to_task),
        futures01: futures01_run!(thread_to_task),
    },
    Scenario {
        name: "spawn-blocking",
        question: "What does it cost to run a closure on a thread that may block, and to await it?",
        target: 0.67,
        scale: 5_000,
        std: std_run!(blocking),
        futures01: None,
    },
    Scenario {
        name: "blocking-in-place",
        question: "What does it cost to say that a task is about to block, and to go on after it?",
        target: 0.25,
        scale: 2_000,
        std: StdRun {
            ours: blocking_in_place::ours,
            tokio1: blocking_in_place::tokio1,
            current_thread: None,
            smol: None,
        },
        futures01: Some(Futures01Run {
            ours: blocking_in_place::ours01,
            tokio01: blocking_in_place::tokio01,
        }),
    },
    Scenario {
        name: "behind-a-poll",
        question: "How long do tasks wait behind a poll of 20 ms, in 95 of 100 cases?",
        target: 0.25,
        scale: 60,
        std: std_run!(behind_a_poll),
        futures01: futures01_run!(behind_a_poll),
    },
    Scenario {
        name: "timer-cancel",
        question: "What does it cost to begin to wait for a timer, and to give it up?",
        target: 0.67,
        scale: 50_000,
        std: StdRun {
            ours: timer_cancel::ours,
            tokio1: timer_cancel::tokio1,
            current_thread: Some(timer_cancel::current_thread),
            smol: Some(timer_cancel::smol),
        },
        futures01: Some(Futures01Run {
            ours: timer_cancel::ours01,
            tokio01: timer_cancel::tokio01,
        }),
    },
    Scenario {
        name: "timer-lateness",
        question: "How late is a timer, in the middle (not: how long does it take)?",
        target: 0.50,
        scale: 200,
        std: StdRun {
            ours: timer_lateness::ours,
            tokio1: timer_lateness::tokio1,
            current_thread: Some(timer_lateness::current_thread),
            smol: Some(timer_lateness::smol),
        },
        futures01: Some(Futures01Run {
            ours: timer_lateness::ours01,
            tokio01: timer_lateness::tokio01,
        }),
    },
];

impl Scenario {
    /// The one of that name.
    pub fn find(name: &str) -> Option<&'static Scenario> {
        ALL.iter().find(|scenario| scenario.name == name)
    }

    /// Runs it once on a fresh runtime, with this scale. `None` if `peer` can't do it.
    pub fn run(&self, peer: Peer, scale: u64) -> Option<Sample> {
        self.runner(peer).map(|run| run(scale))
    }

    /// Whether `peer` can do it.
    pub fn is_for(&self, peer: Peer) -> bool {
        self.runner(peer).is_some()
    }

    fn runner(&self, peer: Peer) -> Option<fn(u64) -> Sample> {
        match peer {
            Peer::Ours => Some(self.std.ours),
            Peer::Tokio1 => Some(self.std.tokio1),
            Peer::Tokio1CurrentThread => self.std.current_thread,
            Peer::Smol => self.std.smol,
            Peer::OursFutures01 => Some(self.futures01?.ours),
            Peer::Tokio01 => Some(self.futures01?.tokio01),
            Peer::Epoll => None,
        }
    }
}

/// A measurement that has begun.
struct Watch(Instant, Duration);

impl Watch {
    fn start() -> Watch {
        Watch(Instant::now(), own_processor_time())
    }

    fn stop(&self, operations: u64) -> Sample {
        Sample { operations, wall: self.0.elapsed(), cpu: own_processor_time() - self.1 }
    }
}

/// Runs `body` as the main task of an `R`, first small, then measured.
fn measure_std<R: Std, F>(scale: u64, body: fn(u64) -> F) -> Sample
where
    F: std::future::Future<Output = ()> + Send + 'static,
{
    R::run(async move {
        body(warm_up(scale)).await;
        let watch = Watch::start();
        body(scale).await;
        watch.stop(scale)
    })
}

/// The same for futures 0.1.
fn measure_futures01<R: Futures01, F>(scale: u64, body: fn(u64) -> F) -> Sample
where
    F: futures::Future<Item = (), Error = ()> + Send + 'static,
{
    let (send, receive) = std::sync::mpsc::channel();
    R::run(body(warm_up(scale)).and_then(move |()| {
        let watch = Watch::start();
        body(scale).map(move |()| send.send(watch.stop(scale)).expect("somebody waits for it"))
    }));
    receive.recv().expect("the measurement came to its end")
}

fn warm_up(scale: u64) -> u64 {
    (scale / 5).clamp(100.min(scale), 10_000)
}

/// Counts down; the last one tells.
struct Countdown {
    left: AtomicU64,
    last: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Countdown {
    fn new(from: u64, last: impl FnOnce() + Send + 'static) -> Arc<Self> {
        Arc::new(Countdown { left: AtomicU64::new(from), last: Mutex::new(Some(Box::new(last))) })
    }

    fn down(&self) {
        if self.left.fetch_sub(1, AcqRel) == 1 {
            if let Some(last) = self.last.lock().expect("no panic").take() {
                last();
            }
        }
    }
}
