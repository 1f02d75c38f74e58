//! What may not stand in `#[tokio::main]` and `#[tokio::test]`.

#[tokio::main(threads = 4)]
async fn unknown() {}

#[tokio::main(flavor = "threaded")]
async fn no_such_flavor() {}

#[tokio::main(flavor = multi_thread)]
async fn flavor_is_no_string() {}

#[tokio::main(worker_threads = 0)]
async fn no_workers() {}

#[tokio::main(worker_threads = "4")]
async fn workers_are_no_number() {}

#[tokio::main(flavor = "current_thread", worker_threads = 4)]
async fn workers_of_one_thread() {}

#[tokio::main(worker_threads = 1, worker_threads = 2)]
async fn twice() {}

#[tokio::main(worker_threads)]
async fn no_value() {}

#[tokio::main(worker_threads = 1 flavor = "multi_thread")]
async fn no_comma() {}

#[tokio::main("multi_thread")]
async fn no_name() {}

// The default of a test is the current thread.
#[tokio::test(worker_threads = 2)]
async fn workers_of_a_test() {}

#[tokio::test(start_paused = true)]
async fn paused() {}

fn main() {}
