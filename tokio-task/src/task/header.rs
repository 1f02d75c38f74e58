//! One heap block for a task: header, schedule, body or output, and the handle's waker.
//!
//! | field | belongs to |
//! |---|---|
//! | `state` | everyone |
//! | `next` | who holds the queue entry; after completion, who holds the runtime's reference |
//! | `owner` | the polling thread |
//! | `links` | the list of owned tasks that `owner` names; without one, the polling thread |
//! | `stage` | the polling thread while there is a body; then as `state` says |
//! | `waker` | as `state` says |

use super::body::{Body, Ref};
use super::owned::{Links, Returns};
use super::state::{Reference, State};
use super::{contain, Output, Polled, Schedule, Task};
use crate::sync::UnsafeCell;
use crate::JoinError;
use std::any::Any;
use std::mem::ManuallyDrop;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::ptr::{self, NonNull};
use std::task::{Poll, Waker};

/// The part of a task that does not depend on its types.
pub(crate) struct Header {
    pub(super) state: State,
    vtable: &'static Vtable,
    pub(super) next: UnsafeCell<Option<NonNull<Header>>>,
    /// The core whose list the task is in; 0 for none.
    pub(super) owner: UnsafeCell<u32>,
    pub(super) links: UnsafeCell<Links>,
}

/// The functions of a task that depend on its types. All take the header of a live task.
struct Vtable {
    /// Polls; if that ends the task, drops the body and stores the output if a handle wants it.
    /// Only for the polling thread.
    poll: unsafe fn(NonNull<Header>) -> Polled,
    /// Drops the body and stores that it was cancelled, if a handle wants to know. Only for the
    /// polling thread.
    cancel: unsafe fn(NonNull<Header>) -> Output,
    /// Moves the output to a `Result<T, JoinError>`. Only for who owns the output, once.
    take_output: unsafe fn(NonNull<Header>, *mut ()),
    /// Drops the output in place. Only for who owns the output, once.
    drop_output: unsafe fn(NonNull<Header>),
    /// The place for the handle's waker.
    waker: unsafe fn(NonNull<Header>) -> *const UnsafeCell<Option<Waker>>,
    schedule: unsafe fn(NonNull<Header>, Task),
    completed: unsafe fn(NonNull<Header>),
    returns: unsafe fn(NonNull<Header>, u32) -> *const Returns,
    /// Frees the block. Only for who gave up the last reference.
    free: unsafe fn(NonNull<Header>),
}

/// The whole of a task. `header` is first, so that a header's address is the task's.
#[repr(C)]
struct Block<B: Body, S> {
    header: Header,
    schedule: S,
    stage: UnsafeCell<Stage<B>>,
    waker: UnsafeCell<Option<Waker>>,
}

/// The state word says which one is there.
union Stage<B: Body> {
    body: ManuallyDrop<B>,
    output: ManuallyDrop<Result<B::Output, JoinError>>,
}

impl Header {
    /// A task in a block of its own. The one queue entry, and with `HANDLE` one more reference,
    /// are the caller's.
    pub(super) fn allocate<B: Body, S: Schedule>(
        state: State,
        body: B,
        schedule: S,
    ) -> NonNull<Header> {
        let block = Box::new(Block {
            header: Header {
                state,
                vtable: &Block::<B, S>::VTABLE,
                next: UnsafeCell::new(None),
                owner: UnsafeCell::new(0),
                links: UnsafeCell::new(Links::default()),
            },
            schedule,
            stage: UnsafeCell::new(Stage { body: ManuallyDrop::new(body) }),
            waker: UnsafeCell::new(None),
        });
        NonNull::from(Box::leak(block)).cast()
    }

    /// Sends the task to its executor.
    ///
    /// # Safety
    ///
    /// The caller holds the queue entry and gives it up; it also holds or borrows a reference
    /// that lasts until this returns.
    #[inline]
    pub(crate) unsafe fn enqueue(this: NonNull<Header>) {
        // SAFETY: by the contract.
        unsafe { (this.as_ref().vtable.schedule)(this, Task(this)) }
    }

