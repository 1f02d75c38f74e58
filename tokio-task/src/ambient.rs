//! A future of one generation inside a task of the other.
//!
//! futures 0.1 finds its task in thread-local storage, std is handed it. So a 0.1 future inside a
//! std task needs an ambient 0.1 task around each poll, and a std future inside a 0.1 task needs a
//! waker made of the ambient one. These adapters are the only code that enters an ambient task.
//!
//! A 0.1 future inside a std task of this runtime allocates nothing: the waker leads to the task's
//! header, and the 0.1 notifier is made of the same header. A waker of another runtime is boxed
//! once, when `task::current()` first asks for it, and kept while it stays the same. A std future
//! inside a 0.1 task is pinned in a box, and its waker is boxed once and kept while the 0.1 task
//! stays the same.

use crate::task::wake;
use crate::{Caller, Waiter};
use futures::executor::{self, Notify, NotifyHandle, Spawn};
use futures::{Async, AsyncSink, Future as Future01, Poll as Poll01, Sink as Sink01};
use futures::{StartSend, Stream as Stream01};
use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{ready, Context, Poll, Wake, Waker};

/// The error of an operation that cannot fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Never {}

impl fmt::Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Never {}

/// A std poll in its futures 0.1 shape.
///
/// ```
/// use futures::Async;
/// use std::task::Poll;
///
/// let ready: Poll<Result<u8, ()>> = Poll::Ready(Ok(1));
/// assert_eq!(tokio_task::to_futures01(ready), Ok(Async::Ready(1)));
/// ```
pub fn to_futures01<T, E>(poll: Poll<Result<T, E>>) -> Poll01<T, E> {
    match poll {
        Poll::Ready(result) => result.map(Async::Ready),
        Poll::Pending => Ok(Async::NotReady),
    }
}

/// A futures 0.1 poll in its std shape.
///
/// ```
/// use futures::Async;
/// use std::task::Poll;
///
/// let pending: futures::Poll<u8, ()> = Ok(Async::NotReady);
/// assert_eq!(tokio_task::to_std(pending), Poll::Pending);
/// ```
pub fn to_std<T, E>(poll: Poll01<T, E>) -> Poll<Result<T, E>> {
    match poll {
        Ok(Async::Ready(value)) => Poll::Ready(Ok(value)),
        Ok(Async::NotReady) => Poll::Pending,
        Err(error) => Poll::Ready(Err(error)),
    }
}

/// Runs `f` inside an ambient futures 0.1 task whose notifications reach the waker of `cx`.
///
/// For polling something of the 0.1 generation from a std `poll` function. futures 0.1 task-local
/// data does not live from one call to the next; [`Futures01AsStd`] keeps it. Allocates only where
/// `f` asks for its task and the waker is another runtime's: each time. What is polled again and
/// again keeps an [`AmbientTask`].
///
/// ```
/// use std::task::{Context, Waker};
///
/// let mut cx = Context::from_waker(Waker::noop());
/// tokio_task::with_futures01(&mut cx, || futures::task::current().notify());
/// ```
pub fn with_futures01<R>(cx: &mut Context<'_>, f: impl FnOnce() -> R) -> R {
    AmbientTask::default().enter(cx, f)
}

/// An ambient futures 0.1 task that is kept from one poll to the next.
///
/// For a std type that polls something of the 0.1 generation and cannot wrap it in a
/// [`Futures01AsStd`]; each side that a task of its own may poll, such as the two directions of a
/// stream, keeps one. While the waker around it stays the same, the 0.1 task does too
/// (`will_notify_current`), and nothing is allocated. futures 0.1 task-local data does not live from
/// one poll to the next.
///
/// ```
/// use std::task::{Context, Waker};
/// use tokio_task::AmbientTask;
///
/// let mut ambient = AmbientTask::default();
/// let mut cx = Context::from_waker(Waker::noop());
/// let task = ambient.enter(&mut cx, futures::task::current);
/// assert!(ambient.enter(&mut cx, || task.will_notify_current()));
/// ```
#[derive(Default)]
pub struct AmbientTask {
    notifier: Notifier,
}

impl AmbientTask {
    /// Runs `f` inside the task, whose notifications reach the waker of `cx`.
    pub fn enter<R>(&mut self, cx: &mut Context<'_>, f: impl FnOnce() -> R) -> R {
        self.notifier.enter(cx.waker(), &mut executor::spawn(()), |()| f())
    }
}

impl fmt::Debug for AmbientTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AmbientTask").finish_non_exhaustive()
    }
}

/// How an ambient 0.1 task reaches the std waker around it.
#[derive(Default)]
struct Notifier {
    /// The waker of another runtime, kept while it stays the same.
    foreign: Option<Arc<Foreign>>,
}

struct Foreign(Waker);

impl Notify for Foreign {
    fn notify(&self, _id: usize) {
        self.0.wake_by_ref();
    }
}

