//! Streams of signals: each is told of each signal that is raised, and of no other.
//!
//! A signal is raised again only when all its streams have heard of it, so that each raise is one report.
//! At last it is raised several times at once, which may be fewer reports, but not none; then all its
//! streams go, and new ones are made.

use super::again::{until_made, until_made_futures01};
use super::fault::{self, Fault};
use super::interrupts;
use super::ledger::{Guard, Kind};
use super::manner::{spawn_async, spawn_futures01, Manner};
use super::random::Random;
use super::scope::{Company, Component, Scope};
use super::watchdog;
use futures::{Future as _, Stream as _};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{mpsc, Arc, Mutex};
use std::task::{ready, Poll};
use std::thread;
use tokio::runtime::current_thread::Runtime;
use tokio_signal::unix::{signal, Signal};
use tokio_task::Caller;

pub(super) const COMPONENT: Component = Component {
    name: "signals",
    shows: "streams of signals: each hears of each, and of no other",
    run,
    company: Company::Others,
};

/// What is raised. Nobody else sends these; SIGUSR1 interrupts system calls, which a stream would end.
const SIGNALS: [libc::c_int; 3] = [libc::SIGUSR2, libc::SIGVTALRM, libc::SIGIO];

/// How many streams of a signal there are at most.
const STREAMS: usize = 6;

fn run(scope: &Scope, mut random: Random) {
    let (streams, victims) = (scope.completes("stream"), scope.open("dropped stream"));
    let listeners: Arc<Mutex<Vec<Arc<Listener>>>> = Arc::default();
    let testimony = watchdog::witness({
        let listeners = listeners.clone();
        move || listeners.lock().unwrap().iter().filter_map(|listener| listener.waits()).collect()
    });
    thread::scope(|threads| {
        for signal in SIGNALS {
            let mut random = random.fork();
            let (streams, victims, listeners) = (&streams, &victims, &*listeners);
            let run = move || {
                while scope.is_open() {
                    let mut course = Course::new(signal, &mut random);
                    while course.rounds > 0 && scope.is_open() {
                        course.step(scope, streams, listeners, &mut random);
                        if random.once_in(4) && victims.live() < STREAMS as u64 {
                            drop_early(scope, victims, &mut random);
                        }
                    }
                    course.end(scope, listeners, &mut random);
                }
            };
            let name = format!("raises {signal}");
            thread::Builder::new().name(name).spawn_scoped(threads, run).unwrap();
        }
    });
    scope.settle(&streams);
    scope.settle(&victims);
    drop(testimony);
}

/// The streams of one signal, from the first to the last.
struct Course {
    signal: libc::c_int,
    /// How often it was raised.
    raised: Arc<AtomicU64>,
    /// How often it was raised before it is raised several times at once; until then, the highest number.
    closing: Arc<AtomicU64>,
    listeners: Vec<Arc<Listener>>,
    /// How many rounds are to come.
    rounds: u64,
    id: u64,
}

impl Course {
    fn new(signal: libc::c_int, random: &mut Random) -> Course {
        let (raised, closing) = (Arc::default(), Arc::new(AtomicU64::new(u64::MAX)));
        let rounds = random.within(3..=30);
        Course { signal, raised, closing, listeners: Vec::new(), rounds, id: 0 }
    }

