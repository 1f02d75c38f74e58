//! Every pairing of the generations, both ways, on one runtime.

mod support;

use futures::stream::FuturesUnordered as FuturesUnordered01;
use futures::sync::{mpsc as mpsc01, oneshot as oneshot01};
use futures::{future, stream, Future as _, Sink as _, Stream as _};
use futures03::channel::{mpsc as mpsc03, oneshot as oneshot03};
use futures03::stream::FuturesUnordered;
use futures03::StreamExt as StdStreamExt;
use std::future::{poll_fn, IntoFuture};
use std::io::{Read, Write};
use std::net;
use std::sync::mpsc::channel;
use std::sync::Arc;
use std::task::Poll;
use support::echo::{echo_std, noise, Peer};
use support::{bounded, listener, runtime, within, Futures01, Generation, Std};
use tokio::io::{read_exact, write_all};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{Futures01AsStd, Sink01AsStd, SinkStdAsFutures01, StdAsFutures01};

/// The extension methods of futures 0.3, in a module of their own: those of `std::io` have the same
/// names.
mod std_io {
    use futures03::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
    use std::io;

    pub(crate) async fn read_exact(
        mut reader: impl AsyncRead + Unpin,
        buf: &mut [u8],
    ) -> io::Result<()> {
        reader.read_exact(buf).await
    }

    pub(crate) async fn write_all(
        mut writer: impl AsyncWrite + Unpin,
        buf: &[u8],
    ) -> io::Result<()> {
        writer.write_all(buf).await
    }
}

/// A pair of connected sockets, one of them ours and not bound to a reactor yet.
fn pair() -> (TcpStream, net::TcpStream) {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let peer = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    peer.set_read_timeout(Some(support::LIMIT)).unwrap();
    let (ours, _) = listener.accept().unwrap();
    (TcpStream::from_std(ours, &Default::default()).unwrap(), peer)
}

#[test]
fn a_std_task_awaits_the_futures01_futures_of_sockets() {
    bounded(|| {
        let mut runtime = runtime(2);
        let (sock, mut peer) = pair();
        let task = runtime.spawn(async move {
            let (sock, buf) = read_exact(sock, [0; 4]).await?;
            let (sock, _) = write_all(sock, buf).await?;
            // Combinators of 0.1 on the way.
            let chain = read_exact(sock, [0; 4]).and_then(|(sock, buf)| write_all(sock, buf));
            Futures01AsStd::new(chain).await.map(drop)
        });
        for message in [b"ping", b"pong"] {
            peer.write_all(message).unwrap();
            let mut echo = [0; 4];
            peer.read_exact(&mut echo).unwrap();
            assert_eq!(&echo, message);
        }
        runtime.block_on(task).unwrap().unwrap();
    });
}

#[test]
fn a_futures01_task_waits_for_std_futures_of_sockets() {
    bounded(|| {
        let runtime = runtime(2);
        let (mut sock, mut peer) = pair();
        let exchange = async move {
            let mut buf = [0; 4];
            std_io::read_exact(&mut sock, &mut buf).await?;
            std_io::write_all(&mut sock, &buf).await?;
            Ok::<_, std::io::Error>(sock)
        };
        let (send, done) = channel();
        // One that 0.1 combinators hold, and after it one that `and_then` makes.
        let chain = StdAsFutures01::new(exchange)
            .map_err(|never| match never {})
            .and_then(|sock| {
                let mut sock = sock.unwrap();
                StdAsFutures01::new(async move { std_io::write_all(&mut sock, b"more").await })
                    .map_err(|never| match never {})
            })
            .map(move |written| send.send(written.is_ok()).unwrap());
        runtime.executor().spawn(chain);
        peer.write_all(b"ping").unwrap();
        let mut echo = [0; 8];
        peer.read_exact(&mut echo).unwrap();
        assert_eq!(&echo, b"pingmore");
        assert!(within(&done));
    });
}