impl Notifier {
    fn enter<T, R>(
        &mut self,
        waker: &Waker,
        spawn: &mut Spawn<T>,
        f: impl FnOnce(&mut T) -> R,
    ) -> R {
        if let Some(id) = wake::id_of(waker) {
            return spawn.poll_fn_notify(&&wake::NOTIFIER, id, f);
        }
        let kept = Cell::from_mut(&mut self.foreign);
        spawn.poll_fn_notify(&OnDemand { kept, waker }, 0, f)
    }
}

/// Becomes a handle when `task::current()` is called: a poll that does not wait needs none.
#[derive(Clone, Copy)]
struct OnDemand<'a> {
    kept: &'a Cell<Option<Arc<Foreign>>>,
    waker: &'a Waker,
}

impl From<OnDemand<'_>> for NotifyHandle {
    fn from(OnDemand { kept, waker }: OnDemand<'_>) -> NotifyHandle {
        let known = kept.take().filter(|known| known.0.will_wake(waker));
        let foreign = known.unwrap_or_else(|| Arc::new(Foreign(waker.clone())));
        kept.set(Some(foreign.clone()));
        foreign.into()
    }
}

/// A futures 0.1 future or stream for std tasks.
///
/// As a std `Future` its output is `Result<F::Item, F::Error>`; as a `futures_core::Stream` its
/// items are `Result<S::Item, S::Error>`. Dropping it drops what it wraps. It is always `Unpin`.
/// For sinks see [`Sink01AsStd`].
///
/// ```
/// use futures::{future, Future};
/// use tokio_task::Futures01AsStd;
///
/// let answer = futures03::executor::block_on(async {
///     Futures01AsStd::new(future::ok::<_, ()>(41).map(|n| n + 1)).await
/// });
/// assert_eq!(answer, Ok(42));
/// ```
pub struct Futures01AsStd<F> {
    spawn: Spawn<F>,
    notifier: Notifier,
}

/// A futures 0.1 sink for std tasks.
///
/// It holds one item that the inner sink has not taken yet; `poll_ready` waits until it has.
/// `poll_close` closes the inner sink.
pub struct Sink01AsStd<S: Sink01> {
    sink: Futures01AsStd<S>,
    waiting: Option<S::SinkItem>,
}

impl<F> Futures01AsStd<F> {
    /// Wraps `inner`, which must belong to futures 0.1.
    pub fn new(inner: F) -> Self {
        Futures01AsStd { spawn: executor::spawn(inner), notifier: Notifier::default() }
    }

    /// What is wrapped.
    pub fn get_ref(&self) -> &F {
        self.spawn.get_ref()
    }

    /// What is wrapped.
    pub fn get_mut(&mut self) -> &mut F {
        self.spawn.get_mut()
    }

    /// Unwraps.
    pub fn into_inner(self) -> F {
        self.spawn.into_inner()
    }

    /// Calls `f` with what is wrapped, inside a futures 0.1 task whose notifications reach the waker of
    /// `cx`. For types that are neither a future, a stream nor a sink. Allocates only for the waker of
    /// another runtime, once.
    pub fn enter<R>(&mut self, cx: &mut Context<'_>, f: impl FnOnce(&mut F) -> R) -> R {
        self.notifier.enter(cx.waker(), &mut self.spawn, f)
    }
}

impl<F> Unpin for Futures01AsStd<F> {}

impl<F: Future01> Future for Futures01AsStd<F> {
    type Output = Result<F::Item, F::Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        to_std(self.enter(cx, F::poll))
    }
}

impl<S: Stream01> futures_core::Stream for Futures01AsStd<S> {
    type Item = Result<S::Item, S::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        to_std(self.enter(cx, S::poll)).map(Result::transpose)
    }
}

impl<F: fmt::Debug> fmt::Debug for Futures01AsStd<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Futures01AsStd").field(self.get_ref()).finish()
    }
}

impl<S: Sink01> Sink01AsStd<S> {
    /// Wraps `sink`, which must belong to futures 0.1.
    pub fn new(sink: S) -> Self {
        Sink01AsStd { sink: Futures01AsStd::new(sink), waiting: None }
    }

    /// The sink. An item that it has not taken yet is dropped.
    pub fn into_inner(self) -> S {
        self.sink.into_inner()
    }

    /// `Ready` once the inner sink has taken the item that waits.
    fn poll_handed_over(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::SinkError>> {
        let Some(item) = self.waiting.take() else { return Poll::Ready(Ok(())) };
        match self.sink.enter(cx, |sink| sink.start_send(item))? {
            AsyncSink::Ready => Poll::Ready(Ok(())),
            AsyncSink::NotReady(item) => {
                self.waiting = Some(item);
                Poll::Pending
            }
        }
    }
}

impl<S: Sink01> Unpin for Sink01AsStd<S> {}

impl<S: Sink01> futures_sink::Sink<S::SinkItem> for Sink01AsStd<S> {
    type Error = S::SinkError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.poll_handed_over(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, item: S::SinkItem) -> Result<(), Self::Error> {
        assert!(self.waiting.is_none(), "`start_send` without a `poll_ready` that was `Ready`");
        self.waiting = Some(item);
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        ready!(self.poll_handed_over(cx))?;
        to_std(self.sink.enter(cx, S::poll_complete))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        ready!(self.poll_handed_over(cx))?;
        to_std(self.sink.enter(cx, S::close))
    }
}

impl<S: Sink01 + fmt::Debug> fmt::Debug for Sink01AsStd<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sink01AsStd").field(self.sink.get_ref()).finish()
    }
}