    /// Raises the signal once, and waits until each stream has reported it.
    fn step(
        &mut self,
        scope: &Scope,
        streams: &Arc<Kind>,
        all: &Mutex<Vec<Arc<Listener>>>,
        random: &mut Random,
    ) {
        self.rounds -= 1;
        let most = random.within(1..=STREAMS as u64) as usize;
        while self.listeners.len() < most {
            self.id += 1;
            let listener = Arc::new(Listener {
                signal: self.signal,
                id: self.id,
                base: self.raised.load(SeqCst),
                raised: self.raised.clone(),
                closing: self.closing.clone(),
                most: random.within(1..=20),
                listens: AtomicBool::new(false),
                heard: AtomicU64::new(0),
                over: AtomicBool::new(false),
            });
            self.listeners.push(listener.clone());
            all.lock().unwrap().push(listener.clone());
            listener.start(scope, streams.guard(), random);
        }
        // Some of them are made by their task.
        scope.wait_while(|| !self.listeners.iter().all(|listener| listener.listens.load(SeqCst)));
        if fault::strikes(Fault::SignalLost) {
            self.raised.fetch_add(1, SeqCst);
        } else {
            self.raise(scope, random);
        }
        scope.wait_while(|| !self.listeners.iter().all(|listener| listener.has_heard_all()));
        self.forget_those_that_are_over(all);
        scope.count("rounds", 1);
    }

    /// Raises the signal several times, and waits until each stream has heard of that and is gone.
    fn end(&mut self, scope: &Scope, all: &Mutex<Vec<Arc<Listener>>>, random: &mut Random) {
        self.closing.store(self.raised.load(SeqCst), SeqCst);
        // Without a stream there may be no handler: the signal would end the process.
        for _ in 0..random.within(1..=5) {
            if !self.listeners.is_empty() {
                self.raise(scope, random);
            }
        }
        scope.wait_while(|| !self.listeners.iter().all(|listener| listener.over.load(SeqCst)));
        self.forget_those_that_are_over(all);
    }

    /// All streams have been told when this returns.
    fn raise(&self, scope: &Scope, random: &mut Random) {
        let signal = self.signal;
        self.raised.fetch_add(1, SeqCst);
        scope.count("signals raised", 1);
        if random.once_in(4) {
            let (tell, told) = mpsc::channel();
            drop(scope.handle.spawn(async move {
                interrupts::raise(signal);
                tell.send(()).expect("it is waited for");
            }));
            told.recv().expect("the task runs");
        } else {
            interrupts::raise(signal);
        }
    }

    fn forget_those_that_are_over(&mut self, all: &Mutex<Vec<Arc<Listener>>>) {
        let goes_on = |listener: &Arc<Listener>| !listener.over.load(SeqCst);
        self.listeners.retain(goes_on);
        all.lock().unwrap().retain(goes_on);
    }
}

/// What one stream is to report, and what it has reported.
struct Listener {
    signal: libc::c_int,
    id: u64,
    /// How often the signal was raised before there was this stream, and in all.
    base: u64,
    raised: Arc<AtomicU64>,
    /// The first report of a raise after so many is the last.
    closing: Arc<AtomicU64>,
    /// How many reports there are at most.
    most: u64,
    /// The stream is there.
    listens: AtomicBool,
    heard: AtomicU64,
    /// It waits for no more.
    over: AtomicBool,
}

impl Listener {
    fn due(&self) -> u64 {
        self.raised.load(SeqCst) - self.base
    }

    fn has_heard_all(&self) -> bool {
        self.over.load(SeqCst) || self.heard.load(SeqCst) == self.due()
    }

    /// A line about a stream that waits.
    fn waits(&self) -> Option<String> {
        let (signal, id, heard) = (self.signal, self.id, self.heard.load(SeqCst));
        let due = self.due();
        let line = format!("stream {id} of signal {signal} has heard {heard} of {due}");
        (!self.over.load(SeqCst)).then_some(line)
    }

    /// A report has come. False if it was the last one.
    fn hears(&self, scope: &Scope, signal: libc::c_int) -> bool {
        let heard = self.heard.fetch_add(1, SeqCst) + 1;
        let (id, due, of) = (self.id, self.due(), self.signal);
        let what = format_args!("stream {id} of signal {of} has heard {heard} of {due}: {signal}");
        scope.check(heard <= due && signal == of, what);
        scope.ledger.advance();
        // By number: when it is told to close, it may not be done yet with the report of before.
        let over = heard == self.most || self.base + heard > self.closing.load(SeqCst);
        self.over.store(over, SeqCst);
        !over
    }

