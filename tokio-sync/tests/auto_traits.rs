//! What goes from thread to thread, and what does not.

use std::cell::Cell;
use std::rc::Rc;
use tokio_sync::lock::{Lock, LockGuard};
use tokio_sync::semaphore::{AcquireError, Permit, Semaphore, SemaphorePermit, TryAcquireError};
use tokio_sync::task::AtomicTask;
use tokio_sync::{mpsc, oneshot, watch};

/// Whether a type is `Send` and `Sync`.
macro_rules! traits_of {
    ($ty:ty) => {{
        struct Probe<T>(std::marker::PhantomData<T>);
        #[allow(dead_code, reason = "hidden by what is true")]
        trait No {
            const SEND: bool = false;
            const SYNC: bool = false;
        }
        impl<T> No for Probe<T> {}
        struct Sends<T>(std::marker::PhantomData<T>);
        impl<T> No for Sends<T> {}
        #[allow(dead_code)]
        impl<T: Send> Sends<T> {
            const SEND: bool = true;
        }
        #[allow(dead_code)]
        impl<T: Sync> Probe<T> {
            const SYNC: bool = true;
        }
        (<Sends<$ty>>::SEND, <Probe<$ty>>::SYNC)
    }};
}

type Both = u8;
type SendOnly = Cell<u8>;
type Neither = Rc<u8>;

const YES: (bool, bool) = (true, true);
const NO: (bool, bool) = (false, false);

#[test]
fn a_channel_of_values_that_may_be_sent_is_both() {
    assert_eq!(traits_of!(mpsc::Sender<SendOnly>), YES);
    assert_eq!(traits_of!(mpsc::Receiver<SendOnly>), YES);
    assert_eq!(traits_of!(mpsc::UnboundedSender<SendOnly>), YES);
    assert_eq!(traits_of!(mpsc::UnboundedReceiver<SendOnly>), YES);
    assert_eq!(traits_of!(oneshot::Sender<SendOnly>), YES);
    assert_eq!(traits_of!(oneshot::Receiver<SendOnly>), YES);
    assert_eq!(traits_of!(Lock<SendOnly>), YES);
    assert_eq!(traits_of!(mpsc::Sender<Neither>), NO);
    assert_eq!(traits_of!(mpsc::Receiver<Neither>), NO);
    assert_eq!(traits_of!(mpsc::UnboundedSender<Neither>), NO);
    assert_eq!(traits_of!(mpsc::UnboundedReceiver<Neither>), NO);
    assert_eq!(traits_of!(oneshot::Sender<Neither>), NO);
    assert_eq!(traits_of!(oneshot::Receiver<Neither>), NO);
    assert_eq!(traits_of!(Lock<Neither>), NO);
}

#[test]
fn what_lends_a_value_asks_more_of_it() {
    assert_eq!(traits_of!(LockGuard<Both>), YES);
    assert_eq!(traits_of!(LockGuard<SendOnly>), (true, false));
    assert_eq!(traits_of!(LockGuard<Neither>), NO);
    assert_eq!(traits_of!(watch::Sender<Both>), YES);
    assert_eq!(traits_of!(watch::Receiver<Both>), YES);
    assert_eq!(traits_of!(watch::Sender<SendOnly>), NO);
    assert_eq!(traits_of!(watch::Receiver<SendOnly>), NO);
    assert_eq!(traits_of!(watch::Ref<'static, Both>), (false, true));
    assert_eq!(traits_of!(watch::Ref<'static, SendOnly>), NO);
}

#[test]
fn what_has_no_value_is_both() {
    fn everything<T: Send + Sync + Unpin + 'static>() {}
    everything::<Semaphore>();
    everything::<SemaphorePermit<'static>>();
    everything::<Permit>();
    everything::<AcquireError>();
    everything::<TryAcquireError>();
    everything::<AtomicTask>();
    everything::<mpsc::error::SendError>();
    everything::<mpsc::error::RecvError>();
    everything::<mpsc::error::UnboundedSendError>();
    everything::<mpsc::error::UnboundedRecvError>();
    everything::<oneshot::error::RecvError>();
    everything::<oneshot::error::TryRecvError>();
    everything::<watch::error::RecvError>();
    assert_eq!(traits_of!(mpsc::error::TrySendError<SendOnly>), (true, false));
    assert_eq!(traits_of!(mpsc::error::UnboundedTrySendError<SendOnly>), (true, false));
    assert_eq!(traits_of!(watch::error::SendError<SendOnly>), (true, false));
}

#[test]
fn nothing_needs_pinning() {
    fn unpin<T: Unpin>() {}
    type Pinned = std::marker::PhantomPinned;
    unpin::<mpsc::Sender<Pinned>>();
    unpin::<mpsc::Receiver<Pinned>>();
    unpin::<mpsc::UnboundedSender<Pinned>>();
    unpin::<mpsc::UnboundedReceiver<Pinned>>();
    unpin::<oneshot::Sender<Pinned>>();
    unpin::<oneshot::Receiver<Pinned>>();
    unpin::<oneshot::Receiving<oneshot::Receiver<Pinned>>>();
    unpin::<watch::Sender<Pinned>>();
    unpin::<watch::Receiver<Pinned>>();
    unpin::<LockGuard<Pinned>>();
}

#[test]
fn async_methods_give_futures_that_can_be_spawned() {
    fn send(_: impl Send) {}
    send(async {
        let (mut tx, mut rx) = mpsc::channel::<SendOnly>(1);
        let _ = tx.ready().await;
        rx.recv().await;
        let (mut tx, rx) = oneshot::channel::<SendOnly>();
        tx.closed().await;
        let _ = rx.await;
        let (mut tx, mut rx) = watch::channel(1);
        tx.closed().await;
        rx.recv().await;
        let semaphore = Semaphore::new(1);
        let _permit = semaphore.acquire().await;
        let lock = Lock::new(Cell::new(1));
        let _guard = lock.lock().await;
    });
}
