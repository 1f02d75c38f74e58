// As it was written then.
#![allow(bare_trait_objects, deprecated)]

extern crate classic;
#[macro_use]
extern crate futures;
extern crate tokio;
extern crate tokio_tcp;

use futures::future::{self, lazy, poll_fn, Executor};
use futures::sync::{mpsc, oneshot};
use futures::{stream, Async, Future, Sink, Stream};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;
use tokio::executor::{DefaultExecutor, Executor as TokioExecutor};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::runtime::{Builder, Runtime};

fn local() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(&local()).unwrap();
    let addr = listener.local_addr().unwrap();
    (listener, addr)
}

fn messages() -> Vec<Vec<u8>> {
    [1usize, 10, 1000, 20_000].iter().map(|&len| vec![len as u8; len]).collect()
}

/// A blocking client, for servers that run in the background.
fn blocking(addr: &SocketAddr) -> std::net::TcpStream {
    let sock = std::net::TcpStream::connect(addr).unwrap();
    sock.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    sock
}

#[test]
fn run_returns_when_server_and_clients_are_done() {
    let (listener, addr) = listen();
    let done = Arc::new(AtomicUsize::new(0));
    let counter = done.clone();
    tokio::run(lazy(move || {
        tokio::spawn(classic::echo::server(listener, 5));
        for _ in 0..5 {
            let counter = counter.clone();
            let client = classic::echo::client(&addr, messages())
                .map(move |n| {
                    counter.fetch_add(n, Ordering::SeqCst);
                })
                .map_err(|e| panic!("{}", e));
            tokio::spawn(client);
        }
        Ok(())
    }));
    assert_eq!(done.load(Ordering::SeqCst), 5 * 4);
}

#[test]
fn an_echo_by_hand_reads_and_writes_by_std_io() {
    let listener = tokio_tcp::TcpListener::bind(&local()).unwrap();
    let addr = listener.local_addr().unwrap();
    let mut runtime = Runtime::new().unwrap();
    let server = listener
        .incoming()
        .into_future()
        .map_err(|(e, _)| e)
        .and_then(|(sock, _)| classic::echo::ByHand::new(sock.unwrap()));
    let total = oneshot::spawn(server, &runtime.executor());
    let n = runtime.block_on(classic::echo::client(&addr, messages())).unwrap();
    assert_eq!(n, 4);
    assert_eq!(runtime.block_on(total).unwrap(), 1 + 10 + 1000 + 20_000);
    runtime.shutdown_on_idle().wait().unwrap();
}

#[test]
fn a_line_protocol_over_the_codec() {
    let (listener, addr) = listen();
    let mut runtime = Runtime::new().unwrap();
    runtime.spawn(classic::frames::database(listener));
    let ask = TcpStream::connect(&addr).and_then(|sock| {
        classic::frames::ask(sock, vec!["get a", "set a 1", "set a 2 3", "get a", "nonsense"])
    });
    let answers = runtime.block_on(ask).unwrap();
    assert_eq!(answers, ["none", "new", "1", "2 3", "what?"]);
    runtime.shutdown_now().wait().unwrap();
}

#[test]
fn a_codec_of_ones_own() {
    let (listener, addr) = listen();
    let mut runtime = Runtime::new().unwrap();
    let accept = listener.incoming().into_future().map_err(|(e, _)| e);
    let sum = accept.and_then(|(sock, _)| classic::frames::sum(sock.unwrap()));
    let count = TcpStream::connect(&addr).and_then(|sock| classic::frames::count(sock, 10_000));
    let (sum, ()) = runtime.block_on(sum.join(count)).unwrap();
    assert_eq!(sum, 10_000 * 9_999 / 2);
}

#[test]
fn lines_reach_the_other_members() {
    let (listener, addr) = listen();
    let mut runtime = Runtime::new().unwrap();
    runtime.spawn(classic::hub::hub(listener));
    let (mut one, mut other) = (blocking(&addr), blocking(&addr));
    // Whoever has been heard is a member.
    let mut buf = [0; 6];
    one.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    loop {
        other.write_all(b"hello\n").unwrap();
        if one.read_exact(&mut buf).is_ok() {
            break;
        }
    }
    assert_eq!(&buf, b"hello\n");
    one.write_all(b"world\n").unwrap();
    other.read_exact(&mut buf).unwrap();
    assert_eq!(&buf, b"world\n");
    runtime.shutdown_now().wait().unwrap();
}

