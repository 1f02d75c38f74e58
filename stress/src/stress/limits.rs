//! How many descriptors the process may have.

use std::io;

/// Allows `most` descriptors, or fewer if the system does, and returns how many there are.
pub(super) fn allow_descriptors(most: u64) -> u64 {
    let limit = get();
    set(limit.rlim_max.min(most));
    get().rlim_cur
}

/// Sets the limit; descriptors above it stay open.
pub(super) fn set(most: u64) {
    let limit = libc::rlimit { rlim_cur: most, ..get() };
    // SAFETY: the call reads a valid value.
    let result = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) };
    assert_eq!(result, 0, "the limit of descriptors can be set to {most}");
}

/// Whether there was no descriptor to be had.
pub(super) fn are_reached(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EMFILE)
}

fn get() -> libc::rlimit {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the call writes a valid place.
    let result = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    assert_eq!(result, 0, "the limit of descriptors can be read");
    limit
}
