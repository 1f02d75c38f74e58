//! The whole pool under schedules that shuttle samples.
//!
//! loom tries all schedules of a module by itself, and the values that weak memory lets a load see.
//! Here the modules are together, as they are: with tasks, queues, threads, sleep, shutdown and
//! `blocking`; but schedules are samples (at random, and by PCT: few switches, placed at random), and
//! memory is sequentially consistent.
//!
//! * Each `Mutex`, `Condvar`, atomic, parker, thread and thread-local of `sync.rs`, here and in
//!   `tokio-task` and `tokio-executor`, is a point where shuttle may switch.
//! * A wake that is lost leaves a thread asleep for ever; shuttle finds that, as a deadlock. No timeout
//!   helps: time stands still but for scenarios that make it pass (`sync/simulated.rs`).
//! * A thread that does not end is found the same way: a schedule is over when all threads are.
//! * Tasks are std futures. futures 0.1 has its current task in a thread-local of std, which all
//!   threads would share here; the generations differ in `tokio-task`'s `Body` alone.
//!
//! * No task panics: that a thread unwinds is one flag for all of them here.
//!
//! `anything.rs` has tasks do what the schedule says, on pools that it chooses; the others have a
//! protocol each.
//!
//! `cargo xtask shuttle` runs it; `CONTRIBUTING.md` says how to replay a schedule that failed.

mod anything;
mod blocking;
mod driver;
mod refused;
mod shutdown;
mod spawn;
mod standby;
mod support;
