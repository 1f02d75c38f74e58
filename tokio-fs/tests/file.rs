//! Open files: reading, writing, positions, and what else one can ask of them.

mod support;

use std::fs;
use std::io::{ErrorKind, SeekFrom};
use std::path::PathBuf;
use support::Setting;
use tempfile::{tempdir, TempDir};
use tokio_fs::{File, OpenOptions};

everywhere! {
    what_is_written_is_there_when_the_write_is_ready,
    what_is_there_is_read_to_its_end,
    large_writes_and_reads_are_whole,
    positions_move,
    small_reads_after_large_ones_keep_their_place,
    a_file_is_cut_and_filled,
    metadata_and_permissions_of_an_open_file,
    clones_share_the_position,
    a_deleted_file_stays_readable_while_it_is_open,
    a_directory_is_no_file,
    options_say_what_may_be_done,
    a_file_that_does_not_exist_is_not_found,
    what_may_not_be_written_fails_to_be_written,
    std_files_come_and_go,
    each_future_completes_once,
}

fn dir() -> (TempDir, PathBuf) {
    let dir = tempdir().unwrap();
    let path = dir.path().join("file");
    (dir, path)
}

fn what_is_written_is_there_when_the_write_is_ready<S: Setting>() {
    let (_dir, path) = dir();
    let file = S::run(File::create(path.clone())).unwrap();
    let (file, written) = S::write(file, b"hello, ");
    assert_eq!(written.unwrap(), 7);
    // Neither flushed nor dropped.
    assert_eq!(fs::read(&path).unwrap(), b"hello, ");
    let (file, written) = S::write(file, b"world");
    assert_eq!(written.unwrap(), 5);
    assert_eq!(fs::read(&path).unwrap(), b"hello, world");
    S::flush(file).1.unwrap();
    let file = S::run(File::create(path.clone())).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"");
    drop(file);
}

fn what_is_there_is_read_to_its_end<S: Setting>() {
    let (_dir, path) = dir();
    fs::write(&path, "hello").unwrap();
    let file = S::run(File::open(path.clone())).unwrap();
    let (file, read) = S::read(file, 2);
    assert_eq!(read.unwrap(), b"he");
    let (file, read) = S::read(file, 0);
    assert_eq!(read.unwrap(), b"");
    let (file, read) = S::read_to_end(file);
    assert_eq!(read.unwrap(), b"llo");
    // The end is no state: a file may grow.
    fs::write(&path, "hello again").unwrap();
    let (_, read) = S::read_to_end(file);
    assert_eq!(read.unwrap(), b" again");
}

fn large_writes_and_reads_are_whole<S: Setting>() {
    static BYTES: [u8; 300_000] = {
        let mut bytes = [0; 300_000];
        let mut i = 0;
        while i < bytes.len() {
            bytes[i] = (i * 7 % 251) as u8;
            i += 1;
        }
        bytes
    };
    let (_dir, path) = dir();
    let mut file = S::run(File::create(path.clone())).unwrap();
    let mut rest = &BYTES[..];
    while !rest.is_empty() {
        let (back, written) = S::write(file, rest);
        (file, rest) = (back, &rest[written.unwrap()..]);
    }
    assert!(fs::read(&path).unwrap() == BYTES);
    let mut file = S::run(File::open(path)).unwrap();
    let mut all = Vec::new();
    while all.len() < BYTES.len() {
        let (back, read) = S::read(file, 200_000);
        let read = read.unwrap();
        assert!(!read.is_empty());
        all.extend(read);
        file = back;
    }
    assert!(all == BYTES);
}

