//! Tests: who takes tasks from whom on a processor that is shared.

// A core goes from thread to thread in its box.
#![allow(clippy::vec_box)]

use super::standby::{CALM, WAITS};
use super::{Worker, BUSY};
use crate::builder::Config;
use crate::core::Core;
use crate::park::{boxed, DefaultPark};
use crate::pool::{Pool, LONG_QUEUE};
use crate::processor::tests::{stay, Other};
use crate::processor::{Thread, Used};
use crate::sleep::{Reason, ALERT, STANDBY};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// Enough for a long queue, some later.
const TASKS: usize = LONG_QUEUE + 10;

/// A pool without threads: this thread is the worker, and the test has the other's core, with
/// tasks in its queue.
fn two_workers() -> (Arc<Pool>, Worker, Box<Core>) {
    let (pool, cores) = pool_of(2);
    let [mine, other] = <[_; 2]>::try_from(cores).expect("two workers have two cores");
    let worker = Worker::new(pool.clone(), mine);
    let sender = worker.sender().clone();
    for _ in 0..TASKS {
        sender.spawn(async {}).expect("the pool runs");
    }
    while let Some(task) = pool.injector.take(&other.queue, 2) {
        other.queue.push(task);
    }
    (pool, worker, other)
}

/// Drops the tasks, which keep their pool, which keeps them.
fn end(worker: &Worker, other: &Core) {
    for core in [worker.core().expect("nobody took it"), other] {
        while core.queue.pop().is_some() {}
    }
}

/// Whether `worker` is not to be woken to help, as things are.
fn is_crowded_out(pool: &Pool, worker: usize) -> bool {
    let used = Used::by(pool.remotes.iter().map(|remote| &remote.processor));
    pool.remotes[worker].crowd.lasts(&used)
}

/// No thread starts, and from now on this one stays on the processor that it is on.
fn pool_of(workers: usize) -> (Arc<Pool>, Vec<Box<Core>>) {
    stay();
    let parks = (0..workers).map(|_| boxed(DefaultPark::new())).collect();
    let config = Config { refuse_threads: Some(Arc::new(true.into())), ..Config::new() };
    Pool::new(config, Some(boxed(DefaultPark::new())), parks)
}

#[test]
fn who_works_on_the_same_processor_keeps_its_tasks() {
    let (pool, worker, other) = two_workers();
    let core = worker.core().expect("nobody took it");
    pool.remotes[other.index].processor.note(Thread::current());
    assert!(worker.steal(core).is_none());
    assert!(is_crowded_out(&pool, core.index));
    assert_eq!(other.queue.len(), TASKS);
    end(&worker, &other);
}

#[test]
fn a_worker_on_another_processor_is_helped() {
    let (pool, worker, other) = two_workers();
    let core = worker.core().expect("nobody took it");
    pool.remotes[other.index].processor.note_elsewhere();
    pool.remotes[core.index].crowd.note();
    assert!(worker.steal(core).is_some());
    pool.remotes[other.index].processor.note(Thread::current());
    assert!(!is_crowded_out(&pool, core.index), "it has forgotten");
    end(&worker, &other);
}

#[test]
fn a_standby_takes_the_tasks_of_a_stuck_worker_on_the_same_processor() {
    let (pool, worker, other) = two_workers();
    let core = worker.core().expect("nobody took it");
    let its = Other::that_blocks();
    pool.remotes[other.index].processor.note(its.thread);
    worker.remember(core);
    pool.remotes[other.index].tick.fetch_add(1, Relaxed);
    assert!(worker.look_at_others(core).found.is_none(), "it works");
    worker.remember(core);
    worker.remember_times(core);
    let looked = worker.look_at_others(core);
    assert!(looked.stuck && looked.found.is_some());
    // Nor does it wait for the next look when it has run what it took.
    while worker.steal(core).is_some() {}
    assert!(other.queue.is_empty());
    end(&worker, &other);
}

/// The system may let the other thread run instead of this one at any moment: but not each time.
#[test]
fn a_worker_that_waits_for_its_processor_is_not_stuck() {
    let (pool, worker, other) = two_workers();
    let core = worker.core().expect("nobody took it");
    let its = Other::that_computes();
    let remote = &pool.remotes[other.index];
    let begins_a_poll = || {
        remote.tick.fetch_add(1, Relaxed);
        remote.processor.note(its.thread);
        worker.remember(core);
        worker.remember_times(core);
    };
    let is_left_alone = |_| {
        begins_a_poll();
        let looked = worker.look_at_others(core);
        looked.waits && !looked.stuck && looked.found.is_none()
    };
    assert!((0..100).any(is_left_alone));
    let leaves_driver = |_| {
        begins_a_poll();
        let turns = worker.turns();
        worker.look(core);
        worker.turns() == turns
    };
    assert!((0..100).any(leaves_driver));
    // It seems to wait if it blocks again and again for a moment, too.
    begins_a_poll();
    assert!((0..=WAITS).any(|_| worker.look_at_others(core).stuck));
    end(&worker, &other);
}

