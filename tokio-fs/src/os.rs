//! What only some systems have.

#[cfg(unix)]
pub mod unix;
#[cfg(windows)]
pub mod windows;
