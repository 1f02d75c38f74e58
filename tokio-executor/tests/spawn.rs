//! `spawn` and `DefaultExecutor`: where a task goes, and what becomes of one that cannot go there.

mod queue;

use futures::future::{self, ExecuteErrorKind, Executor as _};
use futures::Future as _;
use futures03::FutureExt as _;
use queue::{OnDrop, Queue};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{mpsc, Arc};
use std::thread;
use tokio_executor::{
    enter, set_default, spawn, with_default, DefaultExecutor, Executor, SharedExecutor, SpawnError,
    TypedExecutor,
};
use tokio_task::{Boxed, JoinHandle};

/// Rejects what it is given.
#[derive(Clone, Copy)]
struct Rejects(fn() -> SpawnError);

impl Executor for Rejects {
    fn spawn(&mut self, _future: Boxed) -> Result<(), SpawnError> {
        Err((self.0)())
    }

    fn status(&self) -> Result<(), SpawnError> {
        Err((self.0)())
    }
}

/// Says that it takes anything, and rejects the first task.
#[derive(Clone, Default)]
struct RejectsOnce(Rc<RejectsOnceShared>);

#[derive(Default)]
struct RejectsOnceShared {
    calls: Cell<usize>,
    taken: RefCell<Vec<Boxed>>,
}

impl SharedExecutor for RejectsOnceShared {
    fn spawn_boxed(&self, future: Boxed) -> Result<(), SpawnError> {
        self.calls.set(self.calls.get() + 1);
        if self.calls.get() == 1 {
            drop(future);
            return Err(SpawnError::at_capacity());
        }
        self.taken.borrow_mut().push(future);
        Ok(())
    }

