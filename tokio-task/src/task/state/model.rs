//! `state` under every interleaving. Fails if `wake` is made Relaxed or Acquire; if `start`, `pause`,
//! `joining`, `is_last` or `set_waiter` is made Relaxed, or `unset_waiter` where it fails; if
//! `complete` or `release` is made anything less than AcqRel, `detach` Relaxed or Release, or `woken`
//! Relaxed or Acquire (for what is left of the two see `task/model.rs`); if `pause` forgets an owed
//! poll, `wake` enqueues a running task, `set_waiter` or `unset_waiter` changes a complete task, or
//! `complete`, `woken` or `detach` names the wrong owner of the output or of the waker.
//!
//! `mutations.txt` has them all, to be replayed.

use super::*;
use loom::cell::UnsafeCell;
use loom::sync::atomic::AtomicUsize;
use loom::thread;
use std::sync::Arc;

/// Whether something is there; loom reports two threads in one place.
struct Watched(UnsafeCell<bool>);

// SAFETY: as above.
unsafe impl Sync for Watched {}

impl Watched {
    fn new() -> Self {
        Watched(UnsafeCell::new(false))
    }

    fn get(&self) -> bool {
        // SAFETY: loom fails the model first if another thread may write.
        self.0.with(|there| unsafe { *there })
    }

    fn set(&self, there: bool) {
        // SAFETY: loom fails the model first if another thread may look.
        self.0.with_mut(|place| unsafe { *place = there });
    }
}

/// A task with a counter for a run queue.
struct Model {
    state: State,
    queue: AtomicUsize,
    body: Watched,
    output: Watched,
    written: [AtomicUsize; 2],
}

impl Model {
    fn new(state: State) -> Arc<Self> {
        Arc::new(Model {
            state,
            queue: AtomicUsize::new(1),
            body: Watched::new(),
            output: Watched::new(),
            written: [AtomicUsize::new(0), AtomicUsize::new(0)],
        })
    }

    fn wake(&self, i: usize) {
        self.written[i].store(1, Relaxed);
        if self.state.wake() == Enqueue::Yes {
            self.push();
        }
    }

    /// Polls while queued. Returns how many writes the last poll saw.
    fn run(&self) -> usize {
        let mut seen = 0;
        while self.queue.load(Relaxed) > 0 {
            assert_eq!(self.queue.fetch_sub(1, Relaxed), 1, "in two queues");
            assert_eq!(self.state.start(), Start::Poll);
            self.body.set(true);
            seen = self.written.iter().map(|w| w.load(Relaxed)).sum();
            if self.state.pause() == Enqueue::Yes {
                self.push();
            }
        }
        seen
    }

    fn push(&self) {
        self.queue.fetch_add(1, Relaxed);
    }
}

/// Two wakers race a worker: what each wrote before waking is seen by some poll.
#[test]
fn every_wake_leads_to_a_poll() {
    loom::model(|| {
        let model = Model::new(State::queued());
        let wakers = [0, 1].map(|i| {
            let model = model.clone();
            thread::spawn(move || model.wake(i))
        });
        let early = model.run();
        for waker in wakers {
            waker.join().unwrap();
        }
        let late = model.run();
        assert_eq!(early.max(late), 2);
    });
}

/// Polled on one thread, woken and polled again on another: the body arrives whole.
#[test]
fn the_body_moves_between_workers() {
    loom::model(|| {
        let model = Model::new(State::queued());
        let other = model.clone();
        let worker = thread::spawn(move || {
            assert_eq!(other.state.start(), Start::Poll);
            other.body.set(true);
            if other.state.pause() == Enqueue::Yes {
                other.push();
            }
        });
        model.queue.store(0, Relaxed);
        model.wake(0);
        model.run();
        worker.join().unwrap();
    });
}

/// A handle that goes away races with completion: the output is dropped by exactly one side.
#[test]
fn the_output_has_one_owner() {
    loom::model(|| {
        let model = Model::new(State::queued_with_handle());
        let other = model.clone();
        let worker = thread::spawn(move || {
            assert_eq!(other.state.start(), Start::Poll);
            let kept = other.state.has_handle();
            if kept {
                other.output.set(true);
            }
            if other.state.complete() == Complete::Unwanted && kept {
                other.output.set(false);
            }
            other.state.release()
        });
        if model.state.detach() != Detach::Waker {
            model.output.set(false);
        }
        let here = model.state.release();
        let there = worker.join().unwrap();
        assert_ne!(here, there, "freed twice or never");
        assert!(!model.output.get());
    });
}

/// A handle waits, changes its waker or goes away while the task completes: it finds the output or
/// is woken, and the place for its waker is emptied by exactly one side.
fn join(wakers: usize) {
    loom::model(move || {
        let model = Model::new(State::queued_with_handle());
        let place = Arc::new(Watched::new());
        let (other, theirs) = (model.clone(), place.clone());
        let worker = thread::spawn(move || {
            assert_eq!(other.state.start(), Start::Poll);
            other.output.set(true);
            match other.state.complete() {
                Complete::Unwanted | Complete::Kept => false,
                Complete::KeptAndAwaited => {
                    let woken = theirs.get();
                    assert!(woken, "nobody to wake");
                    if other.state.woken() == Woken::Caller {
                        theirs.set(false);
                    }
                    woken
                }
            }
        });
        let mut found = model.state.joining() == Joining::Complete;
        for n in 0..wakers {
            if !found && n > 0 {
                // Another waker: the place has to be had back first.
                found = model.state.unset_waiter() == Joining::Complete;
            }
            if !found {
                place.set(true);
                found = model.state.set_waiter() == Joining::Complete;
            }
        }
        if found {
            assert!(model.output.get());
        }
        match model.state.detach() {
            Detach::Waker => assert!(!found),
            Detach::Output => {
                worker.join().unwrap();
                assert!(!place.get(), "nobody emptied the place");
                return;
            }
            Detach::OutputAndWaker => {}
        }
        // If the worker saw the handle before, it has woken it; else there is nobody to wake.
        place.set(false);
        worker.join().unwrap();
        assert!(!place.get());
    });
}

#[test]
fn a_handle_that_detaches_leaves_its_place_empty() {
    join(1);
}

#[test]
fn a_handle_that_changes_its_waker_leaves_its_place_empty() {
    join(2);
}

/// A handle that waits races with completion: it finds the output or is woken.
#[test]
fn the_handle_is_woken_or_finds_the_output() {
    loom::model(|| {
        let model = Model::new(State::queued_with_handle());
        let other = model.clone();
        let worker = thread::spawn(move || {
            assert_eq!(other.state.start(), Start::Poll);
            other.state.complete()
        });
        let found = model.state.set_waiter() == Joining::Complete;
        let woken = worker.join().unwrap() == Complete::KeptAndAwaited;
        assert!(found != woken);
    });
}

/// Whoever gives up the last reference comes after all others.
#[test]
fn the_last_reference_frees() {
    loom::model(|| {
        let model = Model::new(State::queued());
        model.state.reference();
        let other = model.clone();
        let waker = thread::spawn(move || {
            other.body.get();
            other.state.release()
        });
        assert_eq!(model.state.start(), Start::Poll);
        assert_eq!(model.state.complete(), Complete::Unwanted);
        let here = if model.state.is_last() { Reference::Last } else { model.state.release() };
        if here == Reference::Last {
            model.body.set(true);
        }
        let there = waker.join().unwrap();
        if there == Reference::Last {
            model.body.set(true);
        }
        // `is_last` does not count down, so both may be last only if the waker was first.
        assert!(here == Reference::Last || there == Reference::Last);
    });
}
