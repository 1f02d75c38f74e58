//! Copies a file, or a directory with all that is in it.
//!
//! ```sh
//! cargo run --example copy_files docs /tmp/docs         # from, to
//! cargo run --example copy_files docs /tmp/docs 16      # up to 16 files at a time (8 if not given)
//! ```
//!
//! The idea: files always block, so what is to happen at a time needs a task each. Every file is
//! copied by a task of its own, and a limit keeps their number down: it bounds the open files, and
//! the threads that block. The walk through the directories is a stream, which is asked for
//! the next file when a task has ended: however many files there are, the list of them is never
//! in memory.
//!
//! A file is written under another name and renamed when it is complete, so that nobody ever sees
//! half of it. One that cannot be copied is reported, and the others are copied all the same.
//!
//! Generation: std. The futures that are awaited, `tokio::io::copy` among them, are those of the 0.1
//! API.

use futures03::stream::{self, Stream};
use futures03::StreamExt;
use std::env;
use std::ffi::OsString;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::runtime::Runtime;
use tokio_fs::{DirEntry, File, ReadDir};

fn main() -> ExitCode {
    let mut args = env::args_os().skip(1);
    let (Some(from), Some(to)) = (args.next(), args.next()) else {
        eprintln!("usage: copy_files FROM TO [FILES AT A TIME]");
        return ExitCode::FAILURE;
    };
    let limit = args.next().and_then(|limit| limit.to_str()?.parse().ok()).unwrap_or(8);
    let copied = check(from.as_ref(), to.as_ref()).and_then(|()| {
        let mut runtime = Runtime::new()?;
        runtime.block_on(copy_all(from.into(), to.into(), limit))
    });
    match copied {
        Ok(Copied { files, bytes, failures: 0 }) => {
            println!("{files} files, {bytes} bytes");
            ExitCode::SUCCESS
        }
        Ok(Copied { files, bytes, failures }) => {
            println!("{files} files, {bytes} bytes, {failures} failures");
            ExitCode::FAILURE
        }
        Err(err) => {
            eprintln!("{err}");
            ExitCode::FAILURE
        }
    }
}

/// A copy inside of what is copied would never end, and one onto itself would destroy it.
fn check(from: &Path, to: &Path) -> io::Result<()> {
    let from = fs::canonicalize(from)?;
    // The target need not exist.
    let existing = to.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
    if fs::canonicalize(existing)?.starts_with(from) {
        return Err(io::Error::other("the target is, or is in, what is to be copied"));
    }
    Ok(())
}

struct Copied {
    files: u64,
    bytes: u64,
    failures: u64,
}

async fn copy_all(from: PathBuf, to: PathBuf, limit: usize) -> io::Result<Copied> {
    let mut copied = Copied { files: 0, bytes: 0, failures: 0 };
    let mut copies = walk(from, to)
        .await?
        .map(|found| {
            tokio::spawn(async move {
                match found {
                    Ok(found) => (found.to.clone(), copy(found).await),
                    Err((path, err)) => (path, Err(err)),
                }
            })
        })
        .buffer_unordered(limit.max(1));
    while let Some(ended) = copies.next().await {
        match ended.expect("a task that copies does not panic") {
            (path, Ok(bytes)) => {
                println!("{} ({bytes} bytes)", path.display());
                copied.files += 1;
                copied.bytes += bytes;
            }
            (path, Err(err)) => {
                eprintln!("{}: {err}", path.display());
                copied.failures += 1;
            }
        }
    }
    Ok(copied)
}

/// Something to be copied that is no directory.
struct Found {
    from: PathBuf,
    to: PathBuf,
    file_type: FileType,
}

type Walked = Result<Found, (PathBuf, io::Error)>;

/// All files under `from`. The directories for their copies are there before them.
async fn walk(from: PathBuf, to: PathBuf) -> io::Result<impl Stream<Item = Walked>> {
    let file_type = tokio_fs::metadata(from.clone()).await?.file_type();
    let (first, open) = if file_type.is_dir() {
        (None, vec![(enter(&from, &to).await?, to)])
    } else {
        (Some(Ok(Found { from, to, file_type })), Vec::new())
    };
    // The directories that are being read, each with its copy: as many as they are deep.
    let rest = stream::unfold(open, |mut open: Vec<(ReadDir, PathBuf)>| async move {
        loop {
            let (dir, to) = open.last_mut()?;
            match dir.next().await {
                None => drop(open.pop()),
                Some(Err(err)) => {
                    // What else is in this directory, nobody knows.
                    let failed = Err((to.clone(), err));
                    open.pop();
                    return Some((failed, open));
                }
                Some(Ok(entry)) => match visit(&entry, to).await {
                    Ok(Visited::File(found)) => return Some((Ok(found), open)),
                    Ok(Visited::Directory(dir, to)) => open.push((dir, to)),
                    Err(err) => return Some((Err((entry.path(), err)), open)),
                },
            }
        }
    });
    // `unfold` holds an `async` block, which has to stay where it is.
    Ok(stream::iter(first).chain(rest).boxed())
}

enum Visited {
    File(Found),
    Directory(ReadDir, PathBuf),
}

async fn visit(entry: &DirEntry, to: &Path) -> io::Result<Visited> {
    let (from, to) = (entry.path(), to.join(entry.file_name()));
    // Of a symbolic link itself, so that no link leads the walk in a circle.
    let file_type = entry.file_type().await?;
    if file_type.is_dir() {
        Ok(Visited::Directory(enter(&from, &to).await?, to))
    } else {
        Ok(Visited::File(Found { from, to, file_type }))
    }
}

async fn enter(from: &Path, to: &Path) -> io::Result<ReadDir> {
    tokio_fs::create_dir_all(to.to_owned()).await?;
    tokio_fs::read_dir(from.to_owned()).await
}

/// Copies one thing, and says how many bytes that were.
async fn copy(found: Found) -> io::Result<u64> {
    let Found { from, to, file_type } = found;
    if file_type.is_symlink() {
        return copy_link(from, to).await.map(|()| 0);
    }
    if !file_type.is_file() {
        // Reading a named pipe would wait for whoever writes it.
        return Err(io::Error::other("neither a file nor a directory nor a link"));
    }
    let part = partial(&to);
    let copied = copy_file(from, part.clone(), to).await;
    if copied.is_err() {
        // It may not even exist.
        let _ = tokio_fs::remove_file(part).await;
    }
    copied
}

async fn copy_file(from: PathBuf, part: PathBuf, to: PathBuf) -> io::Result<u64> {
    let (reader, metadata) = File::open(from).await?.metadata().await?;
    let writer = File::create(part.clone()).await?;
    let (bytes, _, mut writer) = tokio::io::copy(reader, writer).await?;
    writer.set_permissions(metadata.permissions()).await?;
    // Windows renames no open file.
    drop(writer);
    tokio_fs::rename(part, to).await?;
    Ok(bytes)
}

#[cfg(unix)]
async fn copy_link(from: PathBuf, to: PathBuf) -> io::Result<()> {
    let target = tokio_fs::read_link(from).await?;
    tokio_fs::os::unix::symlink(target, to).await
}

#[cfg(not(unix))]
async fn copy_link(_: PathBuf, _: PathBuf) -> io::Result<()> {
    Err(io::Error::other("a symbolic link, which is not copied on this system"))
}

/// The name of a file that is not complete yet.
fn partial(path: &Path) -> PathBuf {
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(".part");
    path.with_file_name(name)
}
