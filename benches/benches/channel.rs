//! What does a message between tasks cost: with one partner, and with many senders?

#![allow(missing_docs)] // What the macros of criterion make.

mod support;

use criterion::{criterion_group, criterion_main, Criterion};

fn channel(criterion: &mut Criterion) {
    support::compare(criterion, &["channel", "contended-channel"]);
}

criterion_group! {
    name = benches;
    config = support::criterion();
    targets = channel
}
criterion_main!(benches);
