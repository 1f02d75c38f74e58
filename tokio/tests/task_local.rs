//! Task-locals, seen by both generations.

mod support;

use futures::{future, Future as _};
use std::cell::Cell;
use std::future::poll_fn;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::task::Poll;
use support::{bounded, panic_deliberately, panic_message, runtime, Deliberate};
use tokio::task::{
    yield_now, yield_now_futures01, Futures01AsStd, LocalKey, StdAsFutures01, TaskLocalFuture,
};

tokio::task_local! {
    /// Attributes and visibilities are taken.
    pub(crate) static NUMBER: u32;
    static NAME: String;
    static CELL: Cell<u32>
}

fn assert_number(number: u32) {
    assert_eq!(NUMBER.get(), number);
    assert_eq!(NUMBER.with(|seen| *seen), number);
    assert_eq!(NUMBER.try_with(|seen| *seen), Ok(number));
}

async fn look_std(number: u32) {
    for _ in 0..100 {
        assert_number(number);
        yield_now().await;
    }
}

fn look_futures01(number: u32) -> impl futures::Future<Item = (), Error = ()> + Send {
    // Lazily: `loop_fn` calls its closure at once.
    future::lazy(move || {
        future::loop_fn(0, move |polls| {
            assert_number(number);
            yield_now_futures01().map(move |()| {
                assert_number(number);
                if polls == 100 {
                    future::Loop::Break(())
                } else {
                    future::Loop::Continue(polls + 1)
                }
            })
        })
    })
}

#[test]
fn interleaved_tasks_of_both_generations_see_their_own_values() {
    bounded(|| {
        for workers in [1, 2] {
            let mut runtime = runtime(workers);
            let executor = runtime.executor();
            let tasks: Vec<_> = (0..20)
                .flat_map(|n| {
                    let futures01 = Futures01AsStd::new(NUMBER.scope(n, look_futures01(n)));
                    [
                        executor.spawn(NUMBER.scope(n, look_std(n))),
                        executor.spawn(async move { futures01.await.unwrap() }),
                        // A scope of either around the other generation.
                        executor.spawn(NUMBER.scope(n, async move {
                            Futures01AsStd::new(look_futures01(n)).await.unwrap();
                        })),
                        executor.spawn(async move {
                            let inside = StdAsFutures01::new(look_std(n));
                            Futures01AsStd::new(NUMBER.scope(n, inside)).await.unwrap();
                        }),
                    ]
                })
                .collect();
            for task in tasks {
                runtime.block_on(task).unwrap();
            }
            // Nothing is left on the workers.
            for _ in 0..workers * 4 {
                let left = runtime.block_on(async { NUMBER.try_with(|n| *n) });
                assert!(left.is_err());
            }
        }
    });
}

#[test]
fn a_task_that_is_spawned_inside_a_scope_is_not_in_it() {
    bounded(|| {
        tokio::run(NUMBER.scope(1, async {
            tokio::spawn(async { assert!(NUMBER.try_with(|_| ()).is_err()) }).await.unwrap();
            let value = NUMBER.get();
            tokio::spawn(NUMBER.scope(value, async { assert_number(1) })).await.unwrap();
        }));
    });
}

#[test]
fn scopes_nest_and_the_value_around_is_back_afterwards() {
    let polled = NUMBER.scope(1, async {
        NUMBER.scope(2, async { assert_number(2) }).await;
        assert_number(1);
        NUMBER.sync_scope(3, || {
            assert_number(3);
            NUMBER.sync_scope(4, || assert_number(4));
            assert_number(3);
        });
        assert_number(1);
        NAME.scope("other keys are others".to_owned(), async {
            assert_number(1);
            assert_eq!(NAME.get(), "other keys are others");
        })
        .await;
        assert_eq!(NUMBER.scope(5, future::lazy(|| Ok::<_, ()>(NUMBER.get()))).wait(), Ok(5));
        assert_number(1);
    });
    futures03::executor::block_on(polled);
    assert!(NUMBER.try_with(|_| ()).is_err());
}

#[test]
fn a_value_may_be_changed_through_a_cell_and_stays_with_its_scope() {
    let counted = CELL.scope(Cell::new(0), async {
        for _ in 0..3 {
            CELL.with(|cell| cell.set(cell.get() + 1));
            yield_now().await;
        }
        CELL.with(Cell::get)
    });
    assert_eq!(futures03::executor::block_on(counted), 3);
}

