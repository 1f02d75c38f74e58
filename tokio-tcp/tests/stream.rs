//! Bytes through a connection.

mod support;

use bytes::IntoBuf;
use futures::{Async, Future as _};
use socket2::SockRef;
use std::io::{Cursor, ErrorKind, Read, Write};
use std::net::{self, Shutdown};
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use std::time::Duration;
use support::Sockets;
use tests_support::{both, bounded, Bell, Futures01, Generation, Random, Std};
use tokio_reactor::{Handle, Ready};
use tokio_tcp::{TcpListener, TcpStream};

both! {
    megabytes_are_echoed_byte_by_byte_in_chunks_of_any_size,
    the_end_behind_a_short_read_is_seen,
    a_half_closed_stream_still_sends,
    a_half_closed_stream_still_receives,
    a_reset_is_reported,
    peeking_leaves_the_bytes,
    shutting_down_wakes_a_task_that_waits_to_read,
    shutting_down_one_direction_wakes_whoever_waits_for_it,
    a_full_connection_takes_bytes_again_once_the_peer_reads,
    dropping_a_stream_ends_the_connection,
    a_blocking_socket_is_made_nonblocking,
    a_stream_goes_to_std_and_back,
}

const MEGABYTES: usize = 4 << 20;

/// Reads, writes and echoes in chunks of random sizes, all at once.
fn megabytes_are_echoed_byte_by_byte_in_chunks_of_any_size<G: Sockets>() {
    let mut listener = TcpListener::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    let client = TcpStream::connect(&listener.local_addr().unwrap());
    let client = G::complete(client).unwrap();
    let (mut server, _) = G::accept(&mut listener).unwrap();

    let echo = thread::spawn(move || {
        let mut random = Random::seeded(1);
        let mut buf = vec![0; 1 << 16];
        loop {
            let chunk = 1 + random.below(buf.len());
            match G::read(&mut server, &mut buf[..chunk]).unwrap() {
                0 => return,
                n => G::write_all(&mut server, &buf[..n]).unwrap(),
            }
        }
    });

    let sent = Random::seeded(2).bytes(MEGABYTES);
    let expected = sent.clone();
    let client = Arc::new(client);
    let writing = client.clone();
    let write = thread::spawn(move || {
        let mut random = Random::seeded(3);
        let mut rest = &sent[..];
        while !rest.is_empty() {
            let chunk = (1 + random.below(1 << 17)).min(rest.len());
            let n = G::write(&mut &*writing, &rest[..chunk]).unwrap();
            rest = &rest[n..];
        }
        writing.shutdown(Shutdown::Write).unwrap();
    });

    let mut random = Random::seeded(4);
    let mut received = Vec::with_capacity(MEGABYTES);
    let mut buf = vec![0; 1 << 16];
    loop {
        let chunk = 1 + random.below(buf.len());
        match G::read(&mut &*client, &mut buf[..chunk]).unwrap() {
            0 => break,
            n => received.extend_from_slice(&buf[..n]),
        }
    }
    write.join().unwrap();
    echo.join().unwrap();
    assert!(received == expected, "{} bytes came back, not as they were sent", received.len());
}

/// All that the peer sends arrives as one event; a short read must not forget the end in it.
fn the_end_behind_a_short_read_is_seen<G: Sockets>() {
    let (mut stream, mut peer) = G::pair();
    peer.write_all(b"bye").unwrap();
    peer.shutdown(Shutdown::Write).unwrap();
    let mut buf = [0; 64];
    G::read_exact(&mut stream, &mut buf[..1]).unwrap();
    assert_eq!(G::read(&mut stream, &mut buf).unwrap(), 2);
    for _ in 0..3 {
        assert_eq!(G::read(&mut stream, &mut buf).unwrap(), 0);
    }
}

fn a_half_closed_stream_still_sends<G: Sockets>() {
    let (mut stream, mut peer) = G::pair();
    peer.write_all(b"question").unwrap();
    peer.shutdown(Shutdown::Write).unwrap();
    assert_eq!(G::read_to_end(&mut stream).unwrap(), b"question");

    let answer = Random::seeded(5).bytes(MEGABYTES);
    let expected = answer.clone();
    let write = thread::spawn(move || G::write_all(&mut stream, &answer).unwrap());
    let mut received = Vec::new();
    peer.read_to_end(&mut received).unwrap();
    write.join().unwrap();
    assert!(received == expected);
}

fn a_half_closed_stream_still_receives<G: Sockets>() {
    let (mut stream, mut peer) = G::pair();
    G::write_all(&mut stream, b"question").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut question = Vec::new();
    peer.read_to_end(&mut question).unwrap();
    assert_eq!(question, b"question");

    let answer = Random::seeded(6).bytes(MEGABYTES);
    let expected = answer.clone();
    let write = thread::spawn(move || peer.write_all(&answer).unwrap());
    let received = G::read_to_end(&mut stream).unwrap();
    write.join().unwrap();
    assert!(received == expected);
}

