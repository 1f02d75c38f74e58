//! Groups of tasks: each member's output comes once, or the member was aborted.

use super::ledger::{Guard, Kind};
use super::manner::{spawn_async, spawn_futures01};
use super::random::Random;
use super::scope::{Company, Component, Scope};
use futures::Future as _;
use futures03::StreamExt as _;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::task::{yield_now, JoinError, JoinSet};
use tokio::timer::Delay;

pub(super) const COMPONENT: Component = Component {
    name: "groups",
    shows: "groups that are joined, aborted, dropped, let go",
    run,
    company: Company::Others,
};

type Group = JoinSet<Result<(u64, Guard), ()>>;

fn run(scope: &Scope, mut random: Random) {
    let groups = scope.completes("group");
    let members = scope.open("member");
    let (inputs, mut id) = (random.fork(), 0);
    while scope.is_open() {
        if groups.live() >= 30 || members.live() >= 1_500 {
            thread::sleep(random.micros(0..=500));
            continue;
        }
        id += 1;
        let mut random = inputs.of(id);
        let (n, end) = (random.within(0..=60), random.within(0..=5));
        let guard = groups.guard();
        let (mut inside, members, in_group) = (random.fork(), members.clone(), scope.clone());
        if end == 0 {
            // As a futures 0.1 stream.
            let joined = futures::future::lazy(move || {
                let group = fill(&members, n, &mut inside);
                let seen = futures::Stream::fold(group, BTreeSet::new(), |mut seen, output| {
                    let (number, _guard) = output.expect("it does not fail");
                    seen.insert(number);
                    Ok::<_, JoinError>(seen)
                });
                seen.map_err(|error| panic!("nothing panics, nobody aborts: {error}"))
            });
            let joined = joined.map(move |seen| all_are(&in_group, &seen, n));
            spawn_futures01(&scope.handle, &mut random, guard, joined);
        } else {
            spawn_async(&scope.handle, &mut random, guard, async move {
                let group = fill(&members, n, &mut inside);
                joined(&in_group, group, n, end, inside).await;
            });
        }
        scope.count("groups", 1);
    }
    scope.settle(&groups);
    scope.settle(&members);
}

/// Spawns members of both generations, which end at once, after a yield or after a delay.
fn fill(members: &Arc<Kind>, n: u64, random: &mut Random) -> Group {
    let mut group = JoinSet::new();
    for number in 0..n {
        let mut guard = members.guard();
        let (how, time) = (random.within(0..=4), random.micros(0..=3_000));
        if how == 0 {
            group.spawn_futures01(Delay::new(tokio::clock::now() + time).then(move |_| {
                guard.complete();
                Ok((number, guard))
            }));
            continue;
        }
        group.spawn(async move {
            match how {
                1 | 2 => {}
                3 => yield_now().await,
                _ => tokio::time::sleep(time).await,
            }
            guard.complete();
            Ok((number, guard))
        });
    }
    group
}

/// Takes some outputs, and ends the group in one of several ways.
async fn joined(scope: &Scope, mut group: Group, n: u64, end: u64, mut random: Random) {
    let mut seen = BTreeSet::new();
    let first = if end == 1 { n } else { random.within(0..=n) };
    for _ in 0..first {
        match group.next().await {
            Some(Ok(Ok((number, _guard)))) => {
                scope.check(seen.insert(number), "an output came twice");
            }
            Some(_) => scope.loss("a member has no output, although nobody aborted it"),
            None => scope.loss("a group ended before its members"),
        }
        scope.ledger.advance();
    }
    match end {
        1 => {
            scope.check(group.join_next().await.is_none(), "there was one output too many");
            all_are(scope, &seen, n);
        }
        2 => drop(group),
        3 => group.shutdown().await,
        4 => group.detach_all(),
        _ => {
            let _ = tokio::time::timeout(Duration::from_micros(300), group.join_next()).await;
            let mut left = group.len();
            group.abort_all();
            while let Some(output) = group.join_next().await {
                left -= 1;
                if let Ok(Ok((number, _guard))) = output {
                    scope.check(seen.insert(number), "an output came twice");
                }
            }
            scope.check(left == 0, "an aborted group has not said what became of all members");
        }
    }
}

fn all_are(scope: &Scope, seen: &BTreeSet<u64>, n: u64) {
    let all = seen.iter().copied().eq(0..n);
    scope.check(all, format_args!("{} outputs of {n} came", seen.len()));
}
