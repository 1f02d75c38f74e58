//! What the command line says.

use super::scope::Component;
use super::COMPONENTS;
use std::env;
use std::time::SystemTime;

/// What the command line says.
pub(super) struct Arguments {
    pub(super) seconds: u64,
    pub(super) workers: usize,
    pub(super) seed: u64,
    only: Option<String>,
}

impl Arguments {
    /// Reads the process's arguments, or says how it is to be called.
    pub(super) fn parse() -> Result<Arguments, String> {
        Self::of(env::args().skip(1)).ok_or_else(|| {
            let mut usage = String::from(
                "usage: stress [SECONDS] [--workers N] [--seed N] [--only NAME[,NAME]]\n",
            );
            for Component { name, shows, .. } in COMPONENTS {
                usage += &format!("\n  {name:<13}{shows}");
            }
            usage
        })
    }

    fn of(mut words: impl Iterator<Item = String>) -> Option<Arguments> {
        let by_clock = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |time| time.as_micros() as u64);
        let mut arguments = Arguments { seconds: 20, workers: 4, seed: by_clock, only: None };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--workers" => arguments.workers = words.next()?.parse().ok().filter(|n| *n > 0)?,
                "--seed" => arguments.seed = words.next()?.parse().ok()?,
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
}
