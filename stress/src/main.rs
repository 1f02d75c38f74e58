//! Everything at once, for a given time: nothing may be lost, and nothing may leak.
//!
//! `cargo run --release -p stress -- [SECONDS] [--workers N] [--seed N] [--only NAME]`
//!
//! A run is a row of cycles of a few seconds. In each, a runtime is made, all components of
//! `COMPONENTS` in `stress.rs` use it at the same time, a thread interrupts all threads by signals, and the
//! runtime is ended in one of several ways. Then:
//!
//! * each component has found each message, byte and answer that it was due, once;
//! * each drop guard was dropped, once, and those of tasks that had to end say that they did;
//! * open files, threads and heap in use are not more than after the cycles before, beginning with the first.
//!
//! The seed is printed first. It gives the same inputs again (sizes, delays, what is dropped when), but
//! not the same schedule of threads: a failure that rests on one may need many runs to come back.
//!
//! The process exits with 1 if anything was lost, and aborts, with a report of what waits, if a
//! component makes no progress for 30 seconds.
//!
//! It counts descriptors and threads in `/proc`: elsewhere than on Linux it does nothing.

#[cfg(target_os = "linux")]
mod stress;

fn main() {
    #[cfg(target_os = "linux")]
    std::process::exit(stress::run());
    #[cfg(not(target_os = "linux"))]
    println!("skipped: it counts descriptors and threads in `/proc`, so it runs on Linux alone");
}
