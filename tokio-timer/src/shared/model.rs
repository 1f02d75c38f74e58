//! Registrants, owners and the driver under every interleaving. Fails if the driver looks into the
//! shards before it takes the alarm, if `lie_down` does not say that it sleeps or does not compare,
//! if `lower` does not say that the driver sleeps, if `settle` raises the alarm, if a wait that comes
//! first is not announced, if `postpone` or `fire` does not compare, if a postponed wait is not filed
//! anew, if `replace` or `hasten` does not look whether the wait has ended, or if `close` leaves a
//! wait or takes a new one.

use super::*;
use loom::sync::atomic::AtomicUsize;
use loom::sync::Notify;
use loom::thread;
use std::sync::Arc;
use std::task::{Wake, Waker};

struct Bell(Arc<Notify>);

impl Unpark for Bell {
    fn unpark(&self) {
        self.0.notify();
    }
}

/// Counts how often it is woken.
struct Task(AtomicUsize);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

impl Task {
    fn new() -> (Arc<Task>, Waker) {
        let task = Arc::new(Task(AtomicUsize::new(0)));
        (task.clone(), task.into())
    }

    fn woken(&self) -> usize {
        self.0.load(Relaxed)
    }
}

struct Driver<'a> {
    shared: &'a Shared,
    batch: Vec<Waiter>,
    now: u64,
}

impl<'a> Driver<'a> {
    fn of(shared: &'a Shared) -> Self {
        Driver { shared, batch: Vec::new(), now: 0 }
    }

    fn fire(&mut self) {
        self.shared.fire(self.now, &mut self.batch, &mut Panics::none());
    }

    fn close(&mut self) {
        self.shared.close(&mut self.batch, &mut Panics::none());
    }

    /// Turns until `tasks` were woken. Time goes on at once to what the driver would sleep for, but
    /// not to `far` or beyond: until there only the bell ends its sleep.
    fn turn_until_woken(&mut self, far: u64, bell: &Notify, tasks: &[&Task]) {
        while tasks.iter().any(|task| task.woken() == 0) {
            match self.shared.lie_down(self.now, &mut self.batch, &mut Panics::none()) {
                Some(due) if due < far => self.now = self.now.max(due),
                _ => bell.wait(),
            }
            self.shared.get_up();
            self.fire();
        }
    }
}

fn new() -> (Arc<Shared>, Arc<Notify>) {
    let bell = Arc::new(Notify::new());
    let shared = Shared::new(Instant::now(), Box::new(Bell(bell.clone())));
    (Arc::new(shared), bell)
}

#[test]
fn a_wait_before_all_others_ends_the_drivers_sleep() {
    loom::model(|| {
        let (shared, bell) = new();
        let (_, far) = Task::new();
        shared.register(100, Caller::Std(&far)).unwrap();
        let (task, waker) = Task::new();
        let registrant = {
            let shared = shared.clone();
            thread::spawn(move || shared.register(10, Caller::Std(&waker)).unwrap())
        };
        Driver::of(&shared).turn_until_woken(100, &bell, &[&task]);
        let key = registrant.join().unwrap();
        assert_eq!(shared.fate(key), Fate::Fired);
        assert_eq!(task.woken(), 1);
    });
}

#[test]
fn waits_that_come_while_another_one_fires_are_not_overlooked() {
    loom::model(|| {
        let (shared, bell) = new();
        let (first, waker) = Task::new();
        shared.register(5, Caller::Std(&waker)).unwrap();
        let (second, waker) = Task::new();
        let registrant = {
            let shared = shared.clone();
            thread::spawn(move || shared.register(10, Caller::Std(&waker)).unwrap())
        };
        Driver::of(&shared).turn_until_woken(100, &bell, &[&first, &second]);
        registrant.join().unwrap();
    });
}

#[test]
fn two_waits_that_come_at_once_both_fire() {
    loom::model(|| {
        let (shared, bell) = new();
        let (first, second) = (Task::new(), Task::new());
        let registrants = [(10, first.1), (12, second.1)].map(|(due, waker)| {
            let shared = shared.clone();
            thread::spawn(move || shared.register(due, Caller::Std(&waker)).unwrap())
        });
        Driver::of(&shared).turn_until_woken(100, &bell, &[&first.0, &second.0]);
        for registrant in registrants {
            registrant.join().unwrap();
        }
    });
}

