//! Unix datagrams to and fro: each comes back once, unchanged and in order.
//!
//! Some clients are one socket of a pair; others share a server, whose queue holds fewer than they send,
//! so that they wait for each other.

use crate::stress::fault::{self, Fault};
use crate::stress::folder::Folder;
use crate::stress::ledger::{Guard, Kind};
use crate::stress::manner::{spawn_async, spawn_futures01, Manner};
use crate::stress::random::Random;
use crate::stress::scope::Scope;
use crate::stress::udp::{datagram, number, BYE};
use futures::future::{self, loop_fn, Either, Loop};
use futures::Future as _;
use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::task::{ready, Poll};
use tokio::net::UnixDatagram;
use tokio_task::Caller;

/// How many pairs of sockets there are.
const PAIRS: u64 = 6;

/// How many servers there are, and how many clients each has.
const SERVERS: u64 = 2;
const CLIENTS: u64 = 4;

/// How many datagrams of a client are on the way at most.
const WINDOW: usize = 24;

/// The longest datagram; most are much shorter.
const LONGEST: usize = 16 * 1024;

/// All of a cycle.
pub(super) struct Datagrams {
    pings: Arc<Kind>,
    echoes: Arc<Kind>,
    /// Of the sockets that have one.
    paths: Vec<PathBuf>,
}

impl Datagrams {
    pub(super) fn start(scope: &Scope, folder: &Folder, random: &mut Random) -> Datagrams {
        let (pings, echoes) = (scope.completes("ping"), scope.completes("echo"));
        let mut paths = Vec::new();
        for _ in 0..PAIRS {
            let pair = scope.with_descriptors(UnixDatagram::pair);
            let (near, far) = pair.expect("a pair can be made");
            echo_to_peer(scope, far, echoes.guard(), random);
            ping(scope, near, pings.guard(), random);
        }
        let mut bind = |name: String| {
            let path = folder.file(name);
            let socket = scope.with_descriptors(|| UnixDatagram::bind(&path));
            paths.push(path.clone());
            (socket.expect("nobody else has this name"), path)
        };
        for server in 0..SERVERS {
            let (far, to) = bind(format!("server {server}"));
            for client in 0..CLIENTS {
                let (near, _) = bind(format!("client {client} of {server}"));
                near.connect(&to).expect("the server is there");
                ping(scope, near, pings.guard(), random);
            }
            if random.once_in(2) {
                echo_std(scope, far, echoes.guard(), random);
            } else {
                echo_futures01(scope, far, echoes.guard(), random);
            }
        }
        Datagrams { pings, echoes, paths }
    }

    /// Waits until all have come back, and removes the sockets' files.
    pub(super) fn end(self, scope: &Scope) {
        scope.settle(&self.pings);
        scope.settle(&self.echoes);
        for path in &self.paths {
            fs::remove_file(path).expect("the socket's file is there");
        }
    }
}

fn ping(scope: &Scope, socket: UnixDatagram, guard: Guard, random: &mut Random) {
    let mut ping = Ping::new(scope, socket, random.fork());
    let poll = move |caller: Caller<'_>| ping.poll(caller);
    Manner::any(random).spawn(&scope.handle, guard, poll);
}

/// Sends each datagram back to the other socket of the pair.
fn echo_to_peer(scope: &Scope, socket: UnixDatagram, guard: Guard, random: &mut Random) {
    let handle = scope.handle.clone();
    let scope = scope.clone();
    let mut buf = vec![0; 2 * LONGEST];
    let mut waits: Option<usize> = None;
    Manner::any(random).spawn(&handle, guard, move |caller: Caller<'_>| loop {
        let n = match waits {
            Some(n) => n,
            None => ready!(socket.poll_recv_with(caller, &mut buf)).expect("a datagram comes"),
        };
        waits = Some(n);
        let number = number(&buf[..n]);
        scope.check(number.is_some(), "a datagram was changed on its way");
        if number == Some(BYE) {
            return Poll::Ready(());
        }
        let sent = ready!(socket.poll_send_with(caller, &buf[..n])).expect("a datagram goes");
        scope.check(sent == n, "a datagram was cut");
        waits = None;
    });
}