#[test]
fn futures_of_one_generation_nest_in_those_of_the_other_many_times() {
    bounded(|| {
        let mut runtime = runtime(2);
        let (release, released) = oneshot03::channel::<u32>();
        let (release01, released01) = oneshot01::channel::<u32>();
        let nested = async move {
            let inner = StdAsFutures01::new(async move {
                let one = released.await.unwrap();
                let two = Futures01AsStd::new(released01).await.unwrap();
                tokio::spawn(async move { one + two }).await.unwrap()
            });
            let mapped = inner.map(|n| n + 1).map_err(|never| match never {});
            let middle: Result<u32, ()> = Futures01AsStd::new(mapped).await;
            StdAsFutures01::new(async move { middle.unwrap() + 1 })
        };
        let outer = runtime.spawn(async move { Futures01AsStd::new(nested.await).await.unwrap() });
        runtime.spawn(future::lazy(move || release.send(10).map_err(drop)));
        runtime.spawn(async move { release01.send(20).unwrap() });
        assert_eq!(runtime.block_on(outer).unwrap(), 32);
    });
}

#[test]
fn join_handles_are_joined_from_futures01() {
    bounded(|| {
        let (send, joined) = channel();
        tokio::run(future::lazy(move || {
            let task = tokio::spawn(async { 42 });
            task.join().map(move |n| send.send(n).unwrap()).map_err(|e| panic!("{e}"))
        }));
        assert_eq!(within(&joined), 42);
    });
}

#[test]
fn a_std_task_is_detached_by_futures01_for_each() {
    bounded(|| {
        let (send, ran) = channel();
        tokio::run(stream::iter_ok(0..10).for_each(move |n| {
            let send = send.clone();
            tokio::spawn(async move { send.send(n).unwrap() })
        }));
        let mut numbers: Vec<i32> = ran.iter().collect();
        numbers.sort_unstable();
        assert_eq!(numbers, Vec::from_iter(0..10));
    });
}

#[test]
fn streams_and_sinks_cross_between_the_generations() {
    bounded(|| {
        let mut runtime = runtime(2);
        let (tx01, rx01) = mpsc01::channel::<u32>(0);
        let (tx03, rx03) = mpsc03::channel::<u32>(0);
        // 0.1 stream to std sink, in a 0.1 task.
        let sink = SinkStdAsFutures01::new(tx03).sink_map_err(|e: mpsc03::SendError| panic!("{e}"));
        runtime.spawn(sink.send_all(rx01).map(drop));
        // std stream to 0.1 sink, in a std task.
        runtime.spawn(async move {
            let numbers = futures03::stream::iter((0..100).map(Ok));
            StdStreamExt::forward(numbers, Sink01AsStd::new(tx01)).await.unwrap();
        });
        let collected = runtime.block_on(StdStreamExt::collect::<Vec<_>>(rx03));
        assert_eq!(collected, Vec::from_iter(0..100));
    });
}

#[test]
fn one_incoming_is_a_stream_of_both_generations() {
    bounded(|| {
        let mut runtime = runtime(2);
        let listener = listener();
        let addr = listener.local_addr().unwrap();
        let _clients = [(); 2].map(|()| net::TcpStream::connect(addr).unwrap());
        let incoming = runtime.block_on(async move {
            let mut incoming = listener.incoming();
            StdStreamExt::next(&mut incoming).await.unwrap().unwrap();
            incoming
        });
        let next = futures::Stream::into_future(incoming);
        let accepted = runtime.block_on(next.map(|(sock, _)| sock.is_some()).map_err(|(e, _)| e));
        assert!(accepted.unwrap());
    });
}

