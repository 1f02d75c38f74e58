//! Connections, of whichever sockets: each byte arrives once, in its place.
//!
//! [`plan`] says what will be sent over a connection, in both directions, and how it ends. A byte's
//! value follows from its place, so that each that is lost, doubled or moved is found where it is read.
//! Connections that are to end gently have to deliver everything; those that are broken off (by a
//! reset, by vanishing, by the abort of their task) a part from the beginning.

mod endpoint;
mod plan;
mod server;

pub(super) use self::server::Reception;

use self::endpoint::Endpoint;
use self::plan::{Plan, Side, Violence};
use self::server::Server;
use super::ledger::Kind;
use super::manner::Manner;
use super::random::Random;
use super::scope::Scope;
use super::watchdog;
use std::future::Future;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::Shutdown;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;
use tokio_task::Caller;

/// The socket of one end.
pub(super) trait Socket: Sized + Send + Sync + 'static {
    /// Whether it can look at bytes without taking them.
    const PEEKS: bool;

    fn poll_read_with(&self, caller: Caller<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>>;

    fn poll_read_vectored_with(
        &self,
        caller: Caller<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>>;

    /// Only if it [can](Self::PEEKS).
    fn poll_peek_with(&self, caller: Caller<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>>;

    fn poll_write_with(&self, caller: Caller<'_>, buf: &[u8]) -> Poll<io::Result<usize>>;

    fn poll_write_vectored_with(
        &self,
        caller: Caller<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>>;

    fn shutdown(&self, how: Shutdown) -> io::Result<()>;

    /// With a send buffer of so many bytes, or a few more.
    fn narrowed(self, send_buffer: usize) -> Self;

    /// Has its peer get an error when it is closed, if it can.
    fn reset_when_closed(&self) -> io::Result<()>;
}

/// What both kinds of sockets have of their own, under the same names.
macro_rules! own_methods_of_socket {
    () => {
        fn poll_read_with(&self, caller: Caller<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
            self.poll_read_with(caller, buf)
        }

        fn poll_read_vectored_with(
            &self,
            caller: Caller<'_>,
            bufs: &mut [io::IoSliceMut<'_>],
        ) -> Poll<io::Result<usize>> {
            self.poll_read_vectored_with(caller, bufs)
        }

        fn poll_write_with(&self, caller: Caller<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
            self.poll_write_with(caller, buf)
        }

        fn poll_write_vectored_with(
            &self,
            caller: Caller<'_>,
            bufs: &[io::IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            self.poll_write_vectored_with(caller, bufs)
        }

        fn shutdown(&self, how: std::net::Shutdown) -> io::Result<()> {
            self.shutdown(how)
        }
    };
}
pub(super) use own_methods_of_socket;

/// The same for listeners.
macro_rules! own_methods_of_listener {
    () => {
        fn incoming(
            self,
        ) -> impl futures::Stream<Item = Self::Socket, Error = io::Error> + Send + 'static {
            self.incoming()
        }

        async fn accept(&self) -> io::Result<Self::Socket> {
            Ok(self.accept().await?.0)
        }

        fn poll_accept_with(&self, caller: Caller<'_>) -> Poll<io::Result<Self::Socket>> {
            self.poll_accept_with(caller).map_ok(|(stream, _)| stream)
        }
    };
}
pub(super) use own_methods_of_listener;

/// Where clients come to.
pub(super) trait Listener: Sized + Send + Sync + 'static {
    type Socket: Socket;

    fn incoming(
        self,
    ) -> impl futures::Stream<Item = Self::Socket, Error = io::Error> + Send + 'static;

    fn accept(&self) -> impl Future<Output = io::Result<Self::Socket>> + Send;

    fn poll_accept_with(&self, caller: Caller<'_>) -> Poll<io::Result<Self::Socket>>;
}

/// An attempt of a client to get a connection.
pub(super) type Dialing<S> = Box<dyn FnMut(Caller<'_>) -> Poll<io::Result<S>> + Send>;

/// Makes connections, at most `width` at a time, until the scope's time is over. `dial` begins one.
pub(super) fn run<L: Listener>(
    scope: &Scope,
    width: u64,
    listeners: [L; 3],
    dial: impl Fn(&Reception<L::Socket>, &mut Random) -> Dialing<L::Socket>,
    mut random: Random,
) {
    let (gentle, violent) = (scope.completes("gentle client"), scope.open("violent client"));
    let server = Server::start(scope, listeners, &mut random);
    let plans: Arc<Mutex<Vec<Arc<Plan>>>> = Arc::default();
    let testimony = watchdog::witness({
        let plans = plans.clone();
        move || plans.lock().unwrap().iter().filter_map(|plan| plan.unfinished()).collect()
    });
    // What a connection does follows from its number, not from how many there are at a time.
    let inputs = random.fork();
    let mut id = 0;
    while scope.is_open() {
        for _ in 0..random.within(1..=60) {
            if gentle.live() + violent.live() >= width {
                break;
            }
            id += 1;
            let mut random = inputs.of(id);
            let plan = Arc::new(Plan::new(id, &mut random));
            server.expect(&plan);
            plans.lock().unwrap().push(plan.clone());
            let kind = if plan.violence.is_some() { &violent } else { &gentle };
            let dialing = dial(&server.reception, &mut random);
            connect(scope, kind, &plan, dialing, random);
        }
        thread::sleep(random.micros(0..=2_000));
    }
    scope.settle(&gentle);
    scope.settle(&violent);
    server.stop();
    drop(testimony);
    let mut bytes = 0;
    for plan in plans.lock().unwrap().drain(..) {
        bytes += plan.audit(scope);
    }
    scope.count("connections", id);
    scope.count("bytes", bytes);
}

/// Spawns a client.
fn connect<S: Socket>(
    scope: &Scope,
    kind: &Arc<Kind>,
    plan: &Arc<Plan>,
    mut dialing: Dialing<S>,
    mut random: Random,
) {
    let (scope, plan) = (scope.clone(), plan.clone());
    let handle = scope.handle.clone();
    let abort_after =
        matches!(plan.violence, Some(Violence::Abort)).then(|| random.micros(0..=20_000));
    let manner = match abort_after {
        Some(_) => Manner::joinable(&mut random),
        None => Manner::any(&mut random),
    };
    let mut endpoint: Option<Endpoint<S>> = None;
    let task = manner.spawn(&handle, kind.guard(), move |caller: Caller<'_>| loop {
        if let Some(endpoint) = &mut endpoint {
            return endpoint.poll(caller);
        }
        match dialing(caller) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Ok(stream)) => {
                scope.ledger.advance();
                if matches!(plan.violence, Some(Violence::BeforeHello)) {
                    if random.once_in(2) {
                        let _ = stream.reset_when_closed();
                    }
                    return Poll::Ready(());
                }
                let scope = scope.clone();
                endpoint = Some(Endpoint::new(scope, &plan, Side::Client, stream, random.fork()));
            }
            Poll::Ready(Err(error)) => {
                scope.loss(format_args!("connecting failed: {error}"));
                return Poll::Ready(());
            }
        }
    });
    if let (Some(time), Some(task)) = (abort_after, task) {
        drop(handle.spawn(async move {
            tokio::time::sleep(time).await;
            task.abort();
        }));
    }
}
