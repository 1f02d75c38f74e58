//! Directories for the files of a component, each for one cycle.

use super::fault::{self, Fault};
use super::scope::Scope;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::{env, fs, process};

/// Those that there are.
static ALL: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A directory of one's own. What is in it is removed with it.
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn new(scope: &Scope) -> Folder {
        // One may be left of a process that was killed and had the same number.
        let named = |n| format!("stress-{}-{}-{n}", process::id(), scope.ledger.name);
        let paths = (0..1000).map(|n| env::temp_dir().join(named(n)));
        let path = paths.into_iter().find(|path| fs::create_dir(path).is_ok());
        let path = path.expect("a temporary directory can be made");
        ALL.lock().unwrap().push(path.clone());
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
        ALL.lock().unwrap().retain(|path| *path != self.path);
    }
}

/// Removes those that there are, before the process aborts.
pub(super) fn remove_all() {
    let Ok(all) = ALL.try_lock() else { return };
    for path in &*all {
        let _ = fs::remove_dir_all(path);
    }
}
