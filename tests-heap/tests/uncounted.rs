//! A program that forgot to count does not pass for one that allocates nothing.

#[test]
#[should_panic(expected = "is not the `#[global_allocator]`")]
fn a_thread_that_is_not_counted_has_no_cost() {
    tests_heap::allocations(|| ());
}

#[test]
#[should_panic(expected = "is not the `#[global_allocator]`")]
fn a_process_that_is_not_counted_has_no_bytes_in_use() {
    tests_heap::process::bytes_in_use();
}
