//! The echo servers, of either generation and of both: what one promises, all do.

mod support;

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::sync::Barrier;
use std::thread;
use std::time::Instant;
use support::isolation::{isolated, skip, Needs};
use support::{assert_bytes, connect, exchange, noise, read_to_end, Example, PATIENCE};

/// How many clients at a time.
const CROWD: usize = 1000;

/// How many threads are the crowd.
const THREADS: usize = 4;

/// Every client has a conversation, all at once.
fn many_clients_get_their_own_bytes_back((mut example, addr): (Example, SocketAddr)) {
    thread::scope(|scope| {
        for n in 0..16 {
            scope.spawn(move || {
                let client = connect(addr);
                for round in 0..20 {
                    let bytes = noise(n * 100 + round, 1 + (n * round * 97) as usize);
                    exchange(&client, &bytes, &bytes);
                }
            });
        }
    });
    example.assert_alive();
}

/// Clients that send all they have, say so, and only then read to the end.
fn clients_that_half_close_get_every_byte_and_the_end((mut example, addr): (Example, SocketAddr)) {
    let sizes = [0, 1, 100, 70_000, 1 << 20];
    for (n, size) in sizes.into_iter().enumerate() {
        let mut client = connect(addr);
        let bytes = noise(n as u64, size);
        let writer = client.try_clone().unwrap();
        let got = thread::scope(|scope| {
            scope.spawn(|| {
                (&writer).write_all(&bytes).unwrap();
                writer.shutdown(Shutdown::Write).unwrap();
            });
            let mut got = vec![0; size];
            client.read_exact(&mut got).unwrap();
            got
        });
        assert_bytes(&got, &bytes);
        assert_bytes(&read_to_end(&client), b"");
        assert_eq!(amount_in(&example.line()), size);
    }
}

/// A client that resets its connection, and one that comes and goes, disturb nobody.
fn clients_that_break_off_disturb_nobody((mut example, addr): (Example, SocketAddr)) {
    let steady = connect(addr);
    exchange(&steady, b"before", b"before");
    for n in 0..50 {
        let client = connect(addr);
        (&client).write_all(&noise(n, 10_000)).unwrap();
        // There may be bytes that it has not read: then this resets the connection.
        drop(client);
    }
    exchange(&steady, b"after", b"after");
    exchange(&connect(addr), b"anew", b"anew");
    example.assert_alive();
}

/// All are connected before the first one sends, and none leaves before the last one is done.
fn a_thousand_connections_at_a_time_are_byte_exact((mut example, addr): (Example, SocketAddr)) {
    // The server has the same limit.
    let room: Result<Vec<UdpSocket>, _> =
        (0..CROWD + 100).map(|_| UdpSocket::bind("127.0.0.1:0")).collect();
    if let Err(err) = room {
        return skip(&format!("a thousand connections: {err}"));
    }
    drop(room);
    let together = Barrier::new(THREADS);
    let mut expected: BTreeMap<usize, usize> = BTreeMap::new();
    for n in 0..CROWD {
        *expected.entry(2 * (n + size_of(n))).or_default() += 1;
    }
    thread::scope(|scope| {
        for part in 0..THREADS {
            let together = &together;
            scope.spawn(move || {
                let clients: Vec<(usize, TcpStream)> = (part * CROWD / THREADS
                    ..(part + 1) * CROWD / THREADS)
                    .map(|n| (n, connect(addr)))
                    .collect();
                together.wait();
                for round in 0..2 {
                    let bytes_of = |n: usize| noise((n + round * CROWD) as u64, n + size_of(n));
                    for (n, client) in &clients {
                        { client }.write_all(&bytes_of(*n)).unwrap();
                    }
                    for (n, client) in &clients {
                        let bytes = bytes_of(*n);
                        support::expect(client, &bytes);
                    }
                    together.wait();
                }
                for (_, client) in &clients {
                    client.shutdown(Shutdown::Write).unwrap();
                }
                for (_, client) in &clients {
                    assert_bytes(&read_to_end(client), b"");
                }
            });
        }
    });
    for _ in 0..CROWD {
        let amount = amount_in(&example.line());
        let left = expected.get_mut(&amount).unwrap_or_else(|| panic!("nobody sent {amount}"));
        *left = left.checked_sub(1).unwrap_or_else(|| panic!("too often: {amount} bytes"));
    }
    assert_eq!(example.errors(), "");
    example.assert_alive();
}

