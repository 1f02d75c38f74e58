//! Storms of tasks: from a thread, from tasks, each from the one before, in both generations.

use super::fault::{self, Fault};
use super::ledger::{Guard, Kind};
use super::random::Random;
use super::scope::{Company, Component, Scope};
use futures::future;
use std::mem;
use std::sync::Arc;
use std::thread;

pub(super) const COMPONENT: Component = Component {
    name: "spawns",
    shows: "storms of tasks: local, remote, chained",
    run,
    company: Company::Others,
};

/// How many tasks there are at most at a time.
const WIDTH: u64 = 1_500;

fn run(scope: &Scope, mut random: Random) {
    let tasks = scope.completes("task");
    let (inputs, mut id) = (random.fork(), 0);
    while scope.is_open() {
        if tasks.live() >= WIDTH {
            thread::sleep(random.micros(0..=200));
            continue;
        }
        id += 1;
        let mut random = inputs.of(id);
        match random.within(0..=2) {
            0 => remote(scope, &tasks, random.within(1..=500)),
            1 => {
                let (breadth, depth) = random.one_of(&[(300, 1), (16, 2), (6, 3), (2, 7)]);
                tree(&tasks, breadth, depth, random.number(), Via::Handle(scope));
            }
            _ => chain(&tasks, random.within(1..=300), random.number(), Via::Handle(scope)),
        }
        scope.count("storms", 1);
        thread::sleep(random.micros(0..=500));
    }
    scope.settle(&tasks);
}

/// Where a task comes from.
enum Via<'a> {
    /// A thread that is none of the runtime's.
    Handle(&'a Scope),
    /// A task.
    Task,
}

/// Spawns a task of the generation that `bits` says, which does `work`, once.
fn spawn(tasks: &Arc<Kind>, bits: u64, via: Via<'_>, work: impl FnOnce() + Send + 'static) {
    let mut guard = tasks.guard();
    let work = move || {
        work();
        guard.complete();
        go_wrong(guard);
    };
    if fault::strikes(Fault::TaskDropped) {
        return drop(work);
    }
    if bits & 1 == 0 {
        let task = future::lazy(move || Ok(work()));
        match via {
            Via::Handle(scope) => scope.handle.spawn(task),
            Via::Task => drop(tokio::spawn(task)),
        }
    } else {
        let task = async move { work() };
        match via {
            Via::Handle(scope) => drop(scope.handle.spawn(task)),
            Via::Task => drop(tokio::spawn(task)),
        }
    }
}

/// What a task does that `--fault` tells to.
fn go_wrong(mut guard: Guard) {
    if fault::strikes(Fault::TaskKept) {
        return mem::forget(guard);
    }
    if fault::strikes(Fault::TaskTwice) {
        guard.has_been_dropped();
    }
    if fault::strikes(Fault::ThreadKept) {
        thread::spawn(|| loop {
            thread::park();
        });
    }
    if fault::strikes(Fault::Panic) {
        drop(guard);
        panic!("a fault on purpose");
    }
}

/// All from this thread.
fn remote(scope: &Scope, tasks: &Arc<Kind>, n: u64) {
    for bits in 0..n {
        spawn(tasks, bits, Via::Handle(scope), || {});
    }
}

/// Each task spawns `breadth` others, until `depth` is reached.
fn tree(tasks: &Arc<Kind>, breadth: u64, depth: u32, bits: u64, via: Via<'_>) {
    let of_children = tasks.clone();
    spawn(tasks, bits, via, move || {
        let deeper = if depth == 0 { 0 } else { breadth };
        for child in 0..deeper {
            tree(&of_children, breadth, depth - 1, (bits >> 1) ^ child, Via::Task);
        }
    });
}

/// Each task spawns the next.
fn chain(tasks: &Arc<Kind>, left: u64, bits: u64, via: Via<'_>) {
    let of_next = tasks.clone();
    spawn(tasks, bits, via, move || {
        if left > 0 {
            chain(&of_next, left - 1, bits.rotate_right(1), Via::Task);
        }
    });
}
