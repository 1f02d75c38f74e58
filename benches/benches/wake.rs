//! What does it cost to wake a task: itself, its partner, one from another thread?

#![allow(missing_docs)] // What the macros of criterion make.

mod support;

use criterion::{criterion_group, criterion_main, Criterion};

fn wake(criterion: &mut Criterion) {
    support::compare(criterion, &["yield", "ping-pong", "thread-to-task"]);
}

criterion_group! {
    name = benches;
    config = support::criterion();
    targets = wake
}
criterion_main!(benches);
