//! The two ways of waking a task; both end in [`State::wake`](super::state::State::wake).
//!
//! A std `Waker` is the header's address with a table of functions. A futures 0.1 notifier is one
//! static object whose `id` is the header's address; futures 0.1 counts references through
//! `clone_id` and `drop_id`. Neither allocates.

use super::header::Header;
use super::state::Enqueue;
use futures::executor::Notify;
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};
use std::task::{RawWaker, RawWakerVTable, Waker};

/// Lends `f` a waker for the task of `header`.
#[inline]
pub(super) fn with_waker<R>(header: NonNull<Header>, f: impl FnOnce(&Waker) -> R) -> R {
    // SAFETY: `VTABLE` upholds the contract of `RawWaker` for a live header. The waker counts no
    // reference and is never dropped: the caller keeps the task alive while it is polled.
    let waker = unsafe { Waker::new(header.as_ptr().cast_const().cast(), &VTABLE) };
    f(&ManuallyDrop::new(waker))
}

/// The 0.1 identity of the task of `header`, for [`NOTIFIER`].
#[inline]
pub(super) fn id(header: NonNull<Header>) -> usize {
    header.as_ptr().expose_provenance()
}

/// The 0.1 identity of the task that `waker` wakes, if it is one of ours.
pub(crate) fn id_of(waker: &Waker) -> Option<usize> {
    ptr::eq(waker.vtable(), &VTABLE).then(|| waker.data().expose_provenance())
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, release);

/// # Safety
///
/// For this and the other functions of the table: `data` is the address of a live header, with
/// the provenance of its whole task, and the waker it comes from holds a reference or borrows one.
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: live by the contract.
    unsafe { header(data).as_ref() }.state.reference();
    RawWaker::new(data, &VTABLE)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: live by the contract. The reference is given up only after the queue entry has
    // reached the executor: until then it keeps alive what `Schedule::schedule` borrows.
    unsafe {
        wake_by_ref(data);
        release(data);
    }
}

#[inline]
unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: live by the contract; `Yes` hands over the queue entry.
    unsafe {
        let header = header(data);
        if header.as_ref().state.wake() == Enqueue::Yes {
            Header::enqueue(header);
        }
    }
}

unsafe fn release(data: *const ()) {
    // SAFETY: live by the contract; the reference that the waker held is given up here.
    unsafe { Header::release(header(data)) }
}

/// # Safety
///
/// As for the table.
#[inline]
unsafe fn header(data: *const ()) -> NonNull<Header> {
    // SAFETY: an address of a header is not null.
    unsafe { NonNull::new_unchecked(data.cast_mut().cast()) }
}

/// Notifies the task whose header's address is the `id`.
///
/// Never leaves this crate by itself: futures 0.1 keeps it, with an `id` that was counted by
/// `clone_id`, or that is borrowed for one poll.
pub(crate) struct Notifier(());

pub(crate) static NOTIFIER: Notifier = Notifier(());

impl Notify for Notifier {
    fn notify(&self, id: usize) {
        // SAFETY: futures 0.1 calls this only with an id that it holds, which is a live header
        // whose provenance `id` or `id_of` exposed.
        unsafe { wake_by_ref(ptr::with_exposed_provenance(id)) }
    }

    fn clone_id(&self, id: usize) -> usize {
        // SAFETY: as in `notify`.
        unsafe { header(ptr::with_exposed_provenance(id)).as_ref() }.state.reference();
        id
    }

    fn drop_id(&self, id: usize) {
        // SAFETY: as in `notify`; the id was counted by `clone_id` and is given up here.
        unsafe { release(ptr::with_exposed_provenance(id)) }
    }
}
