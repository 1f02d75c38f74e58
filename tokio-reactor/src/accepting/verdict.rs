//! What an error of accept says about the listener.

use std::io::{self, ErrorKind};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The connection is gone, the listener is well: take the next one.
    Aborted,
    /// The process or the system has no room for another socket at present: the connection still
    /// waits in the queue.
    Exhausted,
    /// The listener is of no use.
    Failed,
}

impl Verdict {
    pub(super) fn of(error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset => Verdict::Aborted,
            ErrorKind::OutOfMemory => Verdict::Exhausted,
            _ => error.raw_os_error().map_or(Verdict::Failed, of_code),
        }
    }
}

/// Linux reports errors of the network that wait on the new connection as errors of accept.
#[cfg(unix)]
fn of_code(code: i32) -> Verdict {
    use libc::{EHOSTDOWN, EHOSTUNREACH, ENETDOWN, ENETUNREACH, ENOPROTOOPT, EOPNOTSUPP, EPROTO};
    match code {
        libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM => Verdict::Exhausted,
        EPROTO => Verdict::Aborted,
        ENETDOWN | ENOPROTOOPT | EHOSTDOWN | EHOSTUNREACH | EOPNOTSUPP | ENETUNREACH
            if cfg!(any(target_os = "linux", target_os = "android")) =>
        {
            Verdict::Aborted
        }
        #[cfg(any(target_os = "linux", target_os = "android"))]
        libc::ENONET => Verdict::Aborted,
        _ => Verdict::Failed,
    }
}

#[cfg(windows)]
fn of_code(code: i32) -> Verdict {
    const WSAEMFILE: i32 = 10024;
    const WSAENOBUFS: i32 = 10055;
    /// Who is gone has no address that accept could tell; a listener would be no socket, or invalid.
    const WSAENOTCONN: i32 = 10057;
    match code {
        WSAENOTCONN => Verdict::Aborted,
        WSAEMFILE | WSAENOBUFS => Verdict::Exhausted,
        _ => Verdict::Failed,
    }
}

#[cfg(not(any(unix, windows)))]
fn of_code(_: i32) -> Verdict {
    Verdict::Failed
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn all(codes: &[i32], verdict: Verdict) {
        for &code in codes {
            let error = io::Error::from_raw_os_error(code);
            assert_eq!(Verdict::of(&error), verdict, "{error}");
        }
    }

    #[test]
    fn the_network_errors_of_accept_are_not_the_end_of_the_listener() {
        use libc::*;
        all(
            &[
                ECONNABORTED,
                EPROTO,
                ENETDOWN,
                ENOPROTOOPT,
                EHOSTDOWN,
                ENONET,
                EHOSTUNREACH,
                EOPNOTSUPP,
                ENETUNREACH,
            ],
            Verdict::Aborted,
        );
    }

    #[test]
    fn exhaustion_is_told_from_failure() {
        use libc::*;
        all(&[EMFILE, ENFILE, ENOBUFS, ENOMEM], Verdict::Exhausted);
        all(&[EBADF, EINVAL, ENOTSOCK, EPERM], Verdict::Failed);
    }
}
