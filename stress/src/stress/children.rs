//! Child processes: this program itself, as [`child`] says. Whatever becomes of one, its bytes and its exit
//! status are what they should be, it inherits no descriptor, and no process is left.

mod child;

pub(super) use self::child::run_if_child;

use super::again::{until_made, until_made_futures01};
use super::census;
use super::fault::{self, Fault};
use super::ledger::Kind;
use super::limits;
use super::manner::{spawn_async, spawn_futures01, Manner};
use super::pause::{Pace, Pause};
use super::random::Random;
use super::scope::{Company, Component, Scope};
use super::watchdog;
use super::way::Way;
use futures::Future as _;
use socket2::{Domain, Socket, Type};
use std::fs;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{self, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, OnceLock};
use std::task::{ready, Poll};
use std::thread;
use std::time::Duration;
use tokio_process::{Child, ChildStdin, ChildStdout, CommandExt};
use tokio_task::Caller;

pub(super) const COMPONENT: Component = Component {
    name: "children",
    shows: "child processes: fed, read, waited for, killed, dropped; none is left",
    run,
    company: Company::Others,
};

/// How many tasks with a child there are at most at a time.
const WIDTH: u64 = 8;

/// How much is read or written at most by one call.
const CHUNK: u64 = 24 * 1024;

/// How often a slow task rests.
const RESTS: u32 = 5;

/// Has all be made that is made once, when a child is left to itself for the first time: the reactor that
/// [waits](tokio_process) for such children stays. Returns when nothing else is left of that.
pub(super) fn prepare() {
    let others = ours().expect("processes can be listed");
    OTHERS.set(others.into_iter().map(|process| process.0).collect()).expect("it is called once");
    watchdog::stage("before the first cycle: a child is forgotten".to_owned());
    let testimony = watchdog::witness(tell);
    let mut first = child::waits().spawn_async().expect("a child can be started");
    // It runs until its input is closed: one that had ended already would be waited for by nobody.
    let stdin = first.stdin().take();
    first.forget();
    drop(stdin);
    while !ours().expect("processes can be listed").is_empty() || reaper_runs() {
        thread::sleep(Duration::from_millis(1));
    }
    drop(testimony);
}

fn run(scope: &Scope, mut random: Random) {
    let (tasks, aborted) = (scope.completes("task"), scope.open("aborted task"));
    let testimony = watchdog::witness(tell);
    // One that is not closed when a program is executed.
    let inherited = || Socket::new_raw(Domain::UNIX, Type::STREAM, None);
    let _inherited = fault::strikes(Fault::Inherited).then(inherited);
    let (inputs, mut id) = (random.fork(), 0);
    while scope.is_open() {
        if tasks.live() + aborted.live() >= WIDTH {
            thread::sleep(random.micros(0..=1_000));
            continue;
        }
        id += 1;
        one(scope, &tasks, id, &mut inputs.of(id));
    }
    scope.settle(&tasks);
    scope.settle(&aborted);
    if fault::strikes(Fault::ChildLeft) {
        drop(child::exits(0).spawn());
    }
    // Those that were dropped, and so killed, are still to be collected.
    scope.wait_while(|| !scope.with_descriptors(ours).expect("processes can be listed").is_empty());
    drop(testimony);
    scope.count("children", id);
}

/// Whether there is the thread that collects those that were left to themselves. It outlives the last of
/// them by a moment.
fn reaper_runs() -> bool {
    let names = census::threads().expect("threads can be listed");
    names.iter().any(|name| name.starts_with("tokio-process"))
}

/// The numbers of processes whose parent this one was before it has started any: it may have been executed
/// by a program that had.
static OTHERS: OnceLock<Vec<u32>> = OnceLock::new();

/// The processes that were started here and are left: their number and their state, Z for a zombie.
fn ours() -> io::Result<Vec<(u32, String)>> {
    let parent = process::id().to_string();
    let mut ours = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let entry = entry?;
        let number = entry.file_name().to_str().and_then(|name| name.parse().ok());
        let Some(number) = number else { continue };
        if OTHERS.get().is_some_and(|others| others.contains(&number)) {
            continue;
        }
        match fs::read_to_string(entry.path().join("stat")) {
            // Its number, its name in brackets, its state, its parent.
            Ok(stat) => {
                let mut words = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
                let (state, its_parent) = (words.next().unwrap_or_default(), words.next());
                if its_parent == Some(&parent) {
                    ours.push((number, state.to_owned()));
                }
            }
            Err(error) if limits::are_reached(&error) => return Err(error),
            // It has gone meanwhile.
            Err(_) => {}
        }
    }
    Ok(ours)
}