#[test]
fn a_proxy_closes_each_direction_by_itself() {
    let (echo, echo_addr) = listen();
    let (proxy, addr) = listen();
    let mut runtime = Builder::new().core_threads(2).name_prefix("proxy-").build().unwrap();
    runtime.spawn(classic::echo::server(echo, 1)).spawn(classic::relay::proxy(proxy, echo_addr));
    let mut client = blocking(&addr);
    client.write_all(b"there and back").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut all = String::new();
    client.read_to_string(&mut all).unwrap();
    assert_eq!(all, "there and back");
    runtime.shutdown_now().wait().unwrap();
}

#[test]
fn datagrams_come_back() {
    let server = UdpSocket::bind(&local()).unwrap();
    let addr = server.local_addr().unwrap();
    let mut runtime = Runtime::new().unwrap();
    runtime.spawn(classic::udp::Server::new(server).map_err(|e| panic!("{}", e)));
    for len in 1..50 {
        let echo = runtime.block_on(classic::udp::ask(&addr, vec![len as u8; len])).unwrap();
        assert_eq!(echo, vec![len as u8; len]);
    }
    runtime.shutdown_now().wait().unwrap();
}

#[test]
fn tasks_talk_over_channels() {
    let (tx, rx) = mpsc::channel(4);
    let (sum_tx, sum_rx) = oneshot::channel();
    tokio::run(lazy(move || {
        for n in 0..100u64 {
            let tx = tx.clone();
            tokio::spawn(tx.send(n).map(|_| ()).map_err(|_| ()));
        }
        drop(tx);
        let sum = rx.fold(0, |sum, n| future::ok::<_, ()>(sum + n));
        tokio::spawn(sum.and_then(move |sum| sum_tx.send(sum).map_err(|_| ())))
    }));
    assert_eq!(sum_rx.wait(), Ok(4950));
}

#[test]
fn every_way_to_spawn() {
    let count = Arc::new(AtomicUsize::new(0));
    let task = || {
        let count = count.clone();
        lazy(move || {
            count.fetch_add(1, Ordering::SeqCst);
            Ok::<(), ()>(())
        })
    };
    let mut runtime = Runtime::new().unwrap();
    runtime.spawn(task()).spawn(task());
    let executor = runtime.executor();
    executor.spawn(task());
    executor.execute(task()).unwrap();
    let (by_function, by_box, by_default) = (task(), task(), task());
    let nested = lazy(move || {
        tokio::spawn(by_function);
        let boxed: Box<Future<Item = (), Error = ()> + Send> = Box::new(by_box);
        DefaultExecutor::current().spawn(boxed).unwrap();
        DefaultExecutor::current().execute(by_default).unwrap();
        Ok::<_, ()>("nested")
    });
    assert_eq!(runtime.block_on(nested), Ok("nested"));
    let result = runtime.block_on_all(future::err::<(), _>("an error"));
    assert_eq!(result, Err("an error"));
    assert_eq!(count.load(Ordering::SeqCst), 7);
}

#[test]
fn streams_of_spawned_work() {
    let done = Arc::new(AtomicUsize::new(0));
    let counter = done.clone();
    let work = (0..10).map(move |_| {
        let counter = counter.clone();
        let mut turns = 3;
        poll_fn(move || {
            if turns > 0 {
                turns -= 1;
                futures::task::current().notify();
                return Ok(Async::NotReady);
            }
            counter.fetch_add(1, Ordering::SeqCst);
            Ok(Async::Ready(()))
        })
    });
    tokio::run(stream::iter_ok(work.collect::<Vec<_>>()).for_each(tokio::spawn));
    assert_eq!(done.load(Ordering::SeqCst), 10);
}

#[test]
fn a_socket_that_waits_on_a_plain_thread() {
    let (listener, addr) = listen();
    let server = std::thread::spawn(move || {
        let mut incoming = listener.incoming().wait();
        let sock = incoming.next().unwrap().unwrap();
        let echo = classic::echo::ByHand::new(sock);
        echo.wait().unwrap()
    });
    let n = classic::echo::client(&addr, messages()).wait().unwrap();
    assert_eq!(n, 4);
    assert_eq!(server.join().unwrap(), 21_011);
}

#[test]
fn ready_macros_work() {
    let mut twice = 0;
    let mut inner = poll_fn(move || {
        twice += 1;
        if twice < 2 {
            futures::task::current().notify();
            return Ok::<_, ()>(Async::NotReady);
        }
        Ok(Async::Ready(twice))
    });
    let outer = poll_fn(move || {
        let n = try_ready!(inner.poll());
        Ok::<_, ()>(Async::Ready(n * 2))
    });
    assert_eq!(Runtime::new().unwrap().block_on(outer), Ok(4));
}
