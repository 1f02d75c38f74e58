//! Files that are written whole, and read back whole.

use super::{check_contents, contents};
use crate::stress::again::{until_made, until_made_futures01};
use crate::stress::random::Random;
use crate::stress::scope::Scope;
use futures::future::Either;
use futures::Future as _;
use futures03::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use std::io::SeekFrom;
use std::path::PathBuf;
use tokio::fs::{self, OpenOptions};

/// Writes, seeks, reads back; reads by another handle; under another name at last. Now and then it gives
/// an operation up, and asks for the same again.
pub(super) async fn by_std(scope: Scope, path: PathBuf, mut random: Random) {
    let outcome = async {
        let (way, bytes) = contents(&mut random);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        let mut file = until_made(&scope, || options.open(path.clone())).await?;
        let mut done = 0;
        while done < bytes.len() {
            match tokio::time::timeout(random.patience(4, 500), file.write(&bytes[done..])).await {
                Ok(written) => done += written?,
                Err(_) => scope.count("operations given up", 1),
            }
        }
        file.close().await?;
        let at = AsyncSeekExt::seek(&mut file, SeekFrom::Start(0)).await?;
        scope.check(at == 0, "the beginning is elsewhere");
        let (mut read, mut buf) = (Vec::new(), vec![0; random.within(1_000..=20_000) as usize]);
        loop {
            match tokio::time::timeout(random.patience(4, 500), file.read(&mut buf)).await {
                Ok(n) => match n? {
                    0 => break,
                    n => read.extend_from_slice(&buf[..n]),
                },
                Err(_) => scope.count("operations given up", 1),
            }
        }
        check_contents(&scope, &path, &way, &read);
        let len = fs::metadata(path.clone()).await?.len();
        scope.check(len == read.len() as u64, format_args!("{len} bytes, says the metadata"));
        let renamed = path.with_extension("renamed");
        fs::rename(path, renamed.clone()).await?;
        let read = until_made(&scope, || fs::read(renamed.clone())).await?;
        check_contents(&scope, &renamed, &way, &read);
        fs::remove_file(renamed).await
    };
    outcome.await.expect("files do not fail");
}

/// Writes and reads by one call each, or by an open file.
pub(super) fn by_futures01(
    scope: Scope,
    path: PathBuf,
    random: &mut Random,
) -> impl futures::Future<Item = (), Error = ()> + Send {
    let (way, bytes) = contents(random);
    let whole = if random.once_in(2) {
        let (to, from, again) = (path.clone(), path.clone(), scope.clone());
        let written = until_made_futures01(&scope, move || fs::write(to.clone(), bytes.clone()));
        Either::A(
            written.and_then(move |_| until_made_futures01(&again, move || fs::read(from.clone()))),
        )
    } else {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        let path = path.clone();
        let opened = until_made_futures01(&scope, move || options.open(path.clone()));
        Either::B(
            opened
                .and_then(move |file| tokio::io::write_all(file, bytes))
                .and_then(|(file, _)| tokio::io::shutdown(file))
                .and_then(|file| file.seek(SeekFrom::Start(0)))
                .and_then(|(file, _)| tokio::io::read_to_end(file, Vec::new()))
                .map(|(_, read)| read),
        )
    };
    let removed = path.clone();
    whole
        .map(move |read| check_contents(&scope, &path, &way, &read))
        .and_then(|()| fs::remove_file(removed))
        .map_err(|error| panic!("files do not fail: {error}"))
}
