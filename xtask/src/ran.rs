//! Runs tests and notes which ones ran: `promises` compares them with the names in its table.
//!
//! The record is `target/ran.txt`: when it was begun; then, for each rung that ran to its end, a line
//! `== RUNG` and the names of its tests. Those that are ignored are not among them.

use crate::root;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The rungs that run tests which a promise may name.
pub(crate) const RUNGS: [&str; 7] =
    ["test", "shuttle", "downstream", "ecosystem", "fuzz", "stress", "everything"];

pub(crate) struct Record {
    /// Names with their modules.
    pub(crate) tests: Vec<String>,
    rungs: Vec<String>,
}

impl Record {
    /// Begins a record, at the first rung that runs tests.
    pub(crate) fn begin() -> Result<(), String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|e| e.to_string())?;
        fs::create_dir_all(root().join("target")).map_err(|e| e.to_string())?;
        fs::write(path(), format!("{}\n", now.as_secs())).map_err(|e| e.to_string())
    }

    /// Adds what a rung ran.
    pub(crate) fn add(rung: &str, tests: &[String]) -> Result<(), String> {
        // Without a beginning it would not be known of which sources it is.
        let Ok(mut file) = fs::File::options().append(true).open(path()) else { return Ok(()) };
        let all: String = tests.iter().flat_map(|test| [test, "\n"]).collect();
        write!(file, "== {rung}\n{all}").map_err(|e| e.to_string())
    }

    /// The record of all rungs and of the sources as they are now; otherwise, what is amiss.
    pub(crate) fn read() -> Result<Record, String> {
        let text = fs::read_to_string(path()).map_err(|_| "no tests were recorded".to_owned())?;
        let mut lines = text.lines();
        let begun = lines.next().and_then(|line| line.parse().ok()).unwrap_or_default();
        if newest_source(&root()).map_err(|e| e.to_string())?
            > UNIX_EPOCH + Duration::from_secs(begun)
        {
            return Err("sources have changed since the tests ran".to_owned());
        }
        let mut record = Record { tests: Vec::new(), rungs: Vec::new() };
        for line in lines {
            match line.strip_prefix("== ") {
                Some(rung) => record.rungs.push(rung.to_owned()),
                None => record.tests.push(line.to_owned()),
            }
        }
        let missing = RUNGS.iter().filter(|rung| !record.rungs.iter().any(|ran| ran == *rung));
        match missing.copied().collect::<Vec<_>>()[..] {
            [] => Ok(record),
            ref missing => Err(format!("these have not run: {}", missing.join(", "))),
        }
    }

    /// Whether a test of that name ran, or one that a macro made of it for each generation.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.tests.iter().any(|test| test.split("::").any(|part| part == name))
    }
}

/// Runs `cargo test`, or another command that prints what it does, passes its output on, and says
/// which tests it ran.
pub(crate) fn run_tests(command: &mut Command) -> Result<Vec<String>, String> {
    let what = format!("{command:?}");
    println!("$ {what}");
    let failed = |why: &dyn std::fmt::Display| format!("{what}: {why}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|e| failed(&e))?;
    let mut output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
    let (mut line, mut tests) = (Vec::new(), Vec::new());
    while output.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        // Whoever reads this may have gone; the tests go on.
        let _ = std::io::stdout().write_all(&line);
        tests.extend(test_that_ran(&String::from_utf8_lossy(&line)));
        line.clear();
    }
    match child.wait() {
        Ok(status) if status.success() => Ok(tests),
        Ok(status) => Err(failed(&status)),
        Err(error) => Err(failed(&error)),
    }
}

/// What a line of the output says: `test NAME ... ok`, where output of the test may stand before the
/// verdict. One that failed is not told from others, as then the command fails.
fn test_that_ran(line: &str) -> Option<String> {
    let (name, verdict) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let name = name.trim_end_matches(" - should panic");
    // The examples of the documentation have spaces in their names.
    (!name.contains(' ') && !verdict.starts_with("ignored")).then(|| name.to_owned())
}

fn path() -> PathBuf {
    root().join("target/ran.txt")
}

fn newest_source(folder: &Path) -> std::io::Result<SystemTime> {
    let mut newest = UNIX_EPOCH;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if entry.file_type()?.is_dir() {
            if name != "target" && !name.to_string_lossy().starts_with('.') {
                newest = newest.max(newest_source(&path)?);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            newest = newest.max(entry.metadata()?.modified()?);
        }
    }
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use super::test_that_ran;

    #[test]
    fn tests_that_ran_are_told_from_others() {
        let ran = |line| test_that_ran(line);
        assert_eq!(ran("test a::b ... ok\n").as_deref(), Some("a::b"));
        assert_eq!(ran("test a - should panic ... ok\n").as_deref(), Some("a"));
        assert_eq!(ran("test a ... some words of its own\n").as_deref(), Some("a"));
        assert_eq!(ran("test a ... ignored, takes long\n"), None);
        assert_eq!(ran("test src/lib.rs - a (line 3) ... ok\n"), None);
        assert_eq!(ran("test result: ok. 3 passed\n"), None);
    }
}
