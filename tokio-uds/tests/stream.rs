//! Bytes through a connection.
#![cfg(unix)]

mod support;

use futures::{Async, Future as _};
use std::io::{Cursor, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use support::{pair, Sockets};
use tests_support::{both, bounded, wait01, Bell, Futures01, Generation, Random, Std};
use tokio_reactor::{Handle, Ready};
use tokio_uds::UnixStream;

both! {
    megabytes_are_echoed_byte_by_byte_in_chunks_of_any_size,
    the_end_behind_a_short_read_is_seen,
    bytes_behind_attached_descriptors_are_seen,
    a_half_closed_stream_still_sends,
    a_half_closed_stream_still_receives,
    a_peer_that_is_gone_is_an_error_of_writing,
    shutting_down_wakes_a_task_that_waits_to_read,
    a_full_connection_takes_bytes_again_once_the_peer_reads,
    dropping_a_stream_ends_the_connection,
    a_stream_goes_to_std_and_back,
    the_halves_work_on_two_threads,
    dropping_the_writing_half_ends_the_sending_side,
    reunited_halves_are_a_stream_again,
}

const MEGABYTES: usize = 4 << 20;

/// Reads, writes and echoes in chunks of random sizes, all at once.
fn megabytes_are_echoed_byte_by_byte_in_chunks_of_any_size<G: Sockets>() {
    let (client, mut server) = UnixStream::pair().unwrap();
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
    let (mut stream, mut peer) = pair();
    peer.write_all(b"bye").unwrap();
    peer.shutdown(Shutdown::Write).unwrap();
    let mut buf = [0; 64];
    G::read_exact(&mut stream, &mut buf[..1]).unwrap();
    assert_eq!(G::read(&mut stream, &mut buf).unwrap(), 2);
    for _ in 0..3 {
        assert_eq!(G::read(&mut stream, &mut buf).unwrap(), 0);
    }
}

/// A read ends behind bytes to which the peer has attached descriptors, whatever follows.
fn bytes_behind_attached_descriptors_are_seen<G: Sockets>() {
    let (mut stream, mut peer) = pair();
    for n in 0..3 {
        send_with_descriptor(&peer, n);
        peer.write_all(&[n; 9]).unwrap();
    }
    let mut buf = [0; 64];
    let mut received = Vec::new();
    while received.len() < 30 {
        let n = G::read(&mut stream, &mut buf).unwrap();
        received.extend_from_slice(&buf[..n]);
    }
    let expected: Vec<u8> = (0..30).map(|n| n / 10).collect();
    assert_eq!(received, expected);
}

/// Sends one byte, and a descriptor with it.
fn send_with_descriptor(socket: &std::os::unix::net::UnixStream, byte: u8) {
    use std::mem::size_of;
    use std::os::fd::{AsRawFd, RawFd};

    /// Room for a header and a descriptor, aligned as the header has to be.
    #[repr(C)]
    union Control {
        _aligned: libc::cmsghdr,
        room: [u8; 64],
    }
    let mut control = Control { room: [0; 64] };
    let mut bytes = libc::iovec { iov_base: (&raw const byte).cast_mut().cast(), iov_len: 1 };
    // SAFETY: `msghdr` is integers and pointers, which may be zero.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = &mut bytes;
    message.msg_iovlen = 1;
    message.msg_control = (&raw mut control).cast();
    // SAFETY: computes a length, of which there is room in `control`.
    message.msg_controllen = unsafe { libc::CMSG_SPACE(size_of::<RawFd>() as u32) } as _;
    // SAFETY: `message` points to the buffers above, which live on; the header and the descriptor
    // lie within `control`.
    let sent = unsafe {
        let header = libc::CMSG_FIRSTHDR(&message);
        (*header).cmsg_level = libc::SOL_SOCKET;
        (*header).cmsg_type = libc::SCM_RIGHTS;
        (*header).cmsg_len = libc::CMSG_LEN(size_of::<RawFd>() as u32) as _;
        libc::CMSG_DATA(header).cast::<RawFd>().write_unaligned(socket.as_raw_fd());
        libc::sendmsg(socket.as_raw_fd(), &message, 0)
    };
    assert_eq!(sent, 1);
}

fn a_half_closed_stream_still_sends<G: Sockets>() {
    let (mut stream, mut peer) = pair();
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
    let (mut stream, mut peer) = pair();
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

fn a_peer_that_is_gone_is_an_error_of_writing<G: Sockets>() {
    let (mut stream, peer) = pair();
    let bell = Bell::new();
    let mut buf = [0; 1];
    assert!(G::poll(&bell, |caller| stream.poll_read_with(caller, &mut buf)).is_pending());
    drop(peer);
    assert_eq!(G::finish(&bell, |caller| stream.poll_read_with(caller, &mut buf)).unwrap(), 0);
    let error = G::write_all(&mut stream, b"more").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    // Closing is as good as done.
    <Std as Generation>::close(&mut stream).unwrap();
}

fn shutting_down_wakes_a_task_that_waits_to_read<G: Sockets>() {
    let (stream, _peer) = pair();
    let bell = Bell::new();
    let mut buf = [0; 1];
    assert!(G::poll(&bell, |caller| stream.poll_read_with(caller, &mut buf)).is_pending());
    stream.shutdown(Shutdown::Both).unwrap();
    let end = G::finish(&bell, |caller| stream.poll_read_with(caller, &mut buf));
    assert_eq!(end.unwrap(), 0);
}

fn a_full_connection_takes_bytes_again_once_the_peer_reads<G: Sockets>() {
    let (stream, peer) = pair();
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
    let (mut stream, mut peer) = pair();
    G::write_all(&mut stream, b"last").unwrap();
    drop(stream);
    let mut received = Vec::new();
    peer.read_to_end(&mut received).unwrap();
    assert_eq!(received, b"last");
}

/// A std socket is in blocking mode at first.
fn a_stream_goes_to_std_and_back<G: Sockets>() {
    let (stream, mut peer) = pair();
    let mut std = stream.into_std().unwrap();
    let mut buf = [0; 1];
    for byte in [b"1", b"2"] {
        std.set_nonblocking(false).unwrap();
        let mut stream = UnixStream::from_std(std, &Handle::default()).unwrap();
        let bell = Bell::new();
        assert!(G::poll(&bell, |caller| stream.poll_read_with(caller, &mut buf)).is_pending());
        peer.write_all(byte).unwrap();
        G::read_exact(&mut stream, &mut buf).unwrap();
        assert_eq!(&buf, byte);
        std = stream.into_std().unwrap();
        assert_eq!(std.read(&mut buf).unwrap_err().kind(), ErrorKind::WouldBlock);
    }
}

fn the_halves_work_on_two_threads<G: Sockets>() {
    let (stream, peer) = pair();
    let (mut reader, mut writer) = stream.into_split();
    let echo = thread::spawn(move || {
        std::io::copy(&mut &peer, &mut &peer).unwrap();
    });
    let sent = Random::seeded(1).bytes(1 << 20);
    let expected = sent.clone();
    let write = thread::spawn(move || G::write_all(&mut writer, &sent).unwrap());
    let received = G::read_to_end(&mut reader).unwrap();
    assert!(received == expected);
    write.join().unwrap();
    echo.join().unwrap();
}

fn dropping_the_writing_half_ends_the_sending_side<G: Sockets>() {
    let (stream, mut peer) = pair();
    let (mut reader, mut writer) = stream.into_split();
    G::write_all(&mut writer, b"question").unwrap();
    drop(writer);
    let mut question = Vec::new();
    peer.read_to_end(&mut question).unwrap();
    assert_eq!(question, b"question");
    peer.write_all(b"answer").unwrap();
    drop(peer);
    assert_eq!(G::read_to_end(&mut reader).unwrap(), b"answer");
}

fn reunited_halves_are_a_stream_again<G: Sockets>() {
    let (stream, mut peer) = pair();
    let (reader, writer) = stream.into_split();
    let (other, _other_peer) = pair();
    let (other_reader, other_writer) = other.into_split();
    let error = reader.reunite(other_writer).unwrap_err();
    error.writer.reunite(other_reader).unwrap();
    let mut stream = writer.reunite(error.reader).unwrap();

    peer.write_all(b"ping").unwrap();
    let mut buf = [0; 4];
    G::read_exact(&mut stream, &mut buf).unwrap();
    G::write_all(&mut stream, b"pong").unwrap();
    peer.read_exact(&mut buf).unwrap();
    assert_eq!(&buf, b"pong");
}

/// Both wait for a byte, two bytes come: both get one.
fn two_readers<A: Sockets, B: Sockets>() {
    let (stream, mut peer) = pair();
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

#[test]
fn closing_shuts_down_the_sending_side_in_std() {
    bounded(|| {
        let (mut stream, mut peer) = pair();
        Std::write_all(&mut stream, b"all").unwrap();
        Std::close(&mut stream).unwrap();
        let mut received = Vec::new();
        peer.read_to_end(&mut received).unwrap();
        assert_eq!(received, b"all");
    });
}

#[test]
fn shutdown_of_a_stream_is_harmless_in_futures01() {
    bounded(|| {
        let (mut stream, mut peer) = pair();
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
        let (mut stream, mut peer) = pair();
        let mut out = bytes::Buf::chain(Cursor::new(b"ab"), Cursor::new(b"cd"));
        assert_eq!(wait01(|| stream.write_buf(&mut out)).unwrap(), 4);
        let mut buf = [0; 4];
        peer.read_exact(&mut buf).unwrap();
        assert_eq!(&buf, b"abcd");

        peer.write_all(b"12345").unwrap();
        let mut into = bytes::buf::Chain::new(Cursor::new([0; 2]), Cursor::new([0; 9]));
        assert_eq!(wait01(|| AsyncRead::read_buf(&mut stream, &mut into)).unwrap(), 5);
        let (one, two) = into.into_inner();
        assert_eq!((one.get_ref(), &two.get_ref()[..3]), (b"12", &b"345"[..]));
    });
}

#[test]
fn vectored_operations_use_all_buffers_in_std() {
    use futures03::{AsyncReadExt, AsyncWriteExt};
    use std::io::{IoSlice, IoSliceMut};
    bounded(|| {
        let (a, b) = UnixStream::pair().unwrap();
        futures03::executor::block_on(async {
            let bufs = [IoSlice::new(b"ab"), IoSlice::new(b""), IoSlice::new(b"cde")];
            assert_eq!(AsyncWriteExt::write_vectored(&mut &a, &bufs).await.unwrap(), 5);
            let (mut one, mut two) = ([0; 2], [0; 9]);
            let mut bufs = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut two)];
            assert_eq!(AsyncReadExt::read_vectored(&mut &b, &mut bufs).await.unwrap(), 5);
            assert_eq!((&one, &two[..3]), (b"ab", &b"cde"[..]));
        });
    });
}

#[test]
fn std_io_says_would_block_and_wakes_the_futures01_task() {
    bounded(|| {
        let (mut stream, mut peer) = pair();
        let mut write = Some(move || {
            peer.write_all(b"!").unwrap();
            peer
        });
        let mut buf = [0; 1];
        wait01(|| match stream.read(&mut buf) {
            Ok(n) => Ok(Async::Ready(n)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                write.take().map(thread::spawn);
                Ok(Async::NotReady)
            }
            Err(error) => Err(error),
        })
        .unwrap();
        assert_eq!(&buf, b"!");
    });
}

#[test]
fn readiness_is_told_in_futures01() {
    bounded(|| {
        let (stream, mut peer) = pair();
        assert!(wait01(|| stream.poll_write_ready()).unwrap().is_writable());
        peer.write_all(b"!").unwrap();
        let ready = wait01(|| stream.poll_read_ready(Ready::readable())).unwrap();
        assert!(ready.is_readable());
    });
}

/// Tasks of either generation use one stream at once: one reads, one writes.
#[test]
fn a_futures01_task_writes_what_a_std_task_reads() {
    bounded(|| {
        let (a, b) = UnixStream::pair().unwrap();
        let write = thread::spawn(move || tokio_io::io::write_all(a, b"ping").wait().unwrap());
        let mut buf = [0; 4];
        Std::read_exact(&mut &b, &mut buf).unwrap();
        assert_eq!(&buf, b"ping");
        write.join().unwrap();
    });
}