/// Sends each datagram back to where it came from. Now and then it gives a wait up, and begins anew.
fn echo_std(scope: &Scope, socket: UnixDatagram, guard: Guard, random: &mut Random) {
    let (handle, mut inside) = (scope.handle.clone(), random.fork());
    let scope = scope.clone();
    let mut patience = move || inside.patience(8, 2_000);
    spawn_async(&handle, random, guard, async move {
        let (mut buf, mut byes) = (vec![0; 2 * LONGEST], 0);
        while byes < CLIENTS {
            let received = tokio::time::timeout(patience(), socket.recv_from(&mut buf)).await;
            let Ok(received) = received else {
                scope.count("waits for datagrams given up", 1);
                continue;
            };
            let (n, from) = received.expect("a datagram comes");
            match number(&buf[..n]) {
                Some(BYE) => {
                    byes += 1;
                    continue;
                }
                Some(_) => {}
                None => scope.loss("a datagram was changed on its way"),
            }
            let from = from.as_pathname().expect("all clients have a path");
            let sent = loop {
                match tokio::time::timeout(patience(), socket.send_to(&buf[..n], from)).await {
                    Ok(sent) => break sent,
                    Err(_) => scope.count("waits for datagrams given up", 1),
                }
            };
            scope.check(sent.expect("a datagram goes") == n, "a datagram was cut");
        }
    });
}

/// The same in the futures 0.1 way: futures that take the socket and give it back.
fn echo_futures01(scope: &Scope, socket: UnixDatagram, guard: Guard, random: &mut Random) {
    let handle = scope.handle.clone();
    let scope = scope.clone();
    let buf = vec![0; 2 * LONGEST];
    let echo = loop_fn((socket, buf, 0), move |(socket, buf, byes)| {
        let scope = scope.clone();
        socket.recv_dgram(buf).and_then(move |(socket, mut buf, n, from)| {
            let number = number(&buf[..n]);
            scope.check(number.is_some(), "a datagram was changed on its way");
            if number == Some(BYE) {
                let byes = byes + 1;
                let over = byes == CLIENTS;
                let next = if over { Loop::Break(()) } else { Loop::Continue((socket, buf, byes)) };
                return Either::A(future::ok::<_, io::Error>(next));
            }
            buf.truncate(n);
            Either::B(socket.send_dgram(buf, from).map(move |(socket, mut buf)| {
                buf.resize(2 * LONGEST, 0);
                Loop::Continue((socket, buf, byes))
            }))
        })
    });
    let echo = echo.map_err(|error| panic!("a datagram comes and goes: {error}"));
    spawn_futures01(&handle, random, guard, echo);
}

/// Sends datagrams to the socket that it is connected to, and waits for them to come back.
struct Ping {
    scope: Scope,
    socket: UnixDatagram,
    /// The lengths of those that are on the way, in order, and the number of the first of them.
    away: VecDeque<usize>,
    first: u64,
    /// What waits to be sent.
    sending: Option<Vec<u8>>,
    buf: Vec<u8>,
    random: Random,
}

impl Ping {
    fn new(scope: &Scope, socket: UnixDatagram, random: Random) -> Ping {
        let (away, buf) = (VecDeque::new(), vec![0; 2 * LONGEST]);
        Ping { scope: scope.clone(), socket, away, first: 0, sending: None, buf, random }
    }

    fn poll(&mut self, caller: Caller<'_>) -> Poll<()> {
        while let Poll::Ready(true) = self.poll_send(caller) {}
        while let Some(len) = self.away.front() {
            let received = ready!(self.socket.poll_recv_with(caller, &mut self.buf));
            let n = received.expect("a datagram comes");
            let number = number(&self.buf[..n]);
            let holds = number == Some(self.first) && n == *len;
            let due = self.first;
            self.scope.check(holds, format_args!("datagram {number:?} came in place of {due}"));
            self.away.pop_front();
            self.first += 1;
            self.scope.ledger.advance();
            while let Poll::Ready(true) = self.poll_send(caller) {}
        }
        if self.scope.is_open() || self.sending.is_some() {
            // It waits for the socket, or it has given way.
            return Poll::Pending;
        }
        let bye = datagram(BYE, 0);
        ready!(self.socket.poll_send_with(caller, &bye)).expect("a datagram goes");
        self.scope.count("datagrams", self.first);
        Poll::Ready(())
    }

    /// Sends one more. False if there is none to send now.
    fn poll_send(&mut self, caller: Caller<'_>) -> Poll<bool> {
        if self.sending.is_none() {
            if self.away.len() >= WINDOW || !self.scope.is_open() {
                return Poll::Ready(false);
            }
            let longest = if self.random.once_in(8) { LONGEST } else { 600 };
            let len = self.random.within(0..=longest as u64 - 8) as usize;
            self.sending = Some(datagram(self.first + self.away.len() as u64, len));
        }
        let bytes = self.sending.as_ref().expect("there is one");
        if !fault::strikes(Fault::DatagramLost) {
            let sent = ready!(self.socket.poll_send_with(caller, bytes));
            self.scope.check(sent.expect("a datagram goes") == bytes.len(), "a datagram was cut");
        }
        self.away.push_back(bytes.len());
        self.sending = None;
        Poll::Ready(true)
    }
}
