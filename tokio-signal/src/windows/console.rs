//! The console's handler.
#![allow(unsafe_code, reason = "the system's function takes a function of ours")]

use super::listeners::{Kind, LISTENERS};
use std::io;
use std::sync::{Mutex, PoisonError};
use windows_sys::core::BOOL;
use windows_sys::Win32::System::Console::{SetConsoleCtrlHandler, CTRL_BREAK_EVENT, CTRL_C_EVENT};

/// Installs the handler, if that has not been done yet.
pub(super) fn install() -> io::Result<()> {
    static INSTALLED: Mutex<bool> = Mutex::new(false);

    let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
    if !*installed {
        // SAFETY: `handle` has the type that the system wants, and lives as long as the process.
        if unsafe { SetConsoleCtrlHandler(Some(handle), 1) } == 0 {
            return Err(io::Error::last_os_error());
        }
        *installed = true;
    }
    Ok(())
}

/// Called by the system on a thread of its own, so locks may be taken and tasks woken. Says
/// whether the event is dealt with; if not, the next handler, at last the default one, sees it.
unsafe extern "system" fn handle(event: u32) -> BOOL {
    let kind = match event {
        CTRL_C_EVENT => Kind::CtrlC,
        CTRL_BREAK_EVENT => Kind::CtrlBreak,
        _ => return 0,
    };
    BOOL::from(LISTENERS.tell(kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::{ctrl_break, ctrl_c, Event};
    use crate::CtrlC;
    use futures::{Future, Stream};
    use futures03::executor::block_on;
    use windows_sys::Win32::System::Console::CTRL_CLOSE_EVENT;

    /// One test, as events are for the whole process.
    #[test]
    fn events_reach_the_streams_of_both_generations() {
        // SAFETY: the function may be called by anyone.
        let happens = |event| unsafe { handle(event) };
        assert_eq!(happens(CTRL_C_EVENT), 0, "nobody listens");
        let (mut c, mut b) = (ctrl_c().unwrap(), ctrl_break().unwrap());
        let mut same = CtrlC::new().unwrap();
        let c01 = Event::ctrl_c().wait().unwrap();
        assert_ne!(happens(CTRL_C_EVENT), 0);
        assert_ne!(happens(CTRL_BREAK_EVENT), 0);
        assert_eq!(happens(CTRL_CLOSE_EVENT), 0, "not ours");
        block_on(async {
            c.recv().await.unwrap();
            b.recv().await.unwrap();
            same.recv().await.unwrap();
        });
        assert_eq!(c01.take(1).collect().wait().unwrap(), [()]);
        drop((c, same));
        assert_eq!(happens(CTRL_C_EVENT), 0, "nobody listens any more");
    }
}
