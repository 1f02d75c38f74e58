//! Atomics, thread parking and thread-locals: std's, or loom's or shuttle's when the models run.

#[cfg(tokio_loom)]
pub(crate) use loom::{
    sync::atomic::AtomicBool,
    thread::{current, park, Thread},
};

#[cfg(tokio_shuttle)]
pub(crate) use shuttle::{
    sync::atomic::AtomicBool,
    thread::{current, park, Thread},
    thread_local,
};

#[cfg(not(any(tokio_loom, tokio_shuttle)))]
pub(crate) use std::{
    sync::atomic::AtomicBool,
    thread::{current, park, Thread},
};

// loom's models have no part in what is kept there.
#[cfg(not(tokio_shuttle))]
pub(crate) use std::thread_local;
