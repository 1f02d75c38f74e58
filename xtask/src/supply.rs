//! What is published, and what it is built on: manifests, licences, versions that stand twice, versions
//! that were withdrawn, and advisories.
//!
//! "Built on" are the dependencies that a user of the crates compiles, on any platform; those of tests,
//! benches, examples and model checkers are not looked at, but for withdrawn versions.

use crate::api::{array, text};
use crate::{cargo, family, root, run};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::process::{Command, Stdio};

/// A dependency has to offer one of these, or a set of them.
const LICENCES: [&str; 2] = ["MIT", "Apache-2.0"];

/// Crates of which more than one version may be compiled, each with the reason.
const TWICE: &[&str] = &[];

/// Where a dependency is there for a model checker alone.
const CHECKERS: [&str; 2] = ["cfg(tokio_loom)", "cfg(tokio_shuttle)"];

/// What is known of advisories, for those who cannot ask the database.
const ADVISORIES: &str = "docs/advisories.md";

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub(crate) fn check() -> Result<(), String> {
    let metadata = metadata()?;
    let packages: BTreeMap<&str, &Value> =
        array(&metadata["packages"]).iter().map(|one| (text(&one["id"]), one)).collect();
    let family = family();
    let ours = |one: &&Value| one["source"].is_null() && family.iter().any(|n| one["name"] == **n);
    let published: Vec<_> = packages.values().copied().filter(ours).collect();
    let mut wrong = Vec::new();
    if published.len() != family.len() {
        wrong.push("not all crates of the family are members".to_owned());
    }
    for one in &published {
        manifest(one, &family, &mut wrong);
    }
    let built_on = built_on(&metadata, &packages, &published);
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in &built_on {
        let (name, version) = (text(&one["name"]), text(&one["version"]));
        versions.entry(name).or_default().insert(version);
        if !one["source"].is_null() && one["source"] != REGISTRY {
            wrong.push(format!("{name} is not from the registry"));
        }
        if !is_allowed(text(&one["license"])) {
            wrong.push(format!("{name} {version} has the licence {}", one["license"]));
        }
    }
    for (name, versions) in versions.iter().filter(|(_, versions)| versions.len() > 1) {
        if !TWICE.contains(name) {
            wrong.push(format!("{name} stands there as {versions:?}"));
        }
    }
    println!("{} crates of ours, built on {}", published.len(), built_on.len() - published.len());
    let others = built_on.iter().filter(|one| !one["source"].is_null());
    let others: Vec<_> = others.map(|one| (text(&one["name"]), text(&one["version"]))).collect();
    match fs::read_to_string(root().join(ADVISORIES)) {
        Ok(page) => wrong.extend(noted_advisories(&page, &others)),
        Err(error) => wrong.push(format!("{ADVISORIES}: {error}")),
    }
    if !wrong.is_empty() {
        return Err(wrong.join("; "));
    }
    withdrawn(&packages)?;
    advisories()
}

fn metadata() -> Result<Value, String> {
    let output = cargo(&["metadata", "--format-version", "1", "--locked"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| e.to_string())?;
    if !output.status.success() {
        return Err("cargo metadata fails; is Cargo.lock up to date?".to_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|e| e.to_string())
}

/// What a manifest has to say, and what its dependencies must not be.
fn manifest(package: &Value, family: &[String], wrong: &mut Vec<String>) {
    let name = text(&package["name"]);
    for field in ["license", "description", "readme", "rust_version"] {
        if text(&package[field]).is_empty() {
            wrong.push(format!("{name} has no {field}"));
        }
    }
    if array(&package["categories"]).is_empty() {
        wrong.push(format!("{name} has no categories"));
    }
    for dependency in array(&package["dependencies"]) {
        let (on, req) = (text(&dependency["name"]), text(&dependency["req"]));
        let is_family = family.iter().any(|one| one == on);
        // Tests may be built on what is not published: cargo leaves such a dependency out.
        if dependency["kind"] == "dev" && req == "*" && !dependency["path"].is_null() {
            continue;
        }
        if req.contains('*') || req.is_empty() || req.starts_with('>') {
            wrong.push(format!("{name} takes any version of {on}: `{req}`"));
        }
        let from = &dependency["source"];
        if !(from == REGISTRY || from.is_null() && is_family) {
            wrong.push(format!("{name} takes {on} from {from}"));
        }
    }
}

/// All packages that the published ones lead to by other dependencies than those of tests.
fn built_on<'a>(
    metadata: &'a Value,
    packages: &BTreeMap<&str, &'a Value>,
    published: &[&'a Value],
) -> Vec<&'a Value> {
    let nodes = array(&metadata["resolve"]["nodes"]).iter();
    let nodes: BTreeMap<_, _> = nodes.map(|node| (text(&node["id"]), node)).collect();
    let mut open: Vec<_> = published.iter().map(|one| text(&one["id"])).collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            let is_built = |on: &&Value| {
                array(&on["dep_kinds"])
                    .iter()
                    .any(|k| k["kind"] != "dev" && !CHECKERS.contains(&text(&k["target"])))
            };
            let on = array(&nodes[id]["deps"]).iter().filter(is_built);
            open.extend(on.map(|on| text(&on["pkg"])));
        }
    }
    seen.into_iter().map(|id| packages[id]).collect()
}

