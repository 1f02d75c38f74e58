//! A group of tasks that end together.

#[cfg(feature = "rt-full")]
use crate::runtime::Handle;
use futures::{Async, Poll as Poll01, Stream as Stream01};
use std::collections::VecDeque;
use std::fmt;
use std::future::{poll_fn, Future};
use std::mem;
use std::panic;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::AcqRel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use tokio_task::{without_budget, AbortHandle, Caller, JoinError, JoinHandle, WaiterCell};

/// Tasks whose outputs are taken in the order in which they come, and which are aborted when this is
/// dropped.
///
/// For both generations: it spawns futures of either, and it is awaited task by task with
/// [`join_next`](JoinSet::join_next), or as a stream. The std stream's items are
/// `Result<T, JoinError>`; the futures 0.1 stream has items `T`, and errors [`JoinError`] after which it
/// goes on. A stream ends when no task is left, and goes on if more are spawned.
///
/// ```
/// use tokio::task::JoinSet;
///
/// tokio::run(async {
///     let mut set = JoinSet::new();
///     for n in 0..10 {
///         set.spawn(async move { n * n });
///     }
///     let mut sum = 0;
///     while let Some(square) = set.join_next().await {
///         sum += square.unwrap();
///     }
///     assert_eq!(sum, 285);
/// });
/// ```
///
/// With futures 0.1:
///
/// ```
/// use futures::{future, Future, Stream};
/// use tokio::task::JoinSet;
///
/// tokio::run(future::lazy(|| {
///     let mut set = JoinSet::new();
///     set.spawn_futures01(future::ok::<u32, ()>(1));
///     set.spawn_futures01(future::ok(2));
///     let sum = set.fold(0, |sum, n| Ok::<_, tokio::task::JoinError>(sum + n.unwrap()));
///     sum.map(|sum| assert_eq!(sum, 3)).map_err(|_| ())
/// }));
/// ```
pub struct JoinSet<T> {
    /// Free places are empty.
    members: Vec<Option<Member<T>>>,
    free: Vec<usize>,
    ready: Arc<Ready>,
}

struct Member<T> {
    task: JoinHandle<T>,
    bell: Arc<Bell>,
}

/// Which members may be complete.
#[derive(Default)]
struct Ready {
    queue: Mutex<VecDeque<usize>>,
    waiter: WaiterCell,
}

/// Wakes the set on behalf of one member.
struct Bell {
    member: usize,
    /// The member is in the queue. Set and cleared by read-modify-writes, so that who finds it set
    /// has published to whoever clears it.
    rung: AtomicBool,
    ready: Arc<Ready>,
}

impl Ready {
    fn queue(&self) -> MutexGuard<'_, VecDeque<usize>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.rung.swap(true, AcqRel) {
            self.ready.queue().push_back(self.member);
        }
        self.ready.waiter.wake();
    }
}

impl<T> JoinSet<T> {
    /// An empty group.
    pub fn new() -> JoinSet<T> {
        JoinSet { members: Vec::new(), free: Vec::new(), ready: Arc::default() }
    }

    /// How many tasks there are whose outputs have not been taken.
    pub fn len(&self) -> usize {
        self.members.len() - self.free.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a task that was spawned elsewhere: on a `LocalSet`, or by `TaskExecutor`.
    ///
    /// As the methods that spawn, this returns what aborts this one task; it may be dropped freely.
    pub fn insert(&mut self, task: JoinHandle<T>) -> AbortHandle {
        let abort = task.abort_handle();
        let member = self.free.pop().unwrap_or_else(|| {
            self.members.push(None);
            self.members.len() - 1
        });
        // In the queue from the start, so that its waker is stored.
        let bell = Bell { member, rung: AtomicBool::new(true), ready: self.ready.clone() };
        self.members[member] = Some(Member { task, bell: Arc::new(bell) });
        self.ready.queue().push_back(member);
        self.ready.waiter.wake();
        abort
    }

    /// Waits until one more task has ended, and returns its output, or why it has none; `None` if there
    /// is no task.
    ///
    /// Dropping the future loses nothing: the task's output is there for the next call.
    pub async fn join_next(&mut self) -> Option<Result<T, JoinError>> {
        poll_fn(|cx| self.poll_join_next_with(cx.into())).await
    }

    /// The output of a task that has ended, or why it has none, without waiting; `None` if none has
    /// ended, or there is none.
    ///
    /// A task that ends at the very moment may be missed, not for long.
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        let ended = {
            let mut queue = self.ready.queue();
            // Those that go on stay in the queue: their wakers may not have been stored yet.
            let is_finished = |index: &usize| matches!(self.members.get(*index), Some(Some(member)) if member.task.is_finished());
            let place = queue.iter().position(is_finished)?;
            queue.remove(place)?
        };
        let mut member = self.members[ended].take()?;
        self.free.push(ended);
        let task = Pin::new(&mut member.task);
        match without_budget(|| task.poll(&mut Context::from_waker(Waker::noop()))) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => unreachable!("it is finished"),
        }
    }

    /// Waits until all tasks have ended, and returns their outputs in the order in which they ended.
    ///
    /// # Panics
    ///
    /// If a task panicked, with what it panicked with, or was cancelled. The rest are aborted then, as they
    /// are if the future is dropped.
    pub async fn join_all(mut self) -> Vec<T> {
        let mut outputs = Vec::with_capacity(self.len());
        while let Some(joined) = self.join_next().await {
            match joined.map_err(JoinError::try_into_panic) {
                Ok(output) => outputs.push(output),
                Err(Ok(payload)) => panic::resume_unwind(payload),
                Err(Err(error)) => panic!("{error}"),
            }
        }
        outputs
    }

    /// [`join_next`](JoinSet::join_next) for a task of either generation.
    ///
    /// # Panics
    ///
    /// For [`Caller::Futures01`] outside a futures 0.1 task.
    pub fn poll_join_next_with(
        &mut self,
        caller: Caller<'_>,
    ) -> Poll<Option<Result<T, JoinError>>> {
        if self.is_empty() {
            return Poll::Ready(None);
        }
        // There is one waiter, who has the set: another was it before.
        drop(self.ready.waiter.register(caller));
        // About each member once: one that asks to be polled again at once must not keep us here.
        for _ in 0..self.members.len() {
            let Some(index) = self.ready.queue().pop_front() else { break };
            // The bell of a member that is gone may have been ringing still.
            let Some(Some(member)) = self.members.get_mut(index) else { continue };
            member.bell.rung.swap(false, AcqRel);
            // Counts a reference, no more.
            let waker = Waker::from(member.bell.clone());
            let polled = Pin::new(&mut member.task).poll(&mut Context::from_waker(&waker));
            if let Poll::Ready(output) = polled {
                self.members[index] = None;
                self.free.push(index);
                return Poll::Ready(Some(output));
            }
        }
        if !self.ready.queue().is_empty() {
            caller.wake();
        }
        Poll::Pending
    }

    /// Asks all tasks to end. They stay in the group until they have: [`join_next`](JoinSet::join_next)
    /// yields a cancelled [`JoinError`] for each that did not complete before.
    pub fn abort_all(&self) {
        for member in self.members.iter().flatten() {
            member.task.abort();
        }
    }

    /// Asks all tasks to end, and waits until they have. Outputs are dropped.
    pub async fn shutdown(&mut self) {
        self.abort_all();
        while self.join_next().await.is_some() {}
    }

    /// Lets all tasks go: they run on, and dropping the group does not abort them.
    pub fn detach_all(&mut self) {
        self.free.clear();
        drop(mem::take(&mut self.members));
        self.ready.queue().clear();
    }
}

