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
