//! Shows that the models bite: applies each named mutation, one at a time, and sees a model fail.
//!
//! A crate's `mutations.txt` has a mutation a line: a file, a `sed` expression that changes one
//! token in it, and what it is, separated by tabs. Lines that start with `#` are comments. The
//! mutated crate is a copy in the target folder; the sources are not touched.

use crate::{family, loom_command, modelled, root, run};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

pub(crate) fn check() -> Result<(), String> {
    let copy = root().join("target/mutations");
    let build = root().join("target/mutations-build");
    let (mut caught, mut survived) = (0, Vec::new());
    // One crate, if it is named.
    let only = std::env::args().nth(2);
    for package in modelled().iter().filter(|name| only.as_ref().is_none_or(|only| only == *name)) {
        let list = root().join(package).join("mutations.txt");
        let Ok(list) = fs::read_to_string(&list) else {
            return Err(format!("{} is missing", list.display()));
        };
        let lines = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            let [file, expression, what] = line.split('\t').collect::<Vec<_>>()[..] else {
                return Err(format!("{package}: not a mutation: {line}"));
            };
            copy_workspace(&copy)?;
            let mutated = copy.join(package).join(file);
            let before = fs::read_to_string(&mutated).map_err(|e| format!("{file}: {e}"))?;
            run(Command::new("sed").arg("-i").arg(expression).arg(&mutated))?;
            if fs::read_to_string(&mutated).ok().as_deref() == Some(&before) {
                return Err(format!("{package}: changes nothing: {line}"));
            }
            let mut compiles = loom_command(package, &build);
            compiles.arg("--no-run").current_dir(&copy).stderr(Stdio::null());
            if !compiles.status().is_ok_and(|status| status.success()) {
                return Err(format!("{package}: does not compile: {line}"));
            }
            let mut models = loom_command(package, &build);
            models.current_dir(&copy).stdout(Stdio::null()).stderr(Stdio::null());
            let status = models.status().map_err(|e| e.to_string())?;
            let verdict = if status.success() { "SURVIVED" } else { "caught" };
            println!("{verdict}: {package}/{file}: {what}");
            if status.success() {
                survived.push(format!("{package}/{file}: {what}"));
            } else {
                caught += 1;
            }
        }
    }
    println!("{caught} mutations caught, {} survived", survived.len());
    if survived.is_empty() && caught > 0 {
        Ok(())
    } else {
        Err(format!("survived: {}", survived.join("; ")))
    }
}

/// Copies what the models need, with the times of unchanged files kept so that only the mutated
/// crate is compiled again.
fn copy_workspace(to: &Path) -> Result<(), String> {
    fs::create_dir_all(to).map_err(|e| e.to_string())?;
    let crates = family();
    for name in &crates {
        copy_folder(&root().join(name), &to.join(name)).map_err(|e| format!("{name}: {e}"))?;
    }
    let manifest = fs::read_to_string(root().join("Cargo.toml")).map_err(|e| e.to_string())?;
    let rest = manifest.find("[workspace.package]").ok_or("an unexpected root manifest")?;
    let members = crates.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    let manifest =
        format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\n\n{}", &manifest[rest..]);
    let changed = fs::read_to_string(to.join("Cargo.toml")).ok().as_deref() != Some(&manifest);
    if changed {
        fs::write(to.join("Cargo.toml"), manifest).map_err(|e| e.to_string())?;
        fs::copy(root().join("Cargo.lock"), to.join("Cargo.lock")).map_err(|e| e.to_string())?;
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else if fs::read(&target).ok() != Some(fs::read(entry.path())?) {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
