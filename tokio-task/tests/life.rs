//! How a task is spawned, polled, woken and ended, in both generations.

mod executor;

use executor::{Drops, Executor, Generation};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use tokio_task::{Caller, Waiter};

in_both_generations! {
    a_ready_task_yields_its_output
    a_task_is_polled_only_when_it_is_woken
    a_wake_during_the_poll_polls_once_more
    many_wakes_before_a_poll_are_one
    a_wake_after_the_end_does_nothing
    a_task_that_wakes_itself_lets_others_run
    a_task_polled_inside_another_wakes_both
    what_was_written_before_a_wake_is_seen
    wakes_of_other_threads_reach_the_task
    dropping_the_queue_entry_cancels
    dropping_the_queue_entry_of_an_owned_task_cancels
    dropping_the_inbox_cancels
    an_aborted_entry_is_not_polled
    aborting_an_idle_task_ends_it
    aborting_a_queued_task_ends_it
    aborting_during_a_poll_ends_it_afterwards
    aborting_during_the_last_poll_lets_its_output_stand
    aborting_a_complete_task_changes_nothing
    a_detached_task_runs_on
    a_shutdown_drops_what_is_idle_and_queued
    a_shutdown_may_wake_other_tasks
    a_runner_without_a_list_passes_pending_tasks_on
    an_output_nobody_takes_is_dropped_once
    an_output_that_is_taken_is_dropped_once
    a_waker_outlives_its_executor
    a_waiter_of_an_unchanged_task_will_wake_it
}

/// Pending until it is woken `times` times.
fn count_down(mut times: usize, waiters: Arc<Mutex<Option<Waiter>>>) -> impl executor::Step<u32> {
    move |caller| {
        if times == 0 {
            return Poll::Ready(7);
        }
        times -= 1;
        *waiters.lock().unwrap() = Some(caller.into());
        Poll::Pending
    }
}

fn wake(waiters: &Mutex<Option<Waiter>>) {
    let waiter = waiters.lock().unwrap().take().expect("the task waits");
    waiter.wake();
}

fn a_ready_task_yields_its_output(generation: Generation) {
    let executor = Executor::new();
    let handle = generation.spawn(&executor, |_| Poll::Ready(7));
    assert!(!handle.is_finished());
    assert_eq!(executor.turn(), 1);
    assert!(handle.is_finished());
    assert_eq!(handle.joined().unwrap(), 7);
    assert_eq!(executor.completed(), 1);
    assert!(executor.owned.is_empty());
}

fn a_task_is_polled_only_when_it_is_woken(generation: Generation) {
    let executor = Executor::new();
    let waiters = Arc::default();
    let handle = generation.spawn(&executor, count_down(2, Arc::clone(&waiters)));
    for _ in 0..2 {
        assert_eq!(executor.turn(), 1);
        assert!(!executor.owned.is_empty());
        assert_eq!(executor.turn(), 0);
        assert!(!handle.is_finished());
        wake(&waiters);
    }
    assert_eq!(executor.turn(), 1);
    assert!(executor.owned.is_empty());
    assert_eq!(handle.joined().unwrap(), 7);
}

fn a_wake_during_the_poll_polls_once_more(generation: Generation) {
    let executor = Executor::new();
    let mut polls = 0;
    let handle = generation.spawn(&executor, move |caller| {
        polls += 1;
        if polls == 3 {
            return Poll::Ready(polls);
        }
        caller.wake();
        Waiter::from(caller).wake();
        Poll::Pending
    });
    for _ in 0..3 {
        assert_eq!(executor.turn(), 1);
    }
    assert_eq!(executor.scheduled(), 3);
    assert_eq!(handle.joined().unwrap(), 3);
}

fn many_wakes_before_a_poll_are_one(generation: Generation) {
    let executor = Executor::new();
    let waiters: Arc<Mutex<Option<Waiter>>> = Arc::default();
    let handle = generation.spawn(&executor, count_down(1, waiters.clone()));
    executor.run();
    let waiter = waiters.lock().unwrap().take().unwrap();
    for _ in 0..10 {
        waiter.wake_by_ref();
    }
    waiter.clone().wake();
    assert_eq!(executor.turn(), 1);
    assert_eq!(executor.scheduled(), 2);
    assert_eq!(handle.joined().unwrap(), 7);
}

