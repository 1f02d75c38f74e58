//! A load generator: one thread, closed loop, every byte checked.
//!
//! Each connection sends a message, waits until it has come back whole, and sends the next one. The
//! bytes of a message depend on the connection and on the message, so that a server which mixes up
//! connections, or the order of bytes, is found out.

use crate::process::Counters;
use crate::serve::{room, Queue};
use crate::stats::percentile;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

mod churn;
mod datagrams;
mod message;
mod streams;

pub use self::churn::churn;
pub use self::datagrams::datagrams;
use self::message::Message;
pub use self::streams::streams;

/// What is put on a server.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Where it listens, on the loopback interface.
    pub port: u16,
    /// Its process, whose processor time is measured.
    pub pid: u32,
    /// How many connections are busy at a time.
    pub connections: usize,
    /// The bytes of a message.
    pub size: usize,
    /// For how long it is measured, after a quarter of that to warm up.
    pub time: Duration,
}

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub struct Served {
    /// Messages a second.
    pub rate: f64,
    /// The server's processor time for a message, in microseconds.
    pub cpu: f64,
    /// How often a thread of the server waited, for each message.
    pub waits: f64,
    /// From the send of a message to the arrival of its last byte, in microseconds: the median.
    pub p50: f64,
    /// The same: 99 of 100 are faster.
    pub p99: f64,
    /// The same: 999 of 1000 are faster.
    pub p999: f64,
    /// The messages of the connection that got the fewest, as a share of the mean.
    pub fairness: f64,
}

/// Warms up, then counts.
struct Meter {
    load: Load,
    begin: Instant,
    /// When the measurement began, and what the server had used by then.
    measured: Option<(Instant, Counters)>,
    latencies: Vec<u32>,
    messages: Vec<u32>,
}

impl Meter {
    fn start(load: Load) -> Meter {
        Meter {
            load,
            begin: Instant::now(),
            measured: None,
            latencies: Vec::with_capacity(1 << 20),
            messages: vec![0; load.connections],
        }
    }

    /// A message of `connection` came back; it was sent at `sent`.
    fn count(&mut self, connection: usize, sent: Instant, now: Instant) {
        if self.measured.is_some() {
            let nanos = now.duration_since(sent).as_nanos();
            self.latencies.push(u32::try_from(nanos).unwrap_or(u32::MAX));
            self.messages[connection] += 1;
        }
    }

    /// False once the time is over.
    fn goes_on(&mut self, now: Instant) -> bool {
        match self.measured {
            None => {
                if now.duration_since(self.begin) >= self.load.time / 4 {
                    self.measured = Some((now, Counters::of(self.load.pid)));
                }
                true
            }
            Some((since, _)) => now.duration_since(since) < self.load.time,
        }
    }

    fn finish(mut self) -> io::Result<Served> {
        let (since, before) = self.measured.ok_or(ErrorKind::TimedOut)?;
        let seconds = since.elapsed().as_secs_f64();
        let used = Counters::of(self.load.pid).since(before);
        if self.latencies.is_empty() {
            return Err(ErrorKind::TimedOut.into());
        }
        self.latencies.sort_unstable();
        let count = self.latencies.len() as f64;
        let micros = |share| f64::from(percentile(&self.latencies, share)) / 1e3;
        let least = f64::from(self.messages.iter().copied().min().unwrap_or(0));
        Ok(Served {
            rate: count / seconds,
            cpu: used.cpu_ns as f64 / 1e3 / count,
            waits: used.waits as f64 / count,
            p50: micros(0.5),
            p99: micros(0.99),
            p999: micros(0.999),
            fairness: least * self.messages.len() as f64 / count,
        })
    }
}

fn server(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// For how long nothing may happen before it counts as a hang.
const PATIENCE: Duration = Duration::from_secs(10);
