//! How many descriptors the process may have.

/// As many descriptors as this needs at most; a system may allow a billion.
const ENOUGH: u64 = 20_000;

/// Raises the limit as far as the system allows, up to what is of use, and returns it.
pub(super) fn raise_descriptors() -> u64 {
    let limit = get();
    set(limit.rlim_max.min(ENOUGH));
    get().rlim_cur
}

/// Sets the limit; descriptors above it stay open.
pub(super) fn set(most: u64) {
    let limit = libc::rlimit { rlim_cur: most, ..get() };
    // SAFETY: the call reads a valid value.
    let result = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) };
    assert_eq!(result, 0, "the limit of descriptors can be set to {most}");
}

fn get() -> libc::rlimit {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the call writes a valid place.
    let result = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    assert_eq!(result, 0, "the limit of descriptors can be read");
    limit
}
