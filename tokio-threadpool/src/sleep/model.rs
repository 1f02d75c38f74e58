//! The handshake of `sleep` under every interleaving. Fails if either `fence(SeqCst)` is taken
//! out, if `lie_down` does not count the sleeper, or if the worker does not look at the injector
//! again after it lay down.

use super::*;
use crate::sync::AtomicUsize as Injector;
use loom::sync::Notify;
use loom::thread;
use std::sync::Arc;

struct Pool {
    sleep: Sleep,
    injector: Injector,
    parkers: Vec<Notify>,
}

impl Pool {
    fn new(workers: usize) -> Arc<Pool> {
        Arc::new(Pool {
            sleep: Sleep::new(workers, true),
            injector: Injector::new(0),
            parkers: (0..workers).map(|_| Notify::new()).collect(),
        })
    }

    fn inject(&self) {
        self.injector.fetch_add(1, Relaxed);
        if self.sleep.is_all_asleep() {
            if let Some((worker, _)) = self.sleep.wake_one(|_| true) {
                self.parkers[worker].notify();
            }
        }
    }

    fn take(&self) -> bool {
        let mut seen = self.injector.load(Relaxed);
        while seen > 0 {
            match self.injector.compare_exchange(seen, seen - 1, Relaxed, Relaxed) {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    /// Runs `tasks` tasks. A worker that waits for ever makes loom report a deadlock.
    fn work(&self, worker: usize, mut tasks: usize) {
        let mut searching = false;
        let mut fresh = true;
        while tasks > 0 {
            if self.take() {
                tasks -= 1;
                if fresh {
                    fresh = false;
                    // A standby has nothing to do in this model: its limit is what it is for.
                    let _ = self.sleep.activate(worker, std::mem::take(&mut searching));
                }
                continue;
            }
            self.sleep.lie_down(worker, std::mem::take(&mut searching), Reason::Dry);
            if self.injector.load(Relaxed) == 0 {
                self.parkers[worker].wait();
            }
            searching = self.sleep.get_up(worker);
            fresh = true;
        }
    }
}

/// Explores with at most three preemptions, unless `LOOM_MAX_PREEMPTIONS` says otherwise: without a
/// limit it takes minutes.
fn model(f: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(3));
    builder.check(f);
}

/// Two tasks come from outside while the one worker runs dry.
#[test]
fn wake_racing_with_park_is_not_lost() {
    model(|| {
        let pool = Pool::new(1);
        let outside = pool.clone();
        let thread = thread::spawn(move || {
            outside.inject();
            outside.inject();
        });
        pool.work(0, 2);
        thread.join().unwrap();
    });
}

/// Two threads bring a task each.
#[test]
fn two_wakes_racing_with_park_are_not_lost() {
    model(|| {
        let pool = Pool::new(1);
        let threads = [(); 2].map(|()| {
            let outside = pool.clone();
            thread::spawn(move || outside.inject())
        });
        pool.work(0, 2);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// Two workers run dry while a task comes; one of them runs it. The other is told at the end.
#[test]
fn one_of_two_workers_finds_the_task() {
    model(|| {
        let pool = Pool::new(2);
        let other = pool.clone();
        let done = Arc::new(Injector::new(0));
        let others_done = done.clone();
        // This worker looks once, lies down if there is nothing, and stays there unless woken.
        let worker = thread::spawn(move || {
            let mut searching = false;
            loop {
                if other.take() {
                    others_done.fetch_add(1, Relaxed);
                    let _ = other.sleep.activate(1, searching);
                    break;
                }
                other.sleep.lie_down(1, std::mem::take(&mut searching), Reason::Dry);
                if other.injector.load(Relaxed) > 0 {
                    searching = other.sleep.get_up(1);
                    continue;
                }
                break;
            }
        });
        pool.inject();
        if pool.take() {
            done.fetch_add(1, Relaxed);
        }
        worker.join().unwrap();
        let ran = done.load(Relaxed) == 1;
        // Not run: then it is in the injector, and worker 1 was taken out of the set to run it.
        assert!(ran || pool.injector.load(Relaxed) == 1);
        assert!(ran || !pool.sleep.is_asleep(1) || !pool.sleep.is_all_asleep());
    });
}
