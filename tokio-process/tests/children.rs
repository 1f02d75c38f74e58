//! Starting, waiting, killing, dropping. `children_by_signal.rs` runs all of it once more.
#![cfg(unix)]

#[macro_use]
mod support;

use futures03::FutureExt;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use support::{bounded, endless, eventually, exists, finish, shell};
use support::{Bell, Generation, LIMIT};
use tokio_process::CommandExt;
use tokio_reactor::Reactor;

both! {
    the_exit_status_is_reported,
    an_exit_status_can_be_asked_for_again,
    an_end_before_the_first_poll_is_seen,
    a_task_that_waits_is_woken_by_the_end,
    a_killed_child_reports_the_signal,
    killing_an_ended_child_does_nothing,
    a_dropped_child_is_killed_and_reaped,
    a_forgotten_child_runs_on_and_is_reaped,
    children_of_others_are_left_alone,
    a_program_that_does_not_exist_is_an_error,
    many_children_at_once,
    a_child_of_a_reactor_that_is_gone_fails_and_is_reaped,
    children_of_a_dropped_runtime_are_killed_and_reaped,
}

fn the_exit_status_is_reported<G: Generation>() {
    for code in [0, 1, 7, 255] {
        let mut script = shell(&format!("exit {code}"));
        let status = G::child(script.spawn_async().unwrap()).unwrap();
        assert_eq!(status.code(), Some(code));
        let status = G::status(script.status_async().unwrap()).unwrap();
        assert_eq!(status.code(), Some(code));
        let output = G::output(script.output_async()).unwrap();
        assert_eq!(output.status.code(), Some(code));
    }
}

fn an_exit_status_can_be_asked_for_again<G: Generation>() {
    let mut child = shell("exit 3").spawn_async().unwrap();
    let id = child.id();
    for _ in 0..3 {
        assert_eq!(G::exit(&mut child).unwrap().code(), Some(3));
        assert_eq!(child.try_exit_status().unwrap().unwrap().code(), Some(3));
        assert_eq!(child.id(), id);
    }
    assert_eq!(G::child(child).unwrap().code(), Some(3));
}

fn an_end_before_the_first_poll_is_seen<G: Generation>() {
    let mut child = shell("exit 4").stdout(Stdio::piped()).spawn_async().unwrap();
    // It has closed its output, and so is about to end.
    let mut stdout = child.stdout().take().unwrap();
    assert_eq!(G::read_to_end(&mut stdout).unwrap(), b"");
    eventually("it ends", || child.try_exit_status().unwrap().is_some());
    assert_eq!(G::exit(&mut child).unwrap().code(), Some(4));
}

fn a_task_that_waits_is_woken_by_the_end<G: Generation>() {
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    let mut script = shell("read line; exit $line");
    let mut child = script.stdin(std::os::fd::OwnedFd::from(theirs)).spawn_async().unwrap();
    drop(script);
    let bell = Bell::new();
    assert!(G::poll(&bell, |caller| child.poll_with(caller)).is_pending());
    assert!(child.try_exit_status().unwrap().is_none());
    ours.write_all(b"5\n").unwrap();
    bell.wait();
    let status = finish::<G, _>(&bell, |caller| child.poll_with(caller)).unwrap();
    assert_eq!(status.code(), Some(5));
}

fn a_killed_child_reports_the_signal<G: Generation>() {
    let mut child = endless();
    child.kill().unwrap();
    let status = G::exit(&mut child).unwrap();
    assert_eq!((status.code(), status.signal()), (None, Some(libc::SIGKILL)));

    let child = endless();
    // SAFETY: the child is ours and has not been waited for.
    assert_eq!(unsafe { libc::kill(child.id() as i32, libc::SIGTERM) }, 0);
    assert_eq!(G::child(child).unwrap().signal(), Some(libc::SIGTERM));
}

fn killing_an_ended_child_does_nothing<G: Generation>() {
    let mut child = shell("exit 6").spawn_async().unwrap();
    assert_eq!(G::exit(&mut child).unwrap().code(), Some(6));
    child.kill().unwrap();
    child.kill().unwrap();
    assert_eq!(G::child(child).unwrap().code(), Some(6));
}

fn a_dropped_child_is_killed_and_reaped<G: Generation>() {
    let never_polled = endless();
    let mut polled = endless();
    let bell = Bell::new();
    assert!(G::poll(&bell, |caller| polled.poll_with(caller)).is_pending());
    let mut killed = endless();
    killed.kill().unwrap();
    for child in [never_polled, polled, killed] {
        let id = child.id();
        assert!(exists(id));
        drop(child);
        eventually("it is reaped", || !exists(id));
    }
}

#[test]
fn dropped_futures_kill() {
    bounded(|| {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let open = || Stdio::from(std::os::fd::OwnedFd::from(theirs.try_clone().unwrap()));
        let mut sleep = Command::new("sleep");
        sleep.arg("100000");
        // Each inherits one end of a pair: that ends when all of them have ended.
        let status = sleep.stdin(open()).status_async().unwrap();
        let output = sleep.stdin(open()).output_async();
        let with_output = sleep.stdin(open()).spawn_async().unwrap().wait_with_output();
        sleep.stdin(Stdio::null());
        drop((theirs, status, output, with_output));
        ours.set_read_timeout(Some(LIMIT)).unwrap();
        assert_eq!((&ours).read_to_end(&mut Vec::new()).unwrap(), 0);
    });
}

