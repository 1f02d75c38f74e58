//! What do timers cost?

#![allow(missing_docs)] // What the macros of criterion make.

mod support;

use criterion::{criterion_group, criterion_main, Criterion};

fn timer(criterion: &mut Criterion) {
    support::compare(criterion, &["timer-cancel"]);
}

criterion_group! {
    name = benches;
    config = support::criterion();
    targets = timer
}
criterion_main!(benches);
