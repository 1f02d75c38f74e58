//! `lifecycle` under every interleaving. Fails if the store in `Count::add` is made Relaxed, if
//! `close` reads the spawns before the completions, if `close` stores instead of exchanging, if
//! `spawn_outside` does not look at the stage, or if nobody looks again after a refused spawn.

use super::*;
use crate::sync::fence;
use loom::thread;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::Arc;

struct Pool {
    lifecycle: Lifecycle,
    counts: [Count; 2],
}

impl Pool {
    fn new() -> Arc<Pool> {
        Arc::new(Pool { lifecycle: Lifecycle::new(), counts: [Count::new(), Count::new()] })
    }

    fn close(&self) -> bool {
        self.lifecycle.close(self.counts.iter())
    }
}

/// A task that a worker polls spawns a child; another worker runs the child. Nobody may close the
/// pool before the child is complete.
#[test]
fn a_pool_with_a_task_in_transit_is_not_idle() {
    loom::model(|| {
        let pool = Pool::new();
        assert!(pool.lifecycle.spawn_outside());
        pool.lifecycle.drain(Spawns::Accepted);
        let child = Arc::new(AtomicUsize::new(0));
        let (first, queue) = (pool.clone(), child.clone());
        let parent = thread::spawn(move || {
            first.counts[0].spawned();
            queue.store(1, Release);
            first.counts[0].completed();
        });
        let early = pool.close();
        let ran = child.load(Acquire) == 1;
        if early {
            panic!("closed with a child in transit");
        }
        if ran {
            pool.counts[1].completed();
        }
        parent.join().unwrap();
        assert_eq!(pool.close(), ran);
        if !ran {
            pool.counts[1].completed();
            assert!(pool.close());
        }
        assert!(!pool.close(), "closed twice");
    });
}

/// A spawn from outside races with the last completion: it is refused, or the pool stays open
/// for it.
#[test]
fn a_spawn_from_outside_is_refused_or_counted() {
    loom::model(|| {
        let pool = Pool::new();
        assert!(pool.lifecycle.spawn_outside());
        pool.lifecycle.drain(Spawns::Accepted);
        let other = pool.clone();
        let outside = thread::spawn(move || other.lifecycle.spawn_outside());
        pool.counts[0].completed();
        let closed = pool.close();
        let taken = outside.join().unwrap();
        if closed {
            assert!(!taken, "taken by a pool that had stopped");
        } else {
            assert!(taken);
            pool.counts[0].completed();
            assert!(pool.close());
        }
    });
}

/// A spawn that is refused is counted for a moment. A worker that looks meanwhile does not find the
/// pool idle; so somebody has to look again.
#[test]
fn a_refused_spawn_does_not_keep_the_pool_open() {
    loom::model(|| {
        let pool = Pool::new();
        assert!(pool.lifecycle.spawn_outside());
        pool.lifecycle.drain(Spawns::Refused);
        let other = pool.clone();
        let outside = thread::spawn(move || {
            assert!(!other.lifecycle.spawn_outside());
            // As `Pool::completed_outside`.
            other.lifecycle.completed_outside();
            fence(SeqCst);
            other.close();
        });
        pool.counts[0].completed();
        // The one in `Sleep::lie_down`.
        fence(SeqCst);
        pool.close();
        outside.join().unwrap();
        assert_eq!(pool.lifecycle.stage(), Stage::Stopped);
    });
}