#[cfg(feature = "rt-full")]
impl<T: Send + 'static> JoinSet<T> {
    /// Spawns a std future on the executor of this thread, as [`tokio::spawn`](crate::spawn) does.
    ///
    /// # Panics
    ///
    /// As `tokio::spawn`.
    pub fn spawn(&mut self, future: impl Future<Output = T> + Send + 'static) -> AbortHandle {
        self.insert(crate::spawn(future))
    }

    /// Spawns a std future on the runtime of `handle`, from any thread.
    pub fn spawn_on(
        &mut self,
        future: impl Future<Output = T> + Send + 'static,
        handle: &Handle,
    ) -> AbortHandle {
        self.insert(handle.spawn(future))
    }

    /// Runs `f`, which may block, as [`spawn_blocking`](crate::task::spawn_blocking()) does.
    ///
    /// # Panics
    ///
    /// As `spawn_blocking`.
    #[track_caller]
    pub fn spawn_blocking(&mut self, f: impl FnOnce() -> T + Send + 'static) -> AbortHandle {
        self.insert(crate::task::spawn_blocking(f))
    }
}

#[cfg(feature = "rt-full")]
impl<T: 'static> JoinSet<T> {
    /// Spawns a std future that need not be `Send`, as [`spawn_local`](crate::task::spawn_local()) does.
    ///
    /// # Panics
    ///
    /// As `spawn_local`.
    #[track_caller]
    pub fn spawn_local(&mut self, future: impl Future<Output = T> + 'static) -> AbortHandle {
        self.insert(crate::task::spawn_local(future))
    }
}

#[cfg(feature = "rt-full")]
impl<I: Send + 'static, E: Send + 'static> JoinSet<Result<I, E>> {
    /// Spawns a futures 0.1 future, whose output is a `Result`.
    ///
    /// # Panics
    ///
    /// As `tokio::spawn`.
    pub fn spawn_futures01(
        &mut self,
        future: impl futures::Future<Item = I, Error = E> + Send + 'static,
    ) -> AbortHandle {
        self.insert(crate::spawn(tokio_task::Futures01AsStd::new(future)))
    }
}

impl<T> futures_core::Stream for JoinSet<T> {
    type Item = Result<T, JoinError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_join_next_with(cx.into())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), None)
    }
}

impl<T> Stream01 for JoinSet<T> {
    type Item = T;
    type Error = JoinError;

    fn poll(&mut self) -> Poll01<Option<T>, JoinError> {
        match self.poll_join_next_with(Caller::Futures01) {
            Poll::Ready(output) => Ok(Async::Ready(output.transpose()?)),
            Poll::Pending => Ok(Async::NotReady),
        }
    }
}

impl<T> Drop for JoinSet<T> {
    fn drop(&mut self) {
        self.abort_all();
    }
}

impl<T> Default for JoinSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for JoinSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinSet").field("len", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "rt-full"))]
mod tests {
    use super::*;

    /// A task that ends while the group lets it go rings after the queue was emptied.
    #[test]
    fn a_bell_that_rings_late_is_harmless() {
        let runtime = crate::runtime::Runtime::new().unwrap();
        let _inside = runtime.enter();
        let mut set = JoinSet::new();
        (0..3).for_each(|_| drop(set.spawn(std::future::pending::<u32>())));
        let bells: Vec<_> = set.members.iter().flatten().map(|m| m.bell.clone()).collect();
        let mut cx = Context::from_waker(Waker::noop());
        assert!(set.poll_join_next_with((&mut cx).into()).is_pending());
        set.detach_all();
        bells.into_iter().for_each(Bell::wake);
        drop(set.spawn(async { 1 }));
        let one = futures03::executor::block_on(set.join_next());
        assert_eq!(one.unwrap().unwrap(), 1);
    }
}
