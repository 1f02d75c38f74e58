use futures::future::{self, lazy, poll_fn};
use futures::{Future, Stream};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{mpsc, Arc};
use std::time::Duration;
use tokio_executor::park::{Park, ParkThread, Unpark};
use tokio_io::{io, AsyncRead};
use tokio_reactor::{Handle, Reactor};
use tokio_tcp::{TcpListener, TcpStream};
use tokio_threadpool::{blocking, Builder, ThreadPool};
use tokio_udp::UdpSocket;

const LIMIT: Duration = Duration::from_secs(30);

fn local() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

#[test]
fn sockets_run_on_an_executor_of_ones_own() {
    let (send, echo) = mpsc::channel();
    layers::Simple::new().unwrap().run(lazy(move || {
        let listener = TcpListener::bind(&local()).unwrap();
        let addr = listener.local_addr().unwrap();
        let server = listener.incoming().take(1).map_err(|e| panic!("{}", e)).for_each(|sock| {
            let (reader, writer) = sock.split();
            tokio_executor::spawn(io::copy(reader, writer).map(drop).map_err(|e| panic!("{}", e)));
            Ok(())
        });
        tokio_executor::spawn(server);
        TcpStream::connect(&addr)
            .and_then(|sock| io::write_all(sock, b"hello"))
            .and_then(|(sock, _)| io::read_exact(sock, [0; 5]))
            .map(move |(_, echo)| send.send(echo).unwrap())
            .map_err(|e| panic!("{}", e))
    }));
    assert_eq!(&echo.recv_timeout(LIMIT).unwrap(), b"hello");
}

#[test]
fn a_reactor_runs_in_the_background() {
    let background = Reactor::new().unwrap().background().unwrap();
    let handle: Handle = background.handle().clone();
    let socket = std::net::UdpSocket::bind(local()).unwrap();
    let addr = socket.local_addr().unwrap();
    let socket = UdpSocket::from_std(socket, &handle).unwrap();
    let peer = std::net::UdpSocket::bind(local()).unwrap();
    peer.send_to(b"datagram", addr).unwrap();
    let (_, buf, len, from) = socket.recv_dgram(vec![0; 32]).wait().unwrap();
    assert_eq!((&buf[..len], from), (&b"datagram"[..], peer.local_addr().unwrap()));
    background.shutdown_on_idle().wait().unwrap();
}

#[test]
fn a_pool_spawns_and_blocks() {
    let started = Arc::new(AtomicUsize::new(0));
    let counter = started.clone();
    let pool = Builder::new()
        .pool_size(2)
        .max_blocking(2)
        .name_prefix("layers-")
        .after_start(move || {
            counter.fetch_add(1, Ordering::SeqCst);
        })
        .build();
    let (send, done) = mpsc::channel();
    for n in 0..10 {
        let send = send.clone();
        pool.spawn(
            poll_fn(move || blocking(move || n * n))
                .map(move |square| send.send(square).unwrap())
                .map_err(|e| panic!("{}", e)),
        );
    }
    let mut squares: Vec<_> = (0..10).map(|_| done.recv_timeout(LIMIT).unwrap()).collect();
    squares.sort();
    assert_eq!(squares, (0..10).map(|n| n * n).collect::<Vec<_>>());
    assert_eq!(pool.spawn_handle(future::ok::<_, ()>(42)).wait(), Ok(42));
    assert!(pool.sender().spawn(lazy(|| Ok(()))).is_ok());
    pool.shutdown_on_idle().wait().unwrap();
    assert!(started.load(Ordering::SeqCst) >= 1);
}

#[test]
fn a_pool_that_has_shut_down_takes_no_more() {
    let pool = ThreadPool::new();
    let sender = pool.sender().clone();
    pool.shutdown_now().wait().unwrap();
    let error = sender.spawn(future::ok(())).unwrap_err();
    assert!(error.is_shutdown());
}

#[test]
fn a_thread_parks_until_it_is_unparked() {
    let mut park = ParkThread::new();
    let unpark = park.unpark();
    let thread = std::thread::spawn(move || unpark.unpark());
    park.park().unwrap();
    thread.join().unwrap();
    park.park_timeout(Duration::from_millis(1)).unwrap();
}

#[test]
fn one_executor_to_a_thread() {
    let enter = tokio_executor::enter().unwrap();
    assert!(tokio_executor::enter().is_err());
    drop(enter);
    assert!(tokio_executor::enter().is_ok());
}
