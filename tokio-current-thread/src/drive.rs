//! What is done when: tasks that are ready, the main future, the parker.
//!
//! Each round takes in what other threads left, polls the main future if it was woken, and runs some
//! of the ready tasks, oldest first; what becomes ready meanwhile goes behind them. The parker is
//! asked without waiting as often as [`Pace`] says, and with waiting only when nothing is ready.

use crate::core::Core;
use crate::pace::Pace;
use std::time::{Duration, Instant};
use tokio_executor::park::Park;

/// Why the loop ended before it was done.
pub(crate) enum Stopped {
    TimedOut,
    /// The parker failed.
    Park,
}

/// Runs tasks until `done` has a result. It is asked at the beginning of each round, and polls the
/// main future if there is one.
pub(crate) fn drive<P: Park, R>(
    core: &Core,
    park: &mut P,
    pace: &mut Pace,
    deadline: Option<Instant>,
    mut done: impl FnMut(&Core) -> Option<R>,
) -> Result<R, Stopped> {
    let mut first = true;
    loop {
        // Also before the first poll: many calls that are done at once must not starve the parker.
        if pace.is_due(core.take_polls()) {
            park.park_timeout(Duration::ZERO).map_err(|_| Stopped::Park)?;
            pace.asked();
        }
        core.collect();
        if first && pace.tasks_are_next() {
            core.run(core.ready().min(pace.left()));
        }
        if let Some(result) = done(core) {
            pace.ended(first && core.ready() > 0);
            return Ok(result);
        }
        let left = deadline.map(|end| end.saturating_duration_since(Instant::now()));
        // Whatever the deadline, there is one round.
        if left.is_some_and(|left| left.is_zero()) && !first {
            return Err(Stopped::TimedOut);
        }
        first = false;
        let ready = core.ready();
        if ready > 0 || core.door().has_root() {
            core.run(ready.min(pace.left()));
        } else {
            match left {
                Some(left) => park.park_timeout(left),
                None => park.park(),
            }
            .map_err(|_| Stopped::Park)?;
            core.take_polls();
            pace.asked();
        }
    }
}

/// Asks the parker once, waiting up to `timeout` unless a task is ready, and then runs each task that
/// is ready once. Says whether there was any.
pub(crate) fn turn<P: Park>(
    core: &Core,
    park: &mut P,
    pace: &mut Pace,
    timeout: Option<Duration>,
) -> Result<bool, Stopped> {
    core.collect();
    let timeout = if core.ready() > 0 { Some(Duration::ZERO) } else { timeout };
    match timeout {
        Some(timeout) => park.park_timeout(timeout),
        None => park.park(),
    }
    .map_err(|_| Stopped::Park)?;
    core.take_polls();
    pace.asked();
    core.collect();
    Ok(core.run(core.ready()) > 0)
}