fn a_forgotten_child_runs_on_and_is_reaped<G: Generation>() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let theirs = || Stdio::from(std::os::fd::OwnedFd::from(theirs.try_clone().unwrap()));
    let mut child = Command::new("cat");
    let mut child = child.stdin(theirs()).stdout(theirs()).spawn_async().unwrap();
    let id = child.id();
    let bell = Bell::new();
    assert!(G::poll(&bell, |caller| child.poll_with(caller)).is_pending());
    child.forget();
    // It still does its work.
    ours.set_read_timeout(Some(LIMIT)).unwrap();
    (&ours).write_all(b"meow").unwrap();
    let mut heard = [0; 4];
    (&ours).read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"meow");
    assert!(exists(id));
    ours.shutdown(std::net::Shutdown::Write).unwrap();
    eventually("it is reaped", || !exists(id));
}

fn children_of_others_are_left_alone<G: Generation>() {
    let mut others: Vec<_> = (0..5).map(|n| shell(&format!("exit {n}")).spawn().unwrap()).collect();
    drop(endless());
    assert!(G::child(shell("exit 0").spawn_async().unwrap()).unwrap().success());
    for child in &others {
        // Ended, not collected: the system says so without collecting it.
        eventually("it ends", || {
            // SAFETY: `siginfo_t` may be all zeroes, and the call only writes to it.
            unsafe {
                let mut info = std::mem::zeroed();
                let how = libc::WEXITED | libc::WNOWAIT;
                libc::waitid(libc::P_PID, child.id() as libc::id_t, &mut info, how) == 0
            }
        });
    }
    assert!(G::child(shell("exit 0").spawn_async().unwrap()).unwrap().success());
    drop(endless());
    for (n, child) in others.iter_mut().enumerate() {
        assert_eq!(child.wait().unwrap().code(), Some(n as i32));
    }
}

fn a_program_that_does_not_exist_is_an_error<G: Generation>() {
    let mut nothing = Command::new("/no/such/program");
    assert_eq!(nothing.spawn_async().unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(nothing.status_async().unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(G::output(nothing.output_async()).unwrap_err().kind(), ErrorKind::NotFound);
}

fn many_children_at_once<G: Generation>() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (send, results) = channel();
    for code in 0..40 {
        let child = shell(&format!("exit {code}")).spawn_async().unwrap();
        let send = send.clone();
        G::spawn(&runtime, child, move |status| send.send((code, status.unwrap())).unwrap());
    }
    for _ in 0..40 {
        let (code, status) = results.recv_timeout(LIMIT).unwrap();
        assert_eq!(status.code(), Some(code));
    }
}

fn a_child_of_a_reactor_that_is_gone_fails_and_is_reaped<G: Generation>() {
    let reactor = Reactor::new().unwrap();
    let handle = reactor.handle();
    let mut sleep = Command::new("sleep");
    sleep.arg("100000").stdin(Stdio::null());
    let mut child = sleep.spawn_async_with_handle(&handle).unwrap();
    let bell = Bell::new();
    assert!(G::poll(&bell, |caller| child.poll_with(caller)).is_pending());
    drop(reactor);
    bell.wait();
    finish::<G, _>(&bell, |caller| child.poll_with(caller)).unwrap_err();
    let id = child.id();
    assert!(exists(id));
    drop(child);
    eventually("it is reaped", || !exists(id));

    sleep.spawn_async_with_handle(&handle).unwrap_err();
    sleep.status_async_with_handle(&handle).unwrap_err();
    G::output(sleep.output_async_with_handle(&handle)).unwrap_err();
}

fn children_of_a_dropped_runtime_are_killed_and_reaped<G: Generation>() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let children = [(); 3].map(|()| endless());
    let ids = children.each_ref().map(|child| child.id());
    for child in children {
        G::spawn(&runtime, child, |_| panic!("it does not end by itself"));
    }
    drop(runtime);
    for id in ids {
        eventually("it is reaped", || !exists(id));
    }
}

#[test]
fn waiting_that_is_given_up_changes_nothing() {
    bounded(|| {
        let mut child = endless();
        assert!(child.exit_status().now_or_never().is_none());
        child.kill().unwrap();
        let status = futures03::executor::block_on(child.exit_status()).unwrap();
        assert_eq!(status.signal(), Some(libc::SIGKILL));
    });
}

/// As futures 0.1 programs spell it: no method here is in the way of a trait's.
#[test]
fn a_child_is_a_futures01_future() {
    bounded(|| {
        use futures::Future;
        let child = shell("exit 9").spawn_async().unwrap();
        let code = child.map(|status| status.code()).wait().unwrap();
        assert_eq!(code, Some(9));
        let child = shell("exit 8").spawn_async().unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(8));
    });
}

/// So that the other test binary really tests the other way.
#[cfg(target_os = "linux")]
#[test]
fn sigchld_is_handled_only_where_there_are_no_process_descriptors() {
    bounded(|| {
        let child = shell("exit 0").spawn_async().unwrap();
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        let caught = u64::from_str_radix(caught.trim(), 16).unwrap();
        let handled = caught & (1 << (libc::SIGCHLD - 1)) != 0;
        assert_eq!(handled, support::by_signal());
        drop(child);
    });
}