/// A 0.1 task splits a socket that a std task holds as well, each half awake for itself.
#[test]
fn futures01_combinators_and_a_std_task_use_one_socket() {
    bounded(|| {
        let mut runtime = runtime(2);
        let (sock, mut peer) = pair();
        let sock = Arc::new(sock);
        let (reader, writer) = (sock.clone(), sock);
        let (send, received) = channel();
        // Reads by the 0.1 generation.
        let mut all = Vec::new();
        let read = future::poll_fn(move || loop {
            let mut buf = [0; 64];
            match futures::try_ready!(tokio::io::AsyncRead::poll_read(&mut &*reader, &mut buf)) {
                0 => return Ok::<_, std::io::Error>(std::mem::take(&mut all).into()),
                n => all.extend_from_slice(&buf[..n]),
            }
        });
        runtime.spawn(read.map(move |all| send.send(all).unwrap()).map_err(|e| panic!("{e}")));
        // Writes by std, meanwhile.
        let message = noise(3_000_000, 7);
        let expected = message.clone();
        let writing =
            runtime.spawn(async move { std_io::write_all(&mut &*writer, &message).await });
        let mut got = vec![0; expected.len()];
        peer.read_exact(&mut got).unwrap();
        assert!(got == expected);
        runtime.block_on(writing).unwrap().unwrap();
        peer.write_all(b"hello").unwrap();
        drop(peer);
        assert_eq!(within(&received), b"hello");
    });
}

#[test]
fn unordered_futures_of_each_generation_hold_those_of_the_other() {
    bounded(|| {
        fn exchanges<C: Peer>(
            addr: net::SocketAddr,
        ) -> impl Iterator<Item = impl std::future::Future<Output = Vec<u8>> + Send> {
            (0..20).map(move |n| {
                let echo = C::exchange(addr, noise(10_000, n));
                async move { echo.await.unwrap() }
            })
        }
        let mut runtime = runtime(2);
        let listener = listener();
        let addr = listener.local_addr().unwrap();
        runtime.block_on(async move { Std::serve(listener, 80) });
        let check = |mut echoes: Vec<Vec<u8>>| {
            let mut expected: Vec<_> = (0..20).map(|n| noise(10_000, n)).collect();
            echoes.sort();
            expected.sort();
            assert!(echoes == expected);
        };

        // 0.1's, of std futures, in a 0.1 task and in a std task.
        let unordered = move || {
            let futures = exchanges::<Std>(addr).map(StdAsFutures01::new);
            FuturesUnordered01::from_iter(futures).collect()
        };
        check(runtime.block_on(unordered()).unwrap_or_else(|never| match never {}));
        check(
            runtime
                .block_on(async move { Futures01AsStd::new(unordered()).await })
                .unwrap_or_else(|never| match never {}),
        );
        // std's, of 0.1 futures, in a std task and in a 0.1 task.
        let unordered = move || {
            let futures = FuturesUnordered::from_iter(exchanges::<Futures01>(addr));
            StdStreamExt::collect::<Vec<_>>(futures)
        };
        check(runtime.block_on(unordered()));
        let in_futures01 = StdAsFutures01::new(unordered());
        check(runtime.block_on(in_futures01).unwrap_or_else(|never| match never {}));
    });
}

#[test]
fn select_of_futures01_wakes_for_the_std_side_and_back() {
    bounded(|| {
        let mut runtime = runtime(2);
        for std_first in [true, false] {
            let (tx03, rx03) = oneshot03::channel::<u8>();
            let (tx01, rx01) = oneshot01::channel::<u8>();
            let (polled, first) = channel();
            let rx01 = rx01.map_err(drop);
            let rx03 = StdAsFutures01::new(rx03)
                .map_err(|never| match never {})
                .and_then(|received| received.map_err(drop));
            let mut select = rx01.select(rx03);
            let waits = runtime.spawn(Futures01AsStd::new(future::poll_fn(move || {
                let poll = select.poll();
                let _ = polled.send(());
                poll.map_err(|_| ())
            })));
            within(&first);
            if std_first {
                tx03.send(1).unwrap();
            } else {
                tx01.send(1).unwrap();
            }
            let (n, _other) = runtime.block_on(waits).unwrap().unwrap();
            assert_eq!(n, 1);
        }
    });
}

