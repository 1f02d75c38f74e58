//! How many instructions and allocations does a poll across a bridge between the generations take?
//!
//! `bridge` runs each case under valgrind's callgrind, and with an allocator that counts, at two
//! scales, and prints the difference for each poll as a Markdown table: what a process does once falls
//! out. Like `instructions`, it hardly depends on what else the machine does, and is not time.

use benches::bridge::{Case, Side, ALL};
use benches::callgrind::Profile;
use std::process::exit;
use std::{env, io};
use tests_heap::{process, Counting};

/// The numbers of polls that are compared.
const SCALES: [u64; 2] = [20_000, 60_000];

#[global_allocator]
static HEAP: Counting = Counting;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        [] => table(),
        ["--once", name, side, polls] => return once(name, side, polls),
        _ => {
            eprintln!("usage: bridge");
            exit(2);
        }
    };
    if let Err(error) = outcome {
        eprintln!("no instructions counted: {error}");
        exit(1);
    }
}

/// What valgrind looks at.
fn once(name: &str, side: &str, polls: &str) {
    let case = Case::find(name).expect("called by ourselves");
    let side = Side::ALL.into_iter().find(|known| known.name() == side);
    case.run(side.expect("called by ourselves"), polls.parse().expect("called by ourselves"));
}

fn table() -> io::Result<()> {
    println!("| | ours | `compat` | no bridge | ours | `compat` | no bridge |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    println!("| | instructions | | | allocations | | |");
    for case in ALL {
        print!("| {} |", case.name);
        for side in Side::ALL {
            print!(" {:.0} |", instructions(case, side)?);
        }
        for side in Side::ALL {
            print!(" {:.2} |", allocations(case, side));
        }
        println!();
    }
    Ok(())
}

fn instructions(case: &Case, side: Side) -> io::Result<f64> {
    let [few, many] = SCALES.map(|polls| {
        Profile::of_ourselves(&["--once", case.name, side.name(), &polls.to_string()])?
            .instructions()
    });
    Ok(per_poll(few?, many?))
}

fn allocations(case: &Case, side: Side) -> f64 {
    let [few, many] = SCALES.map(|polls| {
        let before = process::allocations();
        case.run(side, polls);
        (process::allocations() - before) as u64
    });
    per_poll(few, many)
}

fn per_poll(few: u64, many: u64) -> f64 {
    // A fixed part that happens to be smaller the second time is no cost of a poll.
    (many as f64 - few as f64).max(0.0) / (SCALES[1] - SCALES[0]) as f64
}
