//! Connections by the thousand: each byte arrives once, in its place.
//!
//! [`plan`] says what will be sent over a connection, in both directions, and how it ends. A byte's
//! value follows from its place, so that each that is lost, doubled or moved is found where it is read.
//! Connections that are to end gently have to deliver everything; those that are broken off (by a
//! reset, by vanishing, by the abort of their task) a part from the beginning.

mod endpoint;
mod plan;
mod server;

use self::endpoint::Endpoint;
use self::plan::{Plan, Side, Violence};
use super::ledger::Kind;
use super::loopback;
use super::manner::Manner;
use super::random::Random;
use super::scope::{Company, Component, Scope};
use super::watchdog;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;
use std::time::Duration;
use tokio_task::Caller;

pub(super) const COMPONENT: Component = Component {
    name: "tcp",
    shows: "thousands of connections; every byte is accounted for",
    run,
    company: Company::Others,
};

/// How many connections there are at most at a time; fewer if there are few descriptors.
const WIDTH: u64 = 1_200;

fn run(scope: &Scope, mut random: Random) {
    let width = WIDTH.min(scope.descriptors / 6);
    let (gentle, violent) = (scope.completes("gentle client"), scope.open("violent client"));
    let server = server::Server::start(scope, &mut random);
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
            let addr = server.addr(&mut random);
            connect(scope, kind, &plan, addr, random);
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
fn connect(scope: &Scope, kind: &Arc<Kind>, plan: &Arc<Plan>, to: SocketAddr, mut random: Random) {
    let (scope, plan) = (scope.clone(), plan.clone());
    let handle = scope.handle.clone();
    let abort_after =
        matches!(plan.violence, Some(Violence::Abort)).then(|| random.micros(0..=20_000));
    let manner = match abort_after {
        Some(_) => Manner::joinable(&mut random),
        None => Manner::any(&mut random),
    };
    let mut connecting = loopback::connect(&to);
    let mut endpoint: Option<Endpoint> = None;
    let task = manner.spawn(&handle, kind.guard(), move |caller: Caller<'_>| loop {
        if let Some(endpoint) = &mut endpoint {
            return endpoint.poll(caller);
        }
        match connecting.poll_with(caller) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Ok(stream)) => {
                scope.ledger.advance();
                if matches!(plan.violence, Some(Violence::BeforeHello)) {
                    if random.once_in(2) {
                        let _ = stream.set_linger(Some(Duration::ZERO));
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
