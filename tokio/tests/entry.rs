//! Every public future and stream of these crates can be spawned, run, blocked on and awaited, and
//! none of them leaves the compiler a choice. What is here is only compiled: that is the test.
//!
//! The types are spelled out rather than generic, as a bound would hide a second `Future` impl.
#![allow(
    dead_code,
    clippy::let_unit_value,
    clippy::let_underscore_future,
    clippy::unit_arg,
    reason = "compiling it is the test"
)]

use bytes::BytesMut;
use futures::{Future as _, Stream as _};
use std::io::{self, BufReader, Cursor};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::runtime::{current_thread, Runtime};
use tokio_executor::{enter, Executor};
use tokio_io::framing::{Decoder, Encoder, Framed, FramedRead, FramedWrite};

/// Futures of the 0.1 generation, which std can await.
macro_rules! futures01 {
    ($($name:ident: $future:ty;)+) => {$(
        fn $name(runtime: &mut Runtime, make: fn() -> $future) {
            let _: Result<_, _> = runtime.block_on(make());
            let _: Result<_, _> = enter().unwrap().block_on(make());
            let () = tokio_executor::spawn(make().map(drop).map_err(drop));
            let _: tokio::executor::Spawn = tokio::spawn(make().map(drop).map_err(drop));
            let _: &mut Runtime = runtime.spawn(make().map(drop).map_err(drop));
            let () = runtime.executor().spawn(make().map(drop).map_err(drop));
            tokio::run(make().map(drop).map_err(drop));
            let mut local = current_thread::Runtime::new().unwrap();
            let _: Result<_, _> = local.block_on(make());
            let _: &mut _ = local.spawn(make().map(drop).map_err(drop));
            let () = current_thread::spawn(make().map(drop).map_err(drop));
            let () = local.handle().spawn(make().map(drop).map_err(drop)).unwrap();
            // From the other generation.
            tokio::spawn(async move {
                let _ = make().await;
            });
            tokio::spawn(std::future::IntoFuture::into_future(make()));
            let _ = runtime.block_on(std::future::IntoFuture::into_future(make()));
        }
    )+};
}

futures01! {
    connect: tokio::net::tcp::ConnectFuture;
    recv_dgram: tokio::net::udp::RecvDgram<Vec<u8>>;
    send_dgram: tokio::net::udp::SendDgram<&'static [u8]>;
    copy: tokio::io::Copy<ReadHalf<TcpStream>, WriteHalf<TcpStream>>;
    copy_unsplit: tokio::io::Copy<TcpStream, Cursor<Vec<u8>>>;
    flush: tokio::io::Flush<TcpStream>;
    read: tokio_io::io::Read<TcpStream, Vec<u8>>;
    read_exact: tokio::io::ReadExact<TcpStream, [u8; 4]>;
    read_to_end: tokio::io::ReadToEnd<TcpStream>;
    read_until: tokio::io::ReadUntil<BufReader<TcpStream>>;
    shutdown: tokio::io::Shutdown<TcpStream>;
    write_all: tokio::io::WriteAll<TcpStream, &'static str>;
    join: tokio::task::Join<u8>;
    spawn_handle: tokio_threadpool::SpawnHandle<u8, io::Error>;
    runtime_shutdown: tokio::runtime::Shutdown;
    pool_shutdown: tokio_threadpool::Shutdown;
    reactor_shutdown: tokio_reactor::Shutdown;
}

/// Futures of the 0.1 generation that need no mapping.
macro_rules! unit_futures01 {
    ($($name:ident: $future:ty;)+) => {$(
        fn $name(runtime: &mut Runtime, make: fn() -> $future) {
            tokio::spawn(make());
            tokio_executor::spawn(make());
            runtime.spawn(make()).spawn(make());
            runtime.executor().spawn(make());
            tokio_executor::DefaultExecutor::current().spawn(Box::new(make())).unwrap();
            tokio::run(make());
            current_thread::spawn(make());
            current_thread::run(make());
        }
    )+};
}

unit_futures01! {
    unmapped_runtime_shutdown: tokio::runtime::Shutdown;
    unmapped_pool_shutdown: tokio_threadpool::Shutdown;
    unmapped_reactor_shutdown: tokio_reactor::Shutdown;
    boxed: Box<dyn futures::Future<Item = (), Error = ()> + Send>;
}

/// Futures of std.
macro_rules! std_futures {
    ($($name:ident($($arg:ident: $type:ty),*) => $future:expr;)+) => {$(
        fn $name(runtime: &mut Runtime $(, $arg: fn() -> $type)*) {
            let make = move || {
                $(let $arg = $arg();)*
                $future
            };
            // The same output either way.
            let _ = [runtime.block_on(make()), enter().unwrap().block_on(make())];
            let _: tokio::task::JoinHandle<_> = tokio::spawn(make());
            let _: tokio::task::JoinHandle<_> = tokio_executor::spawn(make());
            let _: tokio::task::JoinHandle<_> = runtime.spawn(make());
            let _: tokio::task::JoinHandle<_> = runtime.executor().spawn(make());
            tokio::run(make());
            let mut local = current_thread::Runtime::new().unwrap();
            let _ = local.block_on(make());
            let _: tokio::task::JoinHandle<_> = local.spawn(make());
            let _: tokio::task::JoinHandle<_> = current_thread::spawn(make());
            let _: tokio::task::JoinHandle<_> = local.handle().spawn(make()).unwrap();
            tokio::run(tokio::task::StdAsFutures01::new(make()).map(drop).map_err(drop));
        }
    )+};
}