fn a_reset_is_reported<G: Sockets>() {
    let (mut stream, peer) = G::pair();
    let bell = Bell::new();
    let mut buf = [0; 1];
    assert!(G::poll(&bell, |caller| stream.poll_read_with(caller, &mut buf)).is_pending());
    SockRef::from(&peer).set_linger(Some(Duration::ZERO)).unwrap();
    drop(peer);
    let error = G::finish(&bell, |caller| stream.poll_read_with(caller, &mut buf));
    assert_eq!(error.unwrap_err().kind(), ErrorKind::ConnectionReset);
    let error = G::write_all(&mut stream, b"more").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset));
}

fn peeking_leaves_the_bytes<G: Sockets>() {
    let (mut stream, mut peer) = G::pair();
    peer.write_all(b"word").unwrap();
    let mut buf = [0; 4];
    let peeked = G::peek(&mut stream, &mut buf).unwrap();
    assert_eq!(&buf[..peeked], &b"word"[..peeked]);
    G::read_exact(&mut stream, &mut buf).unwrap();
    assert_eq!(&buf, b"word");

    let bell = Bell::new();
    assert!(G::poll(&bell, |caller| stream.poll_peek_with(caller, &mut buf)).is_pending());
    peer.shutdown(Shutdown::Write).unwrap();
    assert_eq!(G::peek(&mut stream, &mut buf).unwrap(), 0);
    assert_eq!(G::read(&mut stream, &mut buf).unwrap(), 0);
}

fn shutting_down_wakes_a_task_that_waits_to_read<G: Sockets>() {
    let (stream, _peer) = G::pair();
    let bell = Bell::new();
    let mut buf = [0; 1];
    assert!(G::poll(&bell, |caller| stream.poll_read_with(caller, &mut buf)).is_pending());
    stream.shutdown(Shutdown::Both).unwrap();
    let end = G::finish(&bell, |caller| stream.poll_read_with(caller, &mut buf));
    assert_eq!(end.unwrap(), 0);
}

fn shutting_down_one_direction_wakes_whoever_waits_for_it<G: Sockets>() {
    let (stream, _peer) = G::pair();
    let (reader, writer) = (Bell::new(), Bell::new());
    let mut buf = [0; 1];
    assert!(G::poll(&reader, |caller| stream.poll_read_with(caller, &mut buf)).is_pending());
    let chunk = [7; 1 << 16];
    while let Poll::Ready(n) = G::poll(&writer, |caller| stream.poll_write_with(caller, &chunk)) {
        assert_ne!(n.unwrap(), 0);
    }
    stream.shutdown(Shutdown::Read).unwrap();
    let end = G::finish(&reader, |caller| stream.poll_read_with(caller, &mut buf));
    assert_eq!(end.unwrap(), 0);
    stream.shutdown(Shutdown::Write).unwrap();
    let end = G::finish(&writer, |caller| stream.poll_write_with(caller, &chunk));
    assert!(end.is_err());
}

fn a_full_connection_takes_bytes_again_once_the_peer_reads<G: Sockets>() {
    let (stream, peer) = G::pair();
    let bell = Bell::new();
    let chunk = [7; 1 << 16];
    let mut sent = 0;
    while let Poll::Ready(n) = G::poll(&bell, |caller| stream.poll_write_with(caller, &chunk)) {
        sent += n.unwrap();
    }
    let reader = thread::spawn(move || {
        let mut received = Vec::new();
        (&peer).read_to_end(&mut received).unwrap();
        received
    });
    sent += G::finish(&bell, |caller| stream.poll_write_with(caller, &chunk)).unwrap();
    drop(stream);
    let received = reader.join().unwrap();
    assert_eq!(received.len(), sent);
    assert!(received.iter().all(|&byte| byte == 7));
}

fn dropping_a_stream_ends_the_connection<G: Sockets>() {
    let (mut stream, mut peer) = G::pair();
    G::write_all(&mut stream, b"last").unwrap();
    drop(stream);
    let mut received = Vec::new();
    peer.read_to_end(&mut received).unwrap();
    assert_eq!(received, b"last");
}

fn std_pair() -> (net::TcpStream, net::TcpStream) {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let stream = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (stream, listener.accept().unwrap().0)
}

fn a_blocking_socket_is_made_nonblocking<G: Sockets>() {
    let (stream, mut peer) = std_pair();
    stream.set_nonblocking(false).unwrap();
    let stream = TcpStream::from_std(stream, &Handle::default()).unwrap();
    let bell = Bell::new();
    let mut buf = [0; 1];
    assert!(G::poll(&bell, |caller| stream.poll_read_with(caller, &mut buf)).is_pending());
    peer.write_all(b"!").unwrap();
    G::finish(&bell, |caller| stream.poll_read_with(caller, &mut buf)).unwrap();
    assert_eq!(&buf, b"!");
}

