//! Atomics and thread parking: std's, or loom's when the models run.

#[cfg(loom)]
pub(crate) use loom::{
    sync::atomic::AtomicBool,
    thread::{current, park, Thread},
};

#[cfg(not(loom))]
pub(crate) use std::{
    sync::atomic::AtomicBool,
    thread::{current, park, Thread},
};