    fn status(&self) -> Result<(), SpawnError> {
        Ok(())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Executor for RejectsOnce {
    fn spawn(&mut self, future: Boxed) -> Result<(), SpawnError> {
        self.0.spawn_boxed(future)
    }

    fn shared(&self) -> Option<&dyn SharedExecutor> {
        Some(&*self.0)
    }
}

/// The same, without saying that it could be shared.
struct Exclusive(RejectsOnce);

impl Executor for Exclusive {
    fn spawn(&mut self, future: Boxed) -> Result<(), SpawnError> {
        self.0.spawn(future)
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    panic.downcast_ref::<String>().expect("a message")
}

fn is_cancelled<T>(handle: JoinHandle<T>) -> bool {
    handle.now_or_never().expect("the handle is ready").is_err_and(|e| e.is_cancelled())
}

for_both_generations! {
    fn a_task_runs_on_the_default_executor(spawn) {
        let ran = Arc::new(AtomicUsize::new(0));
        let queue = Queue::default();
        let _default = set_default(queue.clone());
        let count = ran.clone();
        spawn(Box::new(move || {
            let count = count.clone();
            spawn(Box::new(move || {
                count.fetch_add(1, SeqCst);
            }));
        }));
        assert_eq!(queue.len(), 1);
        queue.run();
        assert_eq!(ran.load(SeqCst), 1);
    }

    fn spawn_without_an_executor_panics_and_says_so(spawn) {
        let dropped = Arc::new(());
        let captured = dropped.clone();
        let panic = catch_unwind(|| spawn(Box::new(move || drop(captured)))).unwrap_err();
        let message = message(&*panic);
        assert!(message.contains("no executor is set for this thread"), "{message}");
        assert_eq!(Arc::strong_count(&dropped), 1);
    }

    fn spawn_in_a_destructor_while_panicking_does_not_panic_twice(spawn) {
        let dropped = Arc::new(());
        let captured = dropped.clone();
        let panic = catch_unwind(AssertUnwindSafe(|| {
            let _bomb = OnDrop(|| {
                let captured = captured.clone();
                spawn(Box::new(move || drop(captured)));
            });
            panic!("{}", "the first");
        }))
        .unwrap_err();
        assert_eq!(message(&*panic), "the first");
        drop(captured);
        assert_eq!(Arc::strong_count(&dropped), 1);
    }

    fn a_destructor_may_spawn_on_an_executor_while_its_thread_panics(spawn) {
        let queue = Queue::default();
        let _default = set_default(queue.clone());
        let _ = catch_unwind(|| {
            let _bomb = OnDrop(|| spawn(Box::new(|| {})));
            panic!("on purpose");
        });
        assert_eq!(queue.len(), 1);
    }

    fn spawn_on_an_executor_that_rejects_drops_the_task_without_a_panic(spawn) {
        for error in [SpawnError::shutdown, SpawnError::at_capacity] {
            let _default = set_default(Rejects(error));
            let dropped = Arc::new(());
            let captured = dropped.clone();
            spawn(Box::new(move || drop(captured)));
            assert_eq!(Arc::strong_count(&dropped), 1);
        }
    }

    fn a_shared_executor_takes_a_task_from_inside_its_spawn(spawn) {
        let executor = RejectsOnce::default();
        let _default = set_default(executor.clone());
        let bomb = OnDrop(move || spawn(Box::new(|| {})));
        spawn(Box::new(move || drop(bomb)));
        assert_eq!((executor.0.calls.get(), executor.0.taken.borrow().len()), (2, 1));
    }

    fn an_exclusive_executor_is_not_entered_from_inside_its_spawn(spawn) {
        let executor = RejectsOnce::default();
        let _default = set_default(Exclusive(executor.clone()));
        let errors = Arc::new(AtomicUsize::new(0));
        let seen = errors.clone();
        let bomb = OnDrop(move || {
            let mut nested = DefaultExecutor::current();
            let error = nested.try_spawn(future::ok(())).unwrap_err();
            assert!(error.is_at_capacity() && !error.is_shutdown(), "{error}");
            assert!(nested.try_spawn(async {}).unwrap_err().is_at_capacity());
            assert!(Executor::status(&nested).unwrap_err().is_at_capacity());
            assert!(DefaultExecutor::with_shared(|shared| shared.is_none()));
            // Not told, and no panic either.
            spawn(Box::new(|| {}));
            seen.fetch_add(1, SeqCst);
        });
        spawn(Box::new(move || drop(bomb)));
        assert_eq!(errors.load(SeqCst), 1);
        assert_eq!(executor.0.calls.get(), 1);
        // It is free again.
        spawn(Box::new(|| {}));
        assert_eq!(executor.0.taken.borrow().len(), 1);
    }
}

#[test]
fn the_handle_of_a_rejected_task_says_cancelled() {
    for error in [SpawnError::shutdown, SpawnError::at_capacity] {
        let _default = set_default(Rejects(error));
        assert!(is_cancelled(spawn(async { 1 })));
    }
}

#[test]
fn the_handle_of_a_task_spawned_while_panicking_says_cancelled() {
    let (tx, rx) = mpsc::channel();
    let _ = catch_unwind(AssertUnwindSafe(|| {
        let _bomb = OnDrop(|| tx.send(spawn(async { 1 })).unwrap());
        panic!("on purpose");
    }));
    assert!(is_cancelled(rx.try_recv().unwrap()));
}

#[test]
fn a_spawn_with_its_type_named_returns_what_it_did_in_0_1() {
    fn spawn_named<F>(future: F)
    where
        F: futures::Future<Item = (), Error = ()> + Send + 'static,
    {
        let () = spawn::<F>(future);
    }

    let queue = Queue::default();
    let _default = set_default(queue.clone());
    spawn_named(future::ok(()));
    spawn_named(Box::new(future::ok(())) as Boxed);
    queue.run();
}

#[test]
fn a_thread_without_an_executor_gets_an_error() {
    let mut executor = DefaultExecutor::current();
    let errors = [
        executor.try_spawn(future::ok(())).unwrap_err(),
        executor.try_spawn(async {}).unwrap_err(),
        Executor::spawn(&mut executor, Box::new(future::ok(()))).unwrap_err(),
        TypedExecutor::spawn(&mut executor, future::ok(())).unwrap_err(),
        Executor::status(&executor).unwrap_err(),
        TypedExecutor::<future::FutureResult<(), ()>>::status(&executor).unwrap_err(),
    ];
    for error in errors {
        assert!(error.is_shutdown() && !error.is_at_capacity());
        assert!(error.to_string().contains("no executor is set for this thread"), "{error}");
    }
    let error = executor.execute(future::ok(())).unwrap_err();
    assert_eq!(error.kind(), ExecuteErrorKind::Shutdown);
    assert_eq!(error.into_future().wait(), Ok(()));
    assert!(DefaultExecutor::with_shared(|shared| shared.is_none()));
}

#[test]
fn the_default_executor_takes_tasks_by_each_of_its_traits() {
    let queue = Queue::default();
    let _default = set_default(queue.clone());
    let ran = Arc::new(AtomicUsize::new(0));
    let task = || {
        let ran = ran.clone();
        future::lazy(move || {
            ran.fetch_add(1, SeqCst);
            Ok(())
        })
    };
    let mut executor = DefaultExecutor::current();
    Executor::status(&executor).unwrap();
    Executor::spawn(&mut executor, Box::new(task())).unwrap();
    TypedExecutor::spawn(&mut executor, task()).unwrap();
    TypedExecutor::spawn(&mut Box::new(executor.clone()), task()).unwrap();
    executor.execute(task()).unwrap();
    executor.try_spawn(task()).unwrap();
    let handle = executor.try_spawn(async { 1 }).unwrap();
    queue.run();
    assert_eq!(ran.load(SeqCst), 5);
    assert_eq!(handle.now_or_never().unwrap().unwrap(), 1);
}

#[test]
fn errors_of_the_executor_reach_who_asks() {
    let mut executor = DefaultExecutor::current();
    let full = set_default(Rejects(SpawnError::at_capacity));
    assert!(executor.try_spawn(async {}).unwrap_err().is_at_capacity());
    assert!(Executor::status(&executor).unwrap_err().is_at_capacity());
    let error = executor.execute(future::ok(())).unwrap_err();
    assert_eq!(error.kind(), ExecuteErrorKind::NoCapacity);
    drop(full);
    let _gone = set_default(Rejects(SpawnError::shutdown));
    assert!(executor.try_spawn(async {}).unwrap_err().is_shutdown());
    let error = executor.execute(future::ok(())).unwrap_err();
    assert_eq!(error.kind(), ExecuteErrorKind::Shutdown);
}

#[test]
fn each_spawn_error_says_what_it_is() {
    let shutdown = SpawnError::shutdown();
    assert!(shutdown.is_shutdown() && !shutdown.is_at_capacity());
    assert!(shutdown.to_string().contains("shut down"));
    let full = SpawnError::at_capacity();
    assert!(full.is_at_capacity() && !full.is_shutdown());
    assert!(full.to_string().contains("at capacity"));
    assert!(format!("{full:?}").contains("AtCapacity"));
}

#[test]
fn the_default_executor_as_the_default_is_an_error_not_an_endless_call() {
    let _default = set_default(DefaultExecutor::current());
    let mut executor = DefaultExecutor::current();
    assert!(Executor::status(&executor).unwrap_err().is_at_capacity());
    assert!(executor.try_spawn(future::ok(())).unwrap_err().is_at_capacity());
    assert!(is_cancelled(spawn(async {})));
}

#[test]
fn an_executor_is_recognised_behind_a_box_and_a_borrow() {
    fn calls() -> Option<usize> {
        DefaultExecutor::with_shared(|shared| {
            let executor = shared?.as_any().downcast_ref::<RejectsOnceShared>()?;
            // May be asked again, also from inside.
            assert!(DefaultExecutor::with_shared(|shared| shared.is_some()));
            Some(executor.calls.get())
        })
    }

    let mut executor = RejectsOnce::default();
    with_default(&mut executor, &mut enter().unwrap(), |_| assert_eq!(calls(), Some(0)));
    let boxed: Box<dyn Executor> = Box::new(executor.clone());
    let _default = set_default(boxed);
    spawn(future::ok(()));
    assert_eq!(calls(), Some(1));
    let _none = set_default(Queue::default());
    assert_eq!(calls(), None);
}

/// Spawns when it is dropped, and reports what came of it.
struct Late(mpsc::Sender<Result<(), SpawnError>>);

impl Drop for Late {
    fn drop(&mut self) {
        let mut executor = DefaultExecutor::current();
        let _ = self.0.send(executor.try_spawn(future::ok(())));
        let _ = self.0.send(executor.try_spawn(async {}).map(drop));
        let _ = self.0.send(Executor::status(&executor));
        // Has no effect or does not last, but does not panic.
        drop(set_default(Queue::default()));
    }
}

impl Executor for Late {
    fn spawn(&mut self, _future: Boxed) -> Result<(), SpawnError> {
        Ok(())
    }
}

#[test]
fn spawning_while_the_thread_is_torn_down_is_an_error() {
    thread_local! {
        static BEFORE: RefCell<Option<Late>> = const { RefCell::new(None) };
        static AFTER: RefCell<Option<Late>> = const { RefCell::new(None) };
    }
    let (tx, rx) = mpsc::channel();
    let thread = thread::spawn(move || {
        // In which order the three are destroyed is up to the platform; one of the outer two
        // comes after the executors.
        BEFORE.with(|late| *late.borrow_mut() = Some(Late(tx.clone())));
        std::mem::forget(set_default(Late(tx.clone())));
        AFTER.with(|late| *late.borrow_mut() = Some(Late(tx)));
    });
    thread.join().unwrap();
    let results: Vec<_> = rx.into_iter().collect();
    assert_eq!(results.len(), 9);
    // Those that came before the executor was gone were taken.
    assert!(results.iter().filter(|result| result.is_err()).count() >= 6);
    assert!(results.iter().flat_map(|r| r.as_ref().err()).all(SpawnError::is_shutdown));
}
