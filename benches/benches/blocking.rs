//! What does code that blocks cost: on a thread for such, and in place?

#![allow(missing_docs)] // What the macros of criterion make.

mod support;

use criterion::{criterion_group, criterion_main, Criterion};

fn blocking(criterion: &mut Criterion) {
    support::compare(criterion, &["spawn-blocking", "blocking-in-place"]);
}

criterion_group! {
    name = benches;
    config = support::criterion();
    targets = blocking
}
criterion_main!(benches);
