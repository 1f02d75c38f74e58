//! The tests of `resources.rs` where the system has no process descriptors.
#![cfg(target_os = "linux")]

#[path = "resources.rs"]
mod resources;