/// A std future, stream or sink for futures 0.1 tasks.
///
/// As a 0.1 `Future` its item is the output and its error [`Never`]. Polled inside a 0.1 task, it
/// makes a waker of `task::current()` and keeps it while the task stays the same: one allocation
/// for each task that it is polled by, none per poll.
///
/// ```
/// use futures::Future;
/// use tokio_task::StdAsFutures01;
///
/// let answer = StdAsFutures01::new(async { 42 }).wait();
/// assert_eq!(answer.unwrap(), 42);
/// ```
///
/// A `!Unpin` stream or sink is pinned in a box by [`StdAsFutures01::new`], like a future.
pub struct StdAsFutures01<F> {
    inner: Pin<Box<F>>,
    waker: Option<(Waiter, Waker)>,
}

impl<F> StdAsFutures01<F> {
    /// Wraps `inner`, which must belong to the std generation.
    pub fn new(inner: F) -> Self {
        StdAsFutures01 { inner: Box::pin(inner), waker: None }
    }

    /// What is wrapped.
    pub fn get_ref(&self) -> &F {
        &self.inner
    }

    /// What is wrapped.
    pub fn get_mut(&mut self) -> &mut F
    where
        F: Unpin,
    {
        &mut self.inner
    }

    /// Unwraps.
    pub fn into_inner(self) -> F
    where
        F: Unpin,
    {
        *Pin::into_inner(self.inner)
    }

    /// Calls `f` with what is wrapped, and with a `Context` whose waker notifies the current futures 0.1
    /// task. For types that are neither a future, a stream nor a sink.
    ///
    /// # Panics
    ///
    /// Outside a futures 0.1 task.
    pub fn enter<R>(&mut self, f: impl FnOnce(Pin<&mut F>, &mut Context<'_>) -> R) -> R {
        let known = matches!(&self.waker, Some((task, _)) if task.will_wake(Caller::Futures01));
        if !known {
            let task = Waiter::from(Caller::Futures01);
            self.waker = Some((task.clone(), Waker::from(Arc::new(Parked(task)))));
        }
        let (_, waker) = self.waker.as_ref().expect("stored just now");
        f(self.inner.as_mut(), &mut Context::from_waker(waker))
    }
}

struct Parked(Waiter);

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.0.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.wake_by_ref();
    }
}

impl<F: Future> Future01 for StdAsFutures01<F> {
    type Item = F::Output;
    type Error = Never;

    fn poll(&mut self) -> Poll01<F::Output, Never> {
        to_futures01(self.enter(F::poll).map(Ok))
    }
}

impl<T, E, S: futures_core::Stream<Item = Result<T, E>>> Stream01 for StdAsFutures01<S> {
    type Item = T;
    type Error = E;

    fn poll(&mut self) -> Poll01<Option<T>, E> {
        to_futures01(self.enter(S::poll_next).map(Option::transpose))
    }
}

/// A std sink for futures 0.1 tasks, which names the item that it takes.
pub struct SinkStdAsFutures01<S, T> {
    inner: StdAsFutures01<S>,
    item: std::marker::PhantomData<fn(T)>,
}

impl<S: futures_sink::Sink<T>, T> SinkStdAsFutures01<S, T> {
    /// Wraps `sink`, which must belong to the std generation.
    pub fn new(sink: S) -> Self {
        SinkStdAsFutures01 { inner: StdAsFutures01::new(sink), item: std::marker::PhantomData }
    }
}

impl<S: futures_sink::Sink<T>, T> Sink01 for SinkStdAsFutures01<S, T> {
    type SinkItem = T;
    type SinkError = S::Error;

    fn start_send(&mut self, item: T) -> StartSend<T, S::Error> {
        self.inner.enter(|mut sink, cx| match sink.as_mut().poll_ready(cx)? {
            Poll::Ready(()) => sink.start_send(item).map(|()| AsyncSink::Ready),
            Poll::Pending => Ok(AsyncSink::NotReady(item)),
        })
    }

    fn poll_complete(&mut self) -> Poll01<(), S::Error> {
        to_futures01(self.inner.enter(S::poll_flush))
    }

    fn close(&mut self) -> Poll01<(), S::Error> {
        to_futures01(self.inner.enter(S::poll_close))
    }
}

impl<F> fmt::Debug for StdAsFutures01<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StdAsFutures01").finish_non_exhaustive()
    }
}

impl<S, T> fmt::Debug for SinkStdAsFutures01<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SinkStdAsFutures01").finish_non_exhaustive()
    }
}
