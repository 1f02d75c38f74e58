//! Operations on paths: directories, links, names, metadata, whole files.

mod support;

use futures::Async;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use support::Setting;
use tempfile::tempdir;
use tokio_fs::ReadDir;

everywhere! {
    directories_are_made_and_removed,
    files_are_renamed_linked_and_removed,
    metadata_follows_links_or_not,
    permissions_change,
    whole_files_are_written_and_read,
    large_contents_are_written_whole,
    directories_are_listed,
    entries_of_files_that_vanished_are_not_found,
    errors_are_those_of_the_system,
}

#[cfg(unix)]
mod on_unix {
    use super::*;

    everywhere! { symbolic_links_are_made_and_read, names_need_not_be_unicode }
}

fn directories_are_made_and_removed<S: Setting>() {
    let root = tempdir().unwrap();
    let at = |name: &str| root.path().join(name);
    S::run(tokio_fs::create_dir(at("a"))).unwrap();
    assert!(at("a").is_dir());
    let again = S::run(tokio_fs::create_dir(at("a"))).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::AlreadyExists);
    let below = S::run(tokio_fs::create_dir(at("b/c"))).unwrap_err();
    assert_eq!(below.kind(), ErrorKind::NotFound);
    S::run(tokio_fs::create_dir_all(at("b/c/d"))).unwrap();
    S::run(tokio_fs::create_dir_all(at("b/c/d"))).unwrap();
    assert!(at("b/c/d").is_dir());
    S::run(tokio_fs::remove_dir(at("b"))).unwrap_err();
    assert!(at("b/c/d").is_dir());
    S::run(tokio_fs::remove_dir(at("b/c/d"))).unwrap();
    assert!(!at("b/c/d").exists());
    let gone = S::run(tokio_fs::remove_dir(at("b/c/d"))).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
}

fn files_are_renamed_linked_and_removed<S: Setting>() {
    let root = tempdir().unwrap();
    let at = |name: &str| root.path().join(name);
    fs::write(at("one"), "one").unwrap();
    fs::write(at("two"), "two").unwrap();
    S::run(tokio_fs::rename(at("one"), at("two"))).unwrap();
    assert!(!at("one").exists());
    assert_eq!(fs::read(at("two")).unwrap(), b"one");
    S::run(tokio_fs::hard_link(at("two"), at("three"))).unwrap();
    let again = S::run(tokio_fs::hard_link(at("two"), at("three"))).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::AlreadyExists);
    S::run(tokio_fs::remove_file(at("two"))).unwrap();
    assert_eq!(fs::read(at("three")).unwrap(), b"one");
    for gone in [
        S::run(tokio_fs::remove_file(at("two"))),
        S::run(tokio_fs::rename(at("two"), at("four"))),
        S::run(tokio_fs::hard_link(at("two"), at("four"))),
    ] {
        assert_eq!(gone.unwrap_err().kind(), ErrorKind::NotFound);
    }
    S::run(tokio_fs::remove_file(at(""))).unwrap_err();
}

fn metadata_follows_links_or_not<S: Setting>() {
    let root = tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, "hello").unwrap();
    assert_eq!(S::run(tokio_fs::metadata(file.clone())).unwrap().len(), 5);
    assert!(S::run(tokio_fs::symlink_metadata(file.clone())).unwrap().is_file());
    assert!(S::run(tokio_fs::metadata(root.path().to_path_buf())).unwrap().is_dir());
    #[cfg(unix)]
    {
        let link = root.path().join("link");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert!(S::run(tokio_fs::metadata(link.clone())).unwrap().is_file());
        assert!(S::run(tokio_fs::symlink_metadata(link.clone())).unwrap().file_type().is_symlink());
        fs::remove_file(&file).unwrap();
        let dangling = S::run(tokio_fs::metadata(link.clone())).unwrap_err();
        assert_eq!(dangling.kind(), ErrorKind::NotFound);
        S::run(tokio_fs::symlink_metadata(link)).unwrap();
    }
}

