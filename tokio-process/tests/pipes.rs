//! Reading from children and writing to them.
#![cfg(unix)]

#[macro_use]
mod support;

use futures03::io::{AsyncReadExt, AsyncWriteExt};
use std::io::ErrorKind;
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};
use std::thread;
use support::{bounded, eventually, finish, shell, Bell, Generation};
use tokio_process::{Child, CommandExt};
use tokio_reactor::Reactor;

both! {
    what_a_child_writes_is_read,
    a_child_reads_what_is_written_until_the_pipe_is_closed,
    dropping_the_pipe_ends_the_input_too,
    closing_twice_does_nothing_and_writing_after_it_fails,
    much_goes_through_a_child,
    full_pipes_on_both_outputs_hang_nobody,
    only_the_pipes_that_are_left_are_collected,
    status_closes_the_pipes,
    writing_to_a_child_that_reads_no_more_is_a_broken_pipe,
    a_task_that_waits_to_read_is_woken,
    a_task_that_waits_to_write_is_woken,
    pipes_of_a_given_reactor,
}

fn cat() -> Child {
    Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn_async().unwrap()
}

fn what_a_child_writes_is_read<G: Generation>() {
    let mut script = shell("echo out; echo err >&2");
    let mut child = script.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn_async().unwrap();
    assert!(child.stdin().is_none());
    let (mut out, mut err) = (child.stdout().take().unwrap(), child.stderr().take().unwrap());
    assert_eq!(G::read_to_end(&mut err).unwrap(), b"err\n");
    assert_eq!(G::read_to_end(&mut out).unwrap(), b"out\n");
    assert_eq!(G::read(&mut out, &mut [0]).unwrap(), 0);
    assert!(G::child(child).unwrap().success());
}

fn a_child_reads_what_is_written_until_the_pipe_is_closed<G: Generation>() {
    let mut child = cat();
    let (mut to, mut from) = (child.stdin().take().unwrap(), child.stdout().take().unwrap());
    for line in [&b"one"[..], b"two", b"three"] {
        G::write_all(&mut to, line).unwrap();
        let mut buf = [0; 5];
        let mut heard = 0;
        while heard < line.len() {
            heard += G::read(&mut from, &mut buf[heard..]).unwrap();
        }
        assert_eq!(&buf[..heard], line);
    }
    G::close(&mut to).unwrap();
    assert_eq!(G::read_to_end(&mut from).unwrap(), b"");
    assert!(G::child(child).unwrap().success());
}

fn dropping_the_pipe_ends_the_input_too<G: Generation>() {
    let mut child = cat();
    drop(child.stdin().take());
    assert!(G::child(child).unwrap().success());
    // And so does collecting the output.
    let output = G::wait_with_output(cat().wait_with_output()).unwrap();
    assert!(output.status.success() && output.stdout.is_empty());
}

