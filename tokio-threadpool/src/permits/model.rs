//! `permits` under every interleaving. Fails if
//!
//! - who comes to wait does not look again for a permit, once its waker is cloned;
//! - a permit that is given back wakes nobody, or is given to nobody who waits;
//! - a granted permit stays with a task that has ended, or that did not use it;
//! - a task that was granted a permit is counted as such when it has used it: then others overtake who
//!   waits, and nobody is seen to wait.

use super::*;
use loom::cell::UnsafeCell;
use loom::sync::atomic::AtomicUsize as Count;
use loom::thread;
use std::sync::Arc;
use std::task::Wake;

struct Bell(Count);

impl Bell {
    fn new() -> Arc<Bell> {
        Arc::new(Bell(Count::new(0)))
    }

    fn rang(&self) -> bool {
        self.0.load(Relaxed) > 0
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

const HOLDER: usize = 1;
const FIRST: usize = 2;
const SECOND: usize = 3;

/// One permit, which `HOLDER` has.
fn taken() -> Arc<Permits> {
    let permits = Permits::new(1);
    assert!(permits.try_acquire(HOLDER));
    Arc::new(permits)
}

fn acquire(permits: &Permits, task: usize, bell: &Arc<Bell>) -> bool {
    let waker = Waker::from(bell.clone());
    permits.poll_acquire(task, Caller::Std(&waker), || None).is_ready()
}

fn in_thread(permits: &Arc<Permits>, f: impl FnOnce(&Permits) + 'static) -> thread::JoinHandle<()> {
    let permits = permits.clone();
    thread::spawn(move || f(&permits))
}

#[test]
fn a_permit_given_back_while_a_task_comes_to_wait_is_not_lost() {
    loom::model(|| {
        let permits = taken();
        let bell = Bell::new();
        let gives = in_thread(&permits, Permits::give_back);
        let acquired = acquire(&permits, FIRST, &bell);
        gives.join().unwrap();
        assert!(acquired || bell.rang());
        // It is this task's, and nobody else's.
        assert_eq!(permits.is_granted(FIRST), !acquired);
        assert!(!permits.try_acquire(SECOND));
        assert!(acquired || acquire(&permits, FIRST, &bell));
    });
}

/// The first is granted a permit, and ends, or is polled and does not use it; or ends before.
#[test]
fn a_permit_that_is_not_used_goes_to_the_next() {
    for unused in [Permits::forget, Permits::give_back_unused] {
        loom::model(move || {
            let permits = taken();
            let (first, second) = (Bell::new(), Bell::new());
            assert!(!acquire(&permits, FIRST, &first));
            assert!(!acquire(&permits, SECOND, &second));
            let gives = in_thread(&permits, Permits::give_back);
            unused(&permits, FIRST);
            gives.join().unwrap();
            if permits.is_granted(FIRST) {
                // It came after the poll; so there is another one, for it was woken.
                assert!(first.rang());
                unused(&permits, FIRST);
            }
            assert!(second.rang() && permits.is_granted(SECOND));
            assert!(acquire(&permits, SECOND, &second));
        });
    }
}

/// A closure that used its grant, and got no thread, waits in front of who comes later, until somebody
/// has it try again.
#[test]
fn who_is_refused_a_thread_is_not_overtaken_and_tries_again() {
    loom::model(|| {
        let permits = taken();
        let (first, second) = (Bell::new(), Bell::new());
        assert!(!acquire(&permits, FIRST, &first));
        permits.give_back();
        assert!(acquire(&permits, FIRST, &first));
        let waker = Waker::from(first.clone());
        let refused = permits.poll_refused(FIRST, Caller::Std(&waker), None, false);
        assert!(refused.is_pending() && permits.is_stalled());
        let retries = in_thread(&permits, Permits::retry);
        assert!(!acquire(&permits, SECOND, &second));
        retries.join().unwrap();
        assert!(permits.is_granted(FIRST) && !permits.is_granted(SECOND));
        assert!(acquire(&permits, FIRST, &first));
    });
}

#[test]
fn one_permit_is_never_had_twice() {
    loom::model(|| {
        let permits = Arc::new(Permits::new(1));
        // Loom complains if both are there at a time, or one does not see what the other did.
        let alone = Arc::new(UnsafeCell::new(()));
        let tasks = [FIRST, SECOND].map(|task| {
            let alone = alone.clone();
            let bell = Bell::new();
            let rings = bell.clone();
            let thread = in_thread(&permits, move |permits| {
                if acquire(permits, task, &bell) {
                    alone.with_mut(|_| ());
                    permits.give_back();
                }
            });
            (task, rings, thread)
        });
        let tasks = tasks.map(|(task, bell, thread)| {
            thread.join().unwrap();
            (task, bell)
        });
        for (task, bell) in tasks {
            if permits.is_granted(task) {
                assert!(bell.rang());
                assert!(acquire(&permits, task, &bell));
                permits.give_back();
            }
        }
        assert!(permits.try_acquire(HOLDER), "it is free again");
    });
}
