//! `waiter_cell` under every interleaving. Fails if, in `register`, either exchange is made Relaxed;
//! if the set of the bit in `wake` or `take` is made anything less than AcqRel; if the load or the exchange in
//! `release` is made Relaxed; if `register` does not wake its caller when busy or forgets whom it
//! displaced; or if a wake or a clear that came meanwhile is forgotten.

use super::*;
use loom::sync::atomic::AtomicUsize as Condition;
use loom::thread;
use std::sync::Arc;
use std::task::{Wake, Waker};

struct Bell(Condition);

impl Bell {
    fn new() -> Arc<Self> {
        Arc::new(Bell(Condition::new(0)))
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

/// One task that waits until all of `wakes` conditions hold; every lost wake is a missing ring.
fn race(wakes: usize, wake: fn(&WaiterCell)) {
    loom::model(move || {
        let cell = Arc::new(WaiterCell::new());
        let conditions = Arc::new([Condition::new(0), Condition::new(0)]);
        let bell = Bell::new();
        let waker = Waker::from(bell.clone());

        let wakers: Vec<_> = (0..wakes)
            .map(|i| {
                let (cell, conditions) = (cell.clone(), conditions.clone());
                thread::spawn(move || {
                    conditions[i].store(1, Relaxed);
                    wake(&cell);
                })
            })
            .collect();
        let look = || conditions.iter().take(wakes).all(|c| c.load(Relaxed) == 1);
        cell.register(Caller::Std(&waker));
        let seen = look();
        for waker in wakers {
            waker.join().unwrap();
        }
        assert!(seen || bell.rang());
    });
}

#[test]
fn a_wake_that_races_with_register_is_not_lost() {
    race(1, WaiterCell::wake);
}

#[test]
fn two_wakes_that_race_with_register_are_not_lost() {
    race(2, WaiterCell::wake);
}

#[test]
fn a_take_that_races_with_register_is_not_lost() {
    race(2, |cell| {
        if let Some(waiter) = cell.take() {
            waiter.wake();
        }
    });
}

/// Two tasks register at once while a wake comes: whoever did not see the condition is woken,
/// or was handed to the other as the one displaced.
#[test]
fn two_tasks_do_not_evict_each_other() {
    loom::model(|| {
        let cell = Arc::new(WaiterCell::new());
        let condition = Arc::new(Condition::new(0));
        let bells = [Bell::new(), Bell::new()];

        let other = {
            let (cell, condition) = (cell.clone(), condition.clone());
            let waker = Waker::from(bells[1].clone());
            thread::spawn(move || {
                let displaced = cell.register(Caller::Std(&waker));
                let seen = condition.load(Relaxed) == 1;
                if let Some(displaced) = displaced {
                    displaced.wake();
                }
                seen
            })
        };
        let wake = {
            let (cell, condition) = (cell.clone(), condition.clone());
            thread::spawn(move || {
                condition.store(1, Relaxed);
                cell.wake();
            })
        };
        let waker = Waker::from(bells[0].clone());
        let displaced = cell.register(Caller::Std(&waker));
        let first = condition.load(Relaxed) == 1;
        if let Some(displaced) = displaced {
            displaced.wake();
        }
        let second = other.join().unwrap();
        wake.join().unwrap();
        assert!(first || bells[0].rang());
        assert!(second || bells[1].rang());
    });
}

/// A clear comes upon what another thread has just stored.
#[test]
fn a_clear_races_with_register() {
    loom::model(|| {
        let cell = Arc::new(WaiterCell::new());
        let bells = [Bell::new(), Bell::new()];
        let threads = bells.clone().map(|bell| {
            let cell = cell.clone();
            thread::spawn(move || {
                cell.register(Caller::Std(&Waker::from(bell)));
                cell.clear();
            })
        });
        for thread in threads {
            thread.join().unwrap();
        }
        cell.clear();
        assert!(bells.iter().all(|bell| Arc::strong_count(bell) == 1), "a waiter was kept");
    });
}

/// A clear races with a wake and a registration: nothing is torn, and the cell works afterwards.
#[test]
fn clear_races_with_everything() {
    loom::model(|| {
        let cell = Arc::new(WaiterCell::new());
        let bell = Bell::new();
        let waker = Waker::from(bell.clone());
        cell.register(Caller::Std(&waker));

        let wake = {
            let cell = cell.clone();
            thread::spawn(move || cell.wake())
        };
        let clear = {
            let cell = cell.clone();
            thread::spawn(move || cell.clear())
        };
        wake.join().unwrap();
        clear.join().unwrap();
        cell.waiter.with(|waiter| {
            // SAFETY: the other threads are gone.
            assert!(unsafe { &*waiter }.is_none());
        });
        let rang = bell.0.load(Relaxed);
        cell.register(Caller::Std(&waker));
        cell.wake();
        assert_eq!(bell.0.load(Relaxed), rang + 1);
    });
}
