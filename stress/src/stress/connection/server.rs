//! Accepts connections in several ways at the same time.

use super::endpoint::{Endpoint, HELLO};
use super::plan::{Plan, Side};
use super::{Listener, Socket};
use crate::stress::fault::{self, Fault};
use crate::stress::ledger::Kind;
use crate::stress::limits;
use crate::stress::manner::Manner;
use crate::stress::pause::Pause;
use crate::stress::random::Random;
use crate::stress::scope::Scope;
use futures::sync::oneshot;
use futures::{Future as _, Stream as _};
use std::collections::HashMap;
use std::fs::File;
use std::hint;
use std::io;
use std::marker::PhantomData;
use std::mem;
use std::sync::{Arc, Mutex};
use std::task::{ready, Poll};
use tokio::task::JoinHandle;
use tokio_task::Caller;

/// Listens at several addresses.
pub(super) struct Server<S> {
    /// Ends the futures 0.1 acceptor, by being dropped.
    stop: oneshot::Sender<()>,
    tasks: Vec<JoinHandle<()>>,
    acceptors: Arc<Kind>,
    pub(super) reception: Reception<S>,
}

impl<S: Socket> Server<S> {
    /// One of the listeners is polled by a stream of futures 0.1, one by two tasks, and one by a task of
    /// either generation.
    pub(super) fn start(
        scope: &Scope,
        [first, second, third]: [impl Listener<Socket = S>; 3],
        random: &mut Random,
    ) -> Server<S> {
        let reception = Reception {
            scope: scope.clone(),
            expected: Arc::default(),
            sessions: scope.completes("session"),
            random: Arc::new(Mutex::new(random.fork())),
            sockets: PhantomData,
        };
        let acceptors = scope.open("acceptor");
        let mut tasks = Vec::new();

        let (stop, stopped) = oneshot::channel::<()>();
        let (greets, guard) = (reception.clone(), acceptors.guard());
        let accept = first.incoming().for_each(move |stream| {
            greets.receive(stream);
            Ok(())
        });
        scope.handle.spawn(accept.select2(stopped).then(move |_| Ok(drop(guard))));

        // Two tasks wait for the connections of one listener.
        let second = Arc::new(second);
        for _ in 0..2 {
            let (greets, guard) = (reception.clone(), acceptors.guard());
            let listener = second.clone();
            tasks.push(scope.handle.spawn(async move {
                let _guard = guard;
                loop {
                    let stream = listener.accept().await.expect("a listener does not fail");
                    greets.receive(stream);
                }
            }));
        }

        let greets = reception.clone();
        let mut pause = Pause::None;
        let accept = move |caller: Caller<'_>| loop {
            ready!(pause.poll(caller));
            match ready!(third.poll_accept_with(caller)) {
                Ok(stream) => greets.receive(stream),
                Err(error) if limits::are_reached(&error) => {
                    pause = greets.scope.pause_without_descriptors();
                }
                Err(error) => greets.scope.loss(format_args!("accepting failed: {error}")),
            }
        };
        tasks.extend(Manner::joinable(random).spawn(&scope.handle, acceptors.guard(), accept));
        Server { stop, tasks, acceptors, reception }
    }

    /// A client will come with this plan.
    pub(super) fn expect(&self, plan: &Arc<Plan>) {
        self.reception.expected.lock().unwrap().insert(plan.id, plan.clone());
    }

    /// When no client is left: waits for the sessions, then ends.
    pub(super) fn stop(self) {
        let Server { stop, tasks, acceptors, reception } = self;
        let scope = &reception.scope;
        scope.settle(&reception.sessions);
        drop(stop);
        tasks.iter().for_each(JoinHandle::abort);
        scope.settle(&acceptors);
        // A connection that was broken off may have been accepted meanwhile.
        scope.settle(&reception.sessions);
        scope.settle(&scope.completes("writer of its own"));
    }
}

/// Begins a session for each connection.
pub(in crate::stress) struct Reception<S> {
    scope: Scope,
    expected: Arc<Mutex<HashMap<u64, Arc<Plan>>>>,
    sessions: Arc<Kind>,
    random: Arc<Mutex<Random>>,
    sockets: PhantomData<fn(S)>,
}

impl<S> Clone for Reception<S> {
    fn clone(&self) -> Self {
        let Reception { scope, expected, sessions, random, sockets } = self;
        let (scope, expected) = (scope.clone(), expected.clone());
        let (sessions, random) = (sessions.clone(), random.clone());
        Reception { scope, expected, sessions, random, sockets: *sockets }
    }
}

impl<S: Socket> Reception<S> {
    /// Spawns a task that finds out who it is, and goes on by their plan.
    pub(in crate::stress) fn receive(&self, stream: S) {
        let mut random = self.random.lock().unwrap().fork();
        if fault::rages(Fault::HeapKept) {
            mem::forget(hint::black_box(Box::new([0_u8; 256])));
        }
        if fault::strikes(Fault::DescriptorKept) {
            mem::forget(File::open("/dev/null"));
        }
        let manner = Manner::any(&mut random);
        let handle = self.scope.handle.clone();
        let reception = self.clone();
        let mut hello = Some(Hello { stream, bytes: [0; HELLO], len: 0 });
        let mut endpoint: Option<Endpoint<S>> = None;
        let guard = self.sessions.guard();
        manner.spawn(&handle, guard, move |caller: Caller<'_>| {
            if let Some(endpoint) = &mut endpoint {
                return endpoint.poll(caller);
            }
            // Who goes away before they have said who they are is nobody we had to hear.
            let heard = ready!(hello.as_mut().expect("it is heard once").poll(caller));
            let Hello { stream, bytes, .. } = hello.take().expect("it is heard once");
            let Ok(true) = heard else { return Poll::Ready(()) };
            let Some(plan) = reception.recognise(bytes) else { return Poll::Ready(()) };
            let scope = reception.scope.clone();
            let begun = Endpoint::new(scope, &plan, Side::Server, stream, random.fork());
            endpoint.insert(begun).poll(caller)
        });
    }

    fn recognise(&self, hello: [u8; HELLO]) -> Option<Arc<Plan>> {
        let (id, check) = hello.split_at(HELLO / 2);
        let number = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
        let (id, check) = (number(id), number(check));
        let plan = self.expected.lock().unwrap().remove(&id);
        let known = plan.as_ref().is_some_and(|plan| plan.greet());
        self.scope.check(id == !check && known, format_args!("a wrong hello: {id:x} {check:x}"));
        plan
    }
}

/// A connection of which it is not known yet whose it is.
struct Hello<S> {
    stream: S,
    bytes: [u8; HELLO],
    len: usize,
}

impl<S: Socket> Hello<S> {
    /// Whether all of it has come.
    fn poll(&mut self, caller: Caller<'_>) -> Poll<io::Result<bool>> {
        while self.len < HELLO {
            match ready!(self.stream.poll_read_with(caller, &mut self.bytes[self.len..]))? {
                0 => return Poll::Ready(Ok(false)),
                n => self.len += n,
            }
        }
        Poll::Ready(Ok(true))
    }
}
