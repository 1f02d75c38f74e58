//! Unix sockets: connections, as those of [`tcp`](super::tcp), and datagrams.
//!
//! Clients connect to a path and to an abstract name, or are one socket of a pair.

mod datagrams;

use super::connection::{self, Dialing, Listener, Reception, Socket};
use super::folder::Folder;
use super::limits;
use super::pause::Pause;
use super::random::Random;
use super::scope::{Company, Component, Scope};
use socket2::SockRef;
use std::fs;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::SocketAddr;
use std::task::{ready, Poll};
use tokio::net::{UnixListener, UnixStream};
use tokio::reactor::Handle;
use tokio_task::Caller;

pub(super) const COMPONENT: Component = Component {
    name: "uds",
    shows: "Unix sockets: connections and datagrams, every byte accounted for",
    run,
    company: Company::Others,
};

/// How many connections there are at most at a time; fewer if there are few descriptors.
const WIDTH: u64 = 400;

fn run(scope: &Scope, mut random: Random) {
    let folder = Folder::new(scope);
    let datagrams = datagrams::Datagrams::start(scope, &folder, &mut random);
    let [first, second] = ["first", "second"].map(|name| {
        let addr = SocketAddr::from_pathname(folder.file(name));
        addr.expect("a path of a temporary directory is a short one")
    });
    // As no other is that has this name in the file system.
    let third = SocketAddr::from_abstract_name(folder.path().as_os_str().as_bytes());
    let addrs = [first, second, third.expect("the path is a short one")];
    let listeners = addrs.each_ref().map(|addr| {
        let listener = scope.with_descriptors(|| UnixListener::bind_addr(addr));
        listener.expect("nobody else has this name")
    });
    let dial = |reception: &Reception<UnixStream>, random: &mut Random| {
        // One in four is of a pair.
        let addr = addrs.get(random.within(0..=3) as usize);
        dial(scope, addr.cloned(), reception, random)
    };
    connection::run(scope, WIDTH.min(scope.descriptors / 12), listeners, dial, random);
    datagrams.end(scope);
    for path in addrs.iter().filter_map(|addr| addr.as_pathname()) {
        fs::remove_file(path).expect("the socket's file is there");
    }
    folder.close(scope);
}

/// Connects to `addr`, or has `reception` receive the other socket of a pair.
fn dial(
    scope: &Scope,
    addr: Option<SocketAddr>,
    reception: &Reception<UnixStream>,
    random: &mut Random,
) -> Dialing<UnixStream> {
    let (scope, reception) = (scope.clone(), reception.clone());
    let connect = |addr: &SocketAddr| match addr.as_pathname() {
        Some(path) => UnixStream::connect(path),
        None => UnixStream::connect_addr(addr),
    };
    let early = random.once_in(2);
    let mut connecting = addr.as_ref().filter(|_| early).map(connect);
    let mut pause = Pause::None;
    Box::new(move |caller| loop {
        ready!(pause.poll(caller));
        let result = match &addr {
            Some(addr) => {
                let attempt = connecting.get_or_insert_with(|| connect(addr));
                let result = ready!(attempt.poll_with(caller));
                connecting = None;
                result
            }
            None => UnixStream::pair().map(|(ours, theirs)| {
                reception.receive(theirs);
                ours
            }),
        };
        match result {
            Err(error) if limits::are_reached(&error) => pause = scope.pause_without_descriptors(),
            result => return Poll::Ready(result),
        }
    })
}

impl Socket for UnixStream {
    connection::own_methods_of_socket!();

    const PEEKS: bool = false;

    fn poll_peek_with(&self, _: Caller<'_>, _: &mut [u8]) -> Poll<io::Result<usize>> {
        unreachable!("it cannot")
    }

    /// Off the reactor and on it again.
    fn narrowed(self, send_buffer: usize) -> Self {
        let socket = self.into_std().expect("the reactor lets go of it");
        let _ = SockRef::from(&socket).set_send_buffer_size(send_buffer);
        UnixStream::from_std(socket, &Handle::default()).expect("its mode can be set")
    }

    /// It is, if there are bytes that it has not read.
    fn reset_when_closed(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Listener for UnixListener {
    type Socket = UnixStream;

    connection::own_methods_of_listener!();
}
