//! Workers that share one processor: nobody's task waits for ever because help would not be faster.

#![cfg(target_os = "linux")]

#[macro_use]
mod support;

use self::support::{end, receive, Generation};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{mpsc, Arc};
use std::task::Poll;
use tokio_threadpool::{blocking, Builder, ThreadPool};

both_generations! {
    tasks_behind_one_that_holds_its_thread_are_served;
    tasks_behind_a_closure_that_blocks_are_served;
    tasks_from_outside_are_served_while_all_work;
}

/// Four workers on the processor that this thread is on.
fn crowded_pool() -> ThreadPool {
    // SAFETY: it takes nothing.
    let here = usize::try_from(unsafe { libc::sched_getcpu() }).expect("the system knows");
    Builder::new()
        .pool_size(4)
        .after_start(move || {
            // SAFETY: a set of processors is numbers only, and zero is the empty one; it lives on
            // this stack, and its size is its own.
            let failed = unsafe {
                let mut set: libc::cpu_set_t = std::mem::zeroed();
                libc::CPU_SET(here, &mut set);
                libc::sched_setaffinity(0, std::mem::size_of_val(&set), &set)
            };
            assert_eq!(failed, 0, "a thread may go where another one was");
        })
        .build()
}

/// A task that spawns children, then calls `wait` with what they send to, on its thread.
fn parent(
    generation: impl Generation,
    pool: &ThreadPool,
    wait: impl Fn(&mpsc::Receiver<u32>) + Send + 'static,
) -> mpsc::Receiver<()> {
    let (done, is_done) = mpsc::channel();
    let sender = pool.sender().clone();
    generation.run(pool.sender(), move || {
        let (send, from_children) = mpsc::channel();
        for child in 0..10 {
            let send = send.clone();
            generation.run(&sender, move || send.send(child).unwrap());
        }
        wait(&from_children);
        done.send(()).unwrap();
    });
    is_done
}

fn await_all(from_children: &mpsc::Receiver<u32>) {
    let mut children: Vec<_> = (0..10).map(|_| receive(from_children, "a child")).collect();
    children.sort_unstable();
    assert!(children.into_iter().eq(0..10));
}

fn tasks_behind_one_that_holds_its_thread_are_served(generation: impl Generation) {
    let pool = crowded_pool();
    let parents: Vec<_> = (0..3).map(|_| parent(generation, &pool, await_all)).collect();
    parents.iter().for_each(|parent| receive(parent, "a parent"));
    end(pool.shutdown_on_idle());
}

fn tasks_behind_a_closure_that_blocks_are_served(generation: impl Generation) {
    let pool = crowded_pool();
    let wait = |from_children: &mpsc::Receiver<u32>| {
        let Ok(futures::Async::Ready(())) = blocking(|| await_all(from_children)) else {
            panic!("permits are free");
        };
    };
    let parents: Vec<_> = (0..8).map(|_| parent(generation, &pool, wait)).collect();
    parents.iter().for_each(|parent| receive(parent, "a parent"));
    end(pool.shutdown_on_idle());
}

fn tasks_from_outside_are_served_while_all_work(generation: impl Generation) {
    let pool = crowded_pool();
    let stop = Arc::new(AtomicBool::new(false));
    for _ in 0..8 {
        let stop = stop.clone();
        generation.spawn(pool.sender(), move |caller| {
            if stop.load(SeqCst) {
                return Poll::Ready(());
            }
            caller.wake();
            Poll::Pending
        });
    }
    let (send, received) = mpsc::channel();
    for _ in 0..100 {
        let send = send.clone();
        generation.run(pool.sender(), move || send.send(()).unwrap());
    }
    for _ in 0..100 {
        receive(&received, "a task");
    }
    stop.store(true, SeqCst);
    end(pool.shutdown_on_idle());
}