fn a_wake_after_the_end_does_nothing(generation: Generation) {
    let executor = Executor::new();
    let waiters: Arc<Mutex<Option<Waiter>>> = Arc::default();
    let handle = generation.spawn(&executor, count_down(1, waiters.clone()));
    executor.run();
    let waiter = waiters.lock().unwrap().take().unwrap();
    waiter.wake_by_ref();
    executor.run();
    waiter.wake_by_ref();
    handle.abort();
    assert_eq!(handle.joined().unwrap(), 7);
    waiter.wake();
    assert_eq!(executor.turn(), 0);
}

fn a_task_that_wakes_itself_lets_others_run(generation: Generation) {
    let executor = Executor::new();
    let stop = Arc::new(AtomicBool::new(false));
    let seen = stop.clone();
    let selfish = generation.spawn(&executor, move |caller| {
        if seen.load(SeqCst) {
            return Poll::Ready(());
        }
        caller.wake();
        Poll::Pending
    });
    executor.turn();
    generation.spawn_detached(&executor, move |_| {
        stop.store(true, SeqCst);
        Poll::Ready(())
    });
    executor.run();
    selfish.joined().unwrap();
}

/// An executor runs inside a task of another one: a task there wakes the task around it, then
/// itself; after it, the task around it is woken again.
fn a_task_polled_inside_another_wakes_both(generation: Generation) {
    for (before, inside, after) in
        [(true, false, false), (false, true, false), (false, false, true)]
    {
        let (outer, inner) = (Executor::new(), Executor::new());
        let mut polls = 0;
        let handle = generation.spawn(&outer, move |caller: Caller<'_>| {
            polls += 1;
            if polls == 2 {
                return Poll::Ready(7);
            }
            if before {
                caller.wake();
            }
            let around = Waiter::from(caller);
            let mut polled = false;
            let handle = generation.spawn(&inner, move |caller| {
                if polled {
                    return Poll::Ready(8);
                }
                polled = true;
                if inside {
                    around.wake_by_ref();
                }
                caller.wake();
                Poll::Pending
            });
            inner.run();
            assert_eq!(handle.joined().unwrap(), 8);
            if after {
                caller.wake();
            }
            Poll::Pending
        });
        assert_eq!(outer.turn(), 1);
        assert_eq!(outer.turn(), 1, "the task was not queued again, or twice");
        assert_eq!(handle.joined().unwrap(), 7);
    }
}

fn what_was_written_before_a_wake_is_seen(generation: Generation) {
    let executor = Executor::new();
    let waiters: Arc<Mutex<Option<Waiter>>> = Arc::default();
    let number = Arc::new(AtomicUsize::new(0));
    let (seen, place) = (number.clone(), waiters.clone());
    let handle = generation.spawn(&executor, move |caller| {
        match seen.load(std::sync::atomic::Ordering::Relaxed) {
            0 => {
                *place.lock().unwrap() = Some(caller.into());
                Poll::Pending
            }
            n => Poll::Ready(n),
        }
    });
    executor.run();
    let waiter = waiters.lock().unwrap().take().unwrap();
    let thread = std::thread::spawn(move || {
        waiter.wake_by_ref(); // The second wake must publish, too.
        number.store(5, std::sync::atomic::Ordering::Relaxed);
        waiter.wake();
    });
    executor.run_until(|| handle.is_finished());
    thread.join().unwrap();
    assert_eq!(handle.joined().unwrap(), 5);
}

