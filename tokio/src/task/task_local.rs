//! Values that belong to a task, or to a part of one.

use futures::{Future as Future01, Poll as Poll01};
use pin_project_lite::pin_project;
use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;

/// Declares task-local values: `static`s of type [`LocalKey`], without a value until
/// a scope gives them one.
///
/// ```
/// tokio::task_local! {
///     /// Who asks.
///     pub static REQUEST: u64;
///     static NAME: String;
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! task_local {
    () => {};
    // A program that imports the macros of both crates means futures 0.1's, whose statics have a first value.
    (static $name:ident: $type:ty = $first:expr) => {
        $crate::task::futures01_task_local!(static $name: $type = $first);
    };
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty; $($rest:tt)*) => {
        $crate::task_local!($(#[$attribute])* $visibility static $name: $type);
        $crate::task_local!($($rest)*);
    };
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty) => {
        $(#[$attribute])*
        $visibility static $name: $crate::task::LocalKey<$type> = {
            ::std::thread_local! {
                static SLOT: ::std::cell::RefCell<::std::option::Option<$type>> =
                    const { ::std::cell::RefCell::new(::std::option::Option::None) };
            }
            $crate::task::LocalKey::over(&SLOT)
        };
    };
}

/// A value that a future of either generation, and all that it polls, finds while it is being polled.
///
/// Made by [`task_local!`](crate::task_local). [`scope`](LocalKey::scope) gives it a value for one future,
/// [`sync_scope`](LocalKey::sync_scope) for one call. Scopes nest: the innermost value counts, and the
/// one around it is back afterwards, also after a panic. A task that is spawned inside a scope is not
/// in it; give it a scope of its own.
///
/// ```
/// use futures::{future, Future};
/// use tokio::task::Futures01AsStd;
///
/// tokio::task_local! {
///     static REQUEST: u64;
/// }
///
/// # fn main() {
/// tokio::run(REQUEST.scope(7, async {
///     assert_eq!(REQUEST.get(), 7);
///     // Seen by the futures 0.1 futures that are polled here.
///     let next = Futures01AsStd::new(future::lazy(|| Ok::<_, ()>(REQUEST.get() + 1)));
///     assert_eq!(next.await, Ok(8));
/// }));
/// // A scope of a futures 0.1 future is one itself.
/// tokio::run(REQUEST.scope(8, future::lazy(|| Ok(REQUEST.get()))).map(|n| assert_eq!(n, 8)));
/// assert!(REQUEST.try_with(|n| *n).is_err());
/// # }
/// ```
pub struct LocalKey<T: 'static> {
    slot: &'static thread::LocalKey<RefCell<Option<T>>>,
}

impl<T: 'static> LocalKey<T> {
    /// For the macro.
    #[doc(hidden)]
    pub const fn over(slot: &'static thread::LocalKey<RefCell<Option<T>>>) -> Self {
        LocalKey { slot }
    }

    /// A future that is `future` with `value` here while it is polled, and while it is dropped. It is of
    /// `future`'s own generation.
    ///
    /// # Panics
    ///
    /// Its poll does if it is polled inside of [`with`](LocalKey::with) of the same key.
    pub fn scope<F>(&'static self, value: T, future: F) -> TaskLocalFuture<T, F> {
        TaskLocalFuture { place: Place { key: self, value: Some(value) }, future: Some(future) }
    }

    /// Calls `f` with `value` here.
    ///
    /// # Panics
    ///
    /// If `f` does; inside of [`with`](LocalKey::with) of the same key; and while the thread's storage is
    /// torn down.
    #[track_caller]
    pub fn sync_scope<R>(&'static self, value: T, f: impl FnOnce() -> R) -> R {
        let mut place = Place { key: self, value: Some(value) };
        let _inside = place.enter().unwrap_or_else(|refused| panic!("{refused}"));
        f()
    }

    /// Calls `f` with the value.
    ///
    /// # Panics
    ///
    /// If there is none: outside of a scope. And if `f` does.
    #[track_caller]
    pub fn with<R>(&'static self, f: impl FnOnce(&T) -> R) -> R {
        self.try_with(f).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Calls `f` with the value.
    ///
    /// # Errors
    ///
    /// If there is none: outside of a scope.
    pub fn try_with<R>(&'static self, f: impl FnOnce(&T) -> R) -> Result<R, AccessError> {
        let found = self.slot.try_with(|slot| slot.borrow().as_ref().map(f));
        found.ok().flatten().ok_or(AccessError(()))
    }

    /// A copy of the value.
    ///
    /// # Panics
    ///
    /// As [`with`](LocalKey::with).
    #[track_caller]
    pub fn get(&'static self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }
}

impl<T> fmt::Debug for LocalKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey").finish_non_exhaustive()
    }
}

