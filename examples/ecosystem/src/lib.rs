//! What the programs of this folder share: how each of them starts, hyper 1's view of a runtime,
//! and TLS.
//!
//! Each program, `src/bin/NAME.rs`, is a server and a client of it. With an address as its argument
//! it serves there for ever; without, its client talks to its server over loopback, and prints what
//! it got.
#![forbid(unsafe_code)]

mod connections;
mod hyper_rt;
mod self_signed;
mod start;

pub use self::connections::each_connection;
pub use self::hyper_rt::{Executor, Timer};
pub use self::self_signed::self_signed;
pub use self::start::start;

/// What goes wrong in a program that is made of several libraries.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
