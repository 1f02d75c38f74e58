//! `crew` under every interleaving that loom knows. Fails if a thread whose patience is over leaves
//! without looking at the queue or goes on being counted, if an idle thread is not told, if one that
//! was told is taken for one that is free, or if more threads are started than allowed.

use super::*;
use loom::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use loom::sync::Notify;
use loom::thread;

loom::lazy_static! {
    static ref STARTED: AtomicUsize = AtomicUsize::new(0);
}

fn start(crew: Arc<Crew>) -> io::Result<()> {
    STARTED.fetch_add(1, Relaxed);
    thread::spawn(move || crew.serve());
    Ok(())
}

fn count(ran: &Arc<AtomicUsize>) -> Work {
    let ran = ran.clone();
    Box::new(move || {
        ran.fetch_add(1, Relaxed);
    })
}

/// Everybody's patience is over from now on. loom fails a model whose threads wait for ever.
fn hurry(crew: &Crew) {
    lock(&crew.shared).impatient = true;
    crew.news.notify_all();
}

fn settle(crew: &Crew) {
    while lock(&crew.shared).threads > 0 {
        thread::yield_now();
    }
}

#[test]
fn a_job_that_races_with_a_thread_that_leaves_runs() {
    loom::model(|| {
        let crew = Arc::new(Crew::new(1, start));
        let ran = Arc::new(AtomicUsize::new(0));
        lock(&crew.shared).impatient = true;
        crew.submit(count(&ran)).unwrap();
        crew.submit(count(&ran)).unwrap();
        settle(&crew);
        assert_eq!(ran.load(Relaxed), 2);
    });
}

#[test]
fn an_idle_thread_is_told_of_a_job() {
    loom::model(|| {
        let crew = Arc::new(Crew::new(1, start));
        let done = Arc::new(crate::waiting::Waiting::new(0));
        for _ in 0..2 {
            let done = done.clone();
            crew.submit(Box::new(move || done.change(|done| *done += 1))).unwrap();
        }
        while done.change_quietly(|done| *done) < 2 {
            thread::yield_now();
        }
        assert_eq!(STARTED.load(Relaxed), 1);
        hurry(&crew);
        settle(&crew);
    });
}

#[test]
fn jobs_of_two_threads_run_on_no_more_threads_than_allowed() {
    loom::model(|| {
        let crew = Arc::new(Crew::new(1, start));
        let ran = Arc::new(AtomicUsize::new(0));
        lock(&crew.shared).impatient = true;
        let other = {
            let (crew, work) = (crew.clone(), count(&ran));
            thread::spawn(move || crew.submit(work).unwrap())
        };
        crew.submit(count(&ran)).unwrap();
        assert!(lock(&crew.shared).threads <= 1);
        other.join().unwrap();
        settle(&crew);
        assert_eq!(ran.load(Relaxed), 2);
    });
}

/// One job ends only when the next one has run.
#[test]
fn a_thread_that_has_been_told_is_not_counted_on_twice() {
    loom::model(|| {
        let crew = Arc::new(Crew::new(2, start));
        let [ran, done] = [(); 2].map(|()| Arc::new(Notify::new()));
        crew.submit(Box::new(|| {})).unwrap();
        let (wait, end) = (ran.clone(), done.clone());
        crew.submit(Box::new(move || {
            wait.wait();
            end.notify();
        }))
        .unwrap();
        crew.submit(Box::new(move || ran.notify())).unwrap();
        done.wait();
        hurry(&crew);
    });
}
