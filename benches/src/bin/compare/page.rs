//! `docs/performance.md`.

use crate::plan::{Case, What};
use crate::plot::Picture;
use crate::rounds::{noisy, Curve, Table, COST, P99};
use benches::peer::Peer;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

/// Everything that was measured in one run.
pub(crate) struct Page {
    command: String,
    load_at_start: String,
    tables: Vec<(Case, Table)>,
    pub(crate) growth: Vec<(&'static str, Vec<(Peer, Curve)>)>,
    pub(crate) extras: String,
}

const REMARKS: &str = "benches/remarks.md";
const BRIDGE: &str = "benches/bridge.md";
const PAGE: &str = "docs/performance.md";
const PICTURES: &str = "docs/performance";

impl Page {
    pub(crate) fn begin(arguments: &[String]) -> Page {
        Page {
            command: format!(
                "cargo run --release -p benches --bin compare -- {}",
                arguments.join(" ")
            ),
            load_at_start: first_words("/proc/loadavg", 1),
            tables: Vec::new(),
            growth: Vec::new(),
            extras: String::new(),
        }
    }

    pub(crate) fn add(&mut self, case: &Case, table: Table) {
        let case = Case {
            name: case.name.clone(),
            question: case.question.clone(),
            what: match &case.what {
                What::Scheduler(scenario) => What::Scheduler(scenario),
                What::Sockets(sockets) => What::Sockets(*sockets),
            },
            ..*case
        };
        self.tables.push((case, table));
    }

    /// What was wanted, and what was measured.
    pub(crate) fn targets(&self) -> String {
        let mut text = String::from(
            "| | target | ours, std | | ours, futures 0.1 | | bare epoll |\n|---|---:|---:|---|---:|---|---:|\n",
        );
        for (case, table) in &self.tables {
            let wanted = [(case.target, COST, ""), (case.target_p99, P99, ", p99")];
            for (target, column, name) in wanted {
                let Some(target) = target else { continue };
                let judged = |peer| match table.ratio(peer, column) {
                    Some(ratio) => format!("{} | {}", noisy(ratio), verdict(ratio.median, target)),
                    None => "– | ".into(),
                };
                let bare = table.ratio(Peer::Epoll, column).map_or("–".into(), noisy);
                let (std, futures01) = (judged(Peer::Ours), judged(Peer::OursFutures01));
                let _ = writeln!(
                    text,
                    "| {}{name} | {target:.2} | {std} | {futures01} | {bare} |",
                    case.name
                );
            }
        }
        text
    }

    pub(crate) fn write(&self) -> io::Result<()> {
        fs::create_dir_all(PICTURES)?;
        let mut text = String::from("# Performance\n\n");
        let _ = writeln!(text, "Written by `{}` (about a quarter of an hour; `quick` takes three minutes and writes nothing).\n", self.command);
        let _ = writeln!(
            text,
            "- Machine: {}, {} processors; {}; load when it began: {}.",
            processor(),
            std::thread::available_parallelism().map_or(0, usize::from),
            first_words("/proc/sys/kernel/osrelease", 1),
            self.load_at_start
        );
        let _ = writeln!(
            text,
            "- Commit: {}; {}.",
            output("git", &["describe", "--always", "--dirty"]),
            output("rustc", &["-V"])
        );
        let _ = writeln!(text, "- Peers: tokio 1 multi-thread (`tokio1`) and current-thread (`tokio1-ct`), tokio 0.1.22 (`tokio01`), smol 2 (`smol`), a bare level-triggered epoll loop in one thread (`epoll`). All that have several workers have two.");
        let _ = writeln!(text, "- Every figure is a median over rounds; each round has one sample of each peer, in another order. A share is the median of the ratios to tokio 1's sample of the same round; in brackets the quartiles: the noise. Lower is better.");
        let _ = writeln!(text, "- The load generator is one thread that checks every byte. `cpu` is the processor time of the server's process for a message, from the system's own account.\n");
        let _ = writeln!(text, "## Targets\n\nShares of tokio 1's time for an operation, or of its processor time for a message.\n\n{}", self.targets());
        text.push_str(&fs::read_to_string(REMARKS).unwrap_or_default());
        text.push_str("\n## Pictures\n\n");
        for name in self.draw()? {
            let _ = writeln!(text, "![{name}](performance/{name}.svg)\n");
        }
        text.push_str("## Schedulers\n\n");
        let mut sockets = false;
        for (case, table) in &self.tables {
            if matches!(case.what, What::Sockets(_)) && !sockets {
                sockets = true;
                text.push_str("## Sockets\n\n");
            }
            let _ = writeln!(text, "{}", table.text());
        }
        text.push_str(&self.extras);
        text.push('\n');
        text.push_str(&fs::read_to_string(BRIDGE).unwrap_or_default());
        fs::write(PAGE, text)?;
        println!("wrote {PAGE}");
        Ok(())
    }

    /// Draws all pictures, and returns their names.
    fn draw(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        let mut draw = |name: &str, picture: Picture<'_>| {
            if picture.curves.iter().any(|(_, curve)| curve.len() > 1) {
                let path = Path::new(PICTURES).join(format!("{name}.svg"));
                picture.draw(&path).map_err(|error| io::Error::other(error.to_string()))?;
                names.push(name.to_owned());
            }
            Ok::<(), io::Error>(())
        };
        let columns = [
            ("cpu", "Processor time for a message (TCP echo, 64 bytes)", "µs", 0),
            ("throughput", "Throughput (TCP echo, 64 bytes)", "messages/s", 1),
            ("p50", "Median latency (TCP echo, 64 bytes)", "µs", 2),
            ("p99", "Latency of 99 of 100 (TCP echo, 64 bytes)", "µs", 3),
        ];
        for (name, title, y, column) in columns {
            let curves = Peer::ALL.map(|peer| (peer, self.by_connections(peer, column)));
            draw(name, Picture { title, x: "connections", y, curves: curves.into() })?;
        }
        for (scenario, curves) in &self.growth {
            let title = format!("Cost of an operation of `{scenario}`");
            let picture =
                Picture { title: &title, x: "operations", y: "ns", curves: curves.clone() };
            draw(&format!("growth-{scenario}"), picture)?;
        }
        Ok(names)
    }

    fn by_connections(&self, peer: Peer, column: usize) -> Curve {
        let tables = self.tables.iter().filter_map(|(case, table)| match &case.what {
            What::Sockets(sockets) if case.name.ends_with("x64") && sockets.service == "tcp" => {
                Some((sockets.connections as f64, table.median(peer, column)?))
            }
            _ => None,
        });
        tables.collect()
    }
}

fn verdict(measured: f64, target: f64) -> String {
    // Two digits are what is printed.
    if (measured * 100.0).round() <= (target * 100.0).round() {
        "reached".into()
    } else {
        format!("missed by {:.0} %", (measured / target - 1.0) * 100.0)
    }
}

fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name"));
    model.map_or("unknown".into(), |model| model.trim_start_matches(['\t', ' ', ':']).into())
}

fn first_words(path: &str, words: usize) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().take(words).collect::<Vec<_>>().join(" ")
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or("unknown".into(), |o| String::from_utf8_lossy(&o.stdout).trim().to_owned())
}
