//! What happens when the system refuses threads; that no more run than allowed, and none for long
//! without work.

use super::*;
use std::sync::mpsc::{channel, Receiver, Sender};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(30);

fn refuse(_: Arc<Crew>) -> io::Result<()> {
    Err(io::ErrorKind::WouldBlock.into())
}

/// Work that says that it has begun, and ends when it is told to.
fn held(begun: &Sender<()>) -> (Work, Sender<()>) {
    let begun = begun.clone();
    let (end, told): (_, Receiver<()>) = channel();
    let work = move || {
        begun.send(()).unwrap();
        let _ = told.recv();
    };
    (Box::new(work), end)
}

#[test]
fn a_job_is_given_back_when_the_first_thread_is_refused() {
    let crew = Arc::new(Crew::new(4, refuse));
    let (alive, dropped) = channel::<()>();
    let error = crew.submit(Box::new(move || drop(alive))).unwrap_err();
    assert_ne!(error.kind(), io::ErrorKind::WouldBlock);
    assert!(error.to_string().contains("no thread"), "{error}");
    assert!(dropped.try_recv().is_err() && lock(&crew.shared).queue.is_empty());
}

#[test]
fn a_job_waits_for_a_thread_when_another_one_is_refused() {
    let crew = Arc::new(Crew::new(4, refuse));
    // One thread there is.
    lock(&crew.shared).threads = 1;
    let server = crew.clone();
    let (begun, begins) = channel();
    let (first, end) = held(&begun);
    crew.submit(first).unwrap();
    thread::spawn(move || server.serve());
    begins.recv_timeout(LIMIT).unwrap();
    let (second, _end) = held(&begun);
    crew.submit(second).unwrap();
    assert!(begins.try_recv().is_err());
    drop(end);
    begins.recv_timeout(LIMIT).unwrap();
}

#[test]
fn no_more_threads_run_than_allowed_and_all_jobs_run() {
    let crew = Arc::new(Crew::new(2, start_thread));
    let (begun, begins) = channel();
    let mut ends = Vec::new();
    for _ in 0..6 {
        let (work, end) = held(&begun);
        crew.submit(work).unwrap();
        ends.push(end);
    }
    for _ in 0..2 {
        begins.recv_timeout(LIMIT).unwrap();
    }
    assert!(begins.try_recv().is_err(), "a third job runs");
    drop(ends);
    for _ in 0..4 {
        begins.recv_timeout(LIMIT).unwrap();
    }
    assert!(lock(&crew.shared).threads <= 2);
}

#[test]
fn threads_leave_when_idle_and_come_back() {
    let crew = Arc::new(Crew::new(4, start_thread));
    for _ in 0..3 {
        let (begun, begins) = channel();
        for _ in 0..8 {
            crew.submit(held(&begun).0).unwrap();
        }
        for _ in 0..8 {
            begins.recv_timeout(LIMIT).unwrap();
        }
        let deadline = std::time::Instant::now() + LIMIT;
        while lock(&crew.shared).threads > 0 {
            assert!(std::time::Instant::now() < deadline, "threads stay");
            thread::yield_now();
        }
    }
    assert_eq!(lock(&crew.shared).idle, 0);
}
