//! What the command line says.

use super::fault::{Fault, FAULTS};
use super::manner::Generation;
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
    /// The generation of tasks that may be of either.
    pub(super) tasks: Option<Generation>,
    only: Option<String>,
    except: Option<String>,
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
            tasks: None,
            only: None,
            except: None,
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
                "--tasks" => arguments.tasks = Some(generation(&words.next()?)?),
                "--only" => arguments.only = Some(words.next()?),
                "--except" => arguments.except = Some(words.next()?),
                seconds => arguments.seconds = seconds.parse().ok()?,
            }
        }
        let lists = arguments.only.iter().chain(&arguments.except);
        let mut names = lists.flat_map(|list| list.split(','));
        let known = |name: &str| COMPONENTS.iter().any(|component| component.name == name);
        names.all(known).then_some(arguments)
    }

    /// The components that are to run.
    pub(super) fn components(&self) -> impl Iterator<Item = &'static Component> + '_ {
        let named = |list: &String, name: &str| list.split(',').any(|listed| listed == name);
        COMPONENTS.iter().filter(move |Component { name, .. }| {
            self.only.as_ref().is_none_or(|only| named(only, name))
                && !self.except.as_ref().is_some_and(|except| named(except, name))
        })
    }

    /// What gives the inputs of this cycle, and of those after it, again.
    pub(super) fn replay(&self, cycle: u64) -> String {
        let Arguments { workers, seed, descriptors, .. } = self;
        let mut line = format!("stress --workers {workers} --seed {seed} --cycle {cycle}");
        line += &format!(" --descriptors {descriptors}");
        if let Some(generation) = self.tasks {
            line += &format!(" --tasks {}", name(generation));
        }
        for (word, list) in [("--only", &self.only), ("--except", &self.except)] {
            line += &list.iter().map(|list| format!(" {word} {list}")).collect::<String>();
        }
        line
    }
}

fn generation(name: &str) -> Option<Generation> {
    match name {
        "futures01" => Some(Generation::Futures01),
        "std" => Some(Generation::Std),
        _ => None,
    }
}

fn name(generation: Generation) -> &'static str {
    match generation {
        Generation::Futures01 => "futures01",
        Generation::Std => "std",
    }
}

fn usage() -> String {
    let mut usage = String::from(
        "usage: stress [SECONDS] [--workers N] [--seed N] [--cycle N] [--tasks futures01|std]\n\
         \x20             [--only NAME[,NAME]] [--except NAME[,NAME]] [--descriptors N]\n\
         \x20             [--patience SECONDS] [--fault KIND]\n\ncomponents:",
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
        let line = "7 --workers 2 --seed 5 --only tcp,udp,hogs --except hogs --descriptors 900";
        let arguments = parse(&format!("{line} --tasks std")).unwrap();
        let replay = arguments.replay(3);
        let again = parse(replay.strip_prefix("stress").unwrap()).unwrap();
        assert_eq!((again.workers, again.seed, again.cycle), (2, 5, 3));
        assert_eq!((again.descriptors, again.tasks), (900, Some(Generation::Std)));
        assert!(again.components().map(|component| component.name).eq(["tcp", "udp"]));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for line in [
            "--only tpc",
            "--except hog",
            "--tasks new",
            "--fault flood",
            "--workers 0",
            "--cycle 0",
            "--seed",
            "soon",
        ] {
            assert!(parse(line).is_none(), "{line}");
        }
    }
}
