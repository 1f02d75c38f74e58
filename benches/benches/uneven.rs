//! How well is work of very uneven length spread?

#![allow(missing_docs)] // What the macros of criterion make.

mod support;

use criterion::{criterion_group, criterion_main, Criterion};

fn uneven(criterion: &mut Criterion) {
    support::compare(criterion, &["uneven"]);
}

criterion_group! {
    name = benches;
    config = support::criterion();
    targets = uneven
}
criterion_main!(benches);
