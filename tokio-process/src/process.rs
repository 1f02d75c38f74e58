//! A process of ours: it is waited for by nobody else, and killed when it is dropped.

use crate::sys::{Exit, Preparation};
use std::fmt;
use std::io;
use std::process::{self, Command, ExitStatus};
use std::task::{ready, Poll};
use tokio_reactor::Handle;
use tokio_task::Caller;

pub(crate) struct Process {
    id: u32,
    life: Life,
    kill_on_drop: bool,
}

enum Life {
    Running {
        child: process::Child,
        exit: Exit,
    },
    Ended(ExitStatus),
    /// Only while it is dropped.
    Handed,
}

type Pipes =
    (Option<process::ChildStdin>, Option<process::ChildStdout>, Option<process::ChildStderr>);

impl Process {
    pub(crate) fn spawn(command: &mut Command, handle: &Handle) -> io::Result<Process> {
        // What can fail should fail while there is no process yet.
        let preparation = Preparation::new(handle)?;
        let mut child = command.spawn()?;
        match preparation.watch(&child, handle) {
            Ok(exit) => Ok(Process {
                id: child.id(),
                life: Life::Running { child, exit },
                kill_on_drop: true,
            }),
            Err(error) => {
                // Without a way to be told of its end. It dies as soon as it gets to run, so this
                // is no long wait.
                if kill(&mut child) {
                    let _ = child.wait();
                }
                Err(error)
            }
        }
    }

    pub(crate) fn take_pipes(&mut self) -> Pipes {
        match &mut self.life {
            Life::Running { child, .. } => {
                (child.stdin.take(), child.stdout.take(), child.stderr.take())
            }
            _ => (None, None, None),
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    pub(crate) fn kill(&mut self) -> io::Result<()> {
        match &mut self.life {
            Life::Running { child, .. } => child.kill(),
            _ => Ok(()),
        }
    }

    pub(crate) fn try_exit_status(&mut self) -> io::Result<Option<ExitStatus>> {
        if let Life::Running { child, .. } = &mut self.life {
            if let Some(status) = child.try_wait()? {
                self.life = Life::Ended(status);
            }
        }
        match self.life {
            Life::Ended(status) => Ok(Some(status)),
            _ => Ok(None),
        }
    }

    pub(crate) fn poll_exit(&mut self, caller: Caller<'_>) -> Poll<io::Result<ExitStatus>> {
        match &mut self.life {
            Life::Running { child, exit } => {
                let status = ready!(exit.poll_exited(child, caller))?;
                // Gives up the descriptors as well.
                self.life = Life::Ended(status);
                Poll::Ready(Ok(status))
            }
            Life::Ended(status) => Poll::Ready(Ok(*status)),
            Life::Handed => unreachable!("polled while it is dropped"),
        }
    }

    pub(crate) fn forget(mut self) {
        self.kill_on_drop = false;
    }
}

/// Kills a process. False if there is none any more: then its number may be another one's.
fn kill(child: &mut process::Child) -> bool {
    let running = matches!(child.try_wait(), Ok(None));
    if running {
        // Fails only for a process that may not be killed.
        let _ = child.kill();
    }
    running
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Life::Running { mut child, exit } = std::mem::replace(&mut self.life, Life::Handed) {
            drop(exit);
            if !self.kill_on_drop || kill(&mut child) {
                crate::sys::reap(child);
            }
        }
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_struct("Process");
        f.field("id", &self.id);
        if let Life::Ended(status) = &self.life {
            f.field("status", status);
        }
        f.finish_non_exhaustive()
    }
}
