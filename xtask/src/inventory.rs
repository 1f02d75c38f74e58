//! Sees that `docs/unsafe.md` lists where `unsafe` stands: each file, how often, and why.
//!
//! A row of its table is `| file | count | reason |`. Counted are blocks, functions, impls and traits
//! in the sources of the family and of what its tests are built on. Models are left out.

use crate::{family, root, FOR_TESTS};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub(crate) fn check() -> Result<(), String> {
    let text = fs::read_to_string(root().join("docs/unsafe.md")).map_err(|e| e.to_string())?;
    let mut listed = BTreeMap::new();
    for row in text.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [file, count, reason] = cells[..] else {
            return Err(format!("not a row of three cells: {row}"));
        };
        if reason.is_empty() {
            return Err(format!("no reason: {row}"));
        }
        let count = count.parse::<usize>().map_err(|e| format!("{row}: {e}"))?;
        listed.insert(file.trim_matches('`').to_owned(), count);
    }
    let mut found = BTreeMap::new();
    for name in family().into_iter().chain(FOR_TESTS.map(String::from)) {
        collect(&root().join(&name).join("src"), &mut found).map_err(|e| e.to_string())?;
    }
    let total: usize = found.values().sum();
    println!("{total} uses of `unsafe` in {} files", found.len());
    let mut wrong = Vec::new();
    for (file, count) in &found {
        match listed.remove(file) {
            Some(known) if known == *count => {}
            Some(known) => wrong.push(format!("{file}: {count}, listed are {known}")),
            None => wrong.push(format!("{file}: {count}, not listed")),
        }
    }
    wrong.extend(listed.into_keys().map(|file| format!("{file}: listed, but has none")));
    if wrong.is_empty() && total > 0 {
        Ok(())
    } else {
        Err(wrong.join("; "))
    }
}

fn collect(folder: &Path, found: &mut BTreeMap<String, usize>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, found)?;
            continue;
        }
        let is_model = path.file_name().is_some_and(|name| name == "model.rs");
        if is_model || path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let count = count(&fs::read_to_string(&path)?);
        if count > 0 {
            let file = path.strip_prefix(root()).expect("it is below the root");
            found.insert(file.display().to_string().replace('\\', "/"), count);
        }
    }
    Ok(())
}

/// How often `unsafe` begins a block, a function, an impl or a trait, outside comments. The type of a
/// function pointer (`unsafe fn(..)`) counts as what it is: not a use.
fn count(source: &str) -> usize {
    let code = source.lines().map(|line| line.split("//").next().unwrap_or_default());
    // Not what an `allow` gives as its reason.
    let code = code.filter(|line| !line.contains("reason = "));
    let code: String = code.flat_map(|line| [line, "\n"]).collect();
    let rest = code.split("unsafe").skip(1).map(str::trim_start);
    rest.filter(|rest| {
        let function = rest.strip_prefix("fn").map(str::trim_start);
        let declares = function.is_some_and(|rest| !rest.starts_with('('));
        declares || rest.starts_with(['{']) || rest.starts_with("impl") || rest.starts_with("trait")
    })
    .count()
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn uses_are_counted_and_mentions_are_not() {
        let source = "unsafe fn f() {}\nunsafe impl Send for A {}\n// unsafe { no }\n\
                      let x = unsafe { *p };\ntype F = unsafe fn(u8);\n#![deny(unsafe_code)]\n\
                      pub unsafe trait T {}";
        assert_eq!(count(source), 4);
    }
}
