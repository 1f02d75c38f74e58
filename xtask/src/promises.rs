//! Sees that each promise in `docs/promises.md` names tests that exist and, where it is recorded which
//! tests ran, that they did.
//!
//! A row of its table ends in a cell with names of test functions, each in backquotes; a row for
//! something that is still to come says so in words and names none.

use crate::ran::Record;
use crate::root;
use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// Tests that a promise names and that do not run on every platform, and whether they do on this one.
const ELSEWHERE: &[(&str, bool)] = &[
    ("a_refused_datagram_makes_no_task_spin", cfg!(not(windows))),
    ("a_short_read_after_the_peer_has_closed_does_not_hide_the_end", cfg!(not(windows))),
    (
        "dropping_a_reactor_while_thread_local_storage_is_torn_down_does_not_panic",
        cfg!(not(windows)),
    ),
];

pub(crate) fn check() -> Result<(), String> {
    let text = fs::read_to_string(root().join("docs/promises.md")).map_err(|e| e.to_string())?;
    let mut tests = HashSet::new();
    collect(&root(), &mut tests).map_err(|e| e.to_string())?;
    let record = Record::read();
    let (mut promises, mut named, mut missing) = (0, 0, Vec::new());
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        if cells[0].parse::<u32>().is_err() {
            continue;
        }
        promises += 1;
        let held_by = cells.last().expect("a row has cells");
        let names: Vec<_> = held_by.split('`').skip(1).step_by(2).collect();
        if names.is_empty() && !held_by.starts_with("to come") {
            missing.push(format!("promise {} names no test", cells[0]));
        }
        for name in names {
            named += 1;
            let function = name.rsplit("::").next().expect("split yields something");
            if !tests.contains(function) {
                missing.push(format!("promise {}: no test `{name}`", cells[0]));
            } else if record.as_ref().is_ok_and(|record| !record.has(function)) {
                let is_here = ELSEWHERE.iter().find(|(test, _)| *test == function);
                if is_here.is_none_or(|(_, is_here)| *is_here) {
                    missing.push(format!("promise {}: `{name}` did not run", cells[0]));
                }
            }
        }
    }
    match record {
        Ok(record) => println!(
            "{promises} promises, {named} tests named, looked up among {} that ran",
            record.tests.len()
        ),
        // There all rungs have run before this one.
        Err(why) if std::env::args().nth(1).as_deref() == Some("ci") => return Err(why),
        Err(why) => {
            println!("{promises} promises, {named} tests named");
            println!("SKIPPED: whether they ran: {why}");
        }
    }
    if missing.is_empty() && promises > 0 {
        Ok(())
    } else {
        Err(missing.join("; "))
    }
}

/// The names of all functions in the files below `folder` that hold tests: some are made into tests
/// by a macro, a test for each generation.
fn collect(folder: &Path, tests: &mut HashSet<String>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                collect(&path, tests)?;
            }
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(&path)?;
            let in_tests = path.components().any(|part| part.as_os_str() == "tests");
            if !in_tests && !text.contains("#[test]") {
                continue;
            }
            for (at, _) in text.match_indices("fn ") {
                let rest = &text[at + 3..];
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                tests.insert(rest[..end.unwrap_or(rest.len())].to_owned());
            }
        }
    }
    Ok(())
}