fn permissions_change<S: Setting>() {
    let root = tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, "").unwrap();
    let mut perm = fs::metadata(&file).unwrap().permissions();
    for readonly in [true, false] {
        perm.set_readonly(readonly);
        S::run(tokio_fs::set_permissions(file.clone(), perm.clone())).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().readonly(), readonly);
    }
    let gone = S::run(tokio_fs::set_permissions(root.path().join("gone"), perm)).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
}

fn whole_files_are_written_and_read<S: Setting>() {
    let root = tempdir().unwrap();
    let file = root.path().join("file");
    for contents in ["hello", "a longer one", "", "x"] {
        assert_eq!(S::run(tokio_fs::write(file.clone(), contents)).unwrap(), contents);
        assert_eq!(fs::read(&file).unwrap(), contents.as_bytes());
        assert_eq!(S::run(tokio_fs::read(file.clone())).unwrap(), contents.as_bytes());
    }
}

fn large_contents_are_written_whole<S: Setting>() {
    let root = tempdir().unwrap();
    let file = root.path().join("file");
    let contents: Vec<u8> = (0..1_000_003_u32).map(|i| (i % 241) as u8).collect();
    let back = S::run(tokio_fs::write(file.clone(), contents.clone())).unwrap();
    assert!(back == contents);
    assert!(fs::read(&file).unwrap() == contents);
    assert!(S::run(tokio_fs::read(file)).unwrap() == contents);
}

/// All names, sorted.
fn names<S: Setting>(mut dir: ReadDir) -> Vec<OsString> {
    let mut names = Vec::new();
    loop {
        let (back, next) = S::on(dir, |dir, caller| match caller {
            tokio_task::Caller::Futures01 => match futures::Stream::poll(dir) {
                Ok(Async::NotReady) => std::task::Poll::Pending,
                Ok(Async::Ready(next)) => std::task::Poll::Ready(next.map(Ok)),
                Err(error) => std::task::Poll::Ready(Some(Err(error))),
            },
            tokio_task::Caller::Std(waker) => {
                let cx = &mut std::task::Context::from_waker(waker);
                futures_core_poll_next(dir, cx)
            }
        });
        dir = back;
        match next {
            Some(entry) => names.push(entry.unwrap().file_name()),
            None => break,
        }
    }
    names.sort();
    names
}

fn futures_core_poll_next(
    dir: &mut ReadDir,
    cx: &mut std::task::Context<'_>,
) -> std::task::Poll<Option<std::io::Result<tokio_fs::DirEntry>>> {
    futures03::Stream::poll_next(std::pin::Pin::new(dir), cx)
}

fn directories_are_listed<S: Setting>() {
    let root = tempdir().unwrap();
    let list = || names::<S>(S::run(tokio_fs::read_dir(root.path().to_path_buf())).unwrap());
    assert!(list().is_empty());
    // More than are read at a time.
    let mut expected: Vec<OsString> = (0..100).map(|i| format!("file {i}").into()).collect();
    for name in &expected {
        fs::write(root.path().join(name), "").unwrap();
    }
    expected.sort();
    assert_eq!(list(), expected);
    for name in &expected[32..] {
        fs::remove_file(root.path().join(name)).unwrap();
    }
    assert_eq!(list(), expected[..32]);
    let no_dir = S::run(tokio_fs::read_dir(root.path().join(&expected[0]))).unwrap_err();
    assert_eq!(no_dir.kind(), fs::read_dir(root.path().join(&expected[0])).unwrap_err().kind());
}

/// The only entry of a directory.
fn entry<S: Setting>(dir: &Path) -> tokio_fs::DirEntry {
    let dir = S::run(tokio_fs::read_dir(dir.to_path_buf())).unwrap();
    S::on(dir, |dir, caller| dir.poll_next_with(caller)).1.unwrap().unwrap()
}

