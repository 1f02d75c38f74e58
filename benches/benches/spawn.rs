//! What does it cost to spawn a task, from inside, from outside, and in a chain?

#![allow(missing_docs)] // What the macros of criterion make.

mod support;

use criterion::{criterion_group, criterion_main, Criterion};

fn spawn(criterion: &mut Criterion) {
    support::compare(criterion, &["spawn-local", "spawn-remote", "spawn-chained"]);
}

criterion_group! {
    name = benches;
    config = support::criterion();
    targets = spawn
}
criterion_main!(benches);
