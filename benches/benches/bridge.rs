//! What does it cost to cross from one generation of futures to the other?
//!
//! For figures that do not depend on what else the machine does there is the program `bridge`.

#![allow(missing_docs)] // What the macros of criterion make.

use benches::bridge::{Side, ALL};
use criterion::{criterion_group, criterion_main, Criterion, Throughput};
use std::time::Duration;

/// How many polls a run has: a runtime is started for each.
const POLLS: u64 = 10_000;

fn bridge(criterion: &mut Criterion) {
    for case in ALL {
        let mut group = criterion.benchmark_group(case.name);
        group.throughput(Throughput::Elements(POLLS));
        for side in Side::ALL {
            group.bench_function(side.name(), |bencher| bencher.iter(|| case.run(side, POLLS)));
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2));
    targets = bridge
}
criterion_main!(benches);
