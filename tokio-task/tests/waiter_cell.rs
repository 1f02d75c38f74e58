//! `WaiterCell` with wakers that are not friendly.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{RawWaker, RawWakerVTable, Wake, Waker};
use tokio_task::{Caller, Waiter, WaiterCell};

#[derive(Default)]
struct Bell(AtomicUsize);

impl Bell {
    fn rang(&self) -> usize {
        self.0.load(SeqCst)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

fn bell() -> (Arc<Bell>, Waker) {
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(bell.clone());
    (bell, waker)
}

/// What a foreign waker does in one of its functions: `clone`, `wake` or `drop`.
type Act = dyn Fn(&'static str) + Send + Sync;

/// A waker that calls `act` in each function.
fn acting(act: impl Fn(&'static str) + Send + Sync + 'static) -> Waker {
    type Data = Arc<Act>;
    unsafe fn data<'a>(data: *const ()) -> &'a Data {
        // SAFETY: `acting` made it; it is never freed.
        unsafe { &*data.cast() }
    }
    static TABLE: RawWakerVTable = RawWakerVTable::new(
        |place| {
            // SAFETY: the table's pointer.
            let act = unsafe { data(place) };
            act("clone");
            RawWaker::new(place, &TABLE)
        },
        |place| {
            // SAFETY: as above.
            let act = unsafe { data(place) };
            act("wake");
            act("drop");
        },
        // SAFETY: as above.
        |place| unsafe { (data(place))("wake") },
        // SAFETY: as above.
        |place| unsafe { (data(place))("drop") },
    );
    #[allow(clippy::vec_box)] // The addresses stay as the list grows.
    static ALL: Mutex<Vec<Box<Data>>> = Mutex::new(Vec::new());
    let data: Box<Data> = Box::new(Arc::new(act));
    let place: *const Data = &*data;
    ALL.lock().unwrap().push(data);
    // SAFETY: the data outlive everything, and may be used from all threads.
    unsafe { Waker::new(place.cast(), &TABLE) }
}

/// A waker that panics in `function` as long as the switch is on.
fn panicking(function: &'static str) -> (Arc<AtomicUsize>, Waker) {
    let switch = Arc::new(AtomicUsize::new(0));
    let seen = switch.clone();
    let waker = acting(move |which| {
        if which == function && seen.load(SeqCst) == 1 {
            panic!("in {function}");
        }
    });
    (switch, waker)
}

#[track_caller]
fn assert_works(cell: &WaiterCell) {
    let (bell, waker) = bell();
    assert!(cell.register(Caller::Std(&waker)).is_none());
    cell.wake();
    cell.wake();
    assert_eq!(bell.rang(), 1);
    cell.clear();
    drop(waker);
    assert_eq!(Arc::strong_count(&bell), 1);
}

#[test]
fn a_panic_in_a_foreign_clone_leaves_the_cell_as_it_was() {
    let cell = WaiterCell::new();
    let (bell, known) = bell();
    cell.register(Caller::Std(&known));
    let (switch, hostile) = panicking("clone");
    switch.store(1, SeqCst);
    assert!(catch_unwind(AssertUnwindSafe(|| cell.register(Caller::Std(&hostile)))).is_err());
    cell.wake();
    assert_eq!(bell.rang(), 1, "the other task is still there");
    assert_works(&cell);
}

#[test]
fn a_panic_in_a_foreign_wake_leaves_the_cell_working() {
    let cell = WaiterCell::new();
    let (switch, hostile) = panicking("wake");
    cell.register(Caller::Std(&hostile));
    switch.store(1, SeqCst);
    assert!(catch_unwind(AssertUnwindSafe(|| cell.wake())).is_err());
    assert_works(&cell);
}

#[test]
fn a_panic_in_a_foreign_destructor_leaves_the_cell_working() {
    let cell = WaiterCell::new();
    let (switch, hostile) = panicking("drop");
    cell.register(Caller::Std(&hostile));
    switch.store(1, SeqCst);
    assert!(catch_unwind(AssertUnwindSafe(|| cell.clear())).is_err());
    assert_works(&cell);

    // Woken before, so whoever registers next drops it.
    switch.store(0, SeqCst);
    cell.register(Caller::Std(&hostile));
    cell.wake();
    switch.store(1, SeqCst);
    let (bell, known) = bell();
    assert!(catch_unwind(AssertUnwindSafe(|| cell.register(Caller::Std(&known)))).is_err());
    cell.wake();
    assert_eq!(bell.rang(), 1, "was registered before the panic");
    assert_works(&cell);
    switch.store(0, SeqCst);
}

#[test]
fn a_displaced_task_is_woken_if_its_successor_panics() {
    let cell = Arc::new(WaiterCell::new());
    let (bell, known) = bell();
    cell.register(Caller::Std(&known));
    let inside = cell.clone();
    // A wake comes while the waker is stored, and waking it panics.
    let hostile = acting(move |function| match function {
        "clone" => inside.wake(),
        "wake" => panic!("in wake"),
        _ => {}
    });
    assert!(catch_unwind(AssertUnwindSafe(|| cell.register(Caller::Std(&hostile)))).is_err());
    assert_eq!(bell.rang(), 1);
    assert_works(&cell);
}

#[test]
fn foreign_wakers_may_come_back() {
    let cell = Arc::new(WaiterCell::new());
    let (bell, known) = bell();
    let (inside, again) = (cell.clone(), known.clone());
    let log: Arc<Mutex<Vec<&str>>> = Arc::default();
    let seen = log.clone();
    let curious = acting(move |function| {
        seen.lock().unwrap().push(function);
        assert!(inside.register(Caller::Std(&again)).is_none());
        inside.wake();
        inside.clear();
    });
    cell.register(Caller::Std(&curious));
    cell.wake();
    cell.clear();
    assert!(log.lock().unwrap().contains(&"clone"));
    assert!(bell.rang() > 0, "who came while the cell was busy is woken");
    assert_works(&cell);
}

#[test]
fn a_displaced_task_is_handed_to_its_successor() {
    let cell = WaiterCell::new();
    let ((first, first_waker), (second, second_waker)) = (bell(), bell());
    assert!(cell.register(Caller::Std(&first_waker)).is_none());
    assert!(cell.register(Caller::Std(&first_waker)).is_none());
    let displaced = cell.register(Caller::Std(&second_waker)).expect("the first waits");
    assert!(displaced.will_wake(Caller::Std(&first_waker)));
    displaced.wake();
    cell.wake();
    assert_eq!((first.rang(), second.rang()), (1, 1));
    // It was woken, so it needs nobody's care.
    assert!(cell.register(Caller::Std(&first_waker)).is_none());
}

#[test]
fn an_unchanged_task_is_stored_once() {
    let clones = Arc::new(AtomicUsize::new(0));
    let count = clones.clone();
    let waker = acting(move |function| {
        if function == "clone" {
            count.fetch_add(1, SeqCst);
        }
    });
    let cell = WaiterCell::new();
    for _ in 0..10 {
        cell.register(Caller::Std(&waker));
        cell.wake();
    }
    assert_eq!(clones.load(SeqCst), 1);
}

#[test]
fn registering_outside_of_a_futures01_task_panics_and_changes_nothing() {
    let cell = WaiterCell::new();
    assert!(catch_unwind(AssertUnwindSafe(|| cell.register(Caller::Futures01))).is_err());
    assert_works(&cell);
}

#[test]
fn waiters_of_different_generations_are_never_the_same() {
    let (_, waker) = bell();
    let std = Waiter::from(Caller::Std(&waker));
    futures::executor::spawn(futures::future::lazy(|| {
        let futures01 = Waiter::from(Caller::Futures01);
        assert!(futures01.will_wake(Caller::Futures01));
        assert!(!futures01.will_wake(Caller::Std(&waker)));
        assert!(!std.will_wake(Caller::Futures01));
        Ok::<_, ()>(())
    }))
    .wait_future()
    .unwrap();
}