#[test]
fn a_worker_that_keeps_its_processor_busy_is_stuck() {
    let (pool, worker, other) = two_workers();
    let core = worker.core().expect("nobody took it");
    let its = Other::that_computes();
    pool.remotes[other.index].processor.note(its.thread);
    let is_stuck = |sleeps_between: bool| {
        worker.remember(core);
        worker.remember_times(core);
        core.seen.borrow_mut().workers[other.index].waits = 0;
        if sleeps_between {
            thread::sleep(STANDBY);
        }
        let stuck = worker.look_at_others(core).stuck;
        // Otherwise it computes between one look and what is remembered for the next.
        thread::sleep(STANDBY);
        stuck
    };
    assert!((0..1000).any(|_| is_stuck(true)));
    pool.remotes[other.index].tick.fetch_add(1, Relaxed);
    pool.remotes[other.index].processor.note(its.thread);
    assert!((0..1000).any(|_| is_stuck(false)), "it has its processor for a while at a time");
    end(&worker, &other);
}

/// Else a worker would be woken to help each time that the other has been busy for a while.
#[test]
fn a_pool_that_rests_does_not_make_an_only_processor_free() {
    let (pool, worker, other) = two_workers();
    let core = worker.core().expect("nobody took it");
    let its = &pool.remotes[other.index].processor;
    its.note(Thread::current());
    assert!(worker.steal(core).is_none());
    while other.queue.pop().is_some() {}
    its.leave();
    let _ = pool.sleep.lie_down(other.index, false, Reason::Dry);
    assert!(worker.steal(core).is_none());
    worker.look(core);
    assert_eq!(core.looks.get(), 1, "everyone else sleeps");
    its.note(Thread::current());
    assert!(is_crowded_out(&pool, core.index));
    its.note_elsewhere();
    assert!(!is_crowded_out(&pool, core.index), "its processor is free");
    end(&worker, &other);
}

#[test]
fn a_worker_that_blocks_its_thread_is_helped_by_who_found_its_processor_taken() {
    let (pool, worker, other) = two_workers();
    let core = worker.core().expect("nobody took it");
    let its = &pool.remotes[other.index].processor;
    its.note(Thread::current());
    assert!(worker.steal(core).is_none());
    its.leave();
    assert!(!is_crowded_out(&pool, core.index));
    assert!(worker.steal(core).is_some());
    its.note(Thread::current());
    assert!(!is_crowded_out(&pool, core.index), "it has forgotten");
    end(&worker, &other);
}

#[test]
fn the_next_task_of_a_stuck_worker_is_taken_after_those_of_its_queue() {
    let (pool, worker, other) = two_workers();
    let core = worker.core().expect("nobody took it");
    let remote = &pool.remotes[other.index];
    let (queued, next) = (other.queue.pop().unwrap(), other.queue.pop().unwrap());
    let (queued_id, next_id) = (queued.id(), next.id());
    while other.queue.pop().is_some() {}
    other.queue.push(queued);
    assert!(remote.next.replace(next).is_none());

    let queued = worker.steal(core).expect("it may be taken at any time");
    assert!(worker.steal(core).is_none(), "the worker works, and takes the next one itself");
    other.queue.push(queued);
    worker.remember(core);
    let queued = worker.look_at_others(core).found.expect("there are two");
    assert_eq!(queued.id(), queued_id);
    let next = worker.steal(core).expect("the worker is stuck");
    assert_eq!(next.id(), next_id);
    assert!(remote.next.replace(next).is_none());
    remote.tick.fetch_add(1, Relaxed);
    assert!(worker.steal(core).is_none(), "it works again");

    drop((queued, remote.next.take()));
    end(&worker, &other);
}

