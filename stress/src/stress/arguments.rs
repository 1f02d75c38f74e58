//! What the command line says.

use super::fault::{Fault, FAULTS};
use super::scope::Component;
use super::COMPONENTS;
use std::env;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

/// What the command line says.
#[derive(Debug)]
pub(super) struct Arguments {
    pub(super) seconds: u64,
    pub(super) workers: usize,
    pub(super) seed: u64,
    /// The cycle to begin with.
    pub(super) cycle: u64,
    /// How many descriptors the process may have at most.
    pub(super) descriptors: u64,
    /// How long anything may go without progress.
    pub(super) patience: Duration,
    pub(super) fault: Option<Fault>,
    pub(super) only: Option<String>,
}

impl Arguments {
    /// Reads the process's arguments, or says how it is to be called.
    pub(super) fn parse() -> Result<Arguments, String> {
        Self::of(env::args().skip(1)).ok_or_else(usage)
    }

    fn of(mut words: impl Iterator<Item = String>) -> Option<Arguments> {
        fn number<N: FromStr>(word: Option<String>) -> Option<N> {
            word?.parse().ok()
        }
        let by_clock = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |time| time.as_micros() as u64);
        let mut arguments = Arguments {
            seconds: 20,
            workers: 4,
            seed: by_clock,
            cycle: 1,
            descriptors: 20_000,
            patience: Duration::from_secs(30),
            fault: None,
            only: None,
        };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--workers" => arguments.workers = number(words.next()).filter(|n| *n > 0)?,
                "--seed" => arguments.seed = number(words.next())?,
                "--cycle" => arguments.cycle = number(words.next()).filter(|n| *n > 0)?,
                // Fewer are not enough for the components that take a fixed number.
                "--descriptors" => {
                    arguments.descriptors = number(words.next()).filter(|n| *n >= 600)?;
                }
                "--patience" => arguments.patience = Duration::from_secs(number(words.next())?),
                "--fault" => {
                    let name = words.next()?;
                    arguments.fault = Some(FAULTS.iter().find(|(known, ..)| *known == name)?.1);
                }
                "--only" => arguments.only = Some(words.next()?),
                seconds => arguments.seconds = seconds.parse().ok()?,
            }
        }
        let mut names = arguments.only.iter().flat_map(|only| only.split(','));
        let known = |name: &str| COMPONENTS.iter().any(|component| component.name == name);
        names.all(known).then_some(arguments)
    }

    /// The components that are to run.
    pub(super) fn components(&self) -> impl Iterator<Item = &'static Component> + '_ {
        let named = |only: &String, name| only.split(',').any(|only| only == name);
        COMPONENTS.iter().filter(move |component| {
            self.only.as_ref().is_none_or(|only| named(only, component.name))
        })
    }

    /// What gives the inputs of this cycle, and of those after it, again.
    pub(super) fn replay(&self, cycle: u64) -> String {
        let Arguments { workers, seed, .. } = self;
        let only = self.only.iter().map(|only| format!(" --only {only}")).collect::<String>();
        format!("stress --workers {workers} --seed {seed} --cycle {cycle}{only}")
    }
}

fn usage() -> String {
    let mut usage = String::from(
        "usage: stress [SECONDS] [--workers N] [--seed N] [--cycle N] [--only NAME[,NAME]]\n\
         \x20             [--descriptors N] [--patience SECONDS] [--fault KIND]\n\ncomponents:",
    );
    for Component { name, shows, .. } in COMPONENTS {
        usage += &format!("\n  {name:<16}{shows}");
    }
    usage += "\n\nfaults, each of which has to be found:";
    for (name, _, does) in FAULTS {
        usage += &format!("\n  {name:<16}{does}");
    }
    usage
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Option<Arguments> {
        Arguments::of(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn what_replays_a_cycle_is_understood() {
        let arguments = parse("7 --workers 2 --seed 5 --only tcp,udp").unwrap();
        let replay = arguments.replay(3);
        let again = parse(replay.strip_prefix("stress").unwrap()).unwrap();
        assert_eq!((again.workers, again.seed, again.cycle), (2, 5, 3));
        assert_eq!(again.only.as_deref(), Some("tcp,udp"));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for line in ["--only tpc", "--fault flood", "--workers 0", "--cycle 0", "--seed", "soon"] {
            assert!(parse(line).is_none(), "{line}");
        }
    }
}