    /// Makes the stream, here or in its task.
    fn start(self: Arc<Self>, scope: &Scope, mut guard: Guard, random: &mut Random) {
        let (scope, mut inside) = (scope.clone(), random.fork());
        let (handle, number) = (scope.handle.clone(), self.signal);
        match random.within(0..=4) {
            0 => {
                let stream = scope.with_descriptors(|| signal(number));
                let mut stream = stream.expect("a stream can be made");
                self.listens.store(true, SeqCst);
                let listen = move |caller: Caller<'_>| loop {
                    let signal = ready!(stream.poll_with(caller)).expect("a stream does not fail");
                    if !self.hears(&scope, signal) {
                        return Poll::Ready(());
                    }
                };
                Manner::any(random).spawn(&handle, guard, listen);
            }
            1 => {
                let listener = self.clone();
                let made = until_made_futures01(&scope, move || Signal::new(number));
                let listen = made
                    .inspect(move |_| listener.listens.store(true, SeqCst))
                    .flatten_stream()
                    .take_while(move |signal| Ok(self.hears(&scope, *signal)))
                    .for_each(|_| Ok(()))
                    .map_err(|error| panic!("a stream does not fail: {error}"));
                spawn_futures01(&handle, random, guard, listen);
            }
            2 => spawn_async(&handle, random, guard, async move {
                let mut stream = self.made(&scope).await;
                loop {
                    // Now and then it does not wait for long, and loses nothing by that.
                    let patience = inside.patience(4, 1_000);
                    match tokio::time::timeout(patience, stream.recv()).await {
                        Err(_) => scope.count("waits given up", 1),
                        Ok(signal) => {
                            if !self.hears(&scope, signal.expect("a stream does not fail")) {
                                break;
                            }
                        }
                    }
                }
            }),
            3 => spawn_async(&handle, random, guard, self.listen(scope)),
            _ => {
                // In a runtime of its own.
                let run = move || {
                    let runtime = scope.with_descriptors(Runtime::new);
                    let mut runtime = runtime.expect("a runtime can be made");
                    runtime.block_on(self.listen(scope));
                    drop(runtime);
                    guard.complete();
                };
                let thread = thread::Builder::new().name("listener".into()).spawn(run);
                drop(thread.expect("a thread can be started"));
            }
        }
    }

    async fn made(&self, scope: &Scope) -> Signal {
        let stream = until_made(scope, || std::future::ready(signal(self.signal))).await;
        self.listens.store(true, SeqCst);
        stream.expect("a stream can be made")
    }

    async fn listen(self: Arc<Self>, scope: Scope) {
        let mut stream = self.made(&scope).await;
        while let Some(signal) = futures03::StreamExt::next(&mut stream).await {
            if !self.hears(&scope, signal.expect("a stream does not fail")) {
                return;
            }
        }
        scope.loss("a stream of signals has ended");
    }
}

/// A stream that goes away at some time, heard or not.
fn drop_early(scope: &Scope, kind: &Arc<Kind>, random: &mut Random) {
    let number = random.one_of(&SIGNALS);
    let (guard, time) = (kind.guard(), random.micros(0..=5_000));
    let aborted = random.once_in(2);
    let in_task = scope.clone();
    let task = scope.handle.spawn(async move {
        let _guard = guard;
        let made = until_made(&in_task, || std::future::ready(signal(number)));
        let mut stream = made.await.expect("a stream can be made");
        let listen = async {
            while stream.recv().await.is_ok() {}
            in_task.loss("a stream of signals has failed");
        };
        if aborted {
            listen.await;
        } else {
            let _ = tokio::time::timeout(time, listen).await;
        }
    });
    if aborted {
        let guard = kind.guard();
        drop(scope.handle.spawn(async move {
            let _guard = guard;
            tokio::time::sleep(time).await;
            task.abort();
        }));
    }
}
