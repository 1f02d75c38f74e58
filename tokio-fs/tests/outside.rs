//! Outside of a pool, where threads of the process do the work: nothing is lost that was given up,
//! files go from setting to setting.

mod support;

use futures03::executor::block_on;
use futures03::{AsyncReadExt as _, AsyncSeekExt, AsyncWriteExt as _};
use std::fs;
use std::io::SeekFrom;
use std::task::{Poll, Waker};
use support::{bounded, Setting, StdInAPool, StdOutside};
use tempfile::tempdir;
use tokio_fs::{File, OpenOptions};
use tokio_task::Caller;

/// Many reads, each given up at once, of which some have happened by then and some have not.
#[test]
fn the_position_is_as_if_reads_that_were_given_up_had_not_happened() {
    bounded(|| {
        let dir = tempdir().unwrap();
        let path = dir.path().join("file");
        let contents: Vec<u8> = (0..200).collect();
        fs::write(&path, &contents).unwrap();
        let open = OpenOptions::new().read(true).write(true).open(path.clone());
        let mut file = block_on(async { open.await }).unwrap();
        for i in 0..200_u8 {
            let mut read = 0;
            let mut big = [0; 32];
            let polled = file.poll_read_with(Caller::Std(Waker::noop()), &mut big);
            if let Poll::Ready(len) = polled {
                // Faster than we gave up: go back.
                read = len.unwrap() as i64;
            }
            let back = SeekFrom::Current(-read);
            assert_eq!(block_on(AsyncSeekExt::seek(&mut file, back)).unwrap(), u64::from(i));
            let mut one = [0];
            block_on(file.read_exact(&mut one)).unwrap();
            assert_eq!(one, [i]);
        }
        let _ = file.poll_read_with(Caller::Std(Waker::noop()), &mut [0; 8]);
        let mut file = file.into_std();
        assert_eq!(std::io::Seek::stream_position(&mut file).unwrap(), 200);
    });
}

#[test]
fn a_write_that_was_given_up_happens_though_the_file_is_dropped() {
    bounded(|| {
        let dir = tempdir().unwrap();
        let path = dir.path().join("file");
        for i in 0..50_u8 {
            let create = File::create(path.clone());
            let mut file = block_on(async { create.await }).unwrap();
            let mut clone = file.poll_try_clone_with(Caller::Std(Waker::noop()));
            while clone.is_pending() {
                clone = file.poll_try_clone_with(Caller::Std(Waker::noop()));
            }
            let _ = file.poll_write_with(Caller::Std(Waker::noop()), &[i; 100]);
            drop(file);
            // The thread has it still, or has closed it.
            while fs::read(&path).unwrap() != [i; 100] {
                std::thread::yield_now();
            }
        }
    });
}

#[test]
fn writes_that_were_given_up_come_first_and_once() {
    bounded(|| {
        let dir = tempdir().unwrap();
        let path = dir.path().join("file");
        let create = File::create(path.clone());
        let mut file = block_on(async { create.await }).unwrap();
        let mut expected = Vec::new();
        for i in 0..200_u8 {
            let _ = file.poll_write_with(Caller::Std(Waker::noop()), &[i; 3]);
            block_on(file.write_all(&[i, i, i, 255])).unwrap();
            expected.extend([i, i, i, 255]);
        }
        block_on(file.flush()).unwrap();
        // A first poll may have been ready by itself, and then both were written.
        let written = fs::read(&path).unwrap();
        let mut rest = &written[..];
        for i in 0..200_u8 {
            let twice = [i, i, i, i, i, i, 255];
            rest = rest
                .strip_prefix(&[i, i, i, 255][..])
                .or_else(|| rest.strip_prefix(&twice[..]))
                .expect("in order, and at most once each");
        }
        assert!(rest.is_empty());
    });
}

/// The two halves of a split file are polled by two tasks: neither makes the other one miss its
/// wake, or takes what is for the other.
#[test]
fn both_halves_of_a_split_file_make_progress() {
    bounded(|| {
        let dir = tempdir().unwrap();
        let path = dir.path().join("file");
        let open = OpenOptions::new().read(true).append(true).create(true).open(path.clone());
        let (mut reader, mut writer) = block_on(async { open.await }).unwrap().split();
        let reads = std::thread::spawn(move || {
            // Where the position is, the writes decide.
            for _ in 0..500 {
                block_on(reader.read(&mut [0; 10])).unwrap();
            }
        });
        for _ in 0..500 {
            block_on(writer.write_all(b"xyz")).unwrap();
        }
        reads.join().unwrap();
        assert!(fs::read(&path).unwrap() == b"xyz".repeat(500));
    });
}

#[test]
fn a_file_goes_from_setting_to_setting_in_the_middle_of_an_operation() {
    bounded(|| {
        let dir = tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, "0123456789").unwrap();
        let mut file = StdInAPool::run(File::open(path)).unwrap();
        for i in 0..9 {
            // Begun here, ended there.
            let mut buf = [0];
            if file.poll_read_with(Caller::Std(Waker::noop()), &mut buf).is_ready() {
                assert_eq!(buf[0], b'0' + i);
                continue;
            }
            let (back, read) = match i % 3 {
                0 => support::Futures01InAPool::read(file, 1),
                1 => support::Futures01Outside::read(file, 1),
                _ => StdInAPool::read(file, 1),
            };
            assert_eq!(read.unwrap(), [b'0' + i]);
            file = back;
        }
        assert_eq!(StdOutside::read(file, 5).1.unwrap(), b"9");
    });
}

#[test]
fn std_traits_block_outside_of_tasks() {
    bounded(|| {
        use std::io::{Read, Write};
        let dir = tempdir().unwrap();
        let path = dir.path().join("file");
        let create = File::create(path.clone());
        let mut file = block_on(async { create.await }).unwrap();
        write!(file, "hello {}", 1).unwrap();
        // Also behind an operation that is under way.
        let _ = file.poll_sync_all_with(Caller::Std(Waker::noop()));
        Write::flush(&mut file).unwrap();
        write!(file, "!").unwrap();
        let open = File::open(path);
        let mut text = String::new();
        Read::read_to_string(&mut block_on(async { open.await }).unwrap(), &mut text).unwrap();
        assert_eq!(text, "hello 1!");
    });
}

#[test]
fn a_future_that_is_dropped_before_its_first_poll_has_done_nothing() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("file");
    drop(File::create(path.clone()));
    drop(tokio_fs::write(path.clone(), "x"));
    drop(tokio_fs::create_dir(path.clone()));
    assert!(!path.exists());
}
