//! The tests of `children.rs` where the system has no process descriptors.
#![cfg(unix)]

#[path = "children.rs"]
mod children;
