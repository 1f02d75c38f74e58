//! Lets criterion compare the runtimes at a scenario.
//!
//! An iteration is one operation. Criterion asks for many; we do rounds of the scenario, each on a
//! fresh runtime that has been warmed up, and report what their operations took: neither the start
//! of a runtime nor its end counts.

use benches::peer::Peer;
use benches::scenario::Scenario;
use criterion::Criterion;
use std::time::Duration;

/// Compares all runtimes that can do it, at each of these scenarios.
pub(crate) fn compare(criterion: &mut Criterion, names: &[&str]) {
    for name in names {
        let scenario = Scenario::find(name).expect("a scenario of that name");
        let mut group = criterion.benchmark_group(*name);
        for peer in Peer::ALL.into_iter().filter(|peer| scenario.is_for(*peer)) {
            group.bench_function(peer.name(), |bencher| {
                bencher.iter_custom(|iterations| time_of(scenario, peer, iterations));
            });
        }
        group.finish();
    }
}

/// How long so many operations take.
fn time_of(scenario: &Scenario, peer: Peer, operations: u64) -> Duration {
    let rounds = operations.div_ceil(scenario.scale);
    let (mut done, mut wall) = (0, Duration::ZERO);
    for _ in 0..rounds {
        let sample = scenario.run(peer, scenario.scale).expect("only who can do it is asked");
        done += sample.operations;
        wall += sample.wall;
    }
    wall.mul_f64(operations as f64 / done as f64)
}

/// Short looks: the runtimes differ by more than such a look's noise. For exact figures there is
/// the program `compare`.
pub(crate) fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
}
