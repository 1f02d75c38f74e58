//! Waiting for a task's output.

use crate::task::header::Header;
use crate::task::state::{Detach, Enqueue, Joining};
use crate::{poll_proceed, AbortHandle, Caller, Never, StdAsFutures01};
use futures::future::FutureResult;
use futures::{Async, Future as Future01, Poll as Poll01};
use std::any::Any;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{ready, Context, Poll, Waker};

/// Waits for the output of a spawned task.
///
/// It is a std `Future`: `.await` yields `Ok` with the task's output, or a [`JoinError`] if the
/// task panicked or was aborted. Dropping it detaches the task, which runs on. A futures 0.1 task
/// waits with [`JoinHandle::join`].
///
/// For futures 0.1, `JoinHandle<()>` is also `IntoFuture`, with the meaning "detached": so that
/// `stream.for_each(|x| tokio::spawn(async move { .. }))` goes on with the next item at once, as it
/// does when it spawns a 0.1 future.
///
/// # Panics
///
/// When polled again after it was ready.
pub struct JoinHandle<T> {
    /// None once the output has been taken.
    task: Option<NonNull<Header>>,
    output: PhantomData<fn() -> T>,
}

// SAFETY: the output, a `T`, may be moved to and dropped on the thread that has the handle; the
// rest of the task is made for many threads.
unsafe impl<T: Send> Send for JoinHandle<T> {}
// SAFETY: a shared handle gives no access to the output.
unsafe impl<T: Send> Sync for JoinHandle<T> {}

impl<T> Unpin for JoinHandle<T> {}
impl<T> std::panic::UnwindSafe for JoinHandle<T> {}
impl<T> std::panic::RefUnwindSafe for JoinHandle<T> {}

impl<T> JoinHandle<T> {
    /// The handle of a task whose state says that there is one. Takes over its reference.
    pub(crate) fn new(task: NonNull<Header>) -> Self {
        JoinHandle { task: Some(task), output: PhantomData }
    }

    /// Asks the task to end.
    ///
    /// If it is idle or queued, its future is dropped on a thread of its executor instead of being
    /// polled again, and the handle yields a cancelled [`JoinError`]. If it is being polled, that
    /// poll goes on first; if it completes there, its output stands. Returns at once.
    pub fn abort(&self) {
        let Some(task) = self.task else { return };
        // SAFETY: our reference keeps the task alive; `Yes` hands over the queue entry.
        unsafe {
            if task.as_ref().state().abort() == Enqueue::Yes {
                Header::enqueue(task);
            }
        }
    }

    /// What can [`abort`](JoinHandle::abort) the task while somebody else waits for it.
    ///
    /// # Panics
    ///
    /// If the output has been taken.
    pub fn abort_handle(&self) -> AbortHandle {
        let task = self.task.expect("`JoinHandle::abort_handle` after the output was taken");
        // SAFETY: our reference keeps the task alive.
        unsafe { AbortHandle::new(task) }
    }

    /// Whether the task has come to its end in any way. Its output, or what became of it, is then
    /// there at the next poll.
    pub fn is_finished(&self) -> bool {
        match self.task {
            // SAFETY: our reference keeps the task alive.
            Some(task) => unsafe { task.as_ref() }.state().is_complete(),
            None => true,
        }
    }

    /// Waits in futures 0.1: a future whose item is the output and whose error is the
    /// [`JoinError`].
    ///
    /// ```
    /// # fn example(handle: tokio_task::JoinHandle<u32>) {
    /// use futures::Future;
    ///
    /// let doubled = handle.join().map(|n| n * 2);
    /// # drop(doubled);
    /// # }
    /// ```
    pub fn join(self) -> Join<T> {
        Join(StdAsFutures01::new(self))
    }