fn positions_move<S: Setting>() {
    let (_dir, path) = dir();
    fs::write(&path, "0123456789").unwrap();
    let file = S::run(File::open(path)).unwrap();
    let (file, pos) = S::run(file.seek(SeekFrom::End(-3))).unwrap();
    assert_eq!(pos, 7);
    let (file, read) = S::read(file, 2);
    assert_eq!(read.unwrap(), b"78");
    let (file, pos) =
        S::on(file, |file, caller| file.poll_seek_with(caller, SeekFrom::Current(-5)));
    assert_eq!(pos.unwrap(), 4);
    let (file, pos) = S::on(file, |file, caller| file.poll_seek_with(caller, SeekFrom::Start(1)));
    assert_eq!(pos.unwrap(), 1);
    let (file, read) = S::read(file, 3);
    assert_eq!(read.unwrap(), b"123");
    let (file, pos) =
        S::on(file, |file, caller| file.poll_seek_with(caller, SeekFrom::Current(-100)));
    assert_eq!(pos.unwrap_err().kind(), ErrorKind::InvalidInput);
    // The position is where it was.
    let (file, read) = S::read(file, 1);
    assert_eq!(read.unwrap(), b"4");
    assert_eq!(
        S::run(file.seek(SeekFrom::Current(-100))).unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
}

fn small_reads_after_large_ones_keep_their_place<S: Setting>() {
    let (_dir, path) = dir();
    fs::write(&path, "0123456789").unwrap();
    let mut file = S::run(OpenOptions::new().read(true).write(true).open(path.clone())).unwrap();
    for (len, bytes) in [(4, &b"0123"[..]), (1, b"4"), (2, b"56")] {
        let (back, read) = S::read(file, len);
        assert_eq!(read.unwrap(), bytes);
        file = back;
    }
    let (file, written) = S::write(file, b"xy");
    assert_eq!(written.unwrap(), 2);
    let (_, read) = S::read(file, 9);
    assert_eq!(read.unwrap(), b"9");
    assert_eq!(fs::read(&path).unwrap(), b"0123456xy9");
}

fn a_file_is_cut_and_filled<S: Setting>() {
    let (_dir, path) = dir();
    fs::write(&path, "hello").unwrap();
    let file = S::run(OpenOptions::new().write(true).open(path.clone())).unwrap();
    let (file, set) = S::on(file, |file, caller| file.poll_set_len_with(caller, 2));
    set.unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"he");
    let (file, set) = S::on(file, |file, caller| file.poll_set_len_with(caller, 4));
    set.unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"he\0\0");
    let (file, synced) = S::on(file, |file, caller| file.poll_sync_all_with(caller));
    synced.unwrap();
    let (_, synced) = S::on(file, |file, caller| file.poll_sync_data_with(caller));
    synced.unwrap();
}

fn metadata_and_permissions_of_an_open_file<S: Setting>() {
    let (_dir, path) = dir();
    fs::write(&path, "hello").unwrap();
    let file = S::run(File::open(path.clone())).unwrap();
    let (file, metadata) = S::run(file.metadata()).unwrap();
    assert_eq!(metadata.len(), 5);
    let (file, metadata) = S::on(file, |file, caller| file.poll_metadata_with(caller));
    let mut perm = metadata.unwrap().permissions();
    perm.set_readonly(true);
    let to = perm.clone();
    let (file, set) =
        S::on(file, move |file, caller| file.poll_set_permissions_with(caller, to.clone()));
    set.unwrap();
    assert!(fs::metadata(&path).unwrap().permissions().readonly());
    #[allow(clippy::permissions_set_readonly_false, reason = "the directory goes with the test")]
    perm.set_readonly(false);
    S::on(file, move |file, caller| file.poll_set_permissions_with(caller, perm.clone()))
        .1
        .unwrap();
}

fn clones_share_the_position<S: Setting>() {
    let (_dir, path) = dir();
    fs::write(&path, "0123456789").unwrap();
    let file = S::run(File::open(path)).unwrap();
    let (file, read) = S::read(file, 2);
    assert_eq!(read.unwrap(), b"01");
    let (file, clone) = S::run(file.try_clone()).map_err(|(_, error)| error).unwrap();
    let (clone, read) = S::read(clone, 2);
    assert_eq!(read.unwrap(), b"23");
    let (file, read) = S::read(file, 2);
    assert_eq!(read.unwrap(), b"45");
    drop(file);
    let (clone, another) = S::on(clone, |file, caller| file.poll_try_clone_with(caller));
    drop(clone);
    let (_, read) = S::read(another.unwrap(), 9);
    assert_eq!(read.unwrap(), b"6789");
}

fn a_deleted_file_stays_readable_while_it_is_open<S: Setting>() {
    let (_dir, path) = dir();
    fs::write(&path, "hello").unwrap();
    let file = S::run(File::open(path.clone())).unwrap();
    if cfg!(windows) {
        return;
    }
    S::run(tokio_fs::remove_file(path.clone())).unwrap();
    let (_, read) = S::read_to_end(file);
    assert_eq!(read.unwrap(), b"hello");
    assert_eq!(S::run(File::open(path)).unwrap_err().kind(), ErrorKind::NotFound);
}

fn a_directory_is_no_file<S: Setting>() {
    let (dir, _) = dir();
    let path = dir.path().to_path_buf();
    let same = |ours: ErrorKind, std: std::io::Error| assert_eq!(ours, std.kind());
    let created = S::run(File::create(path.clone())).unwrap_err();
    same(created.kind(), fs::File::create(&path).unwrap_err());
    same(S::run(tokio_fs::read(path.clone())).unwrap_err().kind(), fs::read(&path).unwrap_err());
    same(
        S::run(tokio_fs::write(path.clone(), "hello")).unwrap_err().kind(),
        fs::write(&path, "hello").unwrap_err(),
    );
    // Some systems open it; none reads it.
    if let Ok(opened) = S::run(File::open(path)) {
        let (_, read) = S::read(opened, 10);
        read.unwrap_err();
    }
}