fn a_stream_goes_to_std_and_back<G: Sockets>() {
    let (mut std, mut peer) = std_pair();
    let mut buf = [0; 1];
    for byte in [b"1", b"2"] {
        // Once bound to a reactor, and once not yet.
        let unbound = TcpStream::from_std(std, &Handle::default()).unwrap();
        let std_again = unbound.into_std().unwrap();
        let mut stream = TcpStream::from_std(std_again, &Handle::default()).unwrap();
        peer.write_all(byte).unwrap();
        G::read_exact(&mut stream, &mut buf).unwrap();
        assert_eq!(&buf, byte);
        std = stream.into_std().unwrap();
        assert_eq!(std.read(&mut buf).unwrap_err().kind(), ErrorKind::WouldBlock);
    }
}

/// Both wait for a byte, two bytes come: both get one.
fn two_readers<A: Sockets, B: Sockets>() {
    let (stream, mut peer) = Std::pair();
    let (a, b) = (Bell::new(), Bell::new());
    let mut buf = [0; 1];
    assert!(A::poll(&a, |caller| stream.poll_read_with(caller, &mut buf)).is_pending());
    assert!(B::poll(&b, |caller| stream.poll_read_with(caller, &mut buf)).is_pending());
    peer.write_all(b"12").unwrap();
    a.wait();
    b.wait();
    A::finish(&a, |caller| stream.poll_read_with(caller, &mut buf)).unwrap();
    assert_eq!(&buf, b"1");
    B::finish(&b, |caller| stream.poll_read_with(caller, &mut buf)).unwrap();
    assert_eq!(&buf, b"2");
}

#[test]
fn two_tasks_that_read_one_stream_are_both_woken() {
    bounded(two_readers::<Std, Std>);
    bounded(two_readers::<Futures01, Futures01>);
}

#[test]
fn two_tasks_of_different_generations_that_read_one_stream_are_both_woken() {
    bounded(two_readers::<Std, Futures01>);
    bounded(two_readers::<Futures01, Std>);
}

/// Tasks of either generation use one stream at once: one reads, one writes.
#[test]
fn a_futures01_task_writes_what_a_std_task_reads() {
    bounded(|| {
        let (ours, peer) = std_pair();
        let stream = TcpStream::from_std(ours, &Handle::default()).unwrap();
        let mut peer = TcpStream::from_std(peer, &Handle::default()).unwrap();
        let echo = thread::spawn(move || {
            let mut buf = [0; 4];
            Futures01::read_exact(&mut peer, &mut buf).unwrap();
            Futures01::write_all(&mut peer, &buf).unwrap();
        });
        tokio_io::io::write_all(&stream, b"ping").wait().unwrap();
        let mut buf = [0; 4];
        Std::read_exact(&mut &stream, &mut buf).unwrap();
        assert_eq!(&buf, b"ping");
        echo.join().unwrap();
    });
}

#[test]
fn closing_shuts_down_the_sending_side_in_std() {
    bounded(|| {
        let (mut stream, mut peer) = Std::pair();
        Std::write_all(&mut stream, b"all").unwrap();
        Std::close(&mut stream).unwrap();
        let mut received = Vec::new();
        peer.read_to_end(&mut received).unwrap();
        assert_eq!(received, b"all");
        // Also when there is nothing left to close.
        peer.write_all(b"x").unwrap();
        drop(peer);
        Std::read_to_end(&mut stream).unwrap();
        Std::close(&mut stream).unwrap();
    });
}

#[test]
fn shutdown_of_a_stream_is_harmless_in_futures01() {
    bounded(|| {
        let (mut stream, mut peer) = Futures01::pair();
        Futures01::close(&mut stream).unwrap();
        Futures01::write_all(&mut stream, b"still here").unwrap();
        let mut buf = [0; 10];
        peer.read_exact(&mut buf).unwrap();
        assert_eq!(&buf, b"still here");
    });
}

#[test]
fn segmented_buffers_are_written_and_read_whole_in_futures01() {
    use tokio_io::{AsyncRead, AsyncWrite};
    bounded(|| {
        let (mut stream, mut peer) = Futures01::pair();
        let mut out = bytes::Buf::chain(Cursor::new(b"ab"), Cursor::new(b"cd").into_buf());
        let written = futures::future::poll_fn(|| stream.write_buf(&mut out)).wait().unwrap();
        assert_eq!(written, 4);
        assert!(!bytes::Buf::has_remaining(&out));
        let mut buf = [0; 4];
        peer.read_exact(&mut buf).unwrap();
        assert_eq!(&buf, b"abcd");

        peer.write_all(b"12345").unwrap();
        let mut peeked = [0; 5];
        while Futures01::peek(&mut stream, &mut peeked).unwrap() < 5 {}
        let mut into = bytes::buf::Chain::new(Cursor::new([0; 2]), Cursor::new([0; 9]));
        let read = || AsyncRead::read_buf(&mut stream, &mut into);
        assert_eq!(futures::future::poll_fn(read).wait().unwrap(), 5);
        let (one, two) = into.into_inner();
        assert_eq!((one.get_ref(), &two.get_ref()[..3]), (b"12", &b"345"[..]));
        assert_eq!((one.position(), two.position()), (2, 3));
    });
}