#[test]
fn a_panic_leaves_no_value_behind_and_restores_the_one_around() {
    NUMBER.sync_scope(1, || {
        let panics: [Box<dyn Fn()>; 3] = [
            Box::new(|| NUMBER.sync_scope(2, || panic_deliberately())),
            Box::new(|| {
                futures03::executor::block_on(NUMBER.scope(2, async { panic_deliberately() }))
            }),
            Box::new(|| {
                let panics = future::lazy(|| -> Result<(), ()> { panic_deliberately() });
                let _ = NUMBER.scope(2, panics).wait();
            }),
        ];
        for panics in panics {
            let payload = catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
            assert!(payload.is::<Deliberate>());
            assert_number(1);
        }
        // Inside of `with` too.
        catch_unwind(|| NUMBER.with(|_| panic_deliberately())).unwrap_err();
        NUMBER.sync_scope(3, || assert_number(3));
        assert_number(1);
    });
    assert!(NUMBER.try_with(|_| ()).is_err());
}

/// Sees its number when it is dropped.
struct SeesWhenDropped(u32);

impl Drop for SeesWhenDropped {
    fn drop(&mut self) {
        assert_number(self.0);
    }
}

#[test]
fn destructors_of_the_future_see_the_value() {
    // Dropped before it was polled, while it waits, and when it is ready.
    for polls in 0..3 {
        let held = SeesWhenDropped(7);
        let mut scope = Box::pin(NUMBER.scope(7, async move {
            let _held = held;
            yield_now().await;
        }));
        futures03::executor::block_on(poll_fn(|cx| {
            for _ in 0..polls {
                let _ = std::future::Future::poll(scope.as_mut(), cx);
            }
            Poll::Ready(())
        }));
        drop(scope);

        let held = SeesWhenDropped(7);
        let mut scope = futures::executor::spawn(
            NUMBER.scope(7, yield_now_futures01().map(move |()| drop(held))),
        );
        for _ in 0..polls {
            let nobody = futures::executor::NotifyHandle::from(std::sync::Arc::new(Nobody));
            let _ = scope.poll_future_notify(&nobody, 0);
        }
    }
}

struct Nobody;

impl futures::executor::Notify for Nobody {
    fn notify(&self, _: usize) {}
}

#[test]
fn a_task_moves_between_threads_and_its_value_with_it() {
    bounded(|| {
        let mut scope = Box::pin(NUMBER.scope(9, look_std(9)));
        loop {
            let (back, polled) = std::thread::spawn(move || {
                let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
                let polled = std::future::Future::poll(scope.as_mut(), &mut cx);
                assert!(NUMBER.try_with(|_| ()).is_err());
                (scope, polled)
            })
            .join()
            .unwrap();
            scope = back;
            if polled.is_ready() {
                break;
            }
        }
    });
}

#[test]
fn what_is_wrong_is_said() {
    let outside = panic_message(|| NUMBER.with(|_| ()));
    assert!(outside.contains("no value here"), "{outside}");
    NUMBER.sync_scope(1, || {
        let within = panic_message(|| NUMBER.with(|_| NUMBER.sync_scope(2, || ())));
        assert!(within.contains("inside of `with`"), "{within}");
        assert_number(1);
    });
    let ready = panic_message(|| {
        let mut scope = Box::pin(NUMBER.scope(1, async {}));
        futures03::executor::block_on(scope.as_mut());
        futures03::executor::block_on(scope.as_mut());
    });
    assert!(ready.contains("polled after it was ready"), "{ready}");
}

/// A scope can be given to everything that takes a future, whose generation it has.
#[test]
fn a_scope_is_of_its_futures_generation() {
    bounded(|| {
        let mut runtime = runtime(1);
        assert_eq!(runtime.block_on(NUMBER.scope(1, async { NUMBER.get() })), 1);
        let lazy = || future::lazy(|| Ok::<_, ()>(NUMBER.get()));
        assert_eq!(runtime.block_on(NUMBER.scope(2, lazy())), Ok(2));
        drop::<tokio::task::JoinHandle<()>>(runtime.spawn(NUMBER.scope(1, async {})));
        runtime.spawn(NUMBER.scope(1, lazy().map(drop))).spawn(NUMBER.scope(2, lazy().map(drop)));
        tokio::run(NUMBER.scope(1, lazy().map(drop)));
        tokio::run(NUMBER.scope(1, async {}));
        let mut local = tokio::runtime::current_thread::Runtime::new().unwrap();
        assert_eq!(local.block_on(NUMBER.scope(1, async { NUMBER.get() })), 1);
        assert_eq!(local.block_on(NUMBER.scope(2, lazy())), Ok(2));
    });
}

#[test]
fn who_may_cross_threads() {
    fn send<T: Send>() {}
    fn sync<T: Sync>() {}
    sync::<LocalKey<std::rc::Rc<u8>>>();
    send::<TaskLocalFuture<u8, future::FutureResult<(), ()>>>();
}
