//! The project's checks, a function each. `cargo xtask` lists them; `cargo xtask ci` runs the ladder.

mod api;
mod inventory;
mod minimal;
mod mutations;
mod promises;
mod ran;
mod supply;

use ran::{run_tests, Record};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{exit, Command};
use std::time::Instant;

type Check = fn() -> Result<(), String>;

/// Name, what it shows, and how. `ci` runs them in this order.
const LADDER: &[(&str, &str, Check)] = &[
    ("fmt", "every file is formatted", fmt),
    ("clippy", "no lint complains, in any target", clippy),
    ("doc", "the documentation builds, private items included", doc),
    ("api", "the crates export what the tokio 0.1 family does", api::check),
    ("msrv", "the declared rust-version compiles", msrv),
    ("supply", "what is built on is named, licensed, and not withdrawn", supply::check),
    ("minimal", "the lowest versions that the manifests allow compile", minimal::check),
    ("test", "all tests: unit, integration, documentation, examples, models", test),
    ("shuttle", "the whole pool, under some thousand schedules of each scenario", shuttle),
    ("features", "each feature of the facade compiles alone", features),
    ("downstream", "a program written for tokio 0.1 runs unchanged", downstream),
    ("ecosystem", "programs of hyper, axum, rustls and others run on one runtime", ecosystem),
    ("fuzz", "no input of the corpora, and none of many random ones, breaks a promise", fuzz),
    ("unsafe", "each use of `unsafe` is listed, with its reason", inventory::check),
    ("diagnostics", "the compiler explains what cannot be spawned", diagnostics),
    ("stress", "no message is lost among many millions, in release", stress),
    ("everything", "everything at once, with faults: nothing is lost, nothing leaks", everything),
    ("promises", "each promise names tests that exist and ran", promises::check),
    (
        "sample",
        "the named mutations of one crate make a model fail; another one each time",
        mutations::sample,
    ),
];

/// Not part of the ladder, or parts of it.
const MORE: &[(&str, &str, Check)] = &[
    ("loom", "the models alone", loom),
    (
        "mutations",
        "each named mutation makes a model fail; of one crate, if it is named",
        mutations::check,
    ),
];

/// The crates of the family, in alphabetical order.
pub(crate) fn family() -> Vec<String> {
    let entries = fs::read_dir(root()).expect("the workspace's root can be read");
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let ours = |name: &String| name == "tokio" || name.starts_with("tokio-");
    let mut names: Vec<_> = names.filter(ours).collect();
    names.sort();
    names
}

/// The crates that only tests of the family are built on.
pub(crate) const FOR_TESTS: [&str; 2] = ["tests-heap", "tests-support"];

/// The crates that have loom models: a `model.rs` somewhere.
pub(crate) fn modelled() -> Vec<String> {
    fn has_model(folder: &Path) -> bool {
        let Ok(entries) = fs::read_dir(folder) else { return false };
        entries.flatten().any(|entry| entry.file_name() == "model.rs" || has_model(&entry.path()))
    }
    family().into_iter().filter(|name| has_model(&root().join(name).join("src"))).collect()
}

fn main() {
    let name = env::args().nth(1).unwrap_or_default();
    let chosen: Vec<_> = if name == "ci" {
        LADDER.to_vec()
    } else {
        LADDER.iter().chain(MORE).filter(|(known, ..)| *known == name).copied().collect()
    };
    if chosen.is_empty() {
        eprintln!("usage: cargo xtask CHECK\n\n  {:<11} all that follow, up to `sample`", "ci");
        for (name, shows, _) in LADDER.iter().chain(MORE) {
            eprintln!("  {name:<11} {shows}");
        }
        exit(2);
    }
    env::set_current_dir(root()).expect("the workspace's root is there");
    for (name, shows, check) in chosen {
        println!("== {name}: {shows}");
        let start = Instant::now();
        if let Err(why) = check() {
            println!("== {name}: FAILED: {why}");
            exit(1);
        }
        println!("== {name}: ok in {:.0} s", start.elapsed().as_secs_f64());
    }
}

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a member's parent").to_owned()
}

/// A `cargo` command with these arguments.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args);
    command
}

/// Runs a command and says what it was if it fails.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    println!("$ {command:?}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{command:?}: {status}")),
        Err(error) => Err(format!("{command:?}: {error}")),
    }
}

/// `cargo test` of a crate's models; the caller says which folder to build in.
pub(crate) fn loom_command(package: &str, target_dir: &Path) -> Command {
    let mut command = cargo(&["test", "--package", package, "--lib", "--release"]);
    command
        .env("RUSTFLAGS", "--cfg tokio_loom")
        .env("CARGO_TARGET_DIR", target_dir)
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
        // Explores all schedules with up to this many involuntary switches.
        .env("LOOM_MAX_PREEMPTIONS", env::var("LOOM_MAX_PREEMPTIONS").unwrap_or("3".into()));
    command
}

/// The crates whose whole runs under shuttle: their scenarios are in `schedules.rs`.
pub(crate) const SCHEDULED: [&str; 1] = ["tokio-threadpool"];

/// `cargo test` of a crate's scenarios under schedules that shuttle samples; the caller says which
/// folder to build in.
pub(crate) fn shuttle_command(package: &str, target_dir: &Path) -> Command {
    let mut command = cargo(&["test", "--package", package, "--lib", "--release"]);
    command
        .env("RUSTFLAGS", "--cfg tokio_shuttle")
        .env("CARGO_TARGET_DIR", target_dir)
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
        .env("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true")
        // It takes longer to compile than to run.
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    command
}

