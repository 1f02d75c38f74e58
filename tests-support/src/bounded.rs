//! A test that hangs fails.

use std::panic::resume_unwind;
use std::sync::mpsc::{channel, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How long anything may take before it counts as hung.
pub const LIMIT: Duration = Duration::from_secs(30);

/// Runs a test's body, and fails if it hangs.
///
/// # Panics
///
/// If `body` does, or takes longer than [`LIMIT`].
pub fn bounded(body: impl FnOnce() + Send + 'static) {
    let (done, outcome) = channel();
    let body = thread::spawn(move || {
        body();
        let _ = done.send(());
    });
    match outcome.recv_timeout(LIMIT) {
        Err(RecvTimeoutError::Timeout) => panic!("hung for {LIMIT:?}"),
        Ok(()) | Err(RecvTimeoutError::Disconnected) => {
            body.join().unwrap_or_else(|panic| resume_unwind(panic))
        }
    }
}
