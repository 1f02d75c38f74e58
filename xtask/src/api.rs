//! Compares what the crates export with the API of the 0.1 family, `api/*.txt`: once by compiling a
//! program that names every path, once by rustdoc's JSON, signature by signature. By the same JSON, compares
//! all that they export with what they did when `--bless` was last given: [`surface`].
//!
//! Types that upstream's documentation hides are left out of the auto traits: nothing is known of
//! them. What may differ is in `api/differences.txt`, with what stands there instead and the reason; an
//! entry that no longer matches is an error.

mod compare;
mod contract;
mod names;
mod reader;
mod rustdoc;
mod signature;
mod surface;

use crate::{cargo, family, is_reference_compiler, root, run, REFERENCE};
use compare::{Comparison, Difference};
use contract::Contract;
pub(crate) use rustdoc::{array, text};
use rustdoc::{Crate, World};
use std::fs;
use std::path::PathBuf;

pub(crate) fn check() -> Result<(), String> {
    let bless = match std::env::args().nth(2).as_deref() {
        None => false,
        Some("--bless") => true,
        Some(other) => return Err(format!("`{other}` is not understood; there is `--bless`")),
    };
    let contracts = contracts()?;
    names::check(&contracts, &target_dir())?;
    let world = match world() {
        Ok(world) => world,
        Err(why) => {
            println!("SKIPPED: signatures; only names were compared: {why}");
            return Ok(());
        }
    };
    let exceptions = exceptions()?;
    let (mut found, mut compared) = (Vec::new(), 0);
    for contract in &contracts {
        let mut one = Comparison { world: &world, contract, found: Vec::new(), compared: 0 };
        one.all();
        one.auto_traits(&exceptions);
        compared += one.compared;
        found.append(&mut one.found);
    }
    println!("{compared} items of {} crates compared", contracts.len());
    if compared == 0 {
        return Err("no contract was read".to_owned());
    }
    judge(found)?;
    // The platform decides what is compiled, and the compiler how it is written.
    if cfg!(not(target_os = "linux")) || !is_reference_compiler()? {
        println!("SKIPPED: the surface: it was written by {REFERENCE}x on Linux");
        return Ok(());
    }
    surface::check(&world, bless)
}

fn target_dir() -> PathBuf {
    root().join("target/api")
}

fn read(name: &str) -> Result<String, String> {
    let path = root().join("xtask/api").join(name);
    fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))
}

/// All contracts; a crate that is not there is an error.
fn contracts() -> Result<Vec<Contract>, String> {
    let files = fs::read_dir(root().join("xtask/api")).map_err(|e| e.to_string())?;
    let files = files.filter_map(|file| file.ok()?.file_name().into_string().ok());
    let mut names: Vec<_> =
        files.filter(|file| *file == "tokio.txt" || file.starts_with("tokio-")).collect();
    names.sort();
    let family = family();
    let read = |file: &String| {
        let name = file.trim_end_matches(".txt");
        if !family.iter().any(|krate| krate == name) {
            return Err(format!("{name}: the contract is there, the crate is not"));
        }
        Ok(Contract::read(name, &read(file)?))
    };
    names.iter().map(read).collect()
}

fn world() -> Result<World, String> {
    let mut world = World { crates: Default::default() };
    for name in family() {
        if name == "tokio-macros" {
            continue;
        }
        let mut command = cargo(&["rustdoc", "--quiet", "--lib", "--package", &name, "--"]);
        command
            .args(["-Z", "unstable-options", "--output-format", "json", "--cap-lints", "allow"])
            .args(["--document-private-items", "--document-hidden-items"])
            // The output is unstable; nothing that is built with this is run.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_DIR", target_dir());
        run(&mut command)?;
        let name = name.replace('-', "_");
        let path = target_dir().join(format!("doc/{name}.json"));
        let json = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        world.crates.insert(name.clone(), Crate::read(&name, &json)?);
    }
    Ok(world)
}

/// Type, trait, condition: of `auto-traits.txt`.
fn exceptions() -> Result<Vec<(String, String, String)>, String> {
    let lines = read("auto-traits.txt")?;
    let lines = lines.lines().filter(|line| !line.starts_with('#'));
    let line = |line: &str| {
        let mut parts = line.splitn(3, ": ").map(str::to_owned);
        Some((parts.next()?, parts.next()?, parts.next()?))
    };
    Ok(lines.filter_map(line).collect())
}

/// An entry of `differences.txt`.
struct Allowed {
    place: String,
    ours: String,
    is_used: bool,
}

fn judge(found: Vec<Difference>) -> Result<(), String> {
    let mut allowed = allowed(&read("differences.txt")?)?;
    let (mut wrong, mut known) = (0, 0);
    for one in &found {
        let entry = allowed.iter_mut().find(|e| e.place == one.place && e.ours == one.ours);
        if let Some(entry) = entry {
            entry.is_used = true;
            known += 1;
            continue;
        }
        wrong += 1;
        println!("\n{}\n    contract: {}\n    ours: {}", one.place, one.contract, one.ours);
    }
    for entry in allowed.iter().filter(|entry| !entry.is_used) {
        wrong += 1;
        println!("\n{}\n    listed as `{}`, but that is not so", entry.place, entry.ours);
    }
    println!("{known} differences that are listed, {wrong} that are not, or no longer there");
    if wrong == 0 {
        Ok(())
    } else {
        Err(format!("{wrong} differences from the contract"))
    }
}

/// `PLACE`, then `    ours: ..` and `    why: ..`.
fn allowed(text: &str) -> Result<Vec<Allowed>, String> {
    let mut entries: Vec<Allowed> = Vec::new();
    let mut has_reason = true;
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(ours) = line.strip_prefix("    ours: ") {
            entries.last_mut().ok_or(line)?.ours = ours.to_owned();
        } else if let Some(why) = line.strip_prefix("    why: ") {
            has_reason = !why.is_empty();
        } else if !line.starts_with(' ') && has_reason {
            has_reason = false;
            let (place, ours) = (line.to_owned(), String::new());
            entries.push(Allowed { place, ours, is_used: false });
        } else {
            return Err(format!("differences.txt: not understood, or no reason before: {line}"));
        }
    }
    if has_reason {
        Ok(entries)
    } else {
        Err("differences.txt: no reason at the end".to_owned())
    }
}