#[test]
fn two_waiters_of_different_generations_on_one_direction_are_both_woken() {
    bounded(|| {
        let mut runtime = runtime(2);
        let executor = runtime.executor();
        let listener = Arc::new(listener());
        let addr = listener.local_addr().unwrap();
        let (send, accepted) = channel();
        // A std task by `&self`, and a 0.1 task by the poll function. Both wait.
        let (polled, first) = channel();
        for shared in [true, false] {
            let (listener, send, polled) = (listener.clone(), send.clone(), polled.clone());
            if shared {
                executor.spawn(async move {
                    let mut accept = std::pin::pin!(listener.accept());
                    poll_fn(|cx| {
                        let poll = std::future::Future::poll(accept.as_mut(), cx);
                        let _ = polled.send(());
                        poll
                    })
                    .await
                    .unwrap();
                    send.send("std").unwrap();
                });
            } else {
                Futures01::spawn_on(&executor, move |caller| {
                    let poll = listener.poll_accept_with(caller);
                    let _ = polled.send(());
                    poll.map(|accepted| {
                        accepted.unwrap();
                        send.send("0.1").unwrap();
                    })
                });
            }
        }
        within(&first);
        within(&first);
        let _clients = [(); 2].map(|()| net::TcpStream::connect(addr).unwrap());
        let mut who = [within(&accepted), within(&accepted)];
        who.sort_unstable();
        assert_eq!(who, ["0.1", "std"]);
        assert_eq!(runtime.block_on(async { 1 }), 1);
    });
}

/// `wait` and `block_on` of the futures crates, on a thread that is no runtime's.
#[test]
fn plain_threads_make_progress_with_sockets_in_either_generation() {
    bounded(|| {
        let runtime = runtime(1);
        let listener = listener();
        let addr = listener.local_addr().unwrap();
        runtime.executor().spawn(future::lazy(move || {
            Futures01::serve(listener, 2);
            Ok(())
        }));
        let exchange = TcpStream::connect(&addr)
            .and_then(|sock| write_all(sock, b"by wait"))
            .and_then(|(sock, _)| read_exact(sock, [0; 7]));
        assert_eq!(&exchange.wait().unwrap().1, b"by wait");
        let echo = futures03::executor::block_on(Std::exchange(addr, b"by block_on".to_vec()));
        assert_eq!(echo.unwrap(), b"by block_on");
        runtime.shutdown_on_idle().wait().unwrap();
    });
}

#[test]
fn sockets_on_plain_threads_need_no_runtime_at_all() {
    bounded(|| {
        let listener = listener();
        let addr = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            futures03::executor::block_on(async move {
                let (sock, _) = listener.accept().await.unwrap();
                echo_std(sock).await;
            });
        });
        let exchange = TcpStream::connect(&addr)
            .and_then(|sock| write_all(sock, b"hello"))
            .and_then(|(sock, _)| read_exact(sock, [0; 5]));
        assert_eq!(&exchange.wait().unwrap().1, b"hello");
        server.join().unwrap();
    });
}

#[test]
fn a_std_task_polls_futures01_state_machines_by_hand() {
    bounded(|| {
        let mut runtime = runtime(1);
        let (sock, mut peer) = pair();
        let mut read = read_exact(sock, [0; 3]);
        let (polled, first) = channel();
        let task = runtime.spawn(poll_fn(move |cx| {
            let poll = tokio::task::with_futures01(cx, || read.poll());
            let _ = polled.send(());
            match poll {
                Ok(futures::Async::Ready((_, buf))) => Poll::Ready(buf),
                Ok(futures::Async::NotReady) => Poll::Pending,
                Err(error) => panic!("{error}"),
            }
        }));
        within(&first);
        peer.write_all(b"abc").unwrap();
        assert_eq!(&runtime.block_on(task).unwrap(), b"abc");
    });
}

#[test]
fn connecting_futures_join_with_those_of_std() {
    bounded(|| {
        let mut runtime = runtime(2);
        let listener = TcpListener::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
        let addr = listener.local_addr().unwrap();
        runtime.block_on(async move {
            let connecting = IntoFuture::into_future(TcpStream::connect(&addr));
            let (connected, accepted) = futures03::join!(connecting, listener.accept());
            let peer = accepted.unwrap().1;
            assert_eq!(connected.unwrap().local_addr().unwrap(), peer);
        });
    });
}
