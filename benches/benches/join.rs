//! What does it cost to wait for tasks?

#![allow(missing_docs)] // What the macros of criterion make.

mod support;

use criterion::{criterion_group, criterion_main, Criterion};

fn join(criterion: &mut Criterion) {
    support::compare(criterion, &["fan-out"]);
}

criterion_group! {
    name = benches;
    config = support::criterion();
    targets = join
}
criterion_main!(benches);
