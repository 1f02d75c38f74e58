//! A part of the queue: room for some values, and a mark for each.

use crate::sync::{AtomicU8, UnsafeCell};
use std::array;
use std::mem::MaybeUninit;
use std::ptr;

/// Positions of a block: one for each value, and one more that stands for "the next block is being
/// put in place".
pub(super) const LAP: usize = if cfg!(tokio_loom) { 4 } else { 32 };
/// How many values a block has room for.
pub(super) const CAPACITY: usize = LAP - 1;

/// Nothing is here yet.
pub(super) const EMPTY: u8 = 0;
/// Nothing is here yet, and the receiver waits for it.
pub(super) const AWAITED: u8 = 1;
/// The value is here.
pub(super) const READY: u8 = 2;

pub(super) struct Block<T> {
    /// `EMPTY`, `AWAITED` or `READY`.
    pub(super) marks: [AtomicU8; CAPACITY],
    /// Set before the last place is marked `READY`.
    pub(super) next: UnsafeCell<*mut Block<T>>,
    pub(super) values: [UnsafeCell<MaybeUninit<T>>; CAPACITY],
}

impl<T> Block<T> {
    pub(super) fn new() -> Box<Self> {
        Box::new(Block {
            marks: array::from_fn(|_| AtomicU8::new(EMPTY)),
            next: UnsafeCell::new(ptr::null_mut()),
            values: array::from_fn(|_| UnsafeCell::new(MaybeUninit::uninit())),
        })
    }
}