    /// # Safety
    ///
    /// The caller holds the queue entry and has set `RUNNING`.
    #[inline]
    pub(super) unsafe fn poll(this: NonNull<Header>) -> Polled {
        // SAFETY: by the contract.
        unsafe { (this.as_ref().vtable.poll)(this) }
    }

    /// # Safety
    ///
    /// As for `poll`.
    pub(super) unsafe fn cancel(this: NonNull<Header>) -> Output {
        // SAFETY: by the contract.
        unsafe { (this.as_ref().vtable.cancel)(this) }
    }

    /// # Safety
    ///
    /// The caller owns the output, which is a `Result<T, JoinError>`, and does not touch it again.
    pub(crate) unsafe fn take_output<T>(this: NonNull<Header>) -> Result<T, JoinError> {
        let mut output = std::mem::MaybeUninit::uninit();
        // SAFETY: by the contract; `take_output` fills the place.
        unsafe {
            (this.as_ref().vtable.take_output)(this, output.as_mut_ptr() as *mut ());
            output.assume_init()
        }
    }

    /// # Safety
    ///
    /// The caller owns the output and does not touch it again.
    pub(crate) unsafe fn drop_output(this: NonNull<Header>) {
        // SAFETY: by the contract.
        unsafe { (this.as_ref().vtable.drop_output)(this) }
    }

    /// # Safety
    ///
    /// The task is live for as long as the result is used.
    pub(crate) unsafe fn waker<'a>(this: NonNull<Header>) -> &'a UnsafeCell<Option<Waker>> {
        // SAFETY: by the contract.
        unsafe { &*(this.as_ref().vtable.waker)(this) }
    }

    /// # Safety
    ///
    /// The task is live.
    pub(super) unsafe fn completed(this: NonNull<Header>) {
        // SAFETY: by the contract.
        unsafe { (this.as_ref().vtable.completed)(this) }
    }

    /// # Safety
    ///
    /// The task is live for as long as the result is used, and is owned by `owner`.
    pub(super) unsafe fn returns<'a>(this: NonNull<Header>, owner: u32) -> &'a Returns {
        // SAFETY: by the contract.
        unsafe { &*(this.as_ref().vtable.returns)(this, owner) }
    }

    /// Gives up a reference.
    ///
    /// # Safety
    ///
    /// The caller holds one.
    #[inline]
    pub(crate) unsafe fn release(this: NonNull<Header>) {
        // SAFETY: the caller's reference keeps the task alive until here; the last one frees it.
        unsafe {
            if this.as_ref().state.release() == Reference::Last {
                Header::free(this);
            }
        }
    }

    /// # Safety
    ///
    /// The caller gave up the last reference.
    #[inline]
    pub(super) unsafe fn free(this: NonNull<Header>) {
        // SAFETY: by the contract.
        unsafe { (this.as_ref().vtable.free)(this) }
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }
}

impl<B: Body, S: Schedule> Block<B, S> {
    const VTABLE: Vtable = Vtable {
        poll: Self::poll,
        cancel: Self::cancel,
        take_output: Self::take_output,
        drop_output: Self::drop_output,
        waker: Self::waker,
        schedule: Self::schedule,
        completed: Self::completed,
        returns: Self::returns,
        free: Self::free,
    };

    /// # Safety
    ///
    /// For this and all below: `header` is the address of a live `Block<B, S>` with the
    /// provenance of the block, and the contract of the `Vtable`'s field holds.
    #[inline]
    unsafe fn of<'a>(header: NonNull<Header>) -> &'a Self {
        // SAFETY: by the contract; what is mutable in the block is in cells.
        unsafe { header.cast().as_ref() }
    }

