//! Datagrams to and fro: each comes back once, unchanged.
//!
//! A system may drop datagrams when a socket's buffer is full, so few are on the way at a time: on
//! loopback none is dropped then. It may change their order, when the sender goes from one processor
//! to another.

use super::fault::{self, Fault};
use super::loopback;
use super::manner::{spawn_async, Manner};
use super::random::{mix, Random};
use super::scope::{Company, Component, Scope};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{ready, Poll};
use tokio::net::UdpSocket;
use tokio_task::Caller;

pub(super) const COMPONENT: Component = Component {
    name: "udp",
    shows: "datagrams to and fro; each comes back once",
    run,
    company: Company::Others,
};

/// How many pairs of sockets there are.
const PAIRS: u64 = 8;

/// How many datagrams of a pair are on the way at most.
const WINDOW: usize = 8;

/// The longest datagram.
const LONGEST: u64 = 1400;

/// Tells the echoing side to end.
pub(super) const BYE: u64 = u64::MAX;

fn run(scope: &Scope, mut random: Random) {
    let pings = scope.completes("ping");
    let echoes = scope.completes("echo");
    for _ in 0..PAIRS {
        let [near, far] = [(); 2].map(|()| loopback::udp());
        let to = far.local_addr().unwrap();
        echo(scope, far, echoes.guard(), &mut random);
        let mut ping = Ping::new(scope, near, to, random.fork());
        let poll = move |caller: Caller<'_>| ping.poll(caller);
        Manner::any(&mut random).spawn(&scope.handle, pings.guard(), poll);
    }
    scope.settle(&pings);
    scope.settle(&echoes);
}

/// A datagram: its number, then bytes that follow from it.
pub(super) fn datagram(number: u64, len: usize) -> Vec<u8> {
    let words = (number..).map(mix).flat_map(u64::to_le_bytes);
    number.to_le_bytes().into_iter().chain(words.take(len)).collect()
}

/// The number of a datagram that is what it was.
pub(super) fn number(bytes: &[u8]) -> Option<u64> {
    let number = u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?);
    (datagram(number, bytes.len() - 8) == bytes).then_some(number)
}

/// Sends each datagram back.
fn echo(scope: &Scope, socket: UdpSocket, guard: super::ledger::Guard, random: &mut Random) {
    if random.once_in(2) {
        let handle = scope.handle.clone();
        let scope = scope.clone();
        spawn_async(&handle, random, guard, async move {
            let mut buf = vec![0; 2 * LONGEST as usize];
            loop {
                let (n, from) = socket.recv_from(&mut buf).await.expect("a datagram comes");
                match number(&buf[..n]) {
                    Some(BYE) => return,
                    Some(_) => {}
                    None => scope.loss("a datagram was changed on its way"),
                }
                let sent = socket.send_to(&buf[..n], &from).await.expect("a datagram goes");
                scope.check(sent == n, "a datagram was cut");
            }
        });
        return;
    }
    // The futures 0.1 way: futures that take the socket and give it back.
    use futures::future::{loop_fn, Loop};
    use futures::Future;
    let handle = scope.handle.clone();
    let scope = scope.clone();
    let echo = loop_fn((socket, vec![0; 2 * LONGEST as usize]), move |(socket, buf)| {
        let scope = scope.clone();
        socket.recv_dgram(buf).and_then(move |(socket, mut buf, n, from)| {
            use futures::future::Either;
            let number = number(&buf[..n]);
            scope.check(number.is_some(), "a datagram was changed on its way");
            if number == Some(BYE) {
                return Either::A(futures::future::ok(Loop::Break(())));
            }
            buf.truncate(n);
            Either::B(socket.send_dgram(buf, &from).map(|(socket, mut buf)| {
                buf.resize(2 * LONGEST as usize, 0);
                Loop::Continue((socket, buf))
            }))
        })
    });
    let echo = echo.map_err(|error| panic!("a datagram comes and goes: {error}"));
    super::manner::spawn_futures01(&handle, random, guard, echo);
}

/// Sends datagrams, and waits for them to come back.
struct Ping {
    scope: Scope,
    socket: Arc<UdpSocket>,
    to: SocketAddr,
    /// What is on the way, and how long each is.
    away: BTreeMap<u64, usize>,
    next: u64,
    /// What waits to be sent.
    sending: Option<Vec<u8>>,
    buf: Vec<u8>,
    random: Random,
}

impl Ping {
    fn new(scope: &Scope, socket: UdpSocket, to: SocketAddr, random: Random) -> Ping {
        let (scope, socket) = (scope.clone(), Arc::new(socket));
        let (away, buf) = (BTreeMap::new(), vec![0; 2 * LONGEST as usize]);
        Ping { scope, socket, to, away, next: 0, sending: None, buf, random }
    }

    fn poll(&mut self, caller: Caller<'_>) -> Poll<()> {
        while let Poll::Ready(true) = self.poll_send(caller) {}
        while !self.away.is_empty() {
            let received = ready!(self.socket.poll_recv_from_with(caller, &mut self.buf));
            let (n, from) = received.expect("a datagram comes");
            let number = number(&self.buf[..n]);
            let len = number.and_then(|number| self.away.remove(&number));
            let holds = len == Some(n) && from == self.to;
            self.scope.check(holds, format_args!("datagram {number:?} was not due: {n} bytes"));
            self.scope.ledger.advance();
            while let Poll::Ready(true) = self.poll_send(caller) {}
        }
        if self.scope.is_open() || self.sending.is_some() {
            // It waits for the socket, or it has given way.
            return Poll::Pending;
        }
        let bye = datagram(BYE, 0);
        ready!(self.socket.poll_send_to_with(caller, &bye, &self.to)).expect("a datagram goes");
        self.scope.count("datagrams", self.next);
        Poll::Ready(())
    }

    /// Sends one more. False if there is none to send now.
    fn poll_send(&mut self, caller: Caller<'_>) -> Poll<bool> {
        if self.sending.is_none() {
            if self.away.len() >= WINDOW || !self.scope.is_open() {
                return Poll::Ready(false);
            }
            let len = self.random.within(0..=LONGEST - 8) as usize;
            self.sending = Some(datagram(self.next, len));
        }
        let bytes = self.sending.as_ref().expect("there is one");
        if !fault::strikes(Fault::DatagramLost) {
            let sent = ready!(self.socket.poll_send_to_with(caller, bytes, &self.to));
            self.scope.check(sent.expect("a datagram goes") == bytes.len(), "a datagram was cut");
        }
        self.away.insert(self.next, bytes.len());
        self.next += 1;
        self.sending = None;
        Poll::Ready(true)
    }
}
