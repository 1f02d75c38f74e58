//! Sockets inside a runtime: every pairing of generations, many of them, and those that misbehave.

mod support;

use futures::{future, Future as _};
use futures03::future::join_all;
use socket2::SockRef;
use std::future::poll_fn;
use std::io::{self, ErrorKind, Read, Write};
use std::net;
use std::sync::mpsc::channel;
use std::task::Poll;
use std::time::Duration;
use support::echo::{noise, Peer};
use support::{bounded, listener, runtime, within, Futures01, Generation, Std};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

/// A test of each pairing of the generations of server and client.
macro_rules! pairings {
    ($($name:ident),+ $(,)?) => {
        mod futures01_serves_futures01 {
            $(#[test] fn $name() {
                super::bounded(super::$name::<super::Futures01, super::Futures01>)
            })+
        }
        mod futures01_serves_std {
            $(#[test] fn $name() { super::bounded(super::$name::<super::Futures01, super::Std>) })+
        }
        mod std_serves_futures01 {
            $(#[test] fn $name() { super::bounded(super::$name::<super::Std, super::Futures01>) })+
        }
        mod std_serves_std {
            $(#[test] fn $name() { super::bounded(super::$name::<super::Std, super::Std>) })+
        }
    };
}

pairings! {
    echoes_are_exact,
    the_end_of_one_direction_leaves_the_other_open,
    thousands_of_short_connections,
    a_listener_bound_outside_is_served_inside,
}

both! {
    a_reset_peer_is_an_error_for_its_task_alone,
    udp_datagrams_arrive_whole,
    a_socket_moved_to_another_runtime_works_while_its_own_one_lives,
}

fn echoes_are_exact<S: Peer, C: Peer>() {
    let mut runtime = runtime(2);
    let listener = listener();
    let addr = listener.local_addr().unwrap();
    // From nothing to more than the buffers of both ends hold.
    let lengths = [0, 1, 2, 63, 64, 4095, 4096, 4097, 65_537, 1_000_000, 5_000_000];
    let messages: Vec<_> = lengths.iter().map(|&len| noise(len, len as u64)).collect();
    let sent = messages.clone();
    let echoes = runtime.block_on(async move {
        S::serve(listener, sent.len() as u64);
        join_all(sent.into_iter().map(|message| C::exchange(addr, message))).await
    });
    for (message, echo) in messages.iter().zip(echoes) {
        assert!(*message == echo.unwrap(), "{} bytes came back changed", message.len());
    }
    runtime.shutdown_on_idle().wait().unwrap();
}

fn the_end_of_one_direction_leaves_the_other_open<S: Peer, C: Peer>() {
    let mut runtime = runtime(2);
    let listener = listener();
    let addr = listener.local_addr().unwrap();
    runtime.block_on(async move { S::serve(listener, 2) });
    // A client that does nothing until it has shut down, and reads only then: all of the echo that
    // fits into the buffers is still there.
    let mut client = net::TcpStream::connect(addr).unwrap();
    let message = noise(50_000, 3);
    client.write_all(&message).unwrap();
    client.shutdown(net::Shutdown::Write).unwrap();
    let mut echo = Vec::new();
    client.read_to_end(&mut echo).unwrap();
    assert!(echo == message);
    // And one of the other generation, which shuts down first of all.
    assert_eq!(runtime.block_on(C::exchange(addr, Vec::new())).unwrap(), b"");
}

fn thousands_of_short_connections<S: Peer, C: Peer>() {
    const CLIENTS: u64 = 50;
    const EACH: u64 = 40;
    let mut runtime = runtime(2);
    let listener = listener();
    let addr = listener.local_addr().unwrap();
    let exchanged = runtime.block_on(async move {
        S::serve(listener, CLIENTS * EACH);
        let clients = (0..CLIENTS).map(|client| {
            tokio::spawn(async move {
                for i in 0..EACH {
                    let message = noise(1 + (i as usize * 7) % 100, client * EACH + i);
                    let echo = C::exchange(addr, message.clone()).await.unwrap();
                    assert_eq!(echo, message);
                }
                EACH
            })
        });
        join_all(clients).await.into_iter().map(Result::unwrap).sum::<u64>()
    });
    assert_eq!(exchanged, CLIENTS * EACH);
    runtime.shutdown_on_idle().wait().unwrap();
}

fn a_listener_bound_outside_is_served_inside<S: Peer, C: Peer>() {
    // No reactor is near: neither binding nor waiting in the backlog needs one.
    let listener = listener();
    let addr = listener.local_addr().unwrap();
    let mut early = net::TcpStream::connect(addr).unwrap();
    early.write_all(b"early").unwrap();
    early.shutdown(net::Shutdown::Write).unwrap();
    let (send, echo) = channel();
    // Also a socket that is connected before there is a runtime.
    tokio::run(async move {
        S::serve(listener, 2);
        send.send(C::exchange(addr, b"late".to_vec()).await.unwrap()).unwrap();
    });
    assert_eq!(within(&echo), b"late");
    let mut early_echo = Vec::new();
    early.read_to_end(&mut early_echo).unwrap();
    assert_eq!(early_echo, b"early");
}

fn a_reset_peer_is_an_error_for_its_task_alone<G: Generation>() {
    let mut runtime = runtime(2);
    let executor = runtime.executor();
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let (report, errors) = channel();
    let mut clients = Vec::new();
    for _ in 0..20 {
        clients.push(net::TcpStream::connect(addr).unwrap());
        let (served, _) = listener.accept().unwrap();
        let served = TcpStream::from_std(served, &Default::default()).unwrap();
        let report = report.clone();
        G::spawn_on(&executor, move |caller| {
            served.poll_read_with(caller, &mut [0; 8]).map(|read| report.send(read).unwrap())
        });
    }
    for (i, client) in clients.iter().enumerate() {
        if i % 2 == 0 {
            // Closing with a zero linger time resets.
            SockRef::from(client).set_linger(Some(Duration::ZERO)).unwrap();
        }
    }
    drop(clients);
    let read: Vec<io::Result<usize>> = (0..20).map(|_| within(&errors)).collect();
    let reset = |read: &&io::Result<usize>| matches!(read, Err(error) if error.kind() == ErrorKind::ConnectionReset);
    assert_eq!(read.iter().filter(reset).count(), 10, "{read:?}");
    assert_eq!(read.iter().filter(|read| matches!(read, Ok(0))).count(), 10, "{read:?}");
    // The runtime goes on.
    assert_eq!(runtime.block_on(async { 1 }), 1);
}

fn udp_datagrams_arrive_whole<G: Generation>() {
    const COUNT: u64 = 200;
    let runtime = runtime(2);
    let (echo_server, client) = (udp(), udp());
    let server_addr = echo_server.local_addr().unwrap();
    let client_addr = client.local_addr().unwrap();
    let (done, received) = channel();
    let mut buf = vec![0; 2048];
    let mut echoed = 0;
    let mut answer = None;
    G::spawn_on(&runtime.executor(), move |caller| loop {
        if let Some((len, to)) = answer {
            std::task::ready!(echo_server.poll_send_to_with(caller, &buf[..len], &to)).unwrap();
            answer = None;
            echoed += 1;
        }
        if echoed == COUNT {
            return Poll::Ready(());
        }
        answer =
            Some(std::task::ready!(echo_server.poll_recv_from_with(caller, &mut buf)).unwrap());
    });
    // One in flight at a time: a socket may drop what it has no room for.
    let mut buf = vec![0; 2048];
    let (mut number, mut sent) = (0, false);
    G::spawn_on(&runtime.executor(), move |caller| loop {
        let message = noise(1 + (number as usize * 13) % 1400, number);
        if !sent {
            let len = client.poll_send_to_with(caller, &message, &server_addr);
            assert_eq!(std::task::ready!(len).unwrap(), message.len());
            sent = true;
        }
        let (len, from) = std::task::ready!(client.poll_recv_from_with(caller, &mut buf)).unwrap();
        assert_eq!(from, server_addr);
        assert!(buf[..len] == message);
        sent = false;
        number += 1;
        if number == COUNT {
            done.send(client.local_addr().unwrap()).unwrap();
            return Poll::Ready(());
        }
    });
    assert_eq!(within(&received), client_addr);
    runtime.shutdown_on_idle().wait().unwrap();
}

fn udp() -> UdpSocket {
    UdpSocket::bind(&"127.0.0.1:0".parse().unwrap()).unwrap()
}

#[test]
fn udp_futures_of_futures01_serve_std_tasks_and_back() {
    bounded(|| {
        let mut runtime = runtime(2);
        let (one, other) = (udp(), udp());
        let to = other.local_addr().unwrap();
        let (send, received) = channel();
        // 0.1 sends, and std receives; then the other way.
        runtime.spawn(one.send_dgram(b"from 0.1", &to).map_err(|e| panic!("{e}")).and_then(
            move |(one, _)| {
                one.recv_dgram(vec![0; 64])
                    .map_err(|e| panic!("{e}"))
                    .map(move |(_, buf, len, from)| send.send((buf[..len].to_vec(), from)).unwrap())
            },
        ));
        runtime.block_on(async move {
            let (other, buf, len, from) = other.recv_dgram(vec![0; 64]).await.unwrap();
            assert_eq!(buf[..len], b"from 0.1"[..]);
            other.send_to(b"from std", &from).await.unwrap();
        });
        assert_eq!(within(&received), (b"from std".to_vec(), to));
    });
}

/// A pair of connected sockets, one of them ours and not bound to a reactor yet.
fn pair() -> (TcpStream, net::TcpStream) {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let peer = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (ours, _) = listener.accept().unwrap();
    (TcpStream::from_std(ours, &Default::default()).unwrap(), peer)
}

fn a_socket_moved_to_another_runtime_works_while_its_own_one_lives<G: Generation>() {
    let (mut home, mut abroad) = (runtime(2), runtime(2));
    let (sock, mut peer) = pair();
    // The first poll binds it to the reactor of `home`.
    let sock = {
        let mut sock = Some(sock);
        G::block_on(&mut home, move |caller| {
            let read = sock.as_ref().unwrap().poll_read_with(caller, &mut [0; 8]);
            assert!(read.is_pending());
            Poll::Ready(sock.take().unwrap())
        })
    };
    // In a task of `abroad` it is woken by the reactor of `home`.
    let (polled, first) = channel();
    let (got, read) = channel();
    let mut sock = Some(sock);
    G::spawn_on(&abroad.executor(), move |caller| {
        let mut buf = [0; 8];
        let poll = sock.as_ref().unwrap().poll_read_with(caller, &mut buf);
        let _ = polled.send(());
        poll.map(|read| got.send((read.unwrap(), buf[0], sock.take().unwrap())).unwrap())
    });
    within(&first);
    peer.write_all(b"x").unwrap();
    let (n, byte, sock) = within(&read);
    assert_eq!((n, byte), (1, b'x'));

    // Now it waits abroad while its home goes away: it is woken, and told.
    let (polled, first) = channel();
    let (got, read) = channel();
    let mut waits = Some(sock);
    G::spawn_on(&abroad.executor(), move |caller| {
        let poll = waits.as_ref().unwrap().poll_read_with(caller, &mut [0; 8]);
        let _ = polled.send(());
        poll.map(|read| got.send((read, waits.take().unwrap())).unwrap())
    });
    within(&first);
    drop(home);
    let (result, sock) = within(&read);
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Other);
    assert!(error.to_string().contains("reactor"), "{error}");

    // Who comes later is told as well. A rescued descriptor starts anew.
    let std_sock = sock.into_std().unwrap();
    let sock = TcpStream::from_std(std_sock, &Default::default()).unwrap();
    peer.write_all(b"y").unwrap();
    let byte = G::block_on(&mut abroad, move |caller| {
        let mut buf = [0; 8];
        sock.poll_read_with(caller, &mut buf).map(|n| (n.unwrap(), buf[0]))
    });
    assert_eq!(byte, (1, b'y'));
}

#[test]
fn connecting_to_nobody_is_refused_in_either_generation() {
    bounded(|| {
        let mut runtime = runtime(2);
        let addr = listener().local_addr().unwrap();
        let error = runtime.block_on(TcpStream::connect(&addr)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let error = runtime.block_on(async move { TcpStream::connect(&addr).await }).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    });
}

#[test]
fn an_address_in_use_is_an_error_of_bind() {
    let listener = listener();
    let error = TcpListener::bind(&listener.local_addr().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
}

/// Set in the process that runs out of descriptors, and not in the test's own.
#[cfg(unix)]
const CHILD: &str = "TOKIO_OUT_OF_DESCRIPTORS";

/// Runs a test again, in a process that may have few descriptors.
#[cfg(unix)]
fn with_few_descriptors(name: &str, body: fn()) {
    if std::env::var_os(CHILD).is_some() {
        return bounded(body);
    }
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -n 40 && exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads", "1"])
        .env(CHILD, "")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{output:?}");
}

#[cfg(unix)]
#[test]
fn a_futures01_server_without_descriptors_serves_on_afterwards() {
    use futures::Stream as _;
    use support::echo::echo_futures01;

    with_few_descriptors("a_futures01_server_without_descriptors_serves_on_afterwards", || {
        out_of_descriptors(|listener| {
            tokio::spawn(
                listener
                    .incoming()
                    .map_err(|e| panic!("accept: {e}"))
                    .for_each(|sock| tokio::spawn(echo_futures01(sock))),
            );
        })
    });
}

#[cfg(unix)]
#[test]
fn a_std_server_without_descriptors_serves_on_afterwards() {
    use support::echo::echo_std;

    with_few_descriptors("a_std_server_without_descriptors_serves_on_afterwards", || {
        out_of_descriptors(|listener| {
            tokio::spawn(async move {
                loop {
                    let (sock, _) = listener.accept().await.expect("accept");
                    tokio::spawn(echo_std(sock));
                }
            });
        })
    });
}

/// More clients connect than the process has descriptors for. Those that are not accepted wait;
/// meanwhile the others are served, and as they leave, those that wait are.
#[cfg(unix)]
fn out_of_descriptors(serve: fn(TcpListener)) {
    let mut runtime = runtime(1);
    let listener = listener();
    let addr = listener.local_addr().unwrap();
    runtime.block_on(async move { serve(listener) });
    let ping = |client: &mut net::TcpStream| {
        client.set_read_timeout(Some(support::LIMIT)).unwrap();
        client.write_all(b"ping").unwrap();
        let mut buf = [0; 4];
        client.read_exact(&mut buf).unwrap();
        assert_eq!(&buf, b"ping");
    };
    // The first is accepted for sure. The others take what descriptors there are, each one here
    // and perhaps one at the server.
    let mut clients = vec![net::TcpStream::connect(addr).unwrap()];
    ping(&mut clients[0]);
    let refused = loop {
        match net::TcpStream::connect(addr) {
            Ok(client) => clients.push(client),
            Err(error) => break error,
        }
    };
    assert_eq!(refused.raw_os_error(), Some(24), "too many open files: {refused}");
    assert!(clients.len() >= 10, "{} clients", clients.len());
    // Whoever leaves makes room for the next of those that wait, until the last.
    for mut client in clients {
        ping(&mut client);
    }
    // And a new one.
    assert_eq!(runtime.block_on(Std::exchange(addr, b"pong".to_vec())).unwrap(), b"pong");
}

#[test]
fn many_accepting_tasks_share_one_listener() {
    bounded(|| {
        let mut runtime = runtime(2);
        let listener = std::sync::Arc::new(listener());
        let addr = listener.local_addr().unwrap();
        let accepted = runtime.block_on(async move {
            let tasks: Vec<_> = (0..10)
                .map(|_| {
                    let listener = listener.clone();
                    // All wait at once; each is to get one connection.
                    tokio::spawn(async move { listener.accept().await.map(drop) })
                })
                .collect();
            for _ in 0..10 {
                TcpStream::connect(&addr).await.unwrap();
            }
            join_all(tasks).await
        });
        assert!(accepted.into_iter().all(|accepted| accepted.unwrap().is_ok()));
    });
}

#[test]
fn poll_functions_of_futures01_work_through_a_reference() {
    bounded(|| {
        let (sock, mut peer) = pair();
        let mut runtime = runtime(1);
        peer.write_all(b"hello").unwrap();
        let read = runtime.block_on(future::lazy(move || {
            let mut buf = [0; 5];
            future::poll_fn(move || {
                tokio::io::AsyncRead::poll_read(&mut &sock, &mut buf)
                    .map(|poll| poll.map(|n| buf[..n].to_vec()))
            })
        }));
        assert_eq!(read.unwrap(), b"hello");
    });
}

#[test]
fn a_task_that_stops_waiting_is_not_missed_by_the_next() {
    bounded(|| {
        let (sock, mut peer) = pair();
        let sock = std::sync::Arc::new(sock);
        let mut runtime = runtime(2);
        let abandoned = sock.clone();
        // It has waited, and is gone when the bytes come.
        runtime.block_on(async move {
            poll_fn(|cx| {
                assert!(abandoned.poll_read_with(cx.into(), &mut [0; 8]).is_pending());
                Poll::Ready(())
            })
            .await
        });
        peer.write_all(b"x").unwrap();
        let n = runtime.block_on(async move {
            poll_fn(|cx| sock.poll_read_with(cx.into(), &mut [0; 8])).await
        });
        assert_eq!(n.unwrap(), 1);
    });
}
