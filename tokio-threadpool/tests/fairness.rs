//! Nobody waits for ever because others are busy.

#[macro_use]
mod support;

use self::support::{pool, receive, Generation};
use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{mpsc, Arc, Mutex};
use std::task::Poll;
use std::thread;
use std::time::Duration;
use tokio_executor::park::Park;
use tokio_task::{Waiter, WaiterCell};
use tokio_threadpool::park::{DefaultPark, DefaultUnpark};
use tokio_threadpool::{Builder, Sender};

both_generations! {
    two_tasks_that_wake_each_other_do_not_starve_a_third;
    always_ready_tasks_do_not_starve_a_spawn_from_outside;
    always_ready_tasks_do_not_starve_a_shared_park;
    always_ready_tasks_do_not_starve_a_custom_park;
    tasks_whose_polls_take_long_let_the_park_be_asked_between_them;
    a_poll_that_never_returns_does_not_stop_the_tasks_queued_behind_it;
    a_poll_that_never_returns_does_not_stop_them_when_the_other_worker_is_busy;
    a_poll_that_never_returns_does_not_stop_tasks_from_outside;
    a_driver_whose_owner_is_stuck_is_taken_over;
}

/// Wakes itself until the flag is set.
fn spin(generation: impl Generation, sender: &Sender, done: &Arc<AtomicBool>) {
    let done = done.clone();
    generation.spawn(sender, move |caller| {
        if done.load(SeqCst) {
            return Poll::Ready(());
        }
        caller.wake();
        Poll::Pending
    });
}

fn two_tasks_that_wake_each_other_do_not_starve_a_third(generation: impl Generation) {
    for outside in [false, true] {
        let pool = pool(1);
        let done = Arc::new(AtomicBool::new(false));
        let cells = Arc::new([WaiterCell::new(), WaiterCell::new()]);
        for me in 0..2 {
            let (done, cells) = (done.clone(), cells.clone());
            generation.spawn(pool.sender(), move |caller| {
                drop(cells[me].register(caller));
                cells[1 - me].wake();
                if done.load(SeqCst) {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            });
        }
        let (send, received) = mpsc::channel();
        let third = move || {
            done.store(true, SeqCst);
            cells[0].wake();
            cells[1].wake();
            send.send(()).unwrap();
        };
        let sender = pool.sender().clone();
        if outside {
            generation.run(&sender, third);
        } else {
            let inside = sender.clone();
            generation.run(&sender, move || generation.run(&inside, third));
        }
        receive(&received, "the third task starves");
    }
}

fn always_ready_tasks_do_not_starve_a_spawn_from_outside(generation: impl Generation) {
    for size in [1, 2, 4] {
        let pool = pool(size);
        let done = Arc::new(AtomicBool::new(false));
        for _ in 0..2 * size {
            spin(generation, pool.sender(), &done);
        }
        let (send, received) = mpsc::channel();
        generation.run(pool.sender(), move || send.send(()).unwrap());
        receive(&received, "the spawn starves");
        done.store(true, SeqCst);
    }
}

/// Counts how often it was asked; when `ready`, wakes whoever waits.
struct CountingPark {
    park: DefaultPark,
    events: Arc<Events>,
}

#[derive(Default)]
struct Events {
    turns: AtomicUsize,
    ready: AtomicBool,
    waiter: Mutex<Option<Waiter>>,
}

impl CountingPark {
    fn dispatch(&self) {
        self.events.turns.fetch_add(1, SeqCst);
        if self.events.ready.load(SeqCst) {
            let waiter = self.events.waiter.lock().unwrap().take();
            if let Some(waiter) = waiter {
                waiter.wake();
            }
        }
    }
}

#[derive(Debug)]
struct Impossible;

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("impossible")
    }
}

impl Error for Impossible {}

impl Park for CountingPark {
    type Unpark = DefaultUnpark;
    type Error = Impossible;

    fn unpark(&self) -> DefaultUnpark {
        self.park.unpark()
    }

    fn park(&mut self) -> Result<(), Impossible> {
        self.park.park().unwrap();
        self.dispatch();
        Ok(())
    }

    fn park_timeout(&mut self, duration: Duration) -> Result<(), Impossible> {
        self.park.park_timeout(duration).unwrap();
        self.dispatch();
        Ok(())
    }
}

fn until_turns(generation: impl Generation, sender: &Sender, events: Arc<Events>) {
    let (send, received) = mpsc::channel();
    generation.spawn(sender, move |caller| {
        if events.turns.load(SeqCst) >= 100 {
            send.send(()).unwrap();
            return Poll::Ready(());
        }
        caller.wake();
        Poll::Pending
    });
    receive(&received, "the `Park` starves");
}

fn counting_park(events: &Arc<Events>) -> CountingPark {
    CountingPark { park: DefaultPark::new(), events: events.clone() }
}

fn always_ready_tasks_do_not_starve_a_shared_park(generation: impl Generation) {
    for size in [1, 2, 4] {
        let events = Arc::<Events>::default();
        let mut builder = Builder::new();
        let of_park = events.clone();
        builder.pool_size(size).shared_park(move || Ok(counting_park(&of_park)));
        let pool = builder.build();
        let done = Arc::new(AtomicBool::new(false));
        for _ in 0..size {
            spin(generation, pool.sender(), &done);
        }
        until_turns(generation, pool.sender(), events);
        done.store(true, SeqCst);
    }
}

