//! `copy_files`: trees are copied whole, and what cannot be copied harms nothing else.

mod support;

use std::fs;
use std::path::Path;
use std::process::ExitStatus;
use support::{noise, Example};
use tempfile::tempdir;

fn copy(from: &Path, to: &Path, limit: &str) -> (ExitStatus, Vec<String>) {
    let args = [from.to_str().unwrap(), to.to_str().unwrap(), limit];
    Example::start("copy_files", &args).end()
}

/// Names and contents of all files, sorted.
fn tree(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut dirs = vec![root.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_string();
            if path.is_dir() && !path.is_symlink() {
                dirs.push(path);
                all.push((name, Vec::new()));
            } else {
                all.push((name, fs::read(path).unwrap()));
            }
        }
    }
    all.sort();
    all
}

#[test]
fn one_file_is_copied_byte_exact_with_its_permissions() {
    let dir = tempdir().unwrap();
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    let contents = noise(1, 3_000_001);
    fs::write(&from, &contents).unwrap();
    fs::write(&to, "what was there before").unwrap();
    let mut permissions = fs::metadata(&from).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&from, permissions).unwrap();
    let (status, lines) = copy(&from, &to, "8");
    assert!(status.success());
    assert_eq!(lines.last().unwrap(), "1 files, 3000001 bytes");
    assert!(fs::read(&to).unwrap() == contents);
    assert!(fs::metadata(&to).unwrap().permissions().readonly());
}

#[test]
fn a_tree_is_copied_whole_at_any_limit() {
    let dir = tempdir().unwrap();
    let from = dir.path().join("from");
    let mut bytes = 0;
    for i in 0..40 {
        let parent = from.join(format!("a{}/b{}/c", i % 3, i % 5));
        fs::create_dir_all(&parent).unwrap();
        let len = i * 1_000;
        bytes += len;
        fs::write(parent.join(format!("file {i}")), noise(i as u64, len)).unwrap();
    }
    fs::create_dir(from.join("empty")).unwrap();
    for limit in ["1", "3", "100"] {
        let to = dir.path().join(format!("new/{limit}"));
        let (status, lines) = copy(&from, &to, limit);
        assert!(status.success());
        assert_eq!(lines.len(), 41);
        assert_eq!(lines.last().unwrap(), &format!("40 files, {bytes} bytes"));
        assert!(tree(&from) == tree(&to));
    }
}

#[cfg(unix)]
#[test]
fn links_are_copied_as_links_and_special_files_are_reported() {
    let dir = tempdir().unwrap();
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    fs::create_dir(&from).unwrap();
    fs::write(from.join("file"), "contents").unwrap();
    // Neither a circle nor a link to nowhere matters.
    std::os::unix::fs::symlink(".", from.join("circle")).unwrap();
    std::os::unix::fs::symlink("nowhere", from.join("dangling")).unwrap();
    let fifo = std::process::Command::new("mkfifo").arg(from.join("fifo")).status();
    assert!(fifo.unwrap().success());
    let (status, lines) = copy(&from, &to, "8");
    assert!(!status.success());
    assert_eq!(lines.last().unwrap(), "3 files, 8 bytes, 1 failures");
    assert_eq!(fs::read(to.join("file")).unwrap(), b"contents");
    assert_eq!(fs::read_link(to.join("circle")).unwrap(), Path::new("."));
    assert_eq!(fs::read_link(to.join("dangling")).unwrap(), Path::new("nowhere"));
    assert!(!to.join("fifo").exists());
}

#[test]
fn a_file_that_cannot_be_copied_leaves_the_others_and_its_target_alone() {
    let dir = tempdir().unwrap();
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    for dir in [&from, &to.join("b")] {
        fs::create_dir_all(dir).unwrap();
    }
    for name in ["a", "b", "c"] {
        fs::write(from.join(name), name).unwrap();
    }
    // A directory is in the way of `b`.
    fs::write(to.join("b/kept"), "").unwrap();
    let (status, lines) = copy(&from, &to, "8");
    assert!(!status.success());
    assert_eq!(lines.last().unwrap(), "2 files, 2 bytes, 1 failures");
    assert_eq!(fs::read(to.join("a")).unwrap(), b"a");
    assert!(to.join("b/kept").exists());
    // Nothing half-done stays.
    assert_eq!(tree(&to).len(), 4);
}

#[test]
fn a_copy_into_itself_is_refused() {
    let dir = tempdir().unwrap();
    let from = dir.path().join("from");
    fs::create_dir(&from).unwrap();
    fs::write(from.join("file"), "contents").unwrap();
    for to in [from.clone(), from.join("in/side"), from.join(".")] {
        let (status, lines) = copy(&from, &to, "8");
        assert!(!status.success() && lines.is_empty());
    }
    let file = from.join("file");
    assert!(!copy(&file, &file, "8").0.success());
    assert_eq!(tree(&from), [("file".to_string(), b"contents".to_vec())]);
    let missing = copy(&dir.path().join("missing"), &dir.path().join("to"), "8");
    assert!(!missing.0.success());
}