std_futures! {
    join_handle(handle: tokio::task::JoinHandle<u8>) => handle;
    futures01_as_std(inner: tokio::net::tcp::ConnectFuture) => {
        tokio::task::Futures01AsStd::new(inner)
    };
    connecting(inner: tokio_tcp::Connecting) => inner;
    receiving(inner: tokio_udp::Receiving<Vec<u8>>) => inner;
    sending(inner: tokio_udp::Sending<Vec<u8>>) => inner;
    waiting_for_a_pool(inner: tokio_threadpool::WaitForShutdown) => inner;
    accept(listener: TcpListener) => async move { listener.accept().await };
    peek(sock: TcpStream) => async move { sock.peek(&mut [0; 8]).await };
    send(socket: UdpSocket) => async move { socket.send(b"x").await };
    recv(socket: UdpSocket) => async move { socket.recv(&mut [0; 8]).await };
    send_to(socket: UdpSocket, addr: SocketAddr) => async move { socket.send_to(b"x", &addr).await };
    recv_from(socket: UdpSocket) => async move { socket.recv_from(&mut [0; 8]).await };
    peek_from(socket: UdpSocket) => async move { socket.peek_from(&mut [0; 8]).await };
    blocking() => std::future::poll_fn(|cx| tokio_threadpool::poll_blocking(cx, || 1));
}

/// A future of std inside a 0.1 future is one of the 0.1 generation.
fn std_as_futures01(runtime: &mut Runtime, handle: fn() -> tokio::task::JoinHandle<u8>) {
    let make = move || tokio::task::StdAsFutures01::new(handle());
    let _: Result<Result<u8, _>, tokio::task::Never> = runtime.block_on(make());
    tokio::spawn(make().map(drop).map_err(|never| match never {}));
    tokio::run(make().map(drop).map_err(|never| match never {}));
}

/// Streams of both generations.
macro_rules! streams {
    ($($name:ident: $stream:ty;)+) => {$(
        fn $name(runtime: &mut Runtime, make: fn() -> $stream) {
            // 0.1
            let _: Result<(), _> = runtime.block_on(make().for_each(|_| Ok(())));
            tokio::spawn(make().for_each(|_| Ok(())).map_err(drop));
            tokio::run(make().into_future().map(drop).map_err(drop));
            // std
            tokio::spawn(async move {
                let mut stream = make();
                while let Some(item) = futures03::StreamExt::next(&mut stream).await {
                    drop(item);
                }
            });
            tokio::run(futures03::StreamExt::collect::<Vec<_>>(make()));
        }
    )+};
}

/// A codec that the types below name.
struct Codec;

impl Decoder for Codec {
    type Item = u8;
    type Error = io::Error;

    fn decode(&mut self, _: &mut BytesMut) -> io::Result<Option<u8>> {
        Ok(None)
    }
}

impl Encoder for Codec {
    type Item = u8;
    type Error = io::Error;

    fn encode(&mut self, _: u8, _: &mut BytesMut) -> io::Result<()> {
        Ok(())
    }
}

streams! {
    incoming: tokio::net::tcp::Incoming;
    lines: tokio::io::Lines<BufReader<TcpStream>>;
    framed: Framed<TcpStream, Codec>;
    framed_read: FramedRead<ReadHalf<TcpStream>, Codec>;
    udp_framed: tokio::net::UdpFramed<Codec>;
}

/// Sinks of both generations.
fn sinks(runtime: &mut Runtime, make: fn() -> FramedWrite<TcpStream, Codec>) {
    let _: Result<_, io::Error> = runtime.block_on(futures::Sink::send(make(), 1));
    tokio::run(futures::Sink::send(make(), 1).map(drop).map_err(drop));
    tokio::run(async move { drop(futures03::SinkExt::send(&mut make(), 1).await) });
    tokio::run(async move { drop(futures03::SinkExt::send(&mut make(), 1).await) });
}

/// What `tokio::spawn` returns is a future of the 0.1 generation, for `for_each` and `and_then`.
fn spawned(handle: fn() -> tokio::task::JoinHandle<()>, spawn: fn() -> tokio::executor::Spawn) {
    tokio::spawn(futures::IntoFuture::into_future(handle()));
    tokio::spawn(futures::IntoFuture::into_future(spawn()));
}

/// A future of the program's own, of std.
struct Own;

impl std::future::Future for Own {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

/// Boxed, pinned and borrowed.
fn std_in_disguise(runtime: &mut Runtime) {
    tokio::spawn(Own);
    tokio::spawn(Box::pin(Own));
    tokio::spawn(Box::pin(Own) as Pin<Box<dyn std::future::Future<Output = ()> + Send>>);
    runtime.block_on(Box::new(Own));
    let mut borrowed = Own;
    enter().unwrap().block_on(&mut borrowed);
    let not_send = std::rc::Rc::new(1);
    enter().unwrap().block_on(async { *not_send });
}