/// There is no value: no scope gives one here. The error of [`LocalKey::try_with`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessError(());

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this task-local has no value here: call this inside its `scope`")
    }
}

impl Error for AccessError {}

/// A scope's value, in the thread's storage while the scope runs and here in between.
struct Place<T: 'static> {
    key: &'static LocalKey<T>,
    value: Option<T>,
}

/// The time that a scope runs.
struct Inside<'a, T: 'static>(&'a mut Place<T>);

/// Why a scope cannot run.
enum Refused {
    Borrowed,
    Ending,
}

impl<T> Place<T> {
    /// Puts the value into the thread's storage, and keeps here what was there.
    fn enter(&mut self) -> Result<Inside<'_, T>, Refused> {
        match self.exchange() {
            Ok(()) => Ok(Inside(self)),
            Err(refused) => Err(refused),
        }
    }

    fn exchange(&mut self) -> Result<(), Refused> {
        let exchanged = self.key.slot.try_with(|slot| match slot.try_borrow_mut() {
            Ok(mut slot) => {
                mem::swap(&mut *slot, &mut self.value);
                Ok(())
            }
            Err(_) => Err(Refused::Borrowed),
        });
        exchanged.unwrap_or(Err(Refused::Ending))
    }
}

impl<T> Drop for Inside<'_, T> {
    fn drop(&mut self) {
        // It was not borrowed on the way in, and who borrowed it inside has returned. If the storage is
        // gone, so is the value.
        let _ = self.0.exchange();
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refused::Borrowed => "a scope of a task-local inside of `with` of the same one",
            Refused::Ending => "a scope of a task-local while the thread's storage is torn down",
        })
    }
}

pin_project! {
    /// A future with a task-local value. Made by [`LocalKey::scope`].
    ///
    /// It is a std future if `F` is one, and a futures 0.1 future if `F` is one.
    #[must_use = "a future does nothing unless it is polled"]
    pub struct TaskLocalFuture<T, F>
    where
        T: 'static,
    {
        place: Place<T>,
        // Empty once it is ready.
        #[pin]
        future: Option<F>,
    }

    impl<T, F> PinnedDrop for TaskLocalFuture<T, F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            // Where no scope can run, the future is dropped without it.
            let _inside = this.place.enter().ok();
            this.future.set(None);
        }
    }
}

impl<T, F: Future> Future for TaskLocalFuture<T, F> {
    type Output = F::Output;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let _inside = this.place.enter().unwrap_or_else(|refused| panic!("{refused}"));
        let future = this.future.as_mut().as_pin_mut().expect("polled after it was ready");
        let polled = future.poll(cx);
        if polled.is_ready() {
            this.future.set(None);
        }
        polled
    }
}

impl<T, F: Future01> Future01 for TaskLocalFuture<T, F> {
    type Item = F::Item;
    type Error = F::Error;

    fn poll(&mut self) -> Poll01<F::Item, F::Error> {
        let _inside = self.place.enter().unwrap_or_else(|refused| panic!("{refused}"));
        let polled = self.future.as_mut().expect("polled after it was ready").poll();
        if !matches!(polled, Ok(futures::Async::NotReady)) {
            self.future = None;
        }
        polled
    }
}

impl<T, F> fmt::Debug for TaskLocalFuture<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskLocalFuture").finish_non_exhaustive()
    }
}