fn closing_twice_does_nothing_and_writing_after_it_fails<G: Generation>() {
    let mut child = cat();
    let mut stdin = child.stdin().take().unwrap();
    assert!(stdin.as_raw_fd() > 0);
    G::close(&mut stdin).unwrap();
    G::close(&mut stdin).unwrap();
    assert_eq!(stdin.as_raw_fd(), -1);
    assert_eq!(G::write(&mut stdin, b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert!(G::child(child).unwrap().success());
}

/// More than all pipes hold, with a writer on a thread of its own.
fn much_goes_through_a_child<G: Generation>() {
    let bytes: Vec<u8> = (0..1_000_000_u32).map(|n| (n / 7) as u8).collect();
    let mut child = cat();
    let (mut to, mut from) = (child.stdin().take().unwrap(), child.stdout().take().unwrap());
    let sent = bytes.clone();
    let writer = thread::spawn(move || G::write_all(&mut to, &sent).unwrap());
    assert!(G::read_to_end(&mut from).unwrap() == bytes);
    writer.join().unwrap();
    assert!(G::child(child).unwrap().success());
}

fn full_pipes_on_both_outputs_hang_nobody<G: Generation>() {
    const MUCH: usize = 300_000;
    let zeroes = format!("head -c {MUCH} /dev/zero");
    for script in [
        format!("{zeroes}; {zeroes} >&2"),
        format!("{zeroes} >&2; {zeroes}"),
        format!("{zeroes} & {zeroes} >&2; wait"),
    ] {
        let output = G::output(shell(&script).output_async()).unwrap();
        assert!(output.status.success());
        assert_eq!((output.stdout.len(), output.stderr.len()), (MUCH, MUCH));
    }
}

fn only_the_pipes_that_are_left_are_collected<G: Generation>() {
    let mut script = shell("echo out; echo err >&2");
    script.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = script.spawn_async().unwrap();
    let mut taken = child.stdout().take().unwrap();
    let output = G::wait_with_output(child.wait_with_output()).unwrap();
    assert_eq!((&output.stdout[..], &output.stderr[..]), (&b""[..], &b"err\n"[..]));
    assert_eq!(G::read_to_end(&mut taken).unwrap(), b"out\n");
}

fn status_closes_the_pipes<G: Generation>() {
    let mut cat = Command::new("cat");
    let status = cat.stdin(Stdio::piped()).status_async().unwrap();
    assert!(G::status(status).unwrap().success());
}

fn writing_to_a_child_that_reads_no_more_is_a_broken_pipe<G: Generation>() {
    let mut script = shell("exec 0<&-; echo closed; exec sleep 100000");
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn_async().unwrap();
    let mut heard = [0; 7];
    let mut stdout = child.stdout().take().unwrap();
    assert_eq!(G::read(&mut stdout, &mut heard).unwrap(), 7);
    let stdin = child.stdin().as_mut().unwrap();
    // A process that another test starts just now may have the other end until its `exec`.
    eventually("the pipe is broken", || G::write_all(stdin, b"anybody?").is_err());
    assert_eq!(G::write_all(stdin, b"anybody?").unwrap_err().kind(), ErrorKind::BrokenPipe);
}

fn a_task_that_waits_to_read_is_woken<G: Generation>() {
    let mut child = cat();
    let (mut to, mut from) = (child.stdin().take().unwrap(), child.stdout().take().unwrap());
    let bell = Bell::new();
    let mut buf = [0; 8];
    for _ in 0..3 {
        assert!(G::poll(&bell, |caller| from.poll_read_with(caller, &mut buf)).is_pending());
        G::write_all(&mut to, b"meow").unwrap();
        bell.wait();
        let n = finish::<G, _>(&bell, |caller| from.poll_read_with(caller, &mut buf)).unwrap();
        assert_eq!(&buf[..n], b"meow");
    }
}

fn a_task_that_waits_to_write_is_woken<G: Generation>() {
    let mut child = cat();
    let (mut to, mut from) = (child.stdin().take().unwrap(), child.stdout().take().unwrap());
    let bell = Bell::new();
    let mut written = 0;
    // Nobody reads what `cat` writes, so it stops reading.
    let reader = loop {
        match G::poll(&bell, |caller| to.poll_write_with(caller, &[1; 10_000])) {
            std::task::Poll::Ready(n) => written += n.unwrap(),
            std::task::Poll::Pending if written < 100_000 => bell.wait(),
            std::task::Poll::Pending => {
                break thread::spawn(move || G::read_to_end(&mut from).unwrap().len())
            }
        }
    };
    bell.wait();
    written += finish::<G, _>(&bell, |caller| to.poll_write_with(caller, &[1; 10_000])).unwrap();
    drop(to);
    assert_eq!(reader.join().unwrap(), written);
}

fn pipes_of_a_given_reactor<G: Generation>() {
    let mut reactor = Reactor::new().unwrap();
    let mut echo = shell("echo hello");
    let mut child = echo.stdout(Stdio::piped()).spawn_async_with_handle(&reactor.handle()).unwrap();
    let mut stdout = child.stdout().take().unwrap();
    let bell = Bell::new();
    let mut buf = [0; 8];
    while G::poll(&bell, |caller| stdout.poll_read_with(caller, &mut buf)).is_pending() {
        reactor.turn(Some(support::LIMIT)).unwrap();
    }
    assert_eq!(&buf[..6], b"hello\n");
    let status = loop {
        match G::poll(&bell, |caller| child.poll_with(caller)) {
            std::task::Poll::Ready(status) => break status.unwrap(),
            std::task::Poll::Pending => drop(reactor.turn(Some(support::LIMIT)).unwrap()),
        }
    };
    assert!(status.success());
}

/// The `futures` crate's extension traits: both pipes at once in one task.
#[test]
fn extension_traits_of_futures03_work_on_pipes() {
    bounded(|| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (done, result) = std::sync::mpsc::channel();
        runtime.executor().spawn(async move {
            let mut child = cat();
            let mut to = child.stdin().take().unwrap();
            let mut from = child.stdout().take().unwrap();
            let bytes = vec![7; 500_000];
            let feed = async {
                to.write_all(&bytes).await.unwrap();
                to.close().await.unwrap();
            };
            let mut heard = Vec::new();
            let (_, read) = futures03::join!(feed, from.read_to_end(&mut heard));
            read.unwrap();
            assert!(heard == bytes);
            done.send(child.await.unwrap().success()).unwrap();
        });
        assert!(result.recv_timeout(support::LIMIT).unwrap());
    });
}

/// The combinators of futures 0.1.
#[test]
fn combinators_of_tokio_io_work_on_pipes() {
    bounded(|| {
        use futures::Future;
        use tokio_io::io::{read_to_end, write_all};
        let mut child = cat();
        let (to, from) = (child.stdin().take().unwrap(), child.stdout().take().unwrap());
        let feed = write_all(to, vec![7; 500_000]).map(drop);
        let (((), (_, heard)), status) =
            feed.join(read_to_end(from, Vec::new())).join(child).wait().unwrap();
        assert!(status.success() && heard == vec![7; 500_000]);
    });
}