/// More segments than one system call takes: the rest comes with the next.
#[test]
fn many_segments_are_all_written_in_futures01() {
    bounded(|| {
        let (stream, mut peer) = Futures01::pair();
        let segments: Vec<u8> = Random::seeded(7).bytes(100);
        let mut buf: Box<dyn bytes::Buf + Send> = Box::new(Cursor::new(vec![]));
        for segment in segments.chunks(1) {
            buf = Box::new(bytes::Buf::chain(buf, Cursor::new(segment.to_vec())));
        }
        while bytes::Buf::has_remaining(&buf) {
            let write = || tokio_io::AsyncWrite::write_buf(&mut &stream, &mut buf);
            assert!(futures::future::poll_fn(write).wait().unwrap() > 0);
        }
        drop(stream);
        let mut received = Vec::new();
        peer.read_to_end(&mut received).unwrap();
        assert_eq!(received, segments);
    });
}

#[test]
fn a_buffer_without_room_is_left_alone_in_futures01() {
    use tokio_io::{AsyncRead, AsyncWrite};
    bounded(|| {
        let (stream, _peer) = Futures01::pair();
        let full = AsyncRead::read_buf(&mut &stream, &mut Cursor::new([0u8; 0]));
        assert_eq!(full.unwrap(), Async::Ready(0));
        let empty = AsyncWrite::write_buf(&mut &stream, &mut Cursor::new([0u8; 0]));
        assert_eq!(empty.unwrap(), Async::Ready(0));
    });
}

#[test]
fn std_io_says_would_block_and_wakes_the_futures01_task() {
    bounded(|| {
        let (mut stream, mut peer) = Futures01::pair();
        let mut write = Some(move || {
            peer.write_all(b"!").unwrap();
            peer
        });
        let mut buf = [0; 1];
        let _peer = futures::future::poll_fn(|| match stream.read(&mut buf) {
            Ok(n) => Ok(Async::Ready(n)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                write.take().map(thread::spawn);
                Ok(Async::NotReady)
            }
            Err(error) => Err(error),
        })
        .wait()
        .unwrap();
        assert_eq!(&buf, b"!");
    });
}

#[test]
fn readiness_is_told_in_futures01() {
    bounded(|| {
        let (stream, mut peer) = Futures01::pair();
        let ready = futures::future::poll_fn(|| stream.poll_write_ready()).wait().unwrap();
        assert!(ready.is_writable());
        peer.write_all(b"!").unwrap();
        let ready = futures::future::poll_fn(|| stream.poll_read_ready(Ready::readable()));
        assert!(ready.wait().unwrap().is_readable());
    });
}

#[test]
#[allow(deprecated)]
fn a_clone_is_a_second_handle_of_the_connection() {
    bounded(|| {
        let (mut stream, mut peer) = Futures01::pair();
        let mut clone = stream.try_clone().unwrap();
        Futures01::write_all(&mut stream, b"1").unwrap();
        drop(stream);
        Futures01::write_all(&mut clone, b"2").unwrap();
        drop(clone);
        let mut received = Vec::new();
        peer.read_to_end(&mut received).unwrap();
        assert_eq!(received, b"12");
    });
}

/// Not every system tells a program what it did itself before it asked.
#[test]
fn a_stream_that_is_shut_down_before_its_first_poll_is_ready_in_futures01() {
    bounded(|| {
        for how in [Shutdown::Read, Shutdown::Both] {
            let (stream, _peer) = Futures01::pair();
            let stream = stream.into_std().unwrap();
            let stream = TcpStream::from_std(stream, &Handle::default()).unwrap();
            stream.shutdown(how).unwrap();
            let ready = futures::future::poll_fn(|| stream.poll_read_ready(Ready::readable()));
            assert!(ready.wait().unwrap().is_read_closed());
        }
    });
}

/// A connection that waits takes two of these: its future holds the stream twice.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
#[test]
fn a_stream_is_small() {
    // To check itself, `mio` keeps a number in each source where assertions are compiled in.
    let most = if cfg!(debug_assertions) { 48 } else { 40 };
    assert!(std::mem::size_of::<tokio_tcp::TcpStream>() <= most);
}