fn fmt() -> Result<(), String> {
    run(&mut cargo(&["fmt", "--all", "--check"]))
}

fn clippy() -> Result<(), String> {
    run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn doc() -> Result<(), String> {
    let flags = ["doc", "--workspace", "--exclude", "benches", "--no-deps"];
    run(cargo(&flags).arg("--document-private-items").env("RUSTDOCFLAGS", "-D warnings"))
}

fn test() -> Result<(), String> {
    Record::begin()?;
    let mut tests = run_tests(&mut cargo(&["test"]))?;
    tests.append(&mut models()?);
    Record::add("test", &tests)
}

fn loom() -> Result<(), String> {
    models().map(drop)
}

fn models() -> Result<Vec<String>, String> {
    let target_dir = root().join("target/loom");
    let of = |package: &String| run_tests(&mut loom_command(package, &target_dir));
    Ok(modelled().iter().map(of).collect::<Result<Vec<_>, _>>()?.concat())
}

fn shuttle() -> Result<(), String> {
    let target_dir = root().join("target/shuttle");
    let of = |package: &&str| run_tests(&mut shuttle_command(package, &target_dir));
    Record::add("shuttle", &SCHEDULED.iter().map(of).collect::<Result<Vec<_>, _>>()?.concat())
}

fn features() -> Result<(), String> {
    let manifest =
        fs::read_to_string(root().join("tokio/Cargo.toml")).map_err(|e| e.to_string())?;
    let (_, table) = manifest.split_once("[features]\n").ok_or("the facade has features")?;
    let (table, _) = table.split_once("\n[").ok_or("a table comes after the features")?;
    let names = table.lines().filter_map(|line| line.split_once(" = ").map(|(name, _)| name));
    run(&mut cargo(&["check", "--package", "tokio", "--no-default-features"]))?;
    names.filter(|name| *name != "default").try_for_each(|feature| {
        run(cargo(&["check", "--package", "tokio", "--no-default-features", "--features"])
            .arg(feature))
    })
}

fn downstream() -> Result<(), String> {
    let target_dir = root().join("target/downstream");
    let tests = run_tests(
        cargo(&["test", "--manifest-path", "tests-downstream/Cargo.toml"])
            .env("CARGO_TARGET_DIR", target_dir),
    )?;
    Record::add("downstream", &tests)
}

fn ecosystem() -> Result<(), String> {
    let manifest = ["--manifest-path", "examples/ecosystem/Cargo.toml"];
    let target_dir = root().join("target/ecosystem");
    let tests = run_tests(cargo(&["test"]).args(manifest).env("CARGO_TARGET_DIR", &target_dir))?;
    Record::add("ecosystem", &tests)?;
    run(cargo(&["fmt", "--check"]).args(manifest))?;
    run(cargo(&["clippy", "--all-targets"])
        .args(manifest)
        .args(["--", "-D", "warnings"])
        .env("CARGO_TARGET_DIR", &target_dir))
}

/// The replay of `fuzz/`, on a stable compiler; `fuzz/README.md` says how to look for more.
fn fuzz() -> Result<(), String> {
    let target_dir = root().join("target/fuzz");
    let tests = run_tests(
        cargo(&["test", "--manifest-path", "fuzz/Cargo.toml"]).env("CARGO_TARGET_DIR", target_dir),
    )?;
    Record::add("fuzz", &tests)
}

/// What compilers say, and what `rustdoc` writes, is compared to the letter by this version alone.
pub(crate) const REFERENCE: &str = "rustc 1.95.";

pub(crate) fn is_reference_compiler() -> Result<bool, String> {
    let version = Command::new("rustc").arg("-V").output().map_err(|e| e.to_string())?;
    Ok(version.stdout.starts_with(REFERENCE.as_bytes()))
}

/// The messages are to the letter those of one version of the compiler; others are not tested.
fn diagnostics() -> Result<(), String> {
    if !is_reference_compiler()? {
        println!("SKIPPED: the expected messages are those of {REFERENCE}x");
        return Ok(());
    }
    run(&mut cargo(&["test", "--package", "tokio", "--test", "diagnostics", "--", "--ignored"]))
}

/// Needs a toolchain of that version. Where there is none, clippy alone tells what the declared
/// version does not have.
fn msrv() -> Result<(), String> {
    let version = concat!("+", env!("CARGO_PKG_RUST_VERSION"));
    if !Command::new("cargo").args([version, "-V"]).status().is_ok_and(|s| s.success()) {
        println!("SKIPPED: rustup has no toolchain {version}; only clippy has looked");
        return Ok(());
    }
    let target_dir = root().join("target/msrv");
    run(Command::new("cargo")
        .args([version, "check", "--all-targets"])
        .env("CARGO_TARGET_DIR", target_dir))
}

fn stress() -> Result<(), String> {
    let packages = ["test", "--release", "--package", "tokio", "--package", "tokio-threadpool"];
    let args = ["--test", "stress", "--", "--include-ignored", "--nocapture"];
    let tests = run_tests(cargo(&packages).args(args))?;
    Record::add("stress", &tests)
}

fn everything() -> Result<(), String> {
    // That its checks bite, and then a minute, by another seed each time, which it prints first.
    let tests = run_tests(&mut cargo(&["test", "--release", "--package", "stress"]))?;
    Record::add("everything", &tests)?;
    ["2", "4", "16"].iter().try_for_each(|workers| {
        run(cargo(&["run", "--release", "--package", "stress", "--", "20"])
            .args(["--workers", workers]))
    })
}
