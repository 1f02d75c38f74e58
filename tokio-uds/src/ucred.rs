//! Who the peer of a connection is, as the system says.

use libc::{gid_t, uid_t};
use std::io;
use std::os::fd::BorrowedFd;

/// The user and group of a peer; made by [`UnixStream::peer_cred`](crate::UnixStream::peer_cred).
///
/// They are those in effect when the peer connected, listened, or made the pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UCred {
    /// The effective user.
    pub uid: uid_t,
    /// The effective group.
    pub gid: gid_t,
}

#[cfg(any(target_os = "linux", target_os = "android"))]
#[allow(unsafe_code)]
pub(crate) fn of_peer(socket: BorrowedFd<'_>) -> io::Result<UCred> {
    use std::mem::size_of;
    use std::os::fd::AsRawFd;

    let mut cred = libc::ucred { pid: 0, uid: 0, gid: 0 };
    let mut len = size_of::<libc::ucred>() as libc::socklen_t;
    // SAFETY: the descriptor is open, `cred` has room for `len` bytes, and whatever they are they
    // make a `ucred`, which is three integers.
    let failed = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            (&raw mut cred).cast(),
            &mut len,
        )
    };
    match failed {
        0 => Ok(UCred { uid: cred.uid, gid: cred.gid }),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(any(
    target_vendor = "apple",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
))]
#[allow(unsafe_code)]
pub(crate) fn of_peer(socket: BorrowedFd<'_>) -> io::Result<UCred> {
    use std::os::fd::AsRawFd;

    let (mut uid, mut gid) = (0, 0);
    // SAFETY: the descriptor is open, and the call writes an integer to each of the pointers.
    match unsafe { libc::getpeereid(socket.as_raw_fd(), &mut uid, &mut gid) } {
        0 => Ok(UCred { uid, gid }),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(any(target_os = "illumos", target_os = "solaris"))]
#[allow(unsafe_code)]
pub(crate) fn of_peer(socket: BorrowedFd<'_>) -> io::Result<UCred> {
    use std::os::fd::AsRawFd;
    use std::ptr;

    let mut cred = ptr::null_mut();
    // SAFETY: the descriptor is open, and `cred` is null, so that the call allocates.
    if unsafe { libc::getpeerucred(socket.as_raw_fd(), &mut cred) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has succeeded: `cred` is what it allocated, until it is freed.
    unsafe {
        let peer = UCred { uid: libc::ucred_geteuid(cred), gid: libc::ucred_getegid(cred) };
        libc::ucred_free(cred);
        Ok(peer)
    }
}

#[cfg(not(any(
    target_vendor = "apple",
    target_os = "android",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "illumos",
    target_os = "linux",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "solaris",
)))]
pub(crate) fn of_peer(_: BorrowedFd<'_>) -> io::Result<UCred> {
    let message = "this system does not tell who the peer of a socket is";
    Err(io::Error::new(io::ErrorKind::Unsupported, message))
}
