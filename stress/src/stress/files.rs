//! Files in a temporary directory: what was written is there, in its place, whatever was given up before.
//!
//! Tasks of the runtime block for their files; those of a runtime of the current thread, which has no
//! threads for that, leave it to threads of the process, and can give an operation up in its middle.

mod directories;
mod editor;
mod whole;

use self::editor::Editor;
use super::again::until_made;
use super::fault;
use super::folder::Folder;
use super::ledger::Kind;
use super::limits;
use super::manner::{spawn_async, spawn_futures01, Manner};
use super::random::Random;
use super::scope::{Company, Component, Scope};
use super::way::Way;
use futures03::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use std::fs;
use std::future::{poll_fn, ready, Future};
use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};
use std::thread;
use tokio::fs::File;
use tokio::runtime::current_thread::Runtime;
use tokio_task::{to_futures01, Caller};

pub(super) const COMPONENT: Component = Component {
    name: "files",
    shows: "files that are written, sought, read back; operations that are given up",
    run,
    company: Company::Others,
};

/// How many tasks of the runtime there are at most at a time.
const WIDTH: u64 = 16;

/// How many tasks there are at a time elsewhere. As many threads of the process may stay for ten seconds.
const ELSEWHERE: u64 = 8;

fn run(scope: &Scope, mut random: Random) {
    let folder = Folder::new(scope);
    let (tasks, elsewhere) = (scope.completes("task"), scope.completes("task elsewhere"));
    let outside = random.fork();
    thread::scope(|threads| {
        let run = || run_elsewhere(scope, folder.path(), &elsewhere, &outside);
        thread::Builder::new().name("files elsewhere".into()).spawn_scoped(threads, run).unwrap();
        let (inputs, mut id) = (random.fork(), 0);
        while scope.is_open() {
            if tasks.live() >= WIDTH {
                thread::sleep(random.micros(0..=1_000));
                continue;
            }
            id += 1;
            let mut random = inputs.of(id);
            match task(scope, folder.path(), &format!("{id}"), &mut random) {
                Task::Either(step) => {
                    Manner::any(&mut random).spawn(&scope.handle, tasks.guard(), step);
                }
                Task::Std(task) => spawn_async(&scope.handle, &mut random, tasks.guard(), task),
                Task::Futures01(task) => {
                    spawn_futures01(&scope.handle, &mut random, tasks.guard(), task);
                }
            }
        }
    });
    scope.settle(&tasks);
    folder.close(scope);
}

/// Runs tasks where there is no pool.
fn run_elsewhere(scope: &Scope, folder: &Path, kind: &Arc<Kind>, inputs: &Random) {
    let mut id = 0;
    while scope.is_open() {
        let mut runtime = scope.with_descriptors(Runtime::new).expect("a runtime can be made");
        for _ in 0..ELSEWHERE {
            id += 1;
            let mut random = inputs.of(id);
            let mut guard = kind.guard();
            match task(scope, folder, &format!("elsewhere {id}"), &mut random) {
                Task::Either(mut step) => {
                    let mut step = move |caller: Caller<'_>| {
                        task::ready!(step(caller));
                        Poll::Ready(guard.complete())
                    };
                    if random.once_in(2) {
                        drop(runtime.spawn(poll_fn(move |cx| step(cx.into()))));
                    } else {
                        let poll = move || to_futures01(step(Caller::Futures01).map(Ok::<_, ()>));
                        runtime.spawn(futures::future::poll_fn(poll));
                    }
                }
                Task::Std(task) => drop(runtime.spawn(async move {
                    task.await;
                    guard.complete();
                })),
                Task::Futures01(task) => {
                    let task = futures::Future::map(task, move |()| guard.complete());
                    runtime.spawn(task);
                }
            }
        }
        runtime.run().expect("nothing fails");
    }
}

/// What a task does, in either generation or in one of them.
enum Task {
    Either(Box<dyn FnMut(Caller<'_>) -> Poll<()> + Send>),
    Std(Pin<Box<dyn Future<Output = ()> + Send>>),
    Futures01(Box<dyn futures::Future<Item = (), Error = ()> + Send>),
}

/// A task that leaves nothing behind in the folder, and calls what it makes there by this name.
fn task(scope: &Scope, folder: &Path, name: &str, random: &mut Random) -> Task {
    let (scope, path) = (scope.clone(), folder.join(name));
    scope.count("tasks", 1);
    match random.within(0..=7) {
        0..=2 => {
            let mut editor = Editor::new(scope, path, random.fork());
            Task::Either(Box::new(move |caller| editor.poll(caller)))
        }
        3 => Task::Std(Box::pin(whole::by_std(scope, path, random.fork()))),
        4 => Task::Futures01(Box::new(whole::by_futures01(scope, path, random))),
        5 => Task::Std(Box::pin(cut_off(scope, path, random.fork()))),
        6 => Task::Std(Box::pin(directories::by_std(scope, path, random.fork()))),
        _ => Task::Futures01(Box::new(directories::by_futures01(scope, path, random))),
    }
}

/// What is to be written to a file, and what is written to it: the same, but for a fault.
fn contents(random: &mut Random) -> (Way, Vec<u8>) {
    let way = Way::new(random.within(100..=40_000), random);
    let mut bytes = vec![0; way.len as usize];
    way.fill(0, &mut bytes);
    fault::strikes_a_byte().iter().for_each(|fault| fault.befall(&mut bytes));
    (way, bytes)
}

/// Reports a loss unless these are the bytes of all of `way`.
fn check_contents(scope: &Scope, path: &Path, way: &Way, bytes: &[u8]) {
    let wrong = way.difference(0, bytes);
    let holds = wrong.is_none() && bytes.len() as u64 == way.len;
    scope.check(
        holds,
        match wrong {
            Some(place) => format!("byte {place} is wrong in {}", path.display()),
            None => format!("{} bytes of {} are in {}", bytes.len(), way.len, path.display()),
        },
    );
    scope.count("bytes", bytes.len() as u64);
}

/// Is dropped at some time, whatever its file is in the middle of.
async fn cut_off(scope: Scope, path: PathBuf, mut random: Random) {
    let make = || fs::File::options().read(true).write(true).create_new(true).open(&path);
    let made = until_made(&scope, || ready(make())).await;
    // What has no name any more is gone when it is closed, whoever does that.
    fs::remove_file(&path).expect("it is there");
    let mut file = File::from_std(made.expect("nobody else has this name"));
    let (mut buf, time) = (vec![0; 30_000], random.micros(0..=3_000));
    let work = async {
        loop {
            file.write_all(&buf).await?;
            AsyncSeekExt::seek(&mut file, SeekFrom::Start(0)).await?;
            let _ = file.read(&mut buf).await?;
            // An open file that nobody waits for any more is closed.
            let again = File::open("/dev/null").await;
            again.map(drop).or_else(|error| match limits::are_reached(&error) {
                true => Ok(()),
                false => Err(error),
            })?;
            scope.ledger.advance();
        }
    };
    let cut: Result<io::Result<()>, _> = tokio::time::timeout(time, work).await;
    scope.check(cut.is_err(), format_args!("a file failed: {cut:?}"));
    scope.count("files cut off", 1);
}
