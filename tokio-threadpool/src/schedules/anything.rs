//! Tasks that do anything, in any order, on any pool: the schedule chooses that too.

use super::driver::driven;
use super::support::{
    block_on, blocking, check, pass_time_until, yield_once, Counter, Event, World,
};
use crate::sync::{lock, simulated, thread, Mutex};
use crate::{Builder, Sender};
use std::future::IntoFuture;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::Arc;
use std::time::Duration;
use tokio_task::AbortHandle;

const TASKS: usize = 4;
const STEPS: usize = 3;
const EVENTS: usize = 3;

#[derive(Clone, Copy)]
enum Step {
    Yield,
    /// Waits for an event.
    Wait(usize),
    /// Blocks until an event.
    Block(usize),
    /// Blocks for a moment.
    Pause,
    Spawn,
    /// Cancels the task that was spawned last.
    Abort,
}

impl Step {
    fn any(world: &World) -> Step {
        let event = world.one_of([0, 1, 2]);
        let (wait, block) = (Step::Wait(event), Step::Block(event));
        world.one_of([Step::Yield, wait, wait, block, block, Step::Pause, Step::Spawn, Step::Abort])
    }
}

#[derive(Clone)]
struct Script {
    events: [Event; EVENTS],
    spawned: Arc<Mutex<Option<AbortHandle>>>,
    sender: Sender,
    counter: Counter,
}

impl Script {
    async fn run(self, steps: [Step; STEPS]) {
        for step in steps {
            match step {
                Step::Yield => yield_once().await,
                Step::Wait(event) => self.events[event].wait().await,
                // An error says that the pool has stopped.
                Step::Block(event) => drop(blocking(|| self.events[event].block()).await),
                Step::Pause => drop(blocking(thread::yield_now).await),
                Step::Spawn => {
                    let child = self.counter.count(yield_once());
                    if let Ok(handle) = self.sender.spawn(child) {
                        *lock(&self.spawned) = Some(handle.abort_handle());
                    }
                }
                Step::Abort => {
                    let last = lock(&self.spawned).take();
                    if let Some(last) = last {
                        last.abort();
                    }
                }
            }
        }
    }
}

/// How a pool ends.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Idle,
    Refusing,
    Now,
    Dropped,
}

fn run_anything(world: &World, has_driver: bool) {
    simulated::set_processors(world.one_of([0, 1, 2]));
    let mut builder = Builder::new();
    builder.pool_size(world.one_of([1, 2, 3]));
    builder.max_blocking(world.one_of([1, 2, 100]));
    builder.keep_alive(world.one_of([None, Some(Duration::ZERO)]));
    let end = world.one_of([End::Idle, End::Refusing, End::Now, End::Dropped]);
    let (pool, source) = if has_driver {
        let (pool, source) = driven(world, &mut builder);
        (pool, Some(source))
    } else {
        (world.build(&builder), None)
    };
    let script = Script {
        events: Default::default(),
        spawned: Arc::default(),
        sender: pool.sender().clone(),
        counter: world.counter(),
    };
    let events = script.events.clone();
    let happens = thread::spawn(move || {
        if let Some(source) = source {
            events.iter().for_each(|event| source.fire(event));
            if matches!(end, End::Idle | End::Refusing) {
                return;
            }
            // A pool that has stopped waits for closures that run, and not in its driver.
        }
        events.iter().for_each(Event::set);
    });
    for _ in 0..TASKS {
        let steps = std::array::from_fn(|_| Step::any(world));
        pool.spawn(world.count(script.clone().run(steps)));
    }
    drop(script);
    let stops = move || match end {
        End::Idle => block_on(pool.shutdown_on_idle().into_future()),
        End::Refusing => block_on(pool.shutdown().into_future()),
        End::Now => block_on(pool.shutdown_now().into_future()),
        End::Dropped => drop(pool),
    };
    if has_driver {
        // While a thread blocks, the driver is attended in time.
        let ended = Arc::new(AtomicBool::new(false));
        let waits = thread::spawn({
            let ended = ended.clone();
            move || {
                stops();
                ended.store(true, Relaxed);
            }
        });
        pass_time_until(|| ended.load(Relaxed));
        waits.join().expect("it does not panic");
    } else {
        stops();
    }
    world.assert_dropped();
    happens.join().expect("it does not panic");
}

/// Time stands still.
#[test]
fn whatever_tasks_do_each_has_its_end() {
    check(|world| run_anything(world, false));
}

/// Time passes, and events come from a driver.
#[test]
fn whatever_tasks_do_the_driver_is_attended() {
    check(|world| run_anything(world, true));
}