#[test]
fn a_wait_that_is_made_shorter_ends_the_drivers_sleep_or_has_ended() {
    loom::model(|| {
        let (shared, bell) = new();
        let (task, waker) = Task::new();
        let key = shared.register(100, Caller::Std(&waker)).unwrap();
        let owner = {
            let shared = shared.clone();
            thread::spawn(move || assert!(shared.move_to(key, 10)))
        };
        Driver::of(&shared).turn_until_woken(100, &bell, &[&task]);
        owner.join().unwrap();
        assert_eq!(shared.fate(key), Fate::Fired);
    });
}

#[test]
fn a_wait_that_is_made_shorter_while_it_fires_does_not_fire_twice() {
    loom::model(|| {
        let (shared, _bell) = new();
        let (task, waker) = Task::new();
        let key = shared.register(10, Caller::Std(&waker)).unwrap();
        let owner = {
            let shared = shared.clone();
            thread::spawn(move || shared.move_to(key, 5))
        };
        let mut driver = Driver::of(&shared);
        driver.now = 10;
        driver.fire();
        owner.join().unwrap();
        assert_eq!((task.woken(), shared.fate(key)), (1, Fate::Fired));
        driver.fire();
        assert_eq!(task.woken(), 1);
    });
}

#[test]
fn a_wait_that_is_put_off_while_it_fires_fires_once_then_or_later() {
    loom::model(|| {
        let (shared, _bell) = new();
        let (task, waker) = Task::new();
        let key = shared.register(10, Caller::Std(&waker)).unwrap();
        let owner = {
            let shared = shared.clone();
            thread::spawn(move || shared.move_to(key, 20))
        };
        let mut driver = Driver::of(&shared);
        driver.now = 10;
        driver.fire();
        let put_off = owner.join().unwrap();
        driver.fire();
        assert_eq!(task.woken(), usize::from(!put_off));
        driver.now = 20;
        driver.fire();
        assert_eq!(task.woken(), 1);
        assert_eq!(shared.fate(key), Fate::Fired);
    });
}

#[test]
fn another_task_that_waits_from_now_on_is_woken_or_told() {
    loom::model(|| {
        let (shared, _bell) = new();
        let (first, waker) = Task::new();
        let key = shared.register(10, Caller::Std(&waker)).unwrap();
        let (second, waker) = Task::new();
        let owner = {
            let shared = shared.clone();
            thread::spawn(move || shared.wait(key, Caller::Std(&waker)))
        };
        let mut driver = Driver::of(&shared);
        driver.now = 10;
        driver.fire();
        let waits = owner.join().unwrap();
        assert_eq!(second.woken(), usize::from(waits));
        assert_eq!(first.woken(), usize::from(!waits));
    });
}

#[test]
fn a_wait_that_is_freed_while_it_fires_leaves_its_number_to_the_next() {
    loom::model(|| {
        let (shared, _bell) = new();
        let (first, waker) = Task::new();
        let key = shared.register(10, Caller::Std(&waker)).unwrap();
        let (second, waker) = Task::new();
        let owner = {
            let shared = shared.clone();
            thread::spawn(move || {
                shared.free(key);
                shared.register(20, Caller::Std(&waker)).unwrap()
            })
        };
        let mut driver = Driver::of(&shared);
        driver.now = 10;
        driver.fire();
        let key = owner.join().unwrap();
        driver.fire();
        assert!(first.woken() <= 1);
        assert_eq!(second.woken(), 0);
        assert_eq!(shared.fate(key), Fate::Waiting(20));
        driver.now = 20;
        driver.fire();
        assert_eq!(second.woken(), 1);
    });
}

#[test]
fn a_wait_that_comes_while_the_timer_ends_is_refused_or_woken() {
    loom::model(|| {
        let (shared, _bell) = new();
        let (task, waker) = Task::new();
        let registrant = {
            let shared = shared.clone();
            thread::spawn(move || shared.register(10, Caller::Std(&waker)))
        };
        Driver::of(&shared).close();
        match registrant.join().unwrap() {
            Ok(key) => {
                assert_eq!(shared.fate(key), Fate::Gone);
                assert_eq!(task.woken(), 1);
            }
            Err(error) => assert!(error.is_shutdown()),
        }
    });
}