/// How many bytes a server says that it wrote: `wrote N bytes`. (`echo` prints all that `copy` of
/// futures 0.1 yields, the amount and both halves: `wrote (N, .., ..) bytes`.)
fn amount_in(line: &str) -> usize {
    let amount = line.strip_prefix("wrote ").and_then(|rest| rest.strip_suffix(" bytes"));
    let amount = amount.map(|amount| amount.trim_start_matches('('));
    let amount = amount.and_then(|amount| amount.split(',').next()?.parse().ok());
    amount.unwrap_or_else(|| panic!("{line:?} is not of the server"))
}

/// A length that makes the sizes of the crowd differ.
fn size_of(n: usize) -> usize {
    n * 7 % 3000
}

macro_rules! servers {
    ($($server:ident: $needs:expr, $start:expr;)*) => { $(
        mod $server {
            use super::Needs;

            servers!(@tests $server, $needs, $start;
                many_clients_get_their_own_bytes_back
                clients_that_half_close_get_every_byte_and_the_end
                clients_that_break_off_disturb_nobody
                a_thousand_connections_at_a_time_are_byte_exact
            );
        }
    )* };
    (@tests $server:ident, $needs:expr, $start:expr; $($promise:ident)*) => { $(
        #[test]
        fn $promise() {
            let name = concat!(stringify!($server), "::", stringify!($promise));
            super::isolated(name, $needs, || super::$promise($start()));
        }
    )* };
}

servers! {
    echo: Needs::Port(12345), super::echo;
    echo_async: Needs::Descriptors, super::echo_async;
    echo_mixed_async_server: Needs::Descriptors, super::echo_mixed_async_server;
    echo_mixed_futures01_server: Needs::Descriptors, super::echo_mixed_futures01_server;
}

/// Starts `echo`, which does not say when it listens.
fn echo() -> (Example, SocketAddr) {
    let mut example = Example::start("echo", &[]);
    let addr = SocketAddr::from(([127, 0, 0, 1], 12345));
    let deadline = Instant::now() + PATIENCE;
    loop {
        match TcpStream::connect_timeout(&addr, PATIENCE) {
            Ok(client) => {
                client.shutdown(Shutdown::Write).unwrap();
                assert_bytes(&read_to_end(&client), b"");
                assert_eq!(amount_in(&example.line()), 0);
                return (example, addr);
            }
            Err(err) if err.kind() == ErrorKind::ConnectionRefused => {
                example.assert_alive();
                assert!(Instant::now() < deadline, "echo does not listen");
                thread::yield_now();
            }
            Err(err) => panic!("cannot connect: {err}"),
        }
    }
}

fn echo_async() -> (Example, SocketAddr) {
    let mut example = Example::start("echo_async", &["127.0.0.1:0"]);
    let addr = example.listening();
    (example, addr)
}

fn echo_mixed_async_server() -> (Example, SocketAddr) {
    let (example, [addr, _]) = echo_mixed();
    (example, addr)
}

fn echo_mixed_futures01_server() -> (Example, SocketAddr) {
    let (example, [_, addr]) = echo_mixed();
    (example, addr)
}

fn echo_mixed() -> (Example, [SocketAddr; 2]) {
    let mut example = Example::start("echo_mixed", &["127.0.0.1:0", "127.0.0.1:0"]);
    let addrs = [example.listening(), example.listening()];
    (example, addrs)
}

#[test]
fn the_echo_example_is_the_program_of_the_front_page() {
    let program = include_str!("../echo.rs");
    let start = program.find("extern crate").expect("the program starts with it");
    assert!(program[..start].lines().all(|line| line.is_empty() || line.starts_with("//")));
    let front_page = include_str!("../../README.md");
    let block = format!("```rust,no_run\n{}```", &program[start..]);
    assert!(front_page.contains(&block), "README.md and examples/echo.rs differ");
}
