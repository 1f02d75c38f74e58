//! What one thread does is counted exactly, whatever others do.

// There no thread is counted: see `tests_heap::COUNTS_THREADS`.
#![cfg(not(all(windows, target_env = "gnu")))]

use std::alloc::{alloc_zeroed, Layout};
use std::hint::black_box;
use std::thread;
use tests_heap::{allocations, cost, Cost, Counting, COUNTS_THREADS};

#[global_allocator]
static HEAP: Counting = Counting;

#[test]
fn a_block_is_one_allocation_until_it_is_freed() {
    const { assert!(COUNTS_THREADS) };
    let (made, block) = cost(|| Vec::<u8>::with_capacity(1000));
    assert_eq!(made, Cost { allocations: 1, bytes: 1000 });
    assert_eq!(cost(|| drop(block)).0, Cost { allocations: 0, bytes: -1000 });
    assert_eq!(cost(|| drop(black_box(Box::new([1u8; 10])))).0, Cost { allocations: 1, bytes: 0 });
    assert_eq!(cost(|| ()).0, Cost::default());
}

#[test]
fn a_zeroed_block_is_one_allocation() {
    let (made, block) = cost(|| black_box(vec![0u8; 100_000]));
    assert_eq!(made, Cost { allocations: 1, bytes: 100_000 });
    assert!(block.iter().all(|byte| *byte == 0));
}

#[test]
fn a_block_that_grows_or_shrinks_is_one_more_allocation() {
    // The largest of them cannot grow in place, and the smallest probably does.
    for size in [16, 1000, 1 << 20] {
        let mut block = Vec::<u8>::with_capacity(size);
        let grown = cost(|| block.reserve_exact(2 * size)).0;
        assert_eq!(grown, Cost { allocations: 1, bytes: size as isize });
        block.push(1);
        let shrunk = cost(|| block.shrink_to_fit()).0;
        assert_eq!(shrunk, Cost { allocations: 1, bytes: 1 - 2 * size as isize });
    }
}

#[test]
fn what_fails_counts_nothing() {
    const TOO_MUCH: usize = isize::MAX as usize;
    let mut block = Vec::<u8>::new();
    let refuse = |block: &mut Vec<u8>| assert!(block.try_reserve_exact(TOO_MUCH).is_err());
    assert_eq!(cost(|| refuse(&mut block)).0, Cost::default());
    let layout = Layout::array::<u8>(TOO_MUCH).unwrap();
    // SAFETY: the size is not zero.
    let (zeroed, none) = cost(|| unsafe { alloc_zeroed(layout) });
    assert_eq!((zeroed, none.is_null()), (Cost::default(), true));
    // Of a block that is there.
    block.push(1);
    let refuse = || assert!(block.try_reserve_exact(TOO_MUCH - 1).is_err());
    assert_eq!(cost(refuse).0, Cost::default());
}

#[test]
fn others_do_not_count() {
    let (made, block) = cost(|| {
        let other = thread::spawn(|| {
            let (made, block) = cost(|| Vec::<u8>::with_capacity(1 << 20));
            assert_eq!(made, Cost { allocations: 1, bytes: 1 << 20 });
            assert_eq!(allocations(|| (0..1000).for_each(|i| drop(black_box(Box::new(i))))), 1000);
            block
        });
        other.join().unwrap()
    });
    // What it costs to start and to join a thread.
    assert!(made.allocations < 100 && made.bytes.abs() < 10_000, "{made:?}");
    assert_eq!(cost(|| drop(block)).0.bytes, -(1 << 20));
}