#[test]
fn a_standby_looks_more_often_where_workers_get_stuck_but_not_where_they_block() {
    let (pool, worker, other) = two_workers();
    pool.thread_starts();
    let core = worker.core().expect("nobody took it");
    let remote = &pool.remotes[other.index];
    let calm = || {
        remote.tick.fetch_add(1, Relaxed);
        worker.look(core);
        worker.period() == STANDBY
    };
    assert!(calm(), "it works");
    worker.remember(core);
    worker.look(core);
    assert_eq!(worker.period(), ALERT);
    assert_eq!((0..=CALM).find(|_| calm()), Some(CALM - 1));
    worker.remember(core);
    pool.offers.put(other.index, other);
    worker.look(core);
    assert_eq!(worker.period(), STANDBY, "it is not stuck, but blocks");
    assert!(pool.backups.has_orphans());
    worker.look(core);
    assert_eq!(worker.period(), STANDBY, "it lacks a thread");
    pool.stop();
    worker.run();
    pool.thread_ends();
}

#[test]
fn a_standby_that_finds_nothing_does_not_look_again_before_it_sleeps() {
    let (_pool, worker, other) = two_workers();
    let core = worker.core().expect("nobody took it");
    while other.queue.pop().is_some() {}
    for _ in 0..3 {
        worker.step();
        assert!(core.looked.get() && core.last_look.get().is_none());
    }
    end(&worker, &other);
}

/// Each look is an attempt, of which there are so many that they take a second.
#[test]
fn while_a_closure_waits_for_a_thread_looks_are_as_frequent_as_ever() {
    let (pool, mut cores) = pool_of(1);
    pool.thread_starts();
    let worker = Worker::new(pool.clone(), cores.pop().expect("one worker has one core"));
    let _current = worker.make_current();
    let closure = std::future::poll_fn(|cx| crate::poll_blocking(cx, || ()));
    worker.sender().spawn(closure).expect("the pool runs");
    worker.step();
    pool.alert.store(CALM, Relaxed);
    assert_eq!(worker.period(), STANDBY);
    pool.stop();
    worker.run();
    pool.thread_ends();
}

#[test]
fn a_worker_whose_tasks_block_their_thread_does_not_count_as_one_that_uses_a_processor() {
    let (pool, worker, other) = two_workers();
    let core = worker.core().expect("nobody took it");
    let processor = &pool.remotes[core.index].processor;
    let mut now = Instant::now();
    let mut keeps_house = || {
        now += BUSY;
        worker.note_processor(core, now);
        processor.is_used()
    };
    assert!(keeps_house());
    // It does not block here, unless the system makes it wait for memory.
    assert!((0..100).any(|_| keeps_house()));
    thread::sleep(Duration::from_millis(1));
    assert!(!keeps_house());
    end(&worker, &other);
}

#[test]
fn a_long_queue_wakes_a_sleeper_only_for_a_free_processor() {
    let (pool, worker, other) = two_workers();
    let core = worker.core().expect("nobody took it");
    let _ = pool.sleep.lie_down(other.index, false, Reason::Dry);
    while let Some(task) = other.queue.pop() {
        core.queue.push(task);
    }
    for crowded in [true, false] {
        if crowded {
            pool.remotes[other.index].crowd.note();
            pool.remotes[core.index].processor.note(Thread::current());
        } else {
            pool.remotes[other.index].crowd.forget();
        }
        core.next_house.set(core.tick.get());
        worker.step();
        assert_eq!(pool.sleep.is_asleep(other.index), crowded);
    }
    end(&worker, &other);
}

#[test]
fn the_second_on_a_processor_leaves_the_driver_to_the_first_if_that_one_asks_it() {
    let (pool, cores) = pool_of(2);
    let [first, mine] = <[_; 2]>::try_from(cores).expect("two workers have two cores");
    let worker = Worker::new(pool.clone(), mine);
    let core = worker.core().expect("nobody took it");
    let asked_by_others = || pool.driver.as_ref().expect("given").turns.fetch_add(1, Relaxed);
    let mut now = Instant::now();
    let mut leaves_it = || {
        now += STANDBY;
        worker.leaves_driver(core, now)
    };
    pool.remotes[first.index].processor.note(Thread::current());
    asked_by_others();
    assert!(leaves_it());
    assert!(!leaves_it(), "nobody has asked it meanwhile");
    worker.turn(core);
    assert!(!leaves_it(), "but this one");
    asked_by_others();
    assert!(leaves_it());
    pool.remotes[first.index].processor.leave();
    asked_by_others();
    assert!(!leaves_it(), "the first one sleeps");
    let first = Worker::new(pool.clone(), first);
    pool.remotes[core.index].processor.note(Thread::current());
    asked_by_others();
    assert!(!first.leaves_driver(first.core().expect("as above"), now), "it is the first");
}