fn entries_of_files_that_vanished_are_not_found<S: Setting>() {
    let root = tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, "hello").unwrap();
    let entry = entry::<S>(root.path());
    assert_eq!((entry.path(), entry.file_name()), (file.clone(), "file".into()));
    let (entry, metadata) = S::on(entry, |entry, caller| entry.poll_metadata_with(caller));
    assert_eq!(metadata.unwrap().len(), 5);
    let (entry, file_type) = S::on(entry, |entry, caller| entry.poll_file_type_with(caller));
    assert!(file_type.unwrap().is_file());
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirEntryExt, MetadataExt};
        assert_eq!(entry.ino(), fs::metadata(&file).unwrap().ino());
    }
    fs::remove_file(&file).unwrap();
    let (entry, metadata) = S::on(entry, |entry, caller| entry.poll_metadata_with(caller));
    if cfg!(unix) {
        assert_eq!(metadata.unwrap_err().kind(), ErrorKind::NotFound);
    }
    assert_eq!(entry.into_std().path(), file);
}

fn errors_are_those_of_the_system<S: Setting>() {
    let root = tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, "").unwrap();
    let below = file.join("below");
    let kinds = [
        (S::run(tokio_fs::create_dir(below.clone())), fs::create_dir(&below)),
        (S::run(tokio_fs::create_dir_all(below.clone())), fs::create_dir_all(&below)),
        (S::run(tokio_fs::remove_dir(file.clone())), fs::remove_dir(&file)),
        (S::run(tokio_fs::read_link(file.clone())).map(drop), fs::read_link(&file).map(drop)),
        (S::run(tokio_fs::read("nul\0byte")).map(drop), fs::read("nul\0byte").map(drop)),
    ];
    for (ours, std) in kinds {
        assert_eq!(ours.unwrap_err().kind(), std.unwrap_err().kind());
    }
}

#[cfg(unix)]
fn symbolic_links_are_made_and_read<S: Setting>() {
    let root = tempdir().unwrap();
    let at = |name: &str| root.path().join(name);
    S::run(tokio_fs::os::unix::symlink("target", at("link"))).unwrap();
    assert_eq!(S::run(tokio_fs::read_link(at("link"))).unwrap(), Path::new("target"));
    assert_eq!(S::run(tokio_fs::read(at("link"))).unwrap_err().kind(), ErrorKind::NotFound);
    S::run(tokio_fs::write(at("link"), "through it")).unwrap();
    assert_eq!(fs::read(at("target")).unwrap(), b"through it");
    let again = S::run(tokio_fs::os::unix::symlink("x", at("link"))).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::AlreadyExists);
    S::run(tokio_fs::remove_file(at("link"))).unwrap();
    assert!(at("target").exists());
    S::run(tokio_fs::os::unix::symlink(at("a"), at("b"))).unwrap();
    S::run(tokio_fs::os::unix::symlink(at("b"), at("a"))).unwrap();
    let round = S::run(tokio_fs::read(at("a"))).unwrap_err();
    assert_eq!(round.kind(), fs::read(at("a")).unwrap_err().kind());
}

#[cfg(unix)]
fn names_need_not_be_unicode<S: Setting>() {
    use std::os::unix::ffi::OsStringExt;
    let root = tempdir().unwrap();
    let name = OsString::from_vec(b"\xFF\xFEname".to_vec());
    let path = root.path().join(&name);
    match fs::write(&path, "") {
        Ok(()) => {}
        // Some file systems want Unicode.
        Err(_) => return,
    }
    S::run(tokio_fs::write(path.clone(), "hello")).unwrap();
    assert_eq!(S::run(tokio_fs::read(path.clone())).unwrap(), b"hello");
    assert_eq!(entry::<S>(root.path()).file_name(), name);
    S::run(tokio_fs::rename(path.clone(), root.path().join("unicode"))).unwrap();
    assert_eq!(entry::<S>(root.path()).file_name(), "unicode");
}

/// These need not be `'static` or `Send`: a thread gets paths of its own.
#[test]
fn borrowed_paths_work_outside_of_a_pool() {
    use std::future::IntoFuture;
    let root = tempdir().unwrap();
    let name = root.path().join("dir");
    let borrowed: &Path = &name;
    futures03::executor::block_on(async {
        tokio_fs::create_dir(borrowed).await.unwrap();
        tokio_fs::remove_dir(borrowed).into_future().await.unwrap();
        let bytes = String::from("borrowed");
        tokio_fs::write(name.clone(), bytes.as_str()).await.unwrap();
    });
    assert_eq!(fs::read(name).unwrap(), b"borrowed");
}
