//! Shows that the models bite: applies each named mutation, one at a time, and sees a model fail.
//!
//! A crate's `mutations.txt` has a mutation a line: a file, a `sed` expression that changes one
//! token in it, and what it is, separated by tabs. Lines that start with `#` are comments. Those in
//! `mutations-shuttle.txt` have to make a scenario fail that shuttle runs, all others a model of loom.
//! The mutated crate is a copy in the target folder; the sources are not touched.

use crate::{family, loom_command, modelled, root, run, shuttle_command, FOR_TESTS, SCHEDULED};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// All of them, or those of the crate that is named on the command line; of these, if that is named
/// too, the ones whose file or description has a text in it.
pub(crate) fn check() -> Result<(), String> {
    let (only, text) = (std::env::args().nth(2), std::env::args().nth(3).unwrap_or_default());
    let chosen = list()?.into_iter().filter(|mutation| {
        only.as_ref().is_none_or(|only| *only == mutation.package)
            && (mutation.file.contains(&text) || mutation.what.contains(&text))
    });
    replay(&chosen.collect::<Vec<_>>(), None)
}

/// Those of one crate, as many as fit into a quarter of an hour. Which crate depends on the commit, so
/// that in time all come round.
pub(crate) fn sample() -> Result<(), String> {
    let packages = modelled();
    let commit = Command::new("git").args(["rev-parse", "HEAD"]).output();
    let commit = commit.map(|output| output.stdout).unwrap_or_default();
    let seed = commit.iter().fold(7_u64, |seed, byte| {
        seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(u64::from(*byte))
    });
    let chosen = &packages[(seed >> 33) as usize % packages.len()];
    println!("of {}: {chosen}", packages.join(", "));
    let all = list()?.into_iter();
    let of_crate: Vec<_> = all.filter(|mutation| mutation.package == *chosen).collect();
    replay(&of_crate, Some(Duration::from_secs(900)))
}

struct Mutation {
    package: String,
    checker: Checker,
    file: String,
    expression: String,
    what: String,
}

/// What a mutation has to be caught by.
#[derive(Clone, Copy)]
enum Checker {
    Loom,
    Shuttle,
}

impl Checker {
    fn list(self) -> &'static str {
        match self {
            Checker::Loom => "mutations.txt",
            Checker::Shuttle => "mutations-shuttle.txt",
        }
    }

    fn command(self, package: &str) -> Command {
        // Each has a folder of its own: their flags differ.
        match self {
            Checker::Loom => loom_command(package, &root().join("target/mutations-build")),
            Checker::Shuttle => shuttle_command(package, &root().join("target/mutations-shuttle")),
        }
    }
}

fn list() -> Result<Vec<Mutation>, String> {
    let mut all = Vec::new();
    let by_loom = modelled().into_iter().map(|package| (package, Checker::Loom));
    let by_shuttle = SCHEDULED.map(|package| (package.to_owned(), Checker::Shuttle));
    for (package, checker) in by_loom.chain(by_shuttle) {
        let list = root().join(&package).join(checker.list());
        let Ok(list) = fs::read_to_string(&list) else {
            return Err(format!("{} is missing", list.display()));
        };
        for line in list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let [file, expression, what] = line.split('\t').collect::<Vec<_>>()[..] else {
                return Err(format!("{package}: not a mutation: {line}"));
            };
            let (package, file) = (package.clone(), file.to_owned());
            let (expression, what) = (expression.to_owned(), what.to_owned());
            let mutation = Mutation { package, checker, file, expression, what };
            mutation.changes_something()?;
            all.push(mutation);
        }
    }
    Ok(all)
}

impl Mutation {
    /// That the sources have not moved away from under it: also of those that are not replayed today.
    fn changes_something(&self) -> Result<(), String> {
        let Mutation { package, file, expression, what, .. } = self;
        let path = root().join(package).join(file);
        let before = fs::read(&path).map_err(|e| format!("{package}/{file}: {e}"))?;
        let sed = Command::new("sed").arg(expression).arg(&path).output();
        let after = sed.map_err(|e| format!("sed: {e}"))?;
        if after.status.success() && after.stdout != before {
            Ok(())
        } else {
            Err(format!("{package}/{file}: changes nothing: {what}"))
        }
    }
}

fn replay(mutations: &[Mutation], limit: Option<Duration>) -> Result<(), String> {
    let copy = root().join("target/mutations");
    let start = Instant::now();
    let (mut caught, mut survived) = (0, Vec::new());
    for Mutation { package, checker, file, expression, what } in mutations {
        if limit.is_some_and(|limit| start.elapsed() > limit) {
            break;
        }
        copy_workspace(&copy)?;
        let mutated = copy.join(package).join(file);
        run(Command::new("sed").arg("-i").arg(expression).arg(&mutated))?;
        let mut compiles = checker.command(package);
        compiles.arg("--no-run").current_dir(&copy).stderr(Stdio::null());
        if !compiles.status().is_ok_and(|status| status.success()) {
            return Err(format!("{package}/{file}: does not compile: {what}"));
        }
        let mut models = checker.command(package);
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
    let tried = caught + survived.len();
    println!(
        "{caught} mutations caught, {} survived; {tried} of {}",
        survived.len(),
        mutations.len()
    );
    if survived.is_empty() && caught > 0 {
        Ok(())
    } else {
        Err(format!("survived: {}", survived.join("; ")))
    }
}

/// Copies what the models need, with the times of unchanged files kept so that only the mutated
/// crate is compiled again.
pub(crate) fn copy_workspace(to: &Path) -> Result<(), String> {
    fs::create_dir_all(to).map_err(|e| e.to_string())?;
    // Cargo wants to see those, though the models do not need them.
    let mut crates = family();
    crates.extend(FOR_TESTS.map(String::from));
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
