//! The process's counts are those of all threads.

use std::hint::black_box;
use std::thread;
use tests_heap::{process, Counting};

#[global_allocator]
static HEAP: Counting = Counting;

/// One test for all, as the harness would allocate between two.
#[test]
fn what_all_threads_do_counts() {
    const THREADS: usize = 4;
    const BLOCKS: usize = 10_000;
    const SIZE: usize = 100;
    let before = (process::allocations(), process::bytes_in_use());
    let start = || thread::spawn(|| (0..BLOCKS).map(|_| vec![1u8; SIZE]).collect::<Vec<_>>());
    let threads: [_; THREADS] = std::array::from_fn(|_| start());
    let blocks = threads.map(|thread| thread.join().unwrap());
    let made = process::allocations() - before.0;
    assert!((THREADS * BLOCKS..THREADS * BLOCKS + 1000).contains(&made), "{made}");
    let bytes = process::bytes_in_use() - before.1;
    let lists = BLOCKS * size_of::<Vec<u8>>();
    let wanted = (THREADS * (BLOCKS * SIZE + lists)) as isize;
    assert!((bytes - wanted).abs() < 10_000, "{bytes}, not {wanted}");
    // Freed by another thread than allocated it.
    thread::spawn(|| drop(black_box(blocks))).join().unwrap();
    let left = process::bytes_in_use() - before.1;
    assert!(left.abs() < 10_000, "{left}");
}
