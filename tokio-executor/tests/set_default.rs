//! Which executor is the default of a thread, and for how long.

mod queue;

use futures::future;
use queue::OnDrop;
use std::cell::RefCell;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use tokio_executor::{
    enter, set_default, spawn, with_default, DefaultExecutor, DefaultGuard, Executor, SpawnError,
};
use tokio_task::Boxed;

/// Writes its name down for each task.
#[derive(Clone)]
struct Named(&'static str, Rc<RefCell<Vec<&'static str>>>);

impl Named {
    fn new(name: &'static str) -> Self {
        Named(name, Rc::default())
    }

    fn rename(&self, name: &'static str) -> Self {
        Named(name, self.1.clone())
    }

    fn log(&self) -> Vec<&'static str> {
        self.1.take()
    }
}

impl Executor for Named {
    fn spawn(&mut self, _future: Boxed) -> Result<(), SpawnError> {
        self.1.borrow_mut().push(self.0);
        Ok(())
    }
}

fn spawn_both() {
    spawn(future::ok(()));
    drop(spawn(async {}));
}

fn is_set() -> bool {
    DefaultExecutor::current().status().is_ok()
}

#[test]
fn with_default_nests_and_is_restored_on_unwind() {
    let mut outer = Named::new("outer");
    let mut inner = outer.rename("inner");
    let log = outer.clone();
    with_default(&mut outer, &mut enter().unwrap(), |enter| {
        spawn_both();
        with_default(&mut inner, enter, |_| spawn_both());
        assert_eq!(log.log(), ["outer", "outer", "inner", "inner"]);
        let unwound = catch_unwind(AssertUnwindSafe(|| {
            with_default(&mut inner, enter, |_| {
                spawn_both();
                panic!("on purpose");
            })
        }));
        assert!(unwound.is_err());
        spawn_both();
        assert_eq!(log.log(), ["inner", "inner", "outer", "outer"]);
    });
    assert!(!is_set());
}

#[test]
fn with_default_takes_an_executor_that_borrows() {
    struct Count<'a>(&'a mut usize);
    impl Executor for Count<'_> {
        fn spawn(&mut self, _future: Boxed) -> Result<(), SpawnError> {
            *self.0 += 1;
            Ok(())
        }
    }

    let mut spawned = 0;
    let result = with_default(&mut Count(&mut spawned), &mut enter().unwrap(), |enter| {
        spawn_both();
        enter.block_on(async { "the closure's result" })
    });
    assert_eq!((spawned, result), (2, "the closure's result"));
}

#[test]
fn the_default_is_the_last_one_set_whose_guard_lives() {
    let first = Named::new("first");
    let first_guard = set_default(first.clone());
    let second_guard = set_default(first.rename("second"));
    let third_guard = set_default(first.rename("third"));
    spawn_both();
    drop(second_guard);
    spawn_both();
    drop(third_guard);
    spawn_both();
    assert_eq!(first.log(), ["third", "third", "third", "third", "first", "first"]);
    drop(first_guard);
    assert!(!is_set());
    // The log is not held by an executor any more.
    assert_eq!(Rc::strong_count(&first.1), 1);
}

#[test]
fn a_guard_that_outlives_the_frame_it_was_made_in_restores_nothing_that_is_gone() {
    let mut scoped = Named::new("scoped");
    let log = scoped.clone();
    let guard: DefaultGuard =
        with_default(&mut scoped, &mut enter().unwrap(), |_| set_default(log.rename("owned")));
    drop(scoped);
    spawn_both();
    assert_eq!(log.log(), ["owned", "owned"]);
    drop(guard);
    assert!(!is_set());
}

#[test]
fn a_guard_dropped_inside_a_frame_leaves_the_frame_alone() {
    let mut scoped = Named::new("scoped");
    let log = scoped.clone();
    let outer = set_default(log.rename("outer"));
    with_default(&mut scoped, &mut enter().unwrap(), |_| {
        drop(outer);
        spawn_both();
    });
    assert_eq!(log.log(), ["scoped", "scoped"]);
    assert!(!is_set());
}