/// Whether an SPDX expression can be met by licences of the list. In it, `AND` binds closer than `OR`;
/// older manifests write a slash for `OR`.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let allowed = any(&mut words);
    allowed && words.next().is_none()
}

type Words<'a, 'b> = &'a mut std::iter::Peekable<std::str::SplitWhitespace<'b>>;

fn any(words: Words<'_, '_>) -> bool {
    let mut allowed = all(words);
    while words.next_if_eq(&"OR").is_some() {
        allowed |= all(words);
    }
    allowed
}

fn all(words: Words<'_, '_>) -> bool {
    let mut allowed = one(words);
    while words.next_if_eq(&"AND").is_some() {
        allowed &= one(words);
    }
    allowed
}

fn one(words: Words<'_, '_>) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let allowed = any(words);
        return words.next() == Some(")") && allowed;
    }
    let allowed = words.next().is_some_and(|name| LICENCES.contains(&name));
    // An exception only permits more.
    if words.next_if_eq(&"WITH").is_some() {
        words.next();
    }
    allowed
}

/// Asks cargo for exactly the versions of the lock file, in a package that has no lock file: then it
/// takes no version that was withdrawn (`yanked`).
fn withdrawn(packages: &BTreeMap<&str, &Value>) -> Result<(), String> {
    let folder = root().join("target/supply");
    let mut manifest = String::from(
        "[package]\nname = \"locked\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n\
         [dependencies]\n",
    );
    for (at, one) in packages.values().filter(|one| one["source"] == REGISTRY).enumerate() {
        let (name, version) = (&one["name"], text(&one["version"]));
        // What follows a plus sign is no part of a version that can be asked for.
        let version = version.split('+').next().unwrap_or_default();
        let entry =
            format!("{{ package = {name}, version = \"={version}\", default-features = false }}");
        writeln!(manifest, "d{at} = {entry}").expect("a String takes all");
    }
    let written = fs::create_dir_all(folder.join("src"))
        .and_then(|()| fs::write(folder.join("src/lib.rs"), ""))
        .and_then(|()| fs::write(folder.join("Cargo.toml"), manifest));
    written.map_err(|e| e.to_string())?;
    let output = cargo(&["generate-lockfile", "--quiet"]).current_dir(&folder).output();
    let _ = fs::remove_dir_all(&folder);
    let output = output.map_err(|e| e.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        Ok(())
    } else if said.contains("failed to select a version") {
        Err(format!("a version in Cargo.lock can no longer be had:\n{said}"))
    } else {
        println!("SKIPPED: withdrawn versions: the registry's index cannot be read:\n{said}");
        Ok(())
    }
}

/// What is wrong by the page's first table, which has a row for each advisory on each of the `others`, or
/// one that says that there is none.
fn noted_advisories(page: &str, others: &[(&str, &str)]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut rows: BTreeMap<&str, Vec<[&str; 2]>> = BTreeMap::new();
    let part = page.split("\n## ").next().unwrap_or_default();
    let table = part.lines().map(str::trim).filter(|line| line.starts_with('|')).skip(2);
    for row in table {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        match cells[..] {
            ["", name, advisory, _, not_about, ""] => {
                rows.entry(name.trim_matches('`')).or_default().push([advisory, not_about]);
            }
            _ => wrong.push(format!("not a row of four cells: {row}")),
        }
    }
    for (name, version) in others {
        match rows.get(name).map(Vec::as_slice) {
            None => wrong.push(format!("{ADVISORIES} has no row for {name}")),
            Some([["none", ""]]) => {}
            Some(rows) => {
                let about = |row: &&[&str; 2]| row[0] == "none" || !is_in(version, row[1]);
                let about = rows.iter().filter(about);
                wrong.extend(about.map(|row| format!("{} is about {name} {version}", row[0])));
            }
        }
    }
    let unused = rows.keys().filter(|name| others.iter().all(|other| other.0 != **name));
    wrong.extend(unused.map(|name| format!("{ADVISORIES} has {name}, which nothing is built on")));
    wrong
}

