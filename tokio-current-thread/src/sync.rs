//! Atomics: std's, or loom's when the models run.

#[cfg(tokio_loom)]
pub(crate) use loom::{
    sync::atomic::{AtomicBool, AtomicUsize},
    thread::yield_now,
};

#[cfg(not(tokio_loom))]
pub(crate) use std::{
    sync::atomic::{AtomicBool, AtomicUsize},
    thread::yield_now,
};
