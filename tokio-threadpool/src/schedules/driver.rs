//! A shared `Park` that events come from: none is lost, whoever waits in it.

use super::support::{block_on, check, pass_time_until, Event, World};
use crate::sync::{lock, thread, Mutex, Parker, Unparker};
use crate::{Builder, ThreadPool};
use std::io;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;
use tokio_executor::park::{Park, Unpark};

/// A driver, as a reactor is one: whoever waits in it wakes the tasks whose events came.
struct Driver {
    parker: Parker,
    source: Source,
}

/// Where events come from.
#[derive(Clone)]
pub(super) struct Source {
    arrived: Arc<Mutex<Vec<Event>>>,
    unparker: Unparker,
    /// The driver has been dropped.
    pub(super) ended: Event,
}

struct Wakes(Unparker);

impl Source {
    /// Tells the driver, and not the task.
    pub(super) fn fire(&self, event: &Event) {
        lock(&self.arrived).push(event.clone());
        self.unparker.unpark();
    }
}

impl Driver {
    fn dispatch(&self) {
        let arrived = std::mem::take(&mut *lock(&self.source.arrived));
        let wakers: Vec<Waker> = arrived.iter().flat_map(Event::set_quietly).collect();
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.source.ended.set();
    }
}

impl Park for Driver {
    type Unpark = Wakes;
    type Error = io::Error;

    fn unpark(&self) -> Wakes {
        Wakes(self.parker.unparker().clone())
    }

    fn park(&mut self) -> io::Result<()> {
        self.parker.park();
        self.dispatch();
        Ok(())
    }

    fn park_timeout(&mut self, limit: Duration) -> io::Result<()> {
        self.parker.park_timeout(limit);
        self.dispatch();
        Ok(())
    }
}

impl Unpark for Wakes {
    fn unpark(&self) {
        self.0.unpark();
    }
}

/// A pool with a driver.
pub(super) fn driven(world: &World, builder: &mut Builder) -> (ThreadPool, Source) {
    let parker = Parker::new();
    let unparker = parker.unparker().clone();
    let source = Source { arrived: Arc::default(), unparker, ended: Event::default() };
    let driver = Mutex::new(Some(Driver { parker, source: source.clone() }));
    let pool = world.build(builder.shared_park(move || Ok(lock(&driver).take().expect("one"))));
    (pool, source)
}

/// Events come while workers fall asleep, are woken for other work, and work.
#[test]
fn an_event_reaches_its_task() {
    check(|world| {
        let workers = world.one_of([1, 2, 3]);
        let (pool, source) = driven(world, Builder::new().pool_size(workers));
        let events = [Event::default(), Event::default()];
        let waiting = pool.spawn(world.count({
            let events = events.clone();
            async move {
                for event in &events {
                    event.wait().await;
                }
            }
        }));
        let fires = thread::spawn(move || events.iter().for_each(|event| source.fire(event)));
        pool.spawn(world.count(async {}));
        block_on(waiting).expect("it runs to its end");
        fires.join().expect("it does not panic");
        world.wait(pool.shutdown_on_idle());
        assert_eq!(world.ran(), 2);
    });
}

/// Whoever waits in the driver is woken when there is a task for it.
#[test]
fn a_spawn_wakes_who_waits_in_the_driver() {
    check(|world| {
        let (pool, _) = driven(world, Builder::new().pool_size(2));
        for _ in 0..3 {
            block_on(pool.spawn(world.count(async {}))).expect("it runs to its end");
        }
        drop(pool);
        world.assert_dropped();
    });
}

/// The driver is asked without waiting, when time passes, just when somebody lies down in it.
#[test]
fn a_wake_is_not_swallowed_by_who_only_asks() {
    check(|world| {
        let (pool, source) = driven(world, Builder::new().pool_size(2));
        let event = Event::default();
        let waiting = pool.spawn(world.count({
            let event = event.clone();
            async move { event.wait().await }
        }));
        let others = [
            thread::spawn(move || source.fire(&event)),
            thread::spawn(|| {
                for _ in 0..3 {
                    crate::sync::simulated::advance(crate::sleep::STANDBY);
                }
            }),
        ];
        for _ in 0..2 {
            block_on(pool.spawn(world.count(super::support::yield_once()))).unwrap();
        }
        block_on(waiting).expect("it runs to its end");
        for other in others {
            other.join().expect("it does not panic");
        }
        world.wait(pool.shutdown_now());
    });
}

/// A worker blocks in a poll, with nobody in the driver: who stands by takes it over.
#[test]
fn a_driver_is_taken_over_from_who_is_stuck() {
    check(|world| {
        let (pool, source) = driven(world, Builder::new().pool_size(2));
        let (event, stuck) = (Event::default(), Event::default());
        let waiting = pool.spawn(world.count({
            let (event, stuck) = (event.clone(), stuck.clone());
            async move {
                event.wait().await;
                stuck.set();
            }
        }));
        let blocks = stuck.clone();
        let blocked = pool.spawn(world.count(async move { blocks.block() }));
        source.fire(&event);
        pass_time_until(|| stuck.is_set());
        block_on(async { (waiting.await.unwrap(), blocked.await.unwrap()) });
        world.wait(pool.shutdown_on_idle());
    });
}