#[test]
fn a_guard_dropped_on_another_thread_has_no_effect_on_either() {
    let here = Named::new("here");
    let guard = set_default(here.clone());
    thread::spawn(move || {
        let there = Named::new("there");
        let _there = set_default(there.clone());
        drop(guard);
        spawn_both();
        assert_eq!(there.log(), ["there", "there"]);
    })
    .join()
    .unwrap();
    spawn_both();
    assert_eq!(here.log(), ["here", "here"]);
}

#[test]
fn each_thread_has_its_own_default() {
    let _here = set_default(Named::new("here"));
    assert!(!thread::spawn(is_set).join().unwrap());
    assert!(is_set());
}

#[test]
fn an_executor_whose_guard_is_dropped_during_its_spawn_lives_until_that_returns() {
    /// Drops its own guard in the middle of a spawn, and then uses itself.
    struct Quits {
        guard: Rc<RefCell<Option<DefaultGuard>>>,
        alive: Rc<RefCell<Vec<&'static str>>>,
    }
    impl Executor for Quits {
        fn spawn(&mut self, _future: Boxed) -> Result<(), SpawnError> {
            drop(self.guard.take());
            assert!(!is_set());
            self.alive.borrow_mut().push("spawned");
            Ok(())
        }
    }
    impl Drop for Quits {
        fn drop(&mut self) {
            self.alive.borrow_mut().push("dropped");
        }
    }

    let (guard, alive) = (Rc::new(RefCell::new(None)), Rc::default());
    *guard.borrow_mut() =
        Some(set_default(Quits { guard: guard.clone(), alive: Rc::clone(&alive) }));
    spawn(future::ok(()));
    assert_eq!(*alive.borrow(), ["spawned", "dropped"]);
}

#[test]
fn the_destructor_of_an_executor_may_set_another() {
    struct Successor(Named, Rc<RefCell<Option<DefaultGuard>>>);
    impl Executor for Successor {
        fn spawn(&mut self, future: Boxed) -> Result<(), SpawnError> {
            self.0.spawn(future)
        }
    }
    impl Drop for Successor {
        fn drop(&mut self) {
            *self.1.borrow_mut() = Some(set_default(self.0.rename("second")));
        }
    }

    let (log, second) = (Named::new("first"), Rc::default());
    let first = set_default(Successor(log.clone(), Rc::clone(&second)));
    spawn_both();
    drop(first);
    spawn_both();
    assert_eq!(log.log(), ["first", "first", "second", "second"]);
    drop(second.take());
    assert!(!is_set());
}

#[test]
fn an_executor_whose_guard_is_forgotten_is_dropped_when_its_thread_ends() {
    struct Tells(mpsc::Sender<()>);
    impl Executor for Tells {
        fn spawn(&mut self, _future: Boxed) -> Result<(), SpawnError> {
            Ok(())
        }
    }
    impl Drop for Tells {
        fn drop(&mut self) {
            self.0.send(()).unwrap();
        }
    }

    let (tx, rx) = mpsc::channel();
    thread::spawn(|| std::mem::forget(set_default(Tells(tx)))).join().unwrap();
    rx.recv_timeout(queue::PATIENCE).unwrap();
}

#[test]
fn a_panicking_spawn_leaves_the_executor_usable() {
    struct PanicsOnce(bool);
    impl Executor for PanicsOnce {
        fn spawn(&mut self, _future: Boxed) -> Result<(), SpawnError> {
            assert!(std::mem::replace(&mut self.0, true), "on purpose");
            Ok(())
        }
    }

    let _default = set_default(PanicsOnce(false));
    let dropped = Rc::new(RefCell::new(0));
    assert!(catch_unwind(AssertUnwindSafe(|| {
        let _count = OnDrop(|| *dropped.borrow_mut() += 1);
        spawn(future::ok(()));
    }))
    .is_err());
    assert_eq!(*dropped.borrow(), 1);
    DefaultExecutor::current().try_spawn(future::ok(())).unwrap();
}
