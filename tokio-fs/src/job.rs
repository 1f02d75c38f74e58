//! One piece of work on a thread of the [`Crew`], and the task that waits for what comes of it.

use crate::crew::Crew;
use crate::waiting::{wait, Waiting};
use std::any::Any;
use std::fmt;
use std::io;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::sync::Arc;
use std::task::Poll;
use tokio_task::Caller;

/// Work on a subject `S`, from which comes a `T`. Dropping this does not stop the work; what
/// comes of it is then dropped by the thread.
pub(crate) struct Job<S, T>(Arc<Waiting<Stage<S, T>>>);

enum Stage<S, T> {
    /// The subject waits here for a thread, so that it is not lost when there is none.
    Queued(S),
    Running,
    Done(T),
    Panicked(Box<dyn Any + Send>),
    Taken,
}

impl<S: Send + 'static, T: Send + 'static> Job<S, T> {
    /// Queues the work. If there is no thread for it, the subject comes back with the error.
    pub(crate) fn start(
        subject: S,
        work: impl FnOnce(S) -> T + Send + 'static,
    ) -> Result<Job<S, T>, (io::Error, S)> {
        let stage = Arc::new(Waiting::new(Stage::Queued(subject)));
        let shared = stage.clone();
        let run = move || {
            let queued = shared.change_quietly(|stage| std::mem::replace(stage, Stage::Running));
            let Stage::Queued(subject) = queued else { unreachable!("it is run once") };
            let done = match catch_unwind(AssertUnwindSafe(|| work(subject))) {
                Ok(done) => Stage::Done(done),
                Err(panic) => Stage::Panicked(panic),
            };
            shared.change(|stage| *stage = done);
        };
        match Crew::get().submit(Box::new(run)) {
            Ok(()) => Ok(Job(stage)),
            Err(error) => match stage.change_quietly(|s| std::mem::replace(s, Stage::Taken)) {
                Stage::Queued(subject) => Err((error, subject)),
                _ => unreachable!("nobody has run it"),
            },
        }
    }

    /// What has come of the work. A panic of the work goes on here.
    pub(crate) fn poll_with(&self, caller: Caller<'_>) -> Poll<T> {
        let ended = self.0.poll(caller, |stage| match stage {
            Stage::Queued(_) | Stage::Running => Poll::Pending,
            _ => Poll::Ready(std::mem::replace(stage, Stage::Taken)),
        });
        ended.map(|stage| match stage {
            Stage::Done(done) => done,
            Stage::Panicked(panic) => resume_unwind(panic),
            _ => panic!("a file operation was polled after it had completed"),
        })
    }

    /// The same, blocking this thread.
    pub(crate) fn wait(&self) -> T {
        wait(|caller| self.poll_with(caller))
    }
}

impl<S, T> fmt::Debug for Job<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").finish_non_exhaustive()
    }
}
