//! Sees that the lowest versions that the manifests allow are enough: the crates are compiled with the
//! lowest version of each direct dependency.
//!
//! In a copy of the workspace, in the target folder, without its lock file and without what only tests are
//! built on: users do not get that.

use crate::mutations::copy_workspace;
use crate::{cargo, family, root, run, FOR_TESTS};
use std::path::Path;
use std::{fs, io};

pub(crate) fn check() -> Result<(), String> {
    let copy = root().join("target/minimal");
    let _ = fs::remove_dir_all(&copy);
    let outcome = copy_workspace(&copy).and_then(|()| {
        fs::remove_file(copy.join("Cargo.lock")).map_err(|e| e.to_string())?;
        let manifest = copy.join("Cargo.toml");
        let members = fs::read_to_string(&manifest).map_err(|e| e.to_string())?;
        let without = |members: String, name| members.replacen(&format!(", {name:?}"), "", 1);
        fs::write(&manifest, FOR_TESTS.into_iter().fold(members, without))
            .map_err(|e| e.to_string())?;
        for name in family() {
            without_tests(&copy.join(name).join("Cargo.toml")).map_err(|e| e.to_string())?;
        }
        let cargo = |args: &[&str]| {
            let mut command = cargo(args);
            // Choosing the lowest versions is unstable; what is compiled is not.
            command.current_dir(&copy).env("CARGO_TARGET_DIR", copy.join("build"));
            command
        };
        run(cargo(&["-Zdirect-minimal-versions", "generate-lockfile", "--quiet"])
            .env("RUSTC_BOOTSTRAP", "1"))?;
        let packages = family().into_iter().flat_map(|name| ["--package".to_owned(), name]);
        run(cargo(&["check", "--quiet", "--locked"]).args(packages))
    });
    // It is large, and of no use to the next run.
    let _ = fs::remove_dir_all(&copy);
    outcome
}

/// Takes the dependencies of tests, and what tests and benches are declared, out of a manifest.
fn without_tests(manifest: &Path) -> io::Result<()> {
    let (mut kept, mut is_kept) = (String::new(), true);
    for line in fs::read_to_string(manifest)?.lines() {
        if line.starts_with('[') {
            let is_for_tests = ["dev-dependencies", "[[test]]", "[[bench]]", "[[example]]"];
            is_kept = !is_for_tests.iter().any(|section| line.contains(section));
        }
        if is_kept {
            kept += line;
            kept.push('\n');
        }
    }
    fs::write(manifest, kept)
}
