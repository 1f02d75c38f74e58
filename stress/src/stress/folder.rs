//! Directories for the files of a component, each for one cycle.

use super::fault::{self, Fault};
use super::scope::Scope;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{env, fs, io, process, thread};

/// Those that there are.
static ALL: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A directory of one's own. What is in it is removed with it.
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn new(scope: &Scope) -> Folder {
        let mut n = 0;
        let path = loop {
            let name = format!("stress-{}-{}-{n}", process::id(), scope.ledger.name);
            let path = env::temp_dir().join(name);
            match fs::create_dir(&path) {
                Ok(()) => break path,
                // It is left of a process that was killed and had the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => n += 1,
                Err(error) => panic!("no directory can be made at {}: {error}", path.display()),
            }
        };
        all().push(path.clone());
        Folder { path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file in it.
    pub(super) fn file(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// Whoever has made a file in it has to have removed that before.
    pub(super) fn close(self, scope: &Scope) {
        if fault::strikes(Fault::FileKept) {
            let _ = fs::write(self.file("kept"), "");
        }
        if let Err(error) = fs::remove_dir(&self.path) {
            let left = fs::read_dir(&self.path).into_iter().flatten().flatten();
            let left: Vec<_> = left.map(|entry| entry.file_name()).collect();
            scope.loss(format_args!("the directory cannot be removed: {error}; in it: {left:?}"));
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
        all().retain(|path| *path != self.path);
    }
}

/// Removes those that there are, as far as possible, before the process aborts.
pub(super) fn remove_all() {
    let paths = all().clone();
    for path in paths {
        // Tasks may still make files in it.
        for _ in 0..TRIES {
            if fs::remove_dir_all(&path).is_ok() {
                break;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Nothing that can wait is done, nor anything that can panic, while it is held.
fn all() -> MutexGuard<'static, Vec<PathBuf>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How often it is tried to remove a directory.
const TRIES: u32 = 20;
