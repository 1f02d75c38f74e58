//! `waiting` under every interleaving that loom knows. Fails if `poll` does not look again once it has
//! cloned the waiter, if it takes one task for another or forgets whom it displaced, or if `change`
//! forgets who waits.

use super::*;
use loom::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use loom::thread;

struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

#[test]
fn a_change_that_races_with_a_poll_is_not_lost() {
    loom::model(|| {
        let waiting = Arc::new(Waiting::new(false));
        let other = {
            let waiting = waiting.clone();
            thread::spawn(move || waiting.change(|state| *state = true))
        };
        let bell = Arc::new(Bell(AtomicUsize::new(0)));
        let waker = Waker::from(bell.clone());
        let seen = waiting
            .poll(Caller::Std(&waker), |state| if *state { Poll::Ready(()) } else { Poll::Pending })
            .is_ready();
        other.join().unwrap();
        assert!(seen || bell.0.load(Relaxed) == 1);
    });
}

#[test]
fn a_change_wakes_all_that_wait() {
    loom::model(|| {
        let waiting = Arc::new(Waiting::new(false));
        let bells = [0; 2].map(|_| Arc::new(Bell(AtomicUsize::new(0))));
        let tasks = bells.clone().map(|bell| {
            let waiting = waiting.clone();
            thread::spawn(move || {
                let look = |state: &mut bool| if *state { Poll::Ready(()) } else { Poll::Pending };
                waiting.poll(Caller::Std(&Waker::from(bell)), look).is_ready()
            })
        });
        waiting.change(|state| *state = true);
        // One of them may yet wake the other, which it has displaced.
        let seen = tasks.map(|task| task.join().unwrap());
        for (seen, bell) in seen.into_iter().zip(bells) {
            assert!(seen || bell.0.load(Relaxed) == 1);
        }
    });
}