    /// Stores the waker of `cx`, unless the task is complete.
    ///
    /// # Safety
    ///
    /// `task` is this handle's.
    unsafe fn park(task: NonNull<Header>, cx: &mut Context<'_>) -> Joining {
        // SAFETY: our reference keeps the task alive. The handle may read the waker's place as long
        // as it has not detached, and write it while the task is running with `WAITER` not set.
        unsafe {
            let state = task.as_ref().state();
            let place = Header::waker(task);
            match state.joining() {
                Joining::Running => {}
                Joining::Awaited => {
                    let known = |waker: &Waker| waker.will_wake(cx.waker());
                    if place.with(|waker| (*waker).as_ref().is_some_and(known)) {
                        return Joining::Awaited;
                    }
                    if state.unset_waiter() == Joining::Complete {
                        return Joining::Complete;
                    }
                }
                Joining::Complete => return Joining::Complete,
            }
            let waker = cx.waker().clone();
            let replaced = place.with_mut(|place| (*place).replace(waker));
            let joining = state.set_waiter();
            drop(replaced);
            joining
        }
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let task = self.task.expect("`JoinHandle` polled after it was ready");
        // SAFETY: `task` is ours.
        if unsafe { Self::park(task, cx) } != Joining::Complete {
            return Poll::Pending;
        }
        ready!(poll_proceed(Caller::from(&mut *cx)));
        self.task = None;
        // SAFETY: our reference goes to `Held`. Complete, and with `HANDLE` still set, the output
        // is ours too; it is taken once, since the handle has forgotten the task.
        unsafe {
            let held = Held(task);
            let output = Header::take_output::<T>(task);
            if task.as_ref().state().detach() != Detach::Output {
                held.drop_waker();
            }
            Poll::Ready(output)
        }
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        let Some(task) = self.task else { return };
        // SAFETY: `detach` says what is ours to drop; our reference is given up last.
        unsafe {
            let held = Held(task);
            match task.as_ref().state().detach() {
                Detach::Waker => held.drop_waker(),
                Detach::Output => Header::drop_output(task),
                Detach::OutputAndWaker => {
                    Header::drop_output(task);
                    held.drop_waker();
                }
            }
        }
    }
}

/// The reference of a handle that is going away; given up also if a foreign waker panics.
struct Held(NonNull<Header>);

impl Held {
    /// # Safety
    ///
    /// `detach` has left the waker's place to the handle.
    unsafe fn drop_waker(&self) {
        // SAFETY: by the contract; our reference keeps the task alive.
        let waker = unsafe { Header::waker(self.0).with_mut(|waker| (*waker).take()) };
        drop(waker);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: the reference is ours, and this gives it up.
        unsafe { Header::release(self.0) }
    }
}

impl futures::IntoFuture for JoinHandle<()> {
    type Future = FutureResult<(), ()>;
    type Item = ();
    type Error = ();

    /// Detaches the task.
    fn into_future(self) -> Self::Future {
        futures::future::ok(())
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").field("is_finished", &self.is_finished()).finish()
    }
}

/// A [`JoinHandle`] as a futures 0.1 future, made by [`JoinHandle::join`]. Dropping it detaches the
/// task.
#[derive(Debug)]
pub struct Join<T>(StdAsFutures01<JoinHandle<T>>);

impl<T> Join<T> {
    /// Asks the task to end; see [`JoinHandle::abort`].
    pub fn abort(&self) {
        self.0.get_ref().abort();
    }
}

impl<T> Future01 for Join<T> {
    type Item = T;
    type Error = JoinError;

    fn poll(&mut self) -> Poll01<T, JoinError> {
        match self.0.poll().unwrap_or_else(|never: Never| match never {}) {
            Async::Ready(output) => output.map(Async::Ready),
            Async::NotReady => Ok(Async::NotReady),
        }
    }
}

impl<T> std::future::IntoFuture for Join<T> {
    type Output = Result<T, JoinError>;
    type IntoFuture = crate::Futures01AsStd<Self>;

    fn into_future(self) -> Self::IntoFuture {
        crate::Futures01AsStd::new(self)
    }
}

/// Why a task has no output: it panicked, or it was cancelled.
///
/// A task is cancelled by [`JoinHandle::abort`], by its runtime's shutdown, or because it was
/// spawned when the runtime had shut down.
pub struct JoinError(Option<Payload>);

/// What a task panicked with.
struct Payload(Box<dyn Any + Send>);

// SAFETY: a shared `Payload` gives no access to what is inside.
unsafe impl Sync for Payload {}

impl JoinError {
    pub(crate) fn cancelled() -> Self {
        JoinError(None)
    }

    pub(crate) fn panicked(payload: Box<dyn Any + Send>) -> Self {
        JoinError(Some(Payload(payload)))
    }

    pub(crate) fn into_payload(self) -> Option<Box<dyn Any + Send>> {
        self.0.map(|payload| payload.0)
    }

    /// Whether the task was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_none()
    }

    /// Whether the task panicked.
    pub fn is_panic(&self) -> bool {
        self.0.is_some()
    }

    /// What the task panicked with, for `std::panic::resume_unwind`; or the error back, if it did
    /// not panic.
    pub fn try_into_panic(self) -> Result<Box<dyn Any + Send>, JoinError> {
        self.0.map(|payload| payload.0).ok_or(JoinError(None))
    }

    /// What the task panicked with.
    ///
    /// # Panics
    ///
    /// If the task did not panic.
    pub fn into_panic(self) -> Box<dyn Any + Send> {
        self.try_into_panic().expect("the task was cancelled, it did not panic")
    }
}

impl fmt::Debug for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_panic() { "JoinError::Panic" } else { "JoinError::Cancelled" })
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_panic() { "task panicked" } else { "task was cancelled" })
    }
}

impl std::error::Error for JoinError {}
