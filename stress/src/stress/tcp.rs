//! Connections by the thousand over loopback, between TCP sockets; see [`connection`].

use super::connection::{self, Listener, Socket};
use super::loopback;
use super::random::Random;
use super::scope::{Company, Component, Scope};
use std::io;
use std::task::Poll;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_task::Caller;

pub(super) const COMPONENT: Component = Component {
    name: "tcp",
    shows: "thousands of connections; every byte is accounted for",
    run,
    company: Company::Others,
};

/// How many connections there are at most at a time; fewer if there are few descriptors.
const WIDTH: u64 = 1_200;

fn run(scope: &Scope, random: Random) {
    let width = WIDTH.min(scope.descriptors / 6);
    let listeners = [(); 3].map(|()| loopback::listener());
    let addrs = listeners.each_ref().map(|listener| listener.local_addr().unwrap());
    let dial = |_: &_, random: &mut Random| -> connection::Dialing<TcpStream> {
        let mut connecting = loopback::connect(&random.one_of(&addrs));
        Box::new(move |caller| connecting.poll_with(caller))
    };
    connection::run(scope, width, listeners, dial, random);
}

impl Socket for TcpStream {
    connection::own_methods_of_socket!();

    const PEEKS: bool = true;

    fn poll_peek_with(&self, caller: Caller<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.poll_peek_with(caller, buf)
    }

    fn narrowed(self, send_buffer: usize) -> Self {
        let _ = self.set_send_buffer_size(send_buffer);
        self
    }

    fn reset_when_closed(&self) -> io::Result<()> {
        self.set_linger(Some(Duration::ZERO))
    }
}

impl Listener for TcpListener {
    type Socket = TcpStream;

    connection::own_methods_of_listener!();
}
