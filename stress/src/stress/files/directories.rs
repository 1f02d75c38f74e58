//! Directories: what was made in one is listed, once each.

use crate::stress::again::{until_made, until_made_futures01};
use crate::stress::random::Random;
use crate::stress::scope::Scope;
use futures::{stream, Future as _, Stream as _};
use futures03::StreamExt as _;
use std::io;
use std::path::{Path, PathBuf};
use tokio::fs::{self, File};

/// The names of the files of a directory with so many.
fn names(n: u64) -> Vec<String> {
    (0..n).map(|n| format!("{n:02}")).collect()
}

fn check_names(scope: &Scope, mut listed: Vec<String>, made: &[String]) {
    listed.sort();
    scope.check(listed == made, format_args!("a directory has {listed:?} in place of {made:?}"));
    scope.count("directories", 1);
}

fn check_gone<T>(scope: &Scope, read: io::Result<T>, path: &Path) {
    let gone = read.is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    scope.check(gone, format_args!("{} was removed, and is there", path.display()));
}

pub(super) async fn by_std(scope: Scope, path: PathBuf, mut random: Random) {
    let made = names(random.within(0..=70));
    let outcome = async {
        fs::create_dir(path.clone()).await?;
        for name in &made {
            drop(until_made(&scope, || File::create(path.join(name))).await?);
        }
        let mut entries = until_made(&scope, || fs::read_dir(path.clone())).await?;
        let mut listed = Vec::new();
        loop {
            match tokio::time::timeout(random.patience(8, 200), entries.next()).await {
                Err(_) => scope.count("operations given up", 1),
                Ok(None) => break,
                Ok(Some(entry)) => {
                    let entry = entry?;
                    scope.check(entry.file_type().await?.is_file(), "a file is none");
                    listed.push(entry.file_name().to_string_lossy().into_owned());
                }
            }
        }
        check_names(&scope, listed, &made);
        for name in &made {
            fs::remove_file(path.join(name)).await?;
        }
        fs::remove_dir(path.clone()).await?;
        let read = until_made(&scope, || fs::read_dir(path.clone())).await;
        check_gone(&scope, read, &path);
        io::Result::Ok(())
    };
    outcome.await.expect("directories do not fail");
}

pub(super) fn by_futures01(
    scope: Scope,
    path: PathBuf,
    random: &mut Random,
) -> impl futures::Future<Item = (), Error = ()> + Send {
    let made = names(random.within(0..=70));
    let make = {
        let (scope, path, names) = (scope.clone(), path.clone(), made.clone());
        fs::create_dir(path.clone()).and_then(move |()| {
            stream::iter_ok(names).for_each(move |name| {
                let path = path.join(name);
                until_made_futures01(&scope, move || File::create(path.clone())).map(drop)
            })
        })
    };
    let list = {
        let (scope, path) = (scope.clone(), path.clone());
        make.and_then(move |()| until_made_futures01(&scope, move || fs::read_dir(path.clone())))
            .flatten_stream()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect()
    };
    let remove = {
        let (scope, path) = (scope.clone(), path.clone());
        list.and_then(move |listed| {
            check_names(&scope, listed, &made);
            stream::iter_ok(made).for_each(move |name| fs::remove_file(path.join(name)))
        })
    };
    remove
        .and_then({
            let path = path.clone();
            move |()| fs::remove_dir(path)
        })
        .map_err(|error| panic!("directories do not fail: {error}"))
        .and_then(move |()| {
            let read = {
                let path = path.clone();
                until_made_futures01(&scope, move || fs::read_dir(path.clone()))
            };
            read.then(move |read| Ok(check_gone(&scope, read, &path)))
        })
}
