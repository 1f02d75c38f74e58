//! `slot` under every interleaving. Fails if
//!
//! - `poll_ready` does not look again after it registered, or `event` does not wake;
//! - `clear` does not compare the tick, or compares the other direction's too;
//! - `event` stores instead of exchanging, does not compare the generation, or `vacate` does not change it;
//! - a displaced waiter is dropped, `CROWDED` is not set, or `event` does not look at it, or
//!   who adds to the list does not wake it when the source is ready by then;
//! - `close` does not wake, or a task that finds `GONE` after it registered does not clear the cell, or
//!   drops those whom it finds there without a wake;
//! - `WRITERS` is not set;
//! - `event` is made Relaxed, or `close`, or the load of `look`, or the exchange of `take`.

use super::*;
use loom::cell::UnsafeCell;
use loom::sync::atomic::AtomicUsize as Count;
use loom::thread;
use std::sync::Arc;
use std::task::{Wake, Waker};

struct Bell(Count);

impl Bell {
    fn new() -> Arc<Self> {
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

/// A slot, and the generation of its owner, for whom nothing is worth a try yet.
fn owned() -> (Arc<Slot>, u64) {
    let slot = Slot::new();
    (Arc::new(slot), 0)
}

fn poll(slot: &Slot, bell: &Arc<Bell>, direction: Direction) -> Poll<Result<Seen, Gone>> {
    let waker = Waker::from(bell.clone());
    slot.poll_ready(Caller::Std(&waker), direction, Flags::REPORTED)
}

fn reported(slot: &Slot, direction: Direction) -> bool {
    slot.look(direction, Flags::REPORTED).is_ready()
}

fn in_thread(slot: &Arc<Slot>, f: impl FnOnce(&Slot) + 'static) -> thread::JoinHandle<()> {
    let slot = slot.clone();
    thread::spawn(move || f(&slot))
}

/// Loom does not try a single look after each of the other thread's steps.
fn twice(mut look: impl FnMut() -> bool) -> bool {
    if look() {
        return true;
    }
    thread::yield_now();
    look()
}

#[test]
fn a_wake_that_races_with_waiting_is_not_lost() {
    loom::model(|| {
        let (slot, generation) = owned();
        let bell = Bell::new();
        let event = in_thread(&slot, move |slot| slot.event(generation, Ready::readable()));
        let seen = poll(&slot, &bell, Direction::Read).is_ready();
        event.join().unwrap();
        assert!(seen || bell.rang());
    });
}

/// `PollEvented::report_closed`, while the reactor hands out an event for the same source.
#[test]
fn an_event_beside_the_reactors_is_not_lost() {
    loom::model(|| {
        let (slot, generation) = owned();
        let reactor = in_thread(&slot, move |slot| slot.event(generation, Ready::readable()));
        let program = in_thread(&slot, move |slot| slot.event(generation, Ready::read_closed()));
        let wait = |bell: &Arc<Bell>| {
            let waker = Waker::from(bell.clone());
            slot.poll_ready(Caller::Std(&waker), Direction::Read, Flags::ENDED).is_ready()
        };
        let mut last = Bell::new();
        let mut seen = wait(&last);
        if !seen && last.rang() {
            last = Bell::new();
            seen = wait(&last);
        }
        reactor.join().unwrap();
        program.join().unwrap();
        assert!(seen || last.rang());
        assert!(slot.look(Direction::Read, Flags::ENDED).is_ready());
    });
}

#[test]
fn a_wake_that_races_with_the_first_wait_to_write_is_not_lost() {
    loom::model(|| {
        let (slot, generation) = owned();
        let bell = Bell::new();
        let event = in_thread(&slot, move |slot| slot.event(generation, Ready::writable()));
        let seen = poll(&slot, &bell, Direction::Write).is_ready();
        event.join().unwrap();
        assert!(seen || bell.rang());
    });
}

#[test]
fn two_first_waits_to_write_are_both_woken() {
    loom::model(|| {
        let (slot, generation) = owned();
        let (bell, other) = (Bell::new(), Bell::new());
        let waits = {
            let other = other.clone();
            let (seen, slot) = (Arc::new(Count::new(0)), slot.clone());
            let tell = seen.clone();
            let thread = thread::spawn(move || {
                if poll(&slot, &other, Direction::Write).is_ready() {
                    tell.store(1, Relaxed);
                }
            });
            (thread, seen)
        };
        let event = in_thread(&slot, move |slot| slot.event(generation, Ready::writable()));
        let seen = poll(&slot, &bell, Direction::Write).is_ready();
        event.join().unwrap();
        waits.0.join().unwrap();
        assert!(seen || bell.rang());
        assert!(waits.1.load(Relaxed) == 1 || other.rang());
    });
}

/// The next owner finds the room of the one before.
#[test]
fn a_later_owner_that_waits_to_write_is_woken() {
    loom::model(|| {
        let (slot, generation) = owned();
        assert!(poll(&slot, &Bell::new(), Direction::Write).is_pending());
        slot.vacate();
        let (bell, next) = (Bell::new(), generation + 1);
        let event = in_thread(&slot, move |slot| slot.event(next, Ready::writable()));
        let seen = poll(&slot, &bell, Direction::Write).is_ready();
        event.join().unwrap();
        assert!(seen || bell.rang());
    });
}

#[test]
fn who_sees_readiness_sees_what_led_to_it() {
    loom::model(|| {
        let (slot, generation) = owned();
        // Loom complains of a read that is not ordered after the write.
        let cause = Arc::new(UnsafeCell::new(()));
        let event = {
            let cause = cause.clone();
            in_thread(&slot, move |slot| {
                cause.with_mut(|_| ());
                slot.event(generation, Ready::readable());
            })
        };
        if twice(|| reported(&slot, Direction::Read)) {
            cause.with(|_| ());
        }
        event.join().unwrap();
    });
}

#[test]
fn who_takes_readiness_sees_what_led_to_it() {
    loom::model(|| {
        let (slot, generation) = owned();
        let cause = Arc::new(UnsafeCell::new(()));
        let event = {
            let cause = cause.clone();
            in_thread(&slot, move |slot| {
                cause.with_mut(|_| ());
                slot.event(generation, Ready::readable());
            })
        };
        if twice(|| slot.take(Direction::Read).is_ready()) {
            cause.with(|_| ());
        }
        event.join().unwrap();
    });
}

#[test]
fn who_sees_the_reactor_gone_sees_what_led_to_it() {
    loom::model(|| {
        let (slot, _) = owned();
        let cause = Arc::new(UnsafeCell::new(()));
        let close = {
            let cause = cause.clone();
            in_thread(&slot, move |slot| {
                cause.with_mut(|_| ());
                slot.close();
            })
        };
        if twice(|| reported(&slot, Direction::Read)) {
            cause.with(|_| ());
        }
        close.join().unwrap();
    });
}

/// Who finds the reactor gone may be there before those who wait have been woken.
#[test]
fn a_task_that_is_displaced_while_the_reactor_goes_is_woken() {
    loom::model(|| {
        let (slot, _) = owned();
        let (first, second) = (Bell::new(), Bell::new());
        assert!(poll(&slot, &first, Direction::Read).is_pending());
        let close = in_thread(&slot, Slot::close);
        let found = poll(&slot, &second, Direction::Read);
        close.join().unwrap();
        assert!(first.rang());
        assert!(found.is_ready() || second.rang());
        drop(slot);
        assert_eq!((Arc::strong_count(&first), Arc::strong_count(&second)), (1, 1));
    });
}

#[test]
fn a_task_that_waits_while_the_reactor_goes_is_woken_whoever_finds_out() {
    loom::model(|| {
        let (slot, _) = owned();
        let (first, second, third) = (Bell::new(), Bell::new(), Bell::new());
        assert!(poll(&slot, &first, Direction::Read).is_pending());
        let close = in_thread(&slot, Slot::close);
        let other = {
            let (slot, third) = (slot.clone(), third.clone());
            thread::spawn(move || poll(&slot, &third, Direction::Read).is_ready())
        };
        let found = poll(&slot, &second, Direction::Read).is_ready();
        close.join().unwrap();
        let others = other.join().unwrap();
        assert!(first.rang());
        assert!(found || second.rang());
        assert!(others || third.rang());
    });
}

#[test]
fn clearing_readiness_keeps_a_newer_event() {
    loom::model(|| {
        let (slot, generation) = owned();
        slot.event(generation, Ready::readable());
        let Poll::Ready(Ok(seen)) = slot.look(Direction::Read, Flags::REPORTED) else {
            unreachable!()
        };
        let event = in_thread(&slot, move |slot| slot.event(generation, Ready::readable()));
        slot.clear(seen, Direction::Read, Flags::TRY);
        event.join().unwrap();
        assert!(reported(&slot, Direction::Read));
    });
}

#[test]
fn an_event_of_the_other_direction_does_not_keep_readiness() {
    loom::model(|| {
        let (slot, generation) = owned();
        slot.event(generation, Ready::readable());
        let Poll::Ready(Ok(seen)) = slot.look(Direction::Read, Flags::REPORTED) else {
            unreachable!()
        };
        let event = in_thread(&slot, move |slot| slot.event(generation, Ready::writable()));
        slot.clear(seen, Direction::Read, Flags::TRY);
        event.join().unwrap();
        assert!(!reported(&slot, Direction::Read));
        assert!(reported(&slot, Direction::Write));
    });
}

#[test]
fn a_late_event_does_not_reach_the_next_owner() {
    loom::model(|| {
        let (slot, generation) = owned();
        let late = in_thread(&slot, move |slot| slot.event(generation, Ready::readable()));
        slot.vacate();
        assert_ne!(slot.occupy(), generation);
        late.join().unwrap();
        assert!(!reported(&slot, Direction::Read));
    });
}

#[test]
fn the_next_owner_gets_its_own_events() {
    loom::model(|| {
        let (slot, generation) = owned();
        let bell = Bell::new();
        let late = in_thread(&slot, move |slot| slot.event(generation, Ready::readable()));
        slot.vacate();
        let next = slot.occupy();
        let waiting = poll(&slot, &bell, Direction::Read).is_pending();
        assert!(waiting);
        slot.event(next, Ready::readable());
        late.join().unwrap();
        assert!(bell.rang());
    });
}

#[test]
fn two_tasks_that_wait_for_one_direction_are_both_woken() {
    // Three threads: more preemptions take minutes, unless they are asked for.
    let mut model = loom::model::Builder::new();
    model.preemption_bound = model.preemption_bound.or(Some(3));
    model.check(|| {
        let (slot, generation) = owned();
        let bells = [Bell::new(), Bell::new()];
        let event = in_thread(&slot, move |slot| slot.event(generation, Ready::readable()));
        let other = {
            let (slot, bell) = (slot.clone(), bells[1].clone());
            thread::spawn(move || poll(&slot, &bell, Direction::Read).is_ready())
        };
        let first = poll(&slot, &bells[0], Direction::Read).is_ready();
        let second = other.join().unwrap();
        event.join().unwrap();
        assert!(first || bells[0].rang());
        assert!(second || bells[1].rang());
    });
}

/// One waits already when the other comes, at the same time as the event.
#[test]
fn a_displaced_task_is_woken() {
    loom::model(|| {
        let (slot, generation) = owned();
        let bells = [Bell::new(), Bell::new()];
        assert!(poll(&slot, &bells[0], Direction::Read).is_pending());
        let event = in_thread(&slot, move |slot| slot.event(generation, Ready::readable()));
        let second = poll(&slot, &bells[1], Direction::Read).is_ready();
        event.join().unwrap();
        assert!(bells[0].rang());
        assert!(second || bells[1].rang());
    });
}

/// Both wait when the event comes, and come back to wait again at once.
#[test]
fn the_list_works_again_after_a_wake() {
    loom::model(|| {
        let (slot, generation) = owned();
        let bells = [Bell::new(), Bell::new()];
        for bell in &bells {
            assert!(poll(&slot, bell, Direction::Read).is_pending());
        }
        let event = in_thread(&slot, move |slot| slot.event(generation, Ready::readable()));
        let again = poll(&slot, &bells[0], Direction::Read).is_ready();
        event.join().unwrap();
        assert!(again || bells[0].rang());
        assert!(bells[1].rang());
    });
}

#[test]
fn a_task_that_waits_while_the_reactor_goes_is_woken_and_forgotten() {
    loom::model(|| {
        let (slot, _) = owned();
        let bell = Bell::new();
        let close = in_thread(&slot, Slot::close);
        let gone = matches!(poll(&slot, &bell, Direction::Read), Poll::Ready(Err(Gone)));
        close.join().unwrap();
        assert!(gone || bell.rang());
        assert!(matches!(slot.look(Direction::Read, Flags::TRY), Poll::Ready(Err(Gone))));
        assert_eq!(Arc::strong_count(&bell), 1);
    });
}
