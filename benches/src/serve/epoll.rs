//! No runtime: one thread in a loop around `epoll_wait`. What it costs is what the system costs.

use super::{listener, udp_socket, Service, BUFFER};
use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// An epoll queue.
pub(crate) struct Queue(OwnedFd);

impl Queue {
    pub(crate) fn new() -> Queue {
        // SAFETY: the call has no pointers.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        assert!(fd >= 0, "the system gives us a queue");
        // SAFETY: the descriptor was made just now and is owned by nobody else.
        Queue(unsafe { OwnedFd::from_raw_fd(fd) })
    }

    /// Tells when `fd` is readable, with `token`; as long as it is.
    pub(crate) fn add(&self, fd: RawFd, token: u64) {
        let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: token };
        // SAFETY: both descriptors are open, and `event` is valid.
        let failed =
            unsafe { libc::epoll_ctl(self.0.as_raw_fd(), libc::EPOLL_CTL_ADD, fd, &mut event) };
        assert_eq!(failed, 0, "the queue has room");
    }

    /// Waits, and returns the tokens of what is readable.
    pub(crate) fn wait<'a>(
        &self,
        events: &'a mut [libc::epoll_event],
        millis: i32,
    ) -> impl Iterator<Item = u64> + 'a {
        let room = i32::try_from(events.len()).expect("a small buffer");
        // SAFETY: `events` is a valid buffer of that length.
        let n = unsafe { libc::epoll_wait(self.0.as_raw_fd(), events.as_mut_ptr(), room, millis) };
        // Interrupted by a signal is no event.
        events[..usize::try_from(n).unwrap_or(0)].iter().map(|event| event.u64)
    }
}

/// Room for the events of one wait.
pub(crate) fn room() -> Vec<libc::epoll_event> {
    vec![libc::epoll_event { events: 0, u64: 0 }; 256]
}

/// There is nothing that a hog could share a thread with.
pub(super) fn serve(service: Service) -> Option<()> {
    match service {
        Service::Tcp => tcp(),
        Service::Udp => udp(),
        Service::Hog => return None,
    }
    Some(())
}

fn tcp() {
    let (queue, listener) = (Queue::new(), listener());
    let own = listener.as_raw_fd();
    queue.add(own, own as u64);
    let mut streams: HashMap<RawFd, TcpStream> = HashMap::new();
    let (mut events, mut buffer) = (room(), [0; BUFFER]);
    loop {
        for token in queue.wait(&mut events, -1) {
            let fd = token as RawFd;
            if fd == own {
                while let Ok((stream, _)) = listener.accept() {
                    stream.set_nonblocking(true).expect("sockets have this mode");
                    let _ = stream.set_nodelay(true);
                    queue.add(stream.as_raw_fd(), stream.as_raw_fd() as u64);
                    streams.insert(stream.as_raw_fd(), stream);
                }
            } else if let Some(stream) = streams.get_mut(&fd) {
                let lives = match stream.read(&mut buffer) {
                    Ok(0) => false,
                    Ok(n) => write_all(stream, &buffer[..n]),
                    Err(error) => error.kind() == ErrorKind::WouldBlock,
                };
                if !lives {
                    streams.remove(&fd);
                }
            }
        }
    }
}

/// Spins while the socket is full, which the load generator does not let happen for long.
fn write_all(stream: &mut TcpStream, mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        match stream.write(bytes) {
            Ok(n) => bytes = &bytes[n..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::yield_now(),
            Err(_) => return false,
        }
    }
    true
}

fn udp() {
    let (queue, socket) = (Queue::new(), udp_socket());
    queue.add(socket.as_raw_fd(), 0);
    let (mut events, mut buffer) = (room(), [0; BUFFER]);
    loop {
        for _ in queue.wait(&mut events, -1) {
            while let Ok((n, from)) = socket.recv_from(&mut buffer) {
                let _ = socket.send_to(&buffer[..n], from);
            }
        }
    }
}