/// Four threads wake eight tasks, each many times; each wake that is not answered would stop the
/// thread that made it.
fn wakes_of_other_threads_reach_the_task(generation: Generation) {
    const TASKS: usize = 8;
    const WAKES: usize = 20_000;
    struct Post {
        sent: AtomicUsize,
        received: AtomicUsize,
        waiter: tokio_task::WaiterCell,
    }
    let executor = Executor::new();
    let posts: Arc<Vec<Post>> = Arc::new(
        (0..TASKS)
            .map(|_| Post {
                sent: AtomicUsize::new(0),
                received: AtomicUsize::new(0),
                waiter: tokio_task::WaiterCell::new(),
            })
            .collect(),
    );
    let handles: Vec<_> = (0..TASKS)
        .map(|i| {
            let posts = posts.clone();
            generation.spawn(&executor, move |caller| {
                let post = &posts[i];
                post.waiter.register(caller);
                let sent = post.sent.load(std::sync::atomic::Ordering::Acquire);
                post.received.store(sent, SeqCst);
                if sent == WAKES {
                    return Poll::Ready(());
                }
                Poll::Pending
            })
        })
        .collect();
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let posts = posts.clone();
            std::thread::spawn(move || {
                for n in 0..TASKS * WAKES / 4 {
                    let post = &posts[(thread + n) % TASKS];
                    post.sent.fetch_add(1, std::sync::atomic::Ordering::Release);
                    post.waiter.wake();
                }
            })
        })
        .collect();
    executor.run_until(|| handles.iter().all(|handle| handle.is_finished()));
    for thread in threads {
        thread.join().unwrap();
    }
    assert!(posts.iter().all(|post| post.received.load(SeqCst) == WAKES));
}

fn dropping_the_queue_entry_cancels(generation: Generation) {
    let executor = Executor::new();
    let drops = Drops::default();
    let token = drops.token();
    let (task, handle) = generation.task::<()>(&executor, move |_| {
        let _ = &token;
        panic!("polled")
    });
    assert_eq!(drops.count(), 0);
    drop(task);
    assert_eq!(drops.count(), 1);
    assert_eq!(executor.completed(), 1);
    let error = handle.joined().unwrap_err();
    assert!(error.is_cancelled());
    assert_eq!(error.to_string(), "task was cancelled");
    assert!(executor.panics().is_empty());
}

fn dropping_the_queue_entry_of_an_owned_task_cancels(generation: Generation) {
    let executor = Executor::new();
    let (drops, waiters) = (Drops::default(), Arc::default());
    let token = drops.token();
    let mut step = count_down(9, Arc::clone(&waiters));
    let handle = generation.spawn(&executor, move |caller| {
        let _ = &token;
        step(caller)
    });
    executor.run();
    assert!(!executor.owned.is_empty());
    wake(&waiters);
    drop(executor.take());
    assert_eq!(drops.count(), 1);
    assert!(handle.joined().unwrap_err().is_cancelled());
    // Not the runner's thread, as far as the entry knows: the task comes back for unlinking.
    assert!(!executor.owned.is_empty());
    executor.drain();
    assert!(executor.owned.is_empty());
    assert_eq!(executor.completed(), 1);
}

fn dropping_the_inbox_cancels(generation: Generation) {
    let executor = Executor::new();
    let drops = Drops::default();
    let inbox = tokio_task::Inbox::new();
    for _ in 0..3 {
        let token = drops.token();
        inbox.push(generation.detached_task(&executor, move |_| {
            let _ = &token;
            Poll::Pending
        }));
    }
    drop(inbox);
    assert_eq!(drops.count(), 3);
    assert_eq!(executor.completed(), 3);
}

fn an_aborted_entry_is_not_polled(generation: Generation) {
    let executor = Executor::new();
    let (task, handle) = generation.task::<()>(&executor, |_| panic!("polled"));
    task.abort();
    executor.shared.push(task);
    executor.run();
    assert!(handle.joined().unwrap_err().is_cancelled());
}

fn aborting_an_idle_task_ends_it(generation: Generation) {
    let executor = Executor::new();
    let (drops, waiters) = (Drops::default(), Arc::default());
    let token = drops.token();
    let mut step = count_down(1, Arc::clone(&waiters));
    let handle = generation.spawn(&executor, move |caller| {
        let _ = &token;
        step(caller)
    });
    executor.run();
    handle.abort();
    handle.abort();
    assert_eq!(drops.count(), 0, "dropped on a thread that is not the executor's");
    assert_eq!(executor.turn(), 1);
    assert_eq!(drops.count(), 1);
    assert!(executor.owned.is_empty());
    assert!(handle.joined().unwrap_err().is_cancelled());
    wake(&waiters);
    assert_eq!(executor.turn(), 0);
}

