//! `doorbell` under every interleaving. Fails if `ring` does not say that the thread waits, if
//! `lie_down` says that it may wait though someone rang, if `get_up` does nothing, or if the swap
//! of `ring` or of `get_up` is made Relaxed.

use super::*;
use loom::sync::atomic::AtomicUsize as Work;
use loom::sync::Notify;
use loom::thread;
use std::sync::Arc;

/// Someone brings work and rings; the thread at the reactor turns until it has seen all of it. A
/// lost ring leaves it waiting for ever.
fn bring(times: usize) {
    loom::model(move || {
        let bell = Arc::new(Doorbell::new());
        let system = Arc::new(Notify::new());
        let work = Arc::new([Work::new(0), Work::new(0)]);

        let bringers: Vec<_> = (0..times)
            .map(|i| {
                let (bell, system, work) = (bell.clone(), system.clone(), work.clone());
                thread::spawn(move || {
                    work[i].store(1, Relaxed);
                    if bell.ring() {
                        system.notify();
                    }
                })
            })
            .collect();
        while !work.iter().take(times).all(|work| work.load(Relaxed) == 1) {
            if bell.lie_down() == Wait::Allowed {
                system.wait();
                bell.get_up();
            }
        }
        for bringer in bringers {
            bringer.join().unwrap();
        }
    });
}

#[test]
fn a_ring_is_not_lost() {
    bring(1);
}

#[test]
fn two_rings_are_not_lost() {
    bring(2);
}

/// Nobody waits, so no system call is made.
#[test]
fn a_ring_while_nobody_waits_makes_no_system_call() {
    loom::model(|| {
        let bell = Doorbell::new();
        assert!(!bell.ring());
        assert_eq!(bell.lie_down(), Wait::Forbidden);
        assert_eq!(bell.lie_down(), Wait::Allowed);
        assert!(bell.ring());
        assert!(!bell.ring());
    });
}