fn always_ready_tasks_do_not_starve_a_custom_park(generation: impl Generation) {
    let parks: [Arc<Events>; 2] = Default::default();
    let mut builder = Builder::new();
    let of_parks = parks.clone();
    builder.pool_size(2).custom_park(move |id| counting_park(&of_parks[id.to_usize()]));
    let pool = builder.build();
    let done = Arc::new(AtomicBool::new(false));
    for _ in 0..4 {
        spin(generation, pool.sender(), &done);
    }
    for events in parks {
        until_turns(generation, pool.sender(), events);
    }
    done.store(true, SeqCst);
}

/// Each poll takes longer than the park may be left alone (here it sleeps, which takes at least so
/// long on any machine): so it is asked after each one, and not only every so many.
fn tasks_whose_polls_take_long_let_the_park_be_asked_between_them(generation: impl Generation) {
    const POLLS: usize = 40;
    let events = Arc::<Events>::default();
    let of_park = events.clone();
    let mut builder = Builder::new();
    builder.pool_size(1).shared_park(move || Ok(counting_park(&of_park)));
    let pool = builder.build();
    let (send, received) = mpsc::channel();
    let mut polls = 0;
    let mut first = 0;
    generation.spawn(pool.sender(), move |caller| {
        polls += 1;
        if polls == 1 {
            first = events.turns.load(SeqCst);
        }
        if polls == POLLS {
            send.send(events.turns.load(SeqCst) - first).unwrap();
            return Poll::Ready(());
        }
        thread::sleep(Duration::from_millis(1));
        caller.wake();
        Poll::Pending
    });
    let turns = receive(&received, "the task to end");
    assert!(turns >= POLLS / 2, "asked {turns} times in {POLLS} polls");
}

/// A task that spawns three, the last into the next-to-run slot, and returns only when all three
/// have run.
fn get_stuck(generation: impl Generation, sender: &Sender) -> mpsc::Receiver<()> {
    let (send, received) = mpsc::channel();
    let inside = sender.clone();
    generation.run(sender, move || {
        let (ran, run) = mpsc::channel();
        for _ in 0..3 {
            let ran = ran.clone();
            generation.run(&inside, move || ran.send(()).unwrap());
        }
        for _ in 0..3 {
            receive(&run, "a task queued behind a poll that does not return");
        }
        send.send(()).unwrap();
    });
    received
}

fn a_poll_that_never_returns_does_not_stop_the_tasks_queued_behind_it(generation: impl Generation) {
    for size in [2, 4, 16] {
        let pool = pool(size);
        receive(&get_stuck(generation, pool.sender()), "stuck");
        // And again, when a driver is there, and when the workers have slept.
        let mut builder = Builder::new();
        builder.pool_size(size).shared_park(|| Ok(DefaultPark::new()));
        let pool = builder.build();
        for _ in 0..5 {
            receive(&get_stuck(generation, pool.sender()), "stuck");
        }
    }
}

fn a_poll_that_never_returns_does_not_stop_them_when_the_other_worker_is_busy(
    generation: impl Generation,
) {
    let pool = pool(2);
    let done = Arc::new(AtomicBool::new(false));
    for _ in 0..4 {
        spin(generation, pool.sender(), &done);
    }
    receive(&get_stuck(generation, pool.sender()), "stuck");
    done.store(true, SeqCst);
}

fn a_poll_that_never_returns_does_not_stop_tasks_from_outside(generation: impl Generation) {
    let pool = pool(2);
    let (free, wait) = mpsc::channel();
    let (begun, begin) = mpsc::channel();
    generation.run(pool.sender(), move || {
        begun.send(()).unwrap();
        receive(&wait, "the tasks from outside");
    });
    receive(&begin, "begin");
    let (send, received) = mpsc::channel();
    for _ in 0..100 {
        let send = send.clone();
        generation.run(pool.sender(), move || send.send(()).unwrap());
    }
    for _ in 0..100 {
        receive(&received, "a task from outside");
    }
    free.send(()).unwrap();
}

fn a_driver_whose_owner_is_stuck_is_taken_over(generation: impl Generation) {
    let events = Arc::<Events>::default();
    let mut builder = Builder::new();
    let of_park = events.clone();
    builder.pool_size(2).shared_park(move || Ok(counting_park(&of_park)));
    let pool = builder.build();
    for _ in 0..5 {
        events.ready.store(false, SeqCst);
        let (free, wait) = mpsc::channel();
        let (begun, begin) = mpsc::channel();
        // Waits for an event of the driver, then frees the one that is stuck.
        let (of_waiter, registered) = (events.clone(), begun.clone());
        generation.spawn(pool.sender(), move |caller| {
            if of_waiter.ready.load(SeqCst) {
                free.send(()).unwrap();
                return Poll::Ready(());
            }
            *of_waiter.waiter.lock().unwrap() = Some(caller.into());
            registered.send(()).unwrap();
            Poll::Pending
        });
        receive(&begin, "registered");
        let (send, received) = mpsc::channel();
        generation.run(pool.sender(), move || {
            begun.send(()).unwrap();
            receive(&wait, "the event, while this worker is stuck");
            send.send(()).unwrap();
        });
        receive(&begin, "stuck");
        // Nobody unparks the driver: it has to be asked.
        events.ready.store(true, SeqCst);
        receive(&received, "freed");
    }
}
