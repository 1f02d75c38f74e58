//! A program that names every path of the contracts and asks for `Send` and `Sync`, compiled: what a
//! stable compiler can say without rustdoc's JSON.

use super::contract::Contract;
use super::read;
use crate::{cargo, root, run};
use std::fmt::Write;
use std::fs;
use std::path::Path;

pub(crate) fn check(contracts: &[Contract], target_dir: &Path) -> Result<(), String> {
    let package = target_dir.join("names");
    fs::create_dir_all(package.join("src")).map_err(|e| e.to_string())?;
    let write = |name: &str, text: &str| {
        fs::write(package.join(name), text).map_err(|e| format!("{name}: {e}"))
    };
    write("Cargo.toml", &manifest(contracts))?;
    write("src/lib.rs", &source(contracts)?)?;
    // The versions that the workspace has.
    fs::copy(root().join("Cargo.lock"), package.join("Cargo.lock")).map_err(|e| e.to_string())?;
    run(cargo(&["check", "--quiet", "--manifest-path"])
        .arg(package.join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", target_dir))
}

fn manifest(contracts: &[Contract]) -> String {
    let mut out = String::from(
        "[package]\nname = \"names\"\nversion = \"0.0.0\"\nedition = \"2018\"\npublish = false\n\n\
         [workspace]\n\n[dependencies]\n",
    );
    for contract in contracts {
        let name = contract.name.replace('_', "-");
        let path = root().join(&name);
        writeln!(out, "{name} = {{ path = {path:?} }}").expect("a String takes all");
    }
    out
}

fn source(contracts: &[Contract]) -> Result<String, String> {
    let exceptions = read("auto-traits.txt")?;
    let mut out = String::from(
        "#![allow(unused_imports, deprecated)]\nfn send<T: Send>() {}\nfn sync<T: Sync>() {}\n",
    );
    let mut asked = String::new();
    for (at, contract) in contracts.iter().enumerate() {
        for (item, one) in contract.items.iter().enumerate() {
            if item_is_unnamed(&one.path) {
                continue;
            }
            let path = format!("{}::{}", contract.name, one.path);
            // Renamed: two modules may have an item of the same name.
            writeln!(out, "use {path} as _n{at}_{item};").expect("a String takes all");
            if one.kind == "struct" && one.leads_to.is_none() && !one.text.contains('<') {
                for (name, function) in [("Send", "send"), ("Sync", "sync")] {
                    if !exceptions.contains(&format!("\n{path}: {name}: ")) {
                        writeln!(asked, "    {function}::<{path}>();").expect("a String takes all");
                    }
                }
            }
        }
    }
    Ok(format!("{out}pub fn auto_traits() {{\n{asked}}}\n"))
}

fn item_is_unnamed(path: &str) -> bool {
    path.contains('~') || path.is_empty()
}
