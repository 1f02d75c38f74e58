//! Running a program of ours under valgrind's callgrind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io, process};

/// A file that callgrind has written; gone when dropped.
#[derive(Debug)]
pub struct Profile {
    file: PathBuf,
}

impl Profile {
    /// Runs this program again with other arguments, under callgrind.
    ///
    /// # Errors
    ///
    /// If valgrind is not installed, or the program fails.
    pub fn of_ourselves(arguments: &[&str]) -> io::Result<Profile> {
        let file = env::temp_dir().join(format!("instructions-{}.callgrind", process::id()));
        let profile = Profile { file };
        let status = Command::new("valgrind")
            .args(["--tool=callgrind", "--quiet"])
            .arg(format!("--callgrind-out-file={}", profile.file.display()))
            .arg(env::current_exe()?)
            .args(arguments)
            .stdout(Stdio::null())
            .status()
            .map_err(without_valgrind)?;
        match status.success() {
            true => Ok(profile),
            false => Err(io::Error::other(format!("{} failed", arguments.join(" ")))),
        }
    }

    /// Functions with their share of the instructions in percent, largest first. `inclusive`: with
    /// what they call.
    ///
    /// # Errors
    ///
    /// If `callgrind_annotate` cannot be run.
    pub fn functions(&self, inclusive: bool) -> io::Result<Vec<(f64, String)>> {
        let inclusive_of = if inclusive { "--inclusive=yes" } else { "--inclusive=no" };
        let output = Command::new("callgrind_annotate")
            .args(["--auto=no", "--threshold=100", inclusive_of])
            .arg(&self.file)
            .output()?;
        let output = String::from_utf8_lossy(&output.stdout);
        let mut shares: BTreeMap<&str, f64> = BTreeMap::new();
        // A line for each file of which the function has inlined code; that of a function as a
        // whole, with what it calls, is the largest.
        for (share, function) in output.lines().filter_map(share) {
            let sum = shares.entry(function).or_default();
            *sum = if inclusive { sum.max(share) } else { *sum + share };
        }
        let mut shares: Vec<_> = shares.iter().map(|(f, share)| (*share, f.to_string())).collect();
        shares.sort_by(|a, b| b.0.total_cmp(&a.0));
        Ok(shares)
    }

    /// How many instructions were executed.
    ///
    /// # Errors
    ///
    /// If callgrind has written no total.
    pub fn instructions(&self) -> io::Result<u64> {
        total(&self.file)?.ok_or_else(|| io::Error::other("callgrind has written no total"))
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.file);
    }
}

/// Reads a line `1,234 (5.67%)  file:function [object]`.
fn share(line: &str) -> Option<(f64, &str)> {
    let (count, rest) = line.split_once('(')?;
    if !count.trim().bytes().all(|byte| byte.is_ascii_digit() || byte == b',') {
        return None;
    }
    let (share, place) = rest.split_once("%)")?;
    let (_file, function) = place.split_once(':')?;
    let function = function.rsplit_once(" [").map_or(function, |(function, _object)| function);
    Some((share.trim().parse().ok()?, function.trim()))
}

fn total(file: &Path) -> io::Result<Option<u64>> {
    let profile = fs::read_to_string(file)?;
    let totals = profile.lines().find_map(|line| line.strip_prefix("totals:"));
    Ok(totals.and_then(|totals| totals.trim().parse().ok()))
}

fn without_valgrind(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::NotFound => io::Error::new(
            error.kind(),
            "valgrind is not installed here (the package is called `valgrind` nearly everywhere)",
        ),
        _ => error,
    }
}
