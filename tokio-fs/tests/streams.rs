//! The standard streams, in processes of their own: this program, called again.

mod support;

use futures::Future as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::task::{Poll, Waker};
use std::thread;
use std::time::Instant;
use support::{bounded, poll_read, poll_write, Setting, LIMIT};
use tokio_fs::{stderr, stdin, stdout};
use tokio_task::Caller;
use tokio_threadpool::ThreadPool;

/// Set in the processes that tests start.
const CHILD: &str = "TOKIO_FS_STREAMS_CHILD";

/// This test in a process of its own; `None` if this is that process.
fn in_a_process_of_its_own() -> Option<Child> {
    if std::env::var_os(CHILD).is_some() {
        return None;
    }
    let name = thread::current().name().expect("libtest names its threads").to_string();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture", "--test-threads", "1"])
        .env(CHILD, "")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    Some(child.unwrap())
}

/// Waits for the end of a process, and fails if that does not come.
fn end(mut child: Child) {
    let deadline = Instant::now() + LIMIT;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success());
            return;
        }
        if Instant::now() > deadline {
            child.kill().unwrap();
            panic!("the process does not end");
        }
        thread::sleep(std::time::Duration::from_millis(2));
    }
}

/// In the child: copies input to output, between marks.
fn copy<S: Setting>() {
    let (mut input, mut output) = (stdin(), stdout());
    let write = |output: tokio_fs::Stdout, bytes: Vec<u8>| {
        let mut written = 0;
        S::on(output, move |output, caller| {
            while written < bytes.len() {
                match poll_write(output, caller, &bytes[written..]) {
                    Poll::Ready(len) => written += len.unwrap(),
                    Poll::Pending => return Poll::Pending,
                }
            }
            output.poll_flush_with(caller).map(|flushed| flushed.unwrap())
        })
        .0
    };
    output = write(output, b"<<".to_vec());
    loop {
        let (back, read) = S::on(input, |input, caller| {
            let mut buf = [0; 7];
            poll_read(input, caller, &mut buf).map_ok(|len| buf[..len].to_vec())
        });
        input = back;
        let read = read.unwrap();
        if read.is_empty() {
            break;
        }
        output = write(output, read);
    }
    output = write(output, b">>\n".to_vec());
    let (_, written) = S::on(stderr(), |stderr, caller| {
        poll_write(stderr, caller, b"this is the standard error\n")
    });
    written.unwrap();
    drop(output);
}

fn input_is_copied_to_output<S: Setting>() {
    let Some(mut child) = in_a_process_of_its_own() else {
        return bounded(copy::<S>);
    };
    let text = "one\ntwo and a longer line without an end".repeat(100);
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let sent = text.clone();
    let writer = thread::spawn(move || input.write_all(sent.as_bytes()).unwrap());
    let mut all = String::new();
    output.read_to_string(&mut all).unwrap();
    writer.join().unwrap();
    assert!(all.contains(&format!("<<{text}>>")), "{all}");
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert!(errors.contains("this is the standard error"));
    end(child);
}

#[test]
fn input_is_copied_to_output_by_futures01_in_a_pool() {
    input_is_copied_to_output::<support::Futures01InAPool>();
}

#[test]
fn input_is_copied_to_output_by_futures01_outside() {
    input_is_copied_to_output::<support::Futures01Outside>();
}

#[test]
fn input_is_copied_to_output_by_std_in_a_pool() {
    input_is_copied_to_output::<support::StdInAPool>();
}

#[test]
fn input_is_copied_to_output_by_std_outside() {
    input_is_copied_to_output::<support::StdOutside>();
}

/// The test holds the input open until the process has ended.
#[test]
fn a_read_of_the_input_holds_up_neither_shutdown_nor_exit() {
    let Some(mut child) = in_a_process_of_its_own() else {
        return bounded(|| {
            let pool = ThreadPool::new();
            let (polls, polled) = channel();
            pool.spawn(async move {
                let mut input = stdin();
                std::future::poll_fn(|cx| {
                    let read = input.poll_read_with(cx.into(), &mut [0; 8]);
                    polls.send(()).unwrap();
                    read
                })
                .await
                .unwrap();
            });
            polled.recv_timeout(LIMIT).unwrap();
            pool.shutdown_now().wait().unwrap();
            println!("the pool has shut down");
        });
    };
    let input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(output.any(|line| line.contains("the pool has shut down")));
    end(child);
    drop(input);
}

#[test]
fn input_that_a_read_was_given_up_for_is_read_next() {
    let Some(mut child) = in_a_process_of_its_own() else {
        return bounded(|| {
            let given_up = stdin().poll_read_with(Caller::Std(Waker::noop()), &mut [0; 8]);
            assert!(given_up.is_pending());
            println!("given up");
            let mut all = String::new();
            // Outside of tasks it blocks.
            Read::read_to_string(&mut stdin(), &mut all).unwrap();
            println!("<<{all}>>");
        });
    };
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(output.any(|line| line.contains("given up")));
    child.stdin.take().unwrap().write_all(b"hello").unwrap();
    assert!(output.any(|line| line.contains("<<hello>>")));
    end(child);
}