fn aborting_a_queued_task_ends_it(generation: Generation) {
    let executor = Executor::new();
    let handle = generation.spawn::<()>(&executor, |_| panic!("polled"));
    handle.abort();
    assert_eq!(executor.turn(), 1);
    assert_eq!(executor.scheduled(), 1);
    assert!(handle.joined().unwrap_err().is_cancelled());
}

fn aborting_during_a_poll_ends_it_afterwards(generation: Generation) {
    let executor = Executor::new();
    let place: Arc<Mutex<Option<executor::Handle<()>>>> = Arc::default();
    let mine = place.clone();
    let mut polls = 0;
    let handle = generation.spawn::<()>(&executor, move |_| {
        polls += 1;
        assert_eq!(polls, 1);
        mine.lock().unwrap().as_ref().unwrap().abort();
        Poll::Pending
    });
    *place.lock().unwrap() = Some(handle);
    assert_eq!(executor.turn(), 1);
    assert!(!place.lock().unwrap().as_ref().unwrap().is_finished());
    assert_eq!(executor.turn(), 1);
    let handle = place.lock().unwrap().take().unwrap();
    assert!(handle.joined().unwrap_err().is_cancelled());
}

fn aborting_during_the_last_poll_lets_its_output_stand(generation: Generation) {
    let executor = Executor::new();
    let place: Arc<Mutex<Option<executor::Handle<u32>>>> = Arc::default();
    let mine = place.clone();
    let handle = generation.spawn(&executor, move |_| {
        mine.lock().unwrap().as_ref().unwrap().abort();
        Poll::Ready(7)
    });
    *place.lock().unwrap() = Some(handle);
    executor.run();
    assert_eq!(place.lock().unwrap().take().unwrap().joined().unwrap(), 7);
}

fn aborting_a_complete_task_changes_nothing(generation: Generation) {
    let executor = Executor::new();
    let handle = generation.spawn(&executor, |_| Poll::Ready(7));
    executor.run();
    handle.abort();
    assert_eq!(executor.turn(), 0);
    assert_eq!(handle.joined().unwrap(), 7);
}

fn a_detached_task_runs_on(generation: Generation) {
    let executor = Executor::new();
    let waiters = Arc::default();
    let done = Arc::new(AtomicBool::new(false));
    let set = done.clone();
    let mut step = count_down(1, Arc::clone(&waiters));
    let mut handle = generation.spawn(&executor, move |caller| {
        let poll = step(caller);
        set.store(poll.is_ready(), SeqCst);
        poll
    });
    executor.run();
    assert!(handle.poll_with(Waker::noop()).is_pending());
    drop(handle);
    wake(&waiters);
    executor.run();
    assert!(done.load(SeqCst));
    assert_eq!(executor.completed(), 1);
}

fn a_shutdown_drops_what_is_idle_and_queued(generation: Generation) {
    let executor = Executor::new();
    let drops = Drops::default();
    let waiters: Vec<Arc<Mutex<Option<Waiter>>>> = (0..5).map(|_| Arc::default()).collect();
    for waiter in &waiters {
        let (token, mut step) = (drops.token(), count_down(9, waiter.clone()));
        generation.spawn_detached(&executor, move |caller| {
            let _ = &token;
            step(caller).map(drop)
        });
    }
    executor.run();
    wake(&waiters[1]);
    wake(&waiters[3]);
    executor.shut_down();
    assert_eq!(drops.count(), 5);
    assert_eq!(executor.completed(), 5);
    for waiter in waiters {
        drop(waiter.lock().unwrap().take());
    }
}

fn a_shutdown_may_wake_other_tasks(generation: Generation) {
    struct WakesAll(Arc<Mutex<Vec<Waiter>>>);
    impl Drop for WakesAll {
        fn drop(&mut self) {
            for waiter in self.0.lock().unwrap().iter() {
                waiter.wake_by_ref();
            }
        }
    }
    let executor = Executor::new();
    let waiters: Arc<Mutex<Vec<Waiter>>> = Arc::default();
    for _ in 0..4 {
        let wakes = WakesAll(waiters.clone());
        generation.spawn_detached(&executor, move |caller| {
            wakes.0.lock().unwrap().push(caller.into());
            Poll::Pending
        });
    }
    executor.run();
    // Tasks end while the list is walked.
    executor.owned.abort_all(|task| {
        task.run(&executor);
        executor.run();
    });
    assert!(executor.owned.is_empty());
    assert_eq!(executor.completed(), 4);
}

