//! Compares what the crates export with the contract of the tokio 0.1 family: `api/*.txt` beside this
//! program's manifest, which lists the names and signatures of the published crates.
//!
//! What the crates export is read from rustdoc's JSON. An item, a method, an argument's type or an
//! implementation that is missing or differs is an error, unless `api/differences.txt` names it, with a
//! reason; a line there that matches nothing is an error too.

mod contract;
mod exports;
mod signature;

use self::contract::{Entry, What};
use self::exports::{Exports, Found};
use self::signature::Signature;
use crate::root;
use std::collections::BTreeMap;
use std::fs;

pub(crate) fn check() -> Result<(), String> {
    let folder = root().join("xtask/api");
    let allowed = differences(&folder.join("differences.txt"))?;
    let Some(mut exports) = Exports::read()? else { return Ok(()) };
    let mut found = BTreeMap::new();
    let mut items = 0;
    for file in contract_files(&folder)? {
        let text = fs::read_to_string(folder.join(&file)).map_err(|e| e.to_string())?;
        let krate = file.trim_end_matches(".txt").replace('-', "_");
        for entry in contract::parse(&text)? {
            items += 1;
            compare(&mut exports, &krate, &entry, &mut found);
        }
    }
    let mut wrong: Vec<String> = Vec::new();
    for (name, what) in &found {
        if !allowed.contains_key(name) {
            wrong.push(format!("{name}\n      {what}"));
        }
    }
    for name in allowed.keys().filter(|name| !found.contains_key(*name)) {
        wrong.push(format!("{name}: listed as a difference, and is none"));
    }
    println!("{items} lines of the contract, {} differences with a reason", allowed.len());
    if wrong.is_empty() && items > 0 {
        return Ok(());
    }
    for line in &wrong {
        println!("  {line}");
    }
    Err(format!("{} differences from the contract", wrong.len()))
}

fn contract_files(folder: &std::path::Path) -> Result<Vec<String>, String> {
    let entries = fs::read_dir(folder).map_err(|e| e.to_string())?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<_> = names.filter(|name| name.starts_with("tokio")).collect();
    names.sort();
    Ok(names)
}

/// A line is `NAME: REASON`; `#` begins a comment.
fn differences(file: &std::path::Path) -> Result<BTreeMap<String, String>, String> {
    let text = fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| match line.split_once("  ") {
            Some((name, reason)) if !reason.trim().is_empty() => {
                Ok((name.to_owned(), reason.trim().to_owned()))
            }
            _ => Err(format!("not a name, two spaces and a reason: {line}")),
        })
        .collect()
}

/// Adds what differs at `entry` to `found`, by the entry's name.
fn compare(
    exports: &mut Exports,
    krate: &str,
    entry: &Entry,
    found: &mut BTreeMap<String, String>,
) {
    let name = format!("{krate}::{}", entry.name());
    let item = match &entry.owner {
        Some(owner) => exports.find(krate, owner),
        None => exports.find(krate, &entry.path),
    };
    let item = match item {
        Found::Item(item) => item,
        // Of another project: that it is there is all.
        Found::Foreign => return,
        Found::Missing => {
            // The owner's own line says it.
            if entry.owner.is_none() {
                found.insert(name, "missing".into());
            }
            return;
        }
    };
    let owner = entry.owner.as_deref().unwrap_or_default();
    match &entry.what {
        What::Item | What::Elsewhere => {}
        What::Function(text) => match exports.function(&item, entry) {
            None => drop(found.insert(name, "missing".into())),
            Some(ours) => {
                let theirs = Signature::parse(text, owner);
                if theirs != ours {
                    found.insert(name, format!("was {theirs}, is {ours}"));
                }
            }
        },
        What::Member => {
            if !exports.has_member(&item, &entry.path) {
                found.insert(name, "missing".into());
            }
        }
        // Of a type that cannot be named, rustdoc does not say what it implements.
        What::Impl { .. } if owner.contains('~') && !exports.has_blocks(&item) => {}
        What::Impl { of, target, types } => {
            let Some(ours) = exports.implementation(&item, of, target, owner) else {
                found.insert(name, "missing".into());
                return;
            };
            for (associated, theirs) in types {
                let theirs = signature::normal(theirs, owner);
                match ours.get(associated) {
                    Some(ours) if *ours == theirs => {}
                    Some(ours) => {
                        let what = format!("{associated} was {theirs}, is {ours}");
                        found.insert(name.clone(), what);
                    }
                    None => drop(found.insert(name.clone(), format!("{associated} is missing"))),
                }
            }
        }
    }
}
