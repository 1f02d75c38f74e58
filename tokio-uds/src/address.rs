//! From a path, or an address of std's, to what the system takes.

use socket2::SockAddr;
use std::io;
use std::os::unix::net::SocketAddr;
use std::path::Path;

/// # Errors
///
/// If the path is too long, or has a zero byte: to the system that would be another address.
pub(crate) fn of_path(path: &Path) -> io::Result<SockAddr> {
    SocketAddr::from_pathname(path)?;
    SockAddr::unix(path)
}

pub(crate) fn of_std(addr: &SocketAddr) -> io::Result<SockAddr> {
    match addr.as_pathname() {
        Some(path) => SockAddr::unix(path),
        None => of_abstract(addr).unwrap_or_else(|| SockAddr::unix("")),
    }
}

#[cfg(any(target_os = "android", target_os = "linux"))]
fn of_abstract(addr: &SocketAddr) -> Option<io::Result<SockAddr>> {
    use std::ffi::OsStr;
    #[cfg(target_os = "android")]
    use std::os::android::net::SocketAddrExt;
    #[cfg(target_os = "linux")]
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::ffi::OsStrExt;

    let name = [b"\0", addr.as_abstract_name()?].concat();
    Some(SockAddr::unix(OsStr::from_bytes(&name)))
}

#[cfg(not(any(target_os = "android", target_os = "linux")))]
fn of_abstract(_: &SocketAddr) -> Option<io::Result<SockAddr>> {
    None
}
