//! Runs cycles of all components, and takes stock after each.

#![allow(clippy::unit_arg, reason = "`Ok(..)` of a unit value is how a futures 0.1 closure ends")]

mod again;
mod arguments;
mod blocking;
mod cancel;
mod census;
mod channels;
mod children;
mod clocks;
mod connection;
mod cycle;
mod descriptors;
mod fault;
mod files;
mod folder;
mod groups;
mod hogs;
mod interrupts;
mod ledger;
mod lifecycles;
mod limits;
mod local;
mod loopback;
mod manner;
mod panics;
mod pause;
mod random;
mod scope;
mod signals;
mod spawns;
mod survivors;
mod tcp;
mod timers;
mod udp;
mod uds;
mod wakes;
mod watchdog;
mod way;

use self::arguments::Arguments;
use self::census::Census;
use self::ledger::Ledger;
use self::random::Random;
use self::scope::Component;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::Arc;
use std::time::{Duration, Instant};

#[global_allocator]
static HEAP: tests_heap::Counting = tests_heap::Counting;

/// All components, in the order in which they report.
const COMPONENTS: &[Component] = &[
    tcp::COMPONENT,
    udp::COMPONENT,
    uds::COMPONENT,
    files::COMPONENT,
    children::COMPONENT,
    signals::COMPONENT,
    timers::COMPONENT,
    clocks::COMPONENT,
    channels::COMPONENT,
    cancel::COMPONENT,
    survivors::COMPONENT,
    spawns::COMPONENT,
    wakes::COMPONENT,
    groups::COMPONENT,
    panics::COMPONENT,
    blocking::COMPONENT,
    hogs::COMPONENT,
    lifecycles::COMPONENT,
    local::COMPONENT,
    descriptors::COMPONENT,
];

/// For how long components begin new things in one cycle.
const CYCLE: Duration = Duration::from_millis(1500);

/// How many losses there were.
static LOSSES: AtomicU64 = AtomicU64::new(0);

/// Something was lost, or leaked, or was there twice.
fn loss(what: fmt::Arguments<'_>) {
    // Once it is clear that something is wrong, the first reports tell what.
    if LOSSES.fetch_add(1, Relaxed) < 50 {
        println!("LOSS: {what}");
    }
}

/// Runs the whole, and returns the process's exit code.
pub(crate) fn run() -> i32 {
    if let Some(code) = children::run_if_child() {
        return code;
    }
    let arguments = match Arguments::parse() {
        Ok(arguments) => arguments,
        Err(why) => {
            eprintln!("{why}");
            return 2;
        }
    };
    let Arguments { seconds, workers, seed, .. } = arguments;
    println!("stress: {seconds} s with {workers} workers: --seed {seed}");
    arguments.fault.into_iter().for_each(fault::choose);
    arguments.tasks.into_iter().for_each(manner::Generation::of_all_tasks);
    let chosen: Vec<(Component, Arc<Ledger>)> = arguments
        .components()
        .map(|component| (*component, Arc::new(Ledger::new(component.name))))
        .collect();
    panics::hush();
    interrupts::handle();
    let descriptors = limits::allow_descriptors(arguments.descriptors);
    let ledgers = chosen.iter().map(|(_, ledger)| ledger.clone()).collect();
    watchdog::start(ledgers, arguments.patience);
    watchdog::replay_by(arguments.replay(arguments.cycle));
    if chosen.iter().any(|(component, _)| component.name == children::COMPONENT.name) {
        children::prepare();
    }

    let random = Random::seeded(seed);
    let start = Instant::now();
    let mut cycles = 0;
    let mut before = Census::at_first();
    while cycles < 2 || start.elapsed() < Duration::from_secs(seconds) {
        let cycle = arguments.cycle + cycles;
        cycles += 1;
        watchdog::replay_by(arguments.replay(cycle));
        cycle::run(cycle, &chosen, workers, descriptors, random.of(cycle));
        watchdog::stage(format!("after cycle {cycle}: taking stock"));
        chosen.iter().for_each(|(_, ledger)| ledger.close());
        let now = Census::compare(before, arguments.patience / 3);
        println!("cycle {cycle:>3}: {now}");
        before = before.least(now);
        if LOSSES.load(Relaxed) > 0 {
            println!("replay: {}", arguments.replay(cycle));
            break;
        }
    }
    if LOSSES.load(Relaxed) == 0 {
        census::wait_for_crew(arguments.patience);
    }
    chosen.iter().for_each(|(_, ledger)| println!("{ledger}"));
    let losses = LOSSES.load(Relaxed);
    let (seconds, signals) = (start.elapsed().as_secs_f64(), interrupts::sent());
    let heap = watchdog::peak_heap() >> 20;
    println!("{cycles} cycles in {seconds:.1} s, {signals} signals, at most {heap} MiB of heap");
    println!("{losses} losses");
    i32::from(losses > 0)
}