    unsafe fn poll(header: NonNull<Header>) -> Polled {
        // SAFETY: the polling thread has the stage, and the body is there while not complete.
        // The block does not move, so the body is pinned.
        unsafe {
            let this = Self::of(header);
            let poll = this.stage.with_mut(|stage| {
                let body = Pin::new_unchecked(&mut *(*stage).body);
                catch_unwind(AssertUnwindSafe(|| body.poll(Ref(header))))
            });
            Polled::Ended(match poll {
                Ok(Poll::Pending) => return Polled::Pending,
                Ok(Poll::Ready(output)) => this.finish(Ok(output)),
                Err(payload) => this.finish(Err(JoinError::panicked(payload))),
            })
        }
    }

    unsafe fn cancel(header: NonNull<Header>) -> Output {
        // SAFETY: as in `poll`.
        unsafe { Self::of(header).finish(Err(JoinError::cancelled())) }
    }

    /// Drops the body and stores the output if a handle wants it.
    ///
    /// # Safety
    ///
    /// As for `poll`.
    unsafe fn finish(&self, output: Result<B::Output, JoinError>) -> Output {
        // SAFETY: as in `poll`. The body is dropped once: `ManuallyDrop` forgets it if this panics.
        let dropped = self.stage.with_mut(|stage| unsafe {
            catch_unwind(AssertUnwindSafe(|| ManuallyDrop::drop(&mut (*stage).body)))
        });
        if let Err(payload) = dropped {
            self.report(payload);
        }
        if self.header.state.has_handle() {
            // SAFETY: the body is gone, and until `complete` the stage is the polling thread's.
            self.stage.with_mut(|stage| unsafe {
                ptr::write(stage, Stage { output: ManuallyDrop::new(output) });
            });
            Output::Stored
        } else {
            self.discard(output);
            Output::Discarded
        }
    }

    /// Drops an output that nobody wants; a panic that it carries is reported.
    fn discard(&self, output: Result<B::Output, JoinError>) {
        match output {
            Ok(output) => {
                if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(output))) {
                    self.report(payload);
                }
            }
            Err(error) => {
                if let Some(payload) = error.into_payload() {
                    self.report(payload);
                }
            }
        }
    }

    fn report(&self, payload: Box<dyn Any + Send>) {
        contain(|| self.schedule.panicked(payload));
    }

    unsafe fn take_output(header: NonNull<Header>, to: *mut ()) {
        // SAFETY: by the contract the caller owns the output and does not touch it again.
        unsafe {
            let this = Self::of(header);
            let output = this.stage.with_mut(|stage| ManuallyDrop::take(&mut (*stage).output));
            to.cast::<Result<B::Output, JoinError>>().write(output);
        }
    }

    unsafe fn drop_output(header: NonNull<Header>) {
        // SAFETY: by the contract the caller owns the output and does not touch it again.
        unsafe {
            let this = Self::of(header);
            this.discard(this.stage.with_mut(|stage| ManuallyDrop::take(&mut (*stage).output)));
        }
    }

    unsafe fn waker(header: NonNull<Header>) -> *const UnsafeCell<Option<Waker>> {
        // SAFETY: live by the contract.
        unsafe { &Self::of(header).waker }
    }

    unsafe fn schedule(header: NonNull<Header>, task: Task) {
        // SAFETY: live by the contract of `Header::enqueue`, also after another thread has run
        // the task: the caller holds a reference until this returns.
        unsafe { Self::of(header) }.schedule.schedule(task);
    }

    unsafe fn completed(header: NonNull<Header>) {
        // SAFETY: live by the contract.
        unsafe { Self::of(header) }.schedule.completed();
    }

    unsafe fn returns(header: NonNull<Header>, owner: u32) -> *const Returns {
        // SAFETY: live by the contract.
        unsafe { Self::of(header) }.schedule.returns(owner)
    }

    unsafe fn free(header: NonNull<Header>) {
        // SAFETY: nobody else refers to the block. What the stage and the waker's place held has
        // been dropped, so no foreign code runs here.
        drop(unsafe { Box::from_raw(header.cast::<Self>().as_ptr()) });
    }
}