/// Whether a version is in one of the ranges that "or" separates: `< 1.2.3`, `>= 1.2.3`, or both bounds with a
/// comma. False if one of them is anything else.
fn is_in(version: &str, ranges: &str) -> bool {
    let parse = |version: &str| -> Option<Vec<u64>> {
        let numbers = version.trim().split('+').next()?.split('.');
        numbers.map(|number| number.parse().ok()).collect()
    };
    let holds = |bound: &str| -> Option<bool> {
        if let Some(least) = bound.strip_prefix(">= ") {
            Some(parse(version)? >= parse(least)?)
        } else {
            Some(parse(version)? < parse(bound.strip_prefix("< ")?)?)
        }
    };
    let in_range = |range: &str| -> Option<bool> {
        let bounds = range.trim().strip_prefix('`')?.strip_suffix('`')?.split(',');
        bounds.map(|bound| holds(bound.trim())).try_fold(true, |all, one| Some(all & one?))
    };
    let found = ranges.split(" or ").map(in_range);
    found.into_iter().try_fold(false, |any, one| Some(any | one?)).unwrap_or(false)
}

/// By `cargo deny` and its copy of the RustSec database, where they can be had.
fn advisories() -> Result<(), String> {
    let deny = |args: &[&str]| {
        let mut command = cargo(&["deny"]);
        command.args(args);
        command
    };
    let quiet = |command: &mut Command| {
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !quiet(&mut deny(&["--version"])) {
        println!("SKIPPED: advisories: there is no `cargo deny`");
        return Ok(());
    }
    if !quiet(&mut deny(&["fetch", "db"])) {
        println!("SKIPPED: advisories: `cargo deny` cannot fetch the database of RustSec");
        return Ok(());
    }
    run(&mut deny(&["check", "--disable-fetch", "advisories"]))
}

#[cfg(test)]
mod tests {
    use super::{is_allowed, is_in, noted_advisories};

    #[test]
    fn licences_are_met_by_those_of_the_list() {
        for met in ["MIT", "Apache-2.0/MIT", "Zlib OR MIT", "(MIT OR Zlib) AND Apache-2.0"] {
            assert!(is_allowed(met), "{met}");
        }
        assert!(is_allowed("Apache-2.0 WITH LLVM-exception OR Zlib"));
        for not in ["", "Zlib", "MIT AND Zlib", "Zlib OR MIT AND BSD-2-Clause", "(MIT", "MIT)"] {
            assert!(!is_allowed(not), "{not}");
        }
    }

    #[test]
    fn versions_are_in_ranges() {
        assert!(is_in("1.2.3", "`>= 1.2.3`") && is_in("1.10.0", "`< 1.0.0` or `>= 1.2.3`"));
        assert!(is_in("0.4.12", "`< 1.2.1`") && is_in("0.11.1+wasi", "`< 1.2.1`"));
        assert!(!is_in("1.2.3", "`< 1.2.3`") && !is_in("1.2.2", "`>= 1.2.3`"));
        let patched = "`>= 0.35.15, < 0.36.0` or `>= 0.36.16`";
        assert!(is_in("0.35.15", patched) && is_in("1.0.0", patched));
        assert!(!is_in("0.36.1", patched) && !is_in("0.35.14", patched));
        for neither in ["", "1.2.3", ">= 1.0.0", "`<= 1.2.3`", "`>= 1.0.0` or one", "`> 1`"] {
            assert!(!is_in("1.2.3", neither), "{neither}");
        }
    }

    #[test]
    fn each_crate_has_a_row_and_no_advisory_is_about_it() {
        let page = "x\n\n| crate | advisory | about | not about |\n|---|---|---|---|\n\
                    | `a` | none | | |\n| `b` | R-1 | x | `< 1.0.0` or `>= 1.1.0` |\n\n\
                    | `b` | R-2 | x | `>= 0.9.0` |\n\n## More\n\n| `c` |\n";
        let wrong = |others: &[(&str, &str)]| noted_advisories(page, others);
        assert!(wrong(&[("a", "1.0.0"), ("b", "1.2.0")]).is_empty());
        assert_eq!(wrong(&[("a", "1.0.0"), ("b", "1.0.5")]), ["R-1 is about b 1.0.5"]);
        assert_eq!(wrong(&[("a", "1.0.0"), ("b", "0.8.0")]), ["R-2 is about b 0.8.0"]);
        assert_eq!(wrong(&[("a", "1.0.0"), ("b", "0.9.0"), ("c", "1.0.0")]).len(), 1);
        assert_eq!(wrong(&[("b", "0.9.0")]).len(), 1);
        let both = page.replace("| `a` | none | | |", "| `a` | none | | |\n| `a` | none | | |");
        assert!(!noted_advisories(&both, &[("a", "1.0.0"), ("b", "1.2.0")]).is_empty());
        let short = page.replace("| none | | |", "| none | |");
        assert!(!noted_advisories(&short, &[("a", "1.0.0"), ("b", "1.2.0")]).is_empty());
    }
}
