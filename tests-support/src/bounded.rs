//! A test that hangs fails.

use std::panic::resume_unwind;
use std::sync::mpsc::{channel, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How long anything may take before it counts as hung. Long: the machine may be busy.
pub const LIMIT: Duration = Duration::from_secs(60);

/// Runs a test's body, and fails if it hangs.
///
/// # Panics
///
/// If `body` does, or takes longer than [`LIMIT`].
pub fn bounded<R: Send + 'static>(body: impl FnOnce() -> R + Send + 'static) -> R {
    bounded_by(LIMIT, body)
}

/// Runs a test's body, and fails if it takes longer than `limit`.
///
/// # Panics
///
/// If `body` does, or takes longer than `limit`.
pub fn bounded_by<R: Send + 'static>(
    limit: Duration,
    body: impl FnOnce() -> R + Send + 'static,
) -> R {
    let (done, outcome) = channel();
    let body = thread::spawn(move || {
        let result = body();
        let _ = done.send(());
        result
    });
    match outcome.recv_timeout(limit) {
        Err(RecvTimeoutError::Timeout) => panic!("hung for {limit:?}"),
        Ok(()) | Err(RecvTimeoutError::Disconnected) => {
            body.join().unwrap_or_else(|panic| resume_unwind(panic))
        }
    }
}
