//! Rounds of samples, one of each peer, and what they say.

use crate::plan::{Case, Effort, What};
use crate::subject;
use benches::peer::Peer;
use benches::stats::{median, Ratio};
use std::fmt::Write;

/// The samples of one case.
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) rows: Vec<Row>,
    /// What could not be measured, and why.
    pub(crate) failures: Vec<String>,
}

/// Those of one peer. All columns have a figure for each round.
pub(crate) struct Row {
    pub(crate) peer: Peer,
    pub(crate) columns: Vec<Vec<f64>>,
}

/// What the columns are.
pub(crate) const SCHEDULER: [&str; 2] = ["ns/op", "cpu ns/op"];
pub(crate) const SOCKETS: [&str; 6] =
    ["cpu µs", "msg/s", "p50 µs", "p99 µs", "p999 µs", "least/mean"];

/// Where the figure stands that a target is about, and the latency.
pub(crate) const COST: usize = 0;
pub(crate) const P99: usize = 3;

impl Table {
    /// Of the figures of `peer` to those of tokio 1 in the same rounds.
    pub(crate) fn ratio(&self, peer: Peer, column: usize) -> Option<Ratio> {
        let base = self.rows.iter().find(|row| row.peer == Peer::Tokio1)?;
        let row = self.rows.iter().find(|row| row.peer == peer)?;
        let enough = !row.columns[column].is_empty();
        let paired = row.columns[column].len() == base.columns[column].len();
        (enough && paired).then(|| Ratio::of(&row.columns[column], &base.columns[column]))
    }

    pub(crate) fn median(&self, peer: Peer, column: usize) -> Option<f64> {
        let row = self.rows.iter().find(|row| row.peer == peer)?;
        (!row.columns[column].is_empty()).then(|| median(&row.columns[column]))
    }

    /// As Markdown.
    pub(crate) fn text(&self) -> String {
        let sockets = self.rows.first().is_some_and(|row| row.columns.len() > SCHEDULER.len());
        let names: &[&str] = if sockets { &SOCKETS } else { &SCHEDULER };
        let mut text =
            format!("{}\n\n| | {} | share of tokio 1's |\n", self.title, names.join(" | "));
        let _ = writeln!(text, "|---|{}---:|", "---:|".repeat(names.len()));
        for row in &self.rows {
            let _ = write!(text, "| {} ", row.peer);
            for column in 0..names.len() {
                let figure = self.median(row.peer, column).map_or("–".into(), short);
                let _ = write!(text, "| {figure} ");
            }
            let ratio = self.ratio(row.peer, COST).map_or("–".into(), noisy);
            let _ = writeln!(text, "| {ratio} |");
        }
        for failure in &self.failures {
            let _ = writeln!(text, "\n{failure}");
        }
        text
    }
}

/// A figure in few digits.
pub(crate) fn short(figure: f64) -> String {
    match figure {
        f if f >= 100.0 => format!("{f:.0}"),
        f if f >= 10.0 => format!("{f:.1}"),
        f => format!("{f:.2}"),
    }
}

/// A ratio with its quartiles.
pub(crate) fn noisy(ratio: Ratio) -> String {
    let Ratio { median, quartiles: (low, high) } = ratio;
    format!("**{median:.2}** ({low:.2} to {high:.2})")
}

/// Asks all peers, in rounds.
pub(crate) fn run(case: &Case, effort: Effort) -> Table {
    let peers = case.peers();
    let width = match case.what {
        What::Scheduler(_) => SCHEDULER.len(),
        What::Sockets(_) => SOCKETS.len(),
    };
    let mut rows: Vec<Row> =
        peers.iter().map(|peer| Row { peer: *peer, columns: vec![vec![]; width] }).collect();
    let mut failures = Vec::new();
    for round in 0..effort.rounds {
        for at in 0..rows.len() {
            // Nobody always comes after the same one.
            let row = (at + round) % rows.len();
            match sample(case, rows[row].peer, effort) {
                Ok(figures) => {
                    for (column, figure) in rows[row].columns.iter_mut().zip(figures) {
                        column.push(figure);
                    }
                }
                Err(error) => {
                    failures.push(format!("{} in round {round}: {error}", rows[row].peer))
                }
            }
        }
        eprint!(".");
    }
    let title = match &case.what {
        What::Scheduler(_) => format!("### `{}`: {}", case.name, case.question),
        What::Sockets(sockets) => {
            format!("### `{}`: {} ({})", case.name, case.question, sockets.placement.text())
        }
    };
    Table { title, rows, failures }
}

fn sample(case: &Case, peer: Peer, effort: Effort) -> std::io::Result<Vec<f64>> {
    match &case.what {
        What::Scheduler(scenario) => {
            let (wall, cpu) = subject::scheduler(scenario.name, peer, scenario.scale)?;
            Ok(vec![wall, cpu])
        }
        What::Sockets(sockets) => {
            let served = subject::sockets(*sockets, peer, effort.time)?;
            let cpu = served.cpu;
            Ok(vec![cpu, served.rate, served.p50, served.p99, served.p999, served.fairness])
        }
    }
}

/// Nanoseconds for an operation, by the number of operations.
pub(crate) type Curve = Vec<(f64, f64)>;

/// How the cost of some operations grows with their number: the scenario, and a curve for each peer.
pub(crate) fn growth(effort: Effort) -> Vec<(&'static str, Vec<(Peer, Curve)>)> {
    let peers = [Peer::Ours, Peer::OursFutures01, Peer::Tokio1];
    ["spawn-local", "yield"]
        .map(|scenario| {
            let curves = peers.map(|peer| {
                let scales = [1_000, 10_000, 100_000, 1_000_000];
                let curve = scales.iter().filter_map(|scale| {
                    let samples = (0..effort.rounds.min(5))
                        .filter_map(|_| subject::scheduler(scenario, peer, *scale).ok())
                        .map(|(wall, _)| wall);
                    let samples: Vec<f64> = samples.collect();
                    (!samples.is_empty()).then(|| (*scale as f64, median(&samples)))
                });
                (peer, curve.collect())
            });
            (scenario, curves.into())
        })
        .into()
}