fn options_say_what_may_be_done<S: Setting>() {
    let (_dir, path) = dir();
    let made = S::run(OpenOptions::new().write(true).create_new(true).open(path.clone())).unwrap();
    let (made, written) = S::write(made, b"one");
    written.unwrap();
    // Not opened for reading.
    S::read(made, 1).1.unwrap_err();
    let exists = S::run(OpenOptions::new().write(true).create_new(true).open(path.clone()));
    assert_eq!(exists.unwrap_err().kind(), ErrorKind::AlreadyExists);
    let appended = S::run(OpenOptions::new().append(true).open(path.clone())).unwrap();
    S::write(appended, b" two").1.unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"one two");
    let mut std = fs::OpenOptions::new();
    let options = OpenOptions::from(std.write(true).truncate(true).clone()).clone();
    drop(S::run(options.open(path.clone())).unwrap());
    assert_eq!(fs::read(&path).unwrap(), b"");
    let nothing = S::run(OpenOptions::new().open(path)).unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::InvalidInput);
}

fn a_file_that_does_not_exist_is_not_found<S: Setting>() {
    let (_dir, path) = dir();
    assert_eq!(S::run(File::open(path.clone())).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(S::run(tokio_fs::read(path.clone())).unwrap_err().kind(), ErrorKind::NotFound);
    let below = path.join("below");
    assert_eq!(S::run(File::create(below.clone())).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(S::run(tokio_fs::write(below, "")).unwrap_err().kind(), ErrorKind::NotFound);
}

fn what_may_not_be_written_fails_to_be_written<S: Setting>() {
    let (_dir, path) = dir();
    fs::write(&path, "hello").unwrap();
    let mut perm = fs::metadata(&path).unwrap().permissions();
    perm.set_readonly(true);
    fs::set_permissions(&path, perm).unwrap();
    // The superuser may.
    match fs::OpenOptions::new().write(true).open(&path) {
        Ok(_) => {}
        Err(error) => {
            let ours = S::run(File::create(path.clone())).unwrap_err();
            assert_eq!(ours.kind(), error.kind());
            assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        }
    }
    // A file that is open for reading only refuses everybody.
    let file = S::run(File::open(path.clone())).unwrap();
    let (file, written) = S::write(file, b"x");
    let kind = written.unwrap_err().kind();
    assert_eq!(
        kind,
        std::io::Write::write(&mut fs::File::open(&path).unwrap(), b"x").unwrap_err().kind()
    );
    // The error is reported once, and the file is as it was.
    let (file, flushed) = S::flush(file);
    flushed.unwrap();
    assert_eq!(S::read_to_end(file).1.unwrap(), b"hello");
}

fn std_files_come_and_go<S: Setting>() {
    use std::io::Read;
    let (_dir, path) = dir();
    fs::write(&path, "0123456789").unwrap();
    let file = File::from_std(fs::File::open(&path).unwrap());
    let (file, read) = S::read(file, 3);
    assert_eq!(read.unwrap(), b"012");
    let mut rest = String::new();
    file.into_std().read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "3456789");
}

fn each_future_completes_once<S: Setting>() {
    use tokio_fs::Operation;
    let (_dir, path) = dir();
    fs::write(&path, "").unwrap();
    let (mut open, opened) = S::on(File::open(path), |open, caller| open.poll_with(caller));
    opened.unwrap();
    if cfg!(panic = "unwind") {
        let again = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _ = open.poll_with(tokio_task::Caller::Std(std::task::Waker::noop()));
        }));
        again.unwrap_err();
    }
}

/// Without buffers of our own, the error comes with the write and not later.
#[cfg(target_os = "linux")]
mod on_linux {
    use super::*;

    everywhere! { a_full_disk_is_reported_by_the_write }
}

#[cfg(target_os = "linux")]
fn a_full_disk_is_reported_by_the_write<S: Setting>() {
    let file = S::run(OpenOptions::new().write(true).open("/dev/full")).unwrap();
    let (file, written) = S::write(file, b"x");
    assert_eq!(written.unwrap_err().kind(), ErrorKind::StorageFull);
    S::flush(file).1.unwrap();
    let written = S::run(tokio_fs::write("/dev/full", "x"));
    assert_eq!(written.unwrap_err().kind(), ErrorKind::StorageFull);
}
