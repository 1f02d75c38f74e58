//! How many instructions does an operation take?
//!
//! `instructions [SCENARIO]..` runs each scenario (by default all that are not timed by the clock)
//! under valgrind's callgrind, at two scales, and prints the difference for each operation: what a
//! process does once, the warm-up included, falls out. `instructions --functions SCENARIO PEER`
//! prints the functions that most instructions are in.
//!
//! Instructions hardly depend on what else the machine does. They are not time: a cache miss or an
//! atomic operation counts as one, a system call's inside not at all, and valgrind lets one thread
//! run at a time, so that workers seldom meet.

use benches::callgrind::Profile;
use benches::peer::Peer;
use benches::scenario::{Scenario, ALL};
use std::process::exit;
use std::{env, io};

/// The scales that are compared. So high that the warm-up of either is the same.
const SCALES: [u64; 2] = [60_000, 120_000];

/// Who is counted; the last is what the others are compared with.
const PEERS: [Peer; 3] = [Peer::Ours, Peer::OursFutures01, Peer::Tokio1];

/// Their work lasts for a time, so their instructions say how fast the machine is.
const TIMED: [&str; 3] = ["uneven", "behind-a-poll", "timer-lateness"];

/// How many functions are printed.
const FUNCTIONS: usize = 25;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["--once", name, peer, scale] => return once(name, peer, scale),
        ["--functions", name, peer] => find(name).zip(Peer::parse(peer)).map(functions),
        ref names => scenarios(names).map(|scenarios| table(&scenarios)),
    };
    match outcome {
        Some(Ok(())) => {}
        Some(Err(error)) => {
            eprintln!("no instructions counted: {error}");
            exit(1);
        }
        None => {
            let known: Vec<_> = ALL.iter().map(|scenario| scenario.name).collect();
            eprintln!("usage: instructions [SCENARIO].. | --functions SCENARIO PEER");
            eprintln!("scenarios: {}", known.join(", "));
            exit(2);
        }
    }
}

fn find(name: &str) -> Option<&'static Scenario> {
    Scenario::find(name)
}

/// Those of these names, or by default all but [`TIMED`]. `None` if a name is not known.
fn scenarios(names: &[&str]) -> Option<Vec<&'static Scenario>> {
    match names {
        [] => Some(ALL.iter().filter(|scenario| !TIMED.contains(&scenario.name)).collect()),
        names => names.iter().map(|name| find(name)).collect(),
    }
}

/// What valgrind looks at.
fn once(name: &str, peer: &str, scale: &str) {
    let scenario = find(name).expect("called by ourselves");
    let peer = Peer::parse(peer).expect("called by ourselves");
    let scale = scale.parse().expect("called by ourselves");
    scenario.run(peer, scale).expect("called by ourselves");
}

/// Prints a line for each scenario.
fn table(scenarios: &[&Scenario]) -> io::Result<()> {
    print!("{:<20}", "instructions for");
    PEERS.iter().for_each(|peer| print!("{:>10}", peer.name()));
    println!("{:>10}", "ratio");
    for scenario in scenarios {
        print!("{:<20}", scenario.name);
        let mut counted = Vec::new();
        for peer in PEERS {
            let per_operation = match scenario.is_for(peer) {
                true => Some(per_operation(scenario, peer)?),
                false => None,
            };
            match per_operation {
                Some(instructions) => print!("{instructions:>10.0}"),
                None => print!("{:>10}", "-"),
            }
            counted.push(per_operation);
        }
        match (counted[0], counted[PEERS.len() - 1]) {
            (Some(ours), Some(theirs)) => println!("{:>10.2}", ours / theirs),
            _ => println!("{:>10}", "-"),
        }
    }
    Ok(())
}

fn per_operation(scenario: &Scenario, peer: Peer) -> io::Result<f64> {
    let [few, many] = SCALES.map(|scale| profile(scenario, peer, scale)?.instructions());
    Ok((many? as f64 - few? as f64) / (SCALES[1] - SCALES[0]) as f64)
}

/// Prints which functions the instructions are in, and what they add up to with what they call.
fn functions((scenario, peer): (&Scenario, Peer)) -> io::Result<()> {
    let profile = profile(scenario, peer, SCALES[0])?;
    for (title, inclusive) in [("in the function itself", false), ("with what it calls", true)] {
        println!("{} on {peer}, {title}", scenario.name);
        for (share, function) in profile.functions(inclusive)?.iter().take(FUNCTIONS) {
            println!("{share:>6.2} %  {function}");
        }
    }
    Ok(())
}

fn profile(scenario: &Scenario, peer: Peer, scale: u64) -> io::Result<Profile> {
    Profile::of_ourselves(&["--once", scenario.name, peer.name(), &scale.to_string()])
}
