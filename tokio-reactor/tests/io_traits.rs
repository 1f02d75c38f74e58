//! Reading and writing a source by the traits of both generations.

mod support;

use futures::Future;
use std::io::{ErrorKind, Read, Write};
use support::*;

#[test]
fn sources_are_byte_streams_of_futures_01() {
    bounded(|| {
        let background = background();
        let (ours, mut theirs) = tcp_pair(background.handle());
        let mut shared = &ours;
        futures::future::poll_fn(|| tokio_io::AsyncWrite::poll_write(&mut shared, b"by reference"))
            .wait()
            .unwrap();
        let mut got = [0; 12];
        theirs.read_exact(&mut got).unwrap();
        assert_eq!(&got, b"by reference");

        let mut owned = ours;
        let echo = std::thread::spawn(move || {
            let mut buf = [0; 5];
            theirs.read_exact(&mut buf).unwrap();
            theirs.write_all(&buf).unwrap();
            theirs
        });
        futures::future::poll_fn(|| {
            futures::try_ready!(tokio_io::AsyncWrite::poll_write(&mut owned, b"owned"));
            tokio_io::AsyncWrite::poll_flush(&mut owned)
        })
        .wait()
        .unwrap();
        let mut buf = [0; 16];
        let read =
            futures::future::poll_fn(|| tokio_io::AsyncRead::poll_read(&mut owned, &mut buf));
        let n = read.wait().unwrap();
        assert_eq!(b"owned"[..n], buf[..n]);
        futures::future::poll_fn(|| tokio_io::AsyncWrite::shutdown(&mut owned)).wait().unwrap();
        drop(echo.join().unwrap());
    });
}

/// The extension traits of async I/O, where `Read` and `Write` are not in scope.
mod std_io {
    use futures03::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

    pub(crate) async fn send<W: AsyncWrite + Unpin>(mut to: W, data: &[u8]) {
        to.write_all(data).await.unwrap();
        to.flush().await.unwrap();
    }

    pub(crate) async fn receive<R: AsyncRead + Unpin>(mut from: R, data: &[u8]) {
        let mut got = vec![0; data.len()];
        from.read_exact(&mut got).await.unwrap();
        assert!(got == data);
    }

    pub(crate) async fn end<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) {
        assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
        stream.close().await.unwrap();
    }
}

#[test]
fn sources_are_byte_streams_of_async() {
    bounded(|| {
        let background = background();
        let (mut ours, mut theirs) = tcp_pair(background.handle());
        let echo = std::thread::spawn(move || {
            let mut buf = vec![0; 100_000];
            for _ in 0..2 {
                theirs.read_exact(&mut buf).unwrap();
                theirs.write_all(&buf).unwrap();
            }
        });
        futures03::executor::block_on(async {
            let data: Vec<u8> = (0..100_000u32).map(|i| i as u8).collect();
            std_io::send(&mut ours, &data).await;
            std_io::receive(&mut ours, &data).await;
            // Both directions at once, by reference.
            futures03::join!(std_io::send(&ours, &data), std_io::receive(&ours, &data));
            std_io::end(&ours).await;
        });
        echo.join().unwrap();
    });
}

#[test]
fn a_read_inside_a_futures_01_task_would_block_and_registers_the_task() {
    bounded(|| {
        let background = background();
        let (mut ours, mut theirs) = tcp_pair(background.handle());
        let mut polls = 0;
        let read = futures::future::poll_fn(|| {
            polls += 1;
            let mut buf = [0; 4];
            match ours.read(&mut buf) {
                Ok(n) => Ok(futures::Async::Ready(n)),
                Err(e) => {
                    assert_eq!(e.kind(), ErrorKind::WouldBlock);
                    if polls == 1 {
                        theirs.write_all(b"x").unwrap();
                    }
                    Ok::<_, ()>(futures::Async::NotReady)
                }
            }
        });
        assert_eq!(read.wait().unwrap(), 1);
    });
}

#[test]
fn one_source_serves_tasks_of_both_generations_at_once() {
    use tokio_reactor::Direction;
    bounded(|| {
        let background = background();
        let (ours, theirs) = udp_pair(background.handle());
        let ours = std::sync::Arc::new(ours);
        let receivers: Vec<_> = BOTH
            .into_iter()
            .map(|generation| {
                let ours = ours.clone();
                std::thread::spawn(move || {
                    let mut got = 0;
                    loop {
                        let mut buf = [0; 4];
                        let received = generation.block_on(|caller| {
                            ours.poll_io(caller, Direction::Read, |s| s.recv(&mut buf))
                        });
                        if received.unwrap() == 0 {
                            return got;
                        }
                        got += 1;
                    }
                })
            })
            .collect();
        for _ in 0..100 {
            theirs.send(b"data").unwrap();
        }
        for _ in 0..2 {
            theirs.send(b"").unwrap();
        }
        let got: usize = receivers.into_iter().map(|receiver| receiver.join().unwrap()).sum();
        assert_eq!(got, 100);
    });
}