/// A line about each child that is left.
fn tell() -> Vec<String> {
    let left = ours().unwrap_or_default().into_iter();
    left.map(|(number, state)| format!("a child is left: {number} {state}")).collect()
}

/// A task with a child.
fn one(scope: &Scope, tasks: &Arc<Kind>, id: u64, random: &mut Random) {
    let either = |random: &mut Random, mut step: Box<dyn FnMut(Caller<'_>) -> Poll<()> + Send>| {
        let guard = tasks.guard();
        Manner::any(random).spawn(&scope.handle, guard, move |caller: Caller<'_>| step(caller));
    };
    match random.within(0..=9) {
        0..=3 => {
            let mut echo = Echo::new(scope, id, random.fork());
            either(random, Box::new(move |caller| echo.poll(caller)));
        }
        4 => output(scope, tasks, random),
        5 => status(scope, tasks, random),
        6 => {
            let mut victim = Victim::new(scope, random);
            either(random, Box::new(move |caller| victim.poll(caller)));
        }
        7 => waits_again(scope, tasks, random),
        8 => abort(scope, random),
        _ => {
            let scope = scope.clone();
            let handle = scope.handle.clone();
            spawn_async(&handle, random, tasks.guard(), async move {
                // Ends when it finds its input closed, and is collected then.
                until_made(&scope, || std::future::ready(child::waits().spawn_async()))
                    .await
                    .expect("a child can be started")
                    .forget();
                let missing = until_made(&scope, || {
                    let mut command = Command::new("/proc/self/no such program");
                    std::future::ready(command.stdin(Stdio::piped()).spawn_async())
                });
                let error = missing.await.expect_err("there is no such program");
                let kind = error.kind();
                scope.check(kind == io::ErrorKind::NotFound, format_args!("not found: {error}"));
            });
        }
    }
}

/// How a child has ended that was to exit with this code.
fn check_exit(scope: &Scope, status: ExitStatus, code: i32) {
    let why = match status.code() {
        Some(child::INHERITS) => " (it has inherited a descriptor)",
        Some(child::FAILS) => " (it could not do its work)",
        _ => "",
    };
    let holds = status.code() == Some(code);
    scope.check(holds, format_args!("a child ended by {status}{why} in place of code {code}"));
}

/// Starts a child as soon as there are descriptors.
struct Starting {
    scope: Scope,
    command: Command,
    pause: Pause,
}

impl Starting {
    fn new(scope: &Scope, command: Command) -> Starting {
        Starting { scope: scope.clone(), command, pause: Pause::None }
    }

    fn poll(&mut self, caller: Caller<'_>) -> Poll<Child> {
        loop {
            ready!(self.pause.poll(caller));
            match self.command.spawn_async() {
                Err(error) if limits::are_reached(&error) => {
                    self.pause = self.scope.pause_without_descriptors();
                }
                child => return Poll::Ready(child.expect("a child can be started")),
            }
        }
    }
}

/// A child that sends back what it gets.
struct Echo {
    scope: Scope,
    id: u64,
    starting: Starting,
    child: Option<Child>,
    /// `None` when it was closed.
    stdin: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    way: Way,
    code: i32,
    fault: Option<Fault>,
    /// What waits to be written, and how much of it was.
    chunk: Vec<u8>,
    done: usize,
    next: u64,
    buf: Vec<u8>,
    at: u64,
    pace: Pace,
    write_pause: Pause,
    read_pause: Pause,
    rests: u32,
    random: Random,
}

impl Echo {
    fn new(scope: &Scope, id: u64, mut random: Random) -> Echo {
        let fault = fault::strikes_a_byte();
        let longest = if random.once_in(6) { 300_000 } else { 5_000 };
        let way = Way::new(random.within(1..=longest), &mut random);
        let code = random.within(0..=90) as i32;
        let told = if fault::strikes(Fault::StatusWrong) { code + 1 } else { code };
        Echo {
            scope: scope.clone(),
            id,
            starting: Starting::new(scope, child::echoes(told)),
            child: None,
            stdin: None,
            stdout: None,
            way,
            code,
            fault,
            chunk: Vec::new(),
            done: 0,
            next: 0,
            buf: vec![0; random.one_of(&[1_000, CHUNK]) as usize],
            at: 0,
            pace: Pace::any(&mut random),
            write_pause: Pause::None,
            read_pause: Pause::None,
            rests: RESTS,
            random,
        }
    }

    fn poll(&mut self, caller: Caller<'_>) -> Poll<()> {
        if self.child.is_none() {
            let mut child = ready!(self.starting.poll(caller));
            (self.stdin, self.stdout) = (child.stdin().take(), child.stdout().take());
            self.child = Some(child);
        }
        let written = self.poll_written(caller);
        let read = self.poll_read(caller);
        ready!(written);
        ready!(read);
        let child = self.child.as_mut().expect("it was started");
        let status = ready!(child.poll_with(caller)).expect("its end can be waited for");
        check_exit(&self.scope, status, self.code);
        let (id, at, len) = (self.id, self.at, self.way.len);
        self.scope.check(at == len, format_args!("{at} bytes of {len} came out of child {id}"));
        self.scope.count("bytes", at);
        Poll::Ready(())
    }

    fn poll_written(&mut self, caller: Caller<'_>) -> Poll<()> {
        while let Some(stdin) = &mut self.stdin {
            ready!(self.write_pause.poll(caller));
            if self.done == self.chunk.len() {
                let left = self.way.len - self.next;
                let len = left.min(self.random.within(1..=CHUNK));
                self.chunk.resize(len as usize, 0);
                self.way.fill(self.next, &mut self.chunk);
                if self.next == 0 {
                    self.fault.iter().for_each(|fault| fault.befall(&mut self.chunk));
                }
                (self.done, self.next) = (0, self.next + len);
                if left == 0 {
                    if self.random.once_in(2) {
                        let closed = stdin.poll_close_with(caller);
                        assert!(closed.is_ready(), "what was written is in the pipe");
                    }
                    self.stdin = None;
                    break;
                }
            }
            let n = ready!(stdin.poll_write_with(caller, &self.chunk[self.done..]));
            self.done += n.expect("the child reads to the end");
            self.scope.ledger.advance();
            self.write_pause = Pause::any(self.pace, &mut self.rests, &mut self.random);
        }
        Poll::Ready(())
    }

    fn poll_read(&mut self, caller: Caller<'_>) -> Poll<()> {
        while let Some(stdout) = &mut self.stdout {
            ready!(self.read_pause.poll(caller));
            let n = ready!(stdout.poll_read_with(caller, &mut self.buf));
            let n = n.expect("a pipe can be read");
            if let Some(place) = self.way.difference(self.at, &self.buf[..n]) {
                let (at, id) = (self.at, self.id);
                let what = format_args!("byte {place} is wrong, read from {at} of child {id}");
                self.scope.loss(what);
                self.stdout = None;
                break;
            }
            self.at += n as u64;
            self.scope.ledger.advance();
            if n == 0 {
                self.stdout = None;
                break;
            }
            self.read_pause = Pause::any(self.pace, &mut self.rests, &mut self.random);
        }
        Poll::Ready(())
    }
}

/// A child of which all that it writes is collected.
fn output(scope: &Scope, tasks: &Arc<Kind>, random: &mut Random) {
    let [out, err] = [(); 2].map(|()| (random.within(0..=100_000), random.number()));
    let code = random.within(0..=90) as i32;
    let make = move || child::says(code, [out, err]).output_async();
    let in_task = scope.clone();
    let ended = move |output: Output| {
        check_exit(&in_task, output.status, code);
        for ((len, key), bytes) in [(out, &output.stdout), (err, &output.stderr)] {
            let wrong = Way::of(len, key).difference(0, bytes);
            let (came, holds) = (bytes.len() as u64, wrong.is_none());
            let what = format_args!("{came} bytes of {len} were said, wrong at {wrong:?}");
            in_task.check(holds && came == len, what);
            in_task.count("bytes", came);
        }
    };
    let handle = scope.handle.clone();
    if random.once_in(2) {
        let output = until_made_futures01(scope, make).map(ended);
        let output = output.map_err(|error| panic!("a child can be waited for: {error}"));
        spawn_futures01(&handle, random, tasks.guard(), output);
    } else {
        let scope = scope.clone();
        spawn_async(&handle, random, tasks.guard(), async move {
            ended(until_made(&scope, make).await.expect("a child can be waited for"));
        });
    }
}

/// A child of which nothing but the exit status is asked for.
fn status(scope: &Scope, tasks: &Arc<Kind>, random: &mut Random) {
    let code = random.within(0..=90) as i32;
    let in_task = scope.clone();
    let ended = move |status| check_exit(&in_task, status, code);
    let make = move || child::exits(code).status_async();
    let handle = scope.handle.clone();
    if random.once_in(2) {
        let made = until_made_futures01(scope, move || futures::future::result(make()));
        let status = made.and_then(|status| status).map(ended);
        let status = status.map_err(|error| panic!("a child can be waited for: {error}"));
        spawn_futures01(&handle, random, tasks.guard(), status);
    } else {
        let scope = scope.clone();
        spawn_async(&handle, random, tasks.guard(), async move {
            let status = until_made(&scope, || std::future::ready(make())).await;
            let status = status.expect("a child can be started").await;
            ended(status.expect("a child can be waited for"));
        });
    }
}

/// A child that is killed, or dropped, while it waits.
struct Victim {
    scope: Scope,
    starting: Starting,
    child: Option<Child>,
    stdout: Option<ChildStdout>,
    pause: Pause,
    dropped: bool,
}

impl Victim {
    fn new(scope: &Scope, random: &mut Random) -> Victim {
        Victim {
            scope: scope.clone(),
            starting: Starting::new(scope, child::waits()),
            child: None,
            stdout: None,
            pause: Pause::for_time(random.micros(0..=3_000)),
            dropped: random.once_in(2),
        }
    }

    fn poll(&mut self, caller: Caller<'_>) -> Poll<()> {
        if self.stdout.is_none() {
            let mut child = ready!(self.starting.poll(caller));
            self.stdout = child.stdout().take();
            self.child = Some(child);
        }
        ready!(self.pause.poll(caller));
        if self.dropped {
            drop(self.child.take());
        }
        if let Some(child) = &mut self.child {
            // Also when it has been killed before.
            child.kill().expect("a child can be killed");
            let status = ready!(child.poll_with(caller)).expect("its end can be waited for");
            let killed = status.signal() == Some(libc::SIGKILL);
            self.scope.check(killed, format_args!("a child was killed, and ended by {status}"));
            let again = child.try_exit_status().expect("its end is known");
            self.scope.check(again == Some(status), "a child has ended in two ways");
            child.kill().expect("nothing is done to a child that has ended");
        }
        // Its end closes what it wrote to.
        let stdout = self.stdout.as_mut().expect("it was taken");
        let n = ready!(stdout.poll_read_with(caller, &mut [0; 8])).expect("a pipe can be read");
        self.scope.check(n == 0, "a child that only waits has said something");
        self.scope.count("children killed", 1);
        Poll::Ready(())
    }
}

/// Waits that are given up, and that find the same end later.
fn waits_again(scope: &Scope, tasks: &Arc<Kind>, random: &mut Random) {
    let (handle, time) = (scope.handle.clone(), random.micros(0..=3_000));
    let scope = scope.clone();
    spawn_async(&handle, random, tasks.guard(), async move {
        let child = until_made(&scope, || std::future::ready(child::waits().spawn_async())).await;
        let mut child = child.expect("a child can be started");
        let early = tokio::time::timeout(time, child.exit_status()).await;
        scope.check(early.is_err(), format_args!("a child did not wait: {early:?}"));
        drop(child.stdin().take());
        for _ in 0..2 {
            let status = child.exit_status().await.expect("its end can be waited for");
            check_exit(&scope, status, 0);
        }
    });
}

/// A task that is aborted while it waits for a child.
fn abort(scope: &Scope, random: &mut Random) {
    let (guard, time) = (scope.open_guard("aborted task"), random.micros(0..=5_000));
    let in_task = scope.clone();
    let task = scope.handle.spawn(async move {
        let _guard = guard;
        let child = until_made(&in_task, || std::future::ready(child::waits().spawn_async()));
        let status = child.await.expect("a child can be started").await;
        in_task.loss(format_args!("a child did not wait: {status:?}"));
    });
    let guard = scope.open_guard("aborted task");
    drop(scope.handle.spawn(async move {
        let _guard = guard;
        tokio::time::sleep(time).await;
        task.abort();
    }));
}
