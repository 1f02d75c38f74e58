//! What is compared, and how long it takes.

use benches::load::{churn, datagrams, streams, Load, Served};
use benches::peer::Peer;
use benches::scenario::{self, Scenario};
use std::io;
use std::time::Duration;

/// How much time is spent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Effort {
    /// Samples of each subject.
    pub(crate) rounds: usize,
    /// How long a server is measured for one sample.
    pub(crate) time: Duration,
    /// How long an idle server is watched.
    pub(crate) idle: Duration,
}

pub(crate) const QUICK: Effort =
    Effort { rounds: 3, time: Duration::from_millis(200), idle: Duration::from_secs(2) };
pub(crate) const FULL: Effort =
    Effort { rounds: 9, time: Duration::from_millis(500), idle: Duration::from_secs(10) };

/// Where server and load generator run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    /// Both on processor 0.
    Together,
    /// The server on processor 0, the load generator on processor 1.
    Apart,
    /// Wherever the system puts them.
    Free,
}

impl Placement {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Placement::Together => "server and load generator on one processor",
            Placement::Apart => "server and load generator on a processor each",
            Placement::Free => "on any processor",
        }
    }
}

/// One question to all peers.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) question: String,
    /// The share of tokio 1's figure that we want to stay within: of the time, or of the
    /// processor time for a message.
    pub(crate) target: Option<f64>,
    /// The same for the latency that 99 of 100 messages stay within.
    pub(crate) target_p99: Option<f64>,
    pub(crate) what: What,
}

pub(crate) enum What {
    Scheduler(&'static Scenario),
    Sockets(Sockets),
}

/// A server under a load.
#[derive(Clone, Copy)]
pub(crate) struct Sockets {
    pub(crate) service: &'static str,
    pub(crate) put: fn(Load) -> io::Result<Served>,
    pub(crate) connections: usize,
    pub(crate) size: usize,
    pub(crate) placement: Placement,
}

impl Case {
    /// Who takes part, tokio 1 first.
    pub(crate) fn peers(&self) -> Vec<Peer> {
        Peer::ALL
            .into_iter()
            .filter(|peer| match &self.what {
                What::Scheduler(scenario) => scenario.is_for(*peer),
                What::Sockets(sockets) => sockets.service != "hog" || *peer != Peer::Epoll,
            })
            .collect()
    }
}

pub(crate) fn cases() -> Vec<Case> {
    let schedulers = scenario::ALL.iter().map(|scenario| Case {
        name: scenario.name.into(),
        question: scenario.question.into(),
        target: Some(scenario.target),
        target_p99: None,
        what: What::Scheduler(scenario),
    });
    schedulers.chain(sockets()).collect()
}

fn sockets() -> impl Iterator<Item = Case> {
    use Placement::{Apart, Free, Together};
    let tcp = |connections, size, placement, target, target_p99| {
        let at = if placement == Together { ", one processor" } else { "" };
        Case {
            name: format!("tcp-{connections}x{size}{}", if at.is_empty() { "" } else { "-1cpu" }),
            question: format!("TCP echo: {connections} connections, messages of {size} bytes{at}"),
            target,
            target_p99,
            what: What::Sockets(Sockets {
                service: "tcp",
                put: streams,
                connections,
                size,
                placement,
            }),
        }
    };
    let other = |name: &str, question: &str, service, put, connections, placement, target| Case {
        name: name.into(),
        question: question.into(),
        target,
        target_p99: None,
        what: What::Sockets(Sockets { service, put, connections, size: 64, placement }),
    };
    [
        tcp(1, 64, Apart, Some(1.0), Some(1.0)),
        tcp(64, 64, Together, Some(0.86), None),
        tcp(64, 64, Apart, None, None),
        tcp(1_000, 64, Apart, Some(0.96), Some(0.28)),
        tcp(8_000, 64, Apart, Some(0.76), None),
        tcp(64, 4_096, Apart, Some(0.91), None),
        tcp(64, 65_536, Apart, None, None),
        other("tcp-churn", "TCP: connect, one echo, close", "tcp", churn, 4, Apart, Some(0.90)),
        other(
            "udp-64x64",
            "UDP echo: 64 datagrams on their way",
            "udp",
            datagrams,
            64,
            Apart,
            Some(0.61),
        ),
        other(
            "tcp-hog",
            "TCP echo: 16 connections beside a task that polls for 20 ms of each 40",
            "hog",
            streams,
            16,
            Free,
            None,
        ),
    ]
    .into_iter()
}