/// Runs tasks for the executor, without a list.
struct Helper<'a>(&'a Executor);

// SAFETY: it shows no list.
unsafe impl tokio_task::Runner for Helper<'_> {
    fn owned(&self) -> Option<&tokio_task::Owned> {
        None
    }

    fn requeue(&self, task: tokio_task::Task) {
        self.0.shared.push(task);
    }

    fn completed(&self) {
        self.0.shared.completed.fetch_add(1, SeqCst);
    }
}

fn a_runner_without_a_list_passes_pending_tasks_on(generation: Generation) {
    let executor = Executor::new();
    let waiters = Arc::default();
    let (task, handle) = generation.task(&executor, count_down(2, Arc::clone(&waiters)));
    task.run(&Helper(&executor));
    assert!(executor.owned.is_empty());
    assert_eq!(executor.turn(), 1);
    assert!(!executor.owned.is_empty());
    wake(&waiters);
    // Polled again where there is no list, it stays in the one it has; and returns there.
    executor.take().pop().unwrap().run(&Helper(&executor));
    assert!(!executor.owned.is_empty());
    assert_eq!(handle.joined().unwrap(), 7);
    executor.drain();
    assert!(executor.owned.is_empty());
    assert_eq!(executor.completed(), 1);
}

fn an_output_nobody_takes_is_dropped_once(generation: Generation) {
    let executor = Executor::new();
    let drops = Drops::default();
    for detach_first in [true, false] {
        let mut token = Some(drops.token());
        let handle = generation.spawn(&executor, move |_| Poll::Ready(token.take().unwrap()));
        if detach_first {
            drop(handle);
            executor.run();
            assert_eq!(drops.count(), 1);
        } else {
            executor.run();
            assert_eq!(drops.count(), 1);
            drop(handle);
            assert_eq!(drops.count(), 2);
        }
    }
}

fn an_output_that_is_taken_is_dropped_once(generation: Generation) {
    let executor = Executor::new();
    let drops = Drops::default();
    let mut token = Some(drops.token());
    let mut handle = generation.spawn(&executor, move |_| Poll::Ready(token.take().unwrap()));
    executor.run();
    let Poll::Ready(output) = handle.poll_with(Waker::noop()) else { panic!("not finished") };
    drop(handle);
    assert_eq!(drops.count(), 0);
    drop(output);
    assert_eq!(drops.count(), 1);
}

fn a_waker_outlives_its_executor(generation: Generation) {
    let executor = Executor::new();
    let waiters: Arc<Mutex<Option<Waiter>>> = Arc::default();
    let handle = generation.spawn(&executor, count_down(1, waiters.clone()));
    executor.run();
    drop(executor);
    let waiter = waiters.lock().unwrap().take().unwrap();
    waiter.wake_by_ref();
    assert!(handle.joined().unwrap_err().is_cancelled());
    waiter.clone().wake();
}

fn a_waiter_of_an_unchanged_task_will_wake_it(generation: Generation) {
    let executor = Executor::new();
    let mut known: Option<Waiter> = None;
    let mut polls = 0;
    let step = move |caller: Caller<'_>| {
        polls += 1;
        if polls > 1 {
            assert!(known.as_ref().unwrap().will_wake(caller));
            assert!(Waiter::from(caller).will_wake(caller));
        }
        known = Some(caller.into());
        if polls == 3 {
            return Poll::Ready(());
        }
        caller.wake();
        Poll::Pending
    };
    let handle = generation.spawn(&executor, step);
    executor.run();
    handle.joined().unwrap();
    let (mut a, mut b) = (None, None);
    let place: Arc<Mutex<Option<Waiter>>> = Arc::default();
    for slot in [&mut a, &mut b] {
        let give = place.clone();
        generation.spawn_detached(&executor, move |caller| {
            if let Some(other) = &*give.lock().unwrap() {
                assert!(!other.will_wake(caller), "another task");
            }
            *give.lock().unwrap() = Some(caller.into());
            Poll::Ready(())
        });
        executor.run();
        *slot = place.lock().unwrap().clone();
    }
    assert!(executor.panics().is_empty());
}
