//! What the heap pays for a task and for a connection, on a whole runtime.
//!
//! In a process of its own, as it counts what all threads allocate. The figures are bytes asked
//! for: what the allocator adds to each is its own affair. What steady work allocates (nothing) is
//! tested beside the code that does it.

use futures::{Async, Future};
use std::future::poll_fn;
use std::hint::black_box;
use std::net;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{mpsc, Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;
use tests_heap::{process, Counting};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime, TaskExecutor};

#[global_allocator]
static HEAP: Counting = Counting;

/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(30);

const TASKS: usize = 20_000;

/// Few enough that both ends fit into the usual limit of 1,024 descriptors.
const CONNECTIONS: usize = 400;

/// One count at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn runtime() -> Runtime {
    Builder::new().core_threads(2).build().unwrap()
}

/// Tells the test when so many have come.
#[derive(Clone)]
struct Arrivals(Arc<(AtomicUsize, mpsc::SyncSender<()>)>);

impl Arrivals {
    fn of(count: usize) -> (Self, mpsc::Receiver<()>) {
        let (send, receive) = mpsc::sync_channel(1);
        (Arrivals(Arc::new((AtomicUsize::new(count), send))), receive)
    }

    fn come(&self) {
        let (left, all) = &*self.0;
        if left.fetch_sub(1, SeqCst) == 1 {
            all.send(()).unwrap();
        }
    }
}

/// The generations of tasks.
#[derive(Clone, Copy, Debug)]
enum Generation {
    Futures01,
    Std,
}

use Generation::{Futures01, Std};

impl Generation {
    /// Spawns on `executor`, or if there is none by the task that calls, a task that ends when the
    /// step says so.
    fn spawn(
        self,
        executor: Option<&TaskExecutor>,
        mut step: impl FnMut() -> Poll<()> + Send + 'static,
    ) {
        let step01 = |poll: Poll<()>| match poll {
            Poll::Ready(()) => Ok(Async::Ready(())),
            Poll::Pending => Ok(Async::NotReady),
        };
        match (self, executor) {
            (Futures01, Some(executor)) => {
                executor.spawn(futures::future::poll_fn(move || step01(step())));
            }
            (Futures01, None) => {
                tokio::spawn(futures::future::poll_fn(move || step01(step())));
            }
            (Std, Some(executor)) => {
                executor.spawn(poll_fn(move |_| step()));
            }
            (Std, None) => {
                tokio::spawn(poll_fn(move |_| step()));
            }
        }
    }
}

/// Spawns tasks that end at once.
fn spawn_many(generation: Generation, executor: Option<&TaskExecutor>, arrivals: &Arrivals) {
    for _ in 0..TASKS {
        let arrivals = arrivals.clone();
        generation.spawn(executor, move || {
            arrivals.come();
            Poll::Ready(())
        });
    }
}

/// Runs `round` twice, as the first one grows the queues, and counts what the second allocates.
fn allocations_of(mut round: impl FnMut(Arrivals)) -> f64 {
    let mut allocations = 0;
    for _ in 0..2 {
        let before = process::allocations();
        let (arrivals, all) = Arrivals::of(TASKS);
        round(arrivals);
        all.recv_timeout(LIMIT).unwrap();
        allocations = process::allocations() - before;
    }
    allocations as f64 / TASKS as f64
}

/// As exactly as a count of the whole process, with its harness, can say so.
#[track_caller]
fn assert_is_one(allocations: f64) {
    assert!((1.0..1.02).contains(&allocations), "{allocations} allocations");
}

fn a_spawn_from_inside_is_one_allocation(generation: Generation) {
    let _alone = alone();
    let runtime = runtime();
    let executor = runtime.executor();
    assert_is_one(allocations_of(|arrivals| {
        let mut arrivals = Some(arrivals);
        generation.spawn(Some(&executor), move || {
            spawn_many(generation, None, &arrivals.take().expect("polled once"));
            Poll::Ready(())
        });
    }));
}

fn a_spawn_from_outside_is_one_allocation(generation: Generation) {
    let _alone = alone();
    let runtime = runtime();
    let executor = runtime.executor();
    assert_is_one(allocations_of(|arrivals| {
        spawn_many(generation, Some(&executor), &arrivals);
    }));
}

/// The bytes that each of `count` takes, all made by `make`, which gets what to call when idle.
fn bytes_of_each(count: usize, make: impl FnOnce(&Arrivals)) -> isize {
    let (arrivals, all) = Arrivals::of(count);
    let before = process::bytes_in_use();
    make(&arrivals);
    all.recv_timeout(LIMIT).unwrap();
    (process::bytes_in_use() - before) / count as isize
}

fn an_idle_task_takes_little(generation: Generation, beyond_its_future: isize) {
    const BALLAST: usize = 256;
    let _alone = alone();
    let runtime = runtime();
    let executor = runtime.executor();
    let mut future = 0;
    let bytes = bytes_of_each(TASKS, |arrivals| {
        for _ in 0..TASKS {
            let (arrivals, ballast) = (arrivals.clone(), [1u8; BALLAST]);
            let step = move || {
                black_box(&ballast);
                arrivals.come();
                Poll::Pending
            };
            future = std::mem::size_of_val(&step) as isize;
            generation.spawn(Some(&executor), step);
        }
    });
    println!("{generation:?}: {} bytes beyond the future", bytes - future);
    assert!(bytes - future <= beyond_its_future, "{} bytes beyond the future", bytes - future);
}

/// A socket and its task, which waits for something to read.
fn an_idle_connection_takes_little(generation: Generation) {
    const BUFFER: usize = 1024;
    const BEYOND: isize = 350;
    let _alone = alone();
    let runtime = runtime();
    let executor = runtime.executor();
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut peers = Vec::with_capacity(CONNECTIONS + 1);
    let mut connect = |executor: &TaskExecutor, arrivals: &Arrivals| {
        peers.push(net::TcpStream::connect(address).unwrap());
        let (stream, _) = listener.accept().unwrap();
        let stream = TcpStream::from_std(stream, &Default::default()).unwrap();
        serve::<BUFFER>(generation, executor, stream, arrivals.clone());
    };
    // The first one of all brings what all share.
    bytes_of_each(1, |arrivals| connect(&executor, arrivals));
    let bytes = bytes_of_each(CONNECTIONS, |arrivals| {
        (0..CONNECTIONS).for_each(|_| connect(&executor, arrivals));
    });
    let beyond = bytes - BUFFER as isize;
    println!("{generation:?}: {beyond} bytes beyond the buffer");
    assert!(beyond <= BEYOND, "{beyond} bytes beyond the buffer");
}

/// Reads until the end, and says when it waits for the first time.
fn serve<const BUFFER: usize>(
    generation: Generation,
    executor: &TaskExecutor,
    mut stream: TcpStream,
    arrivals: Arrivals,
) {
    let mut buffer = [0u8; BUFFER];
    match generation {
        Futures01 => {
            let read = futures::future::poll_fn(move || loop {
                let read = tokio::io::AsyncRead::poll_read(&mut stream, &mut buffer)?;
                match read {
                    Async::Ready(0) => return Ok::<_, std::io::Error>(Async::Ready(())),
                    Async::Ready(_) => {}
                    Async::NotReady => {
                        arrivals.come();
                        return Ok(Async::NotReady);
                    }
                }
            });
            executor.spawn(read.map_err(drop));
        }
        Std => {
            executor.spawn(poll_fn(move |cx| loop {
                let stream = Pin::new(&mut stream);
                match futures03::AsyncRead::poll_read(stream, cx, &mut buffer) {
                    Poll::Ready(Ok(1..)) => {}
                    Poll::Ready(_) => return Poll::Ready(()),
                    Poll::Pending => {
                        arrivals.come();
                        return Poll::Pending;
                    }
                }
            }));
        }
    }
}

#[test]
fn a_std_spawn_from_inside_is_one_allocation() {
    a_spawn_from_inside_is_one_allocation(Std);
}

#[test]
fn a_futures01_spawn_from_inside_is_one_allocation() {
    a_spawn_from_inside_is_one_allocation(Futures01);
}

#[test]
fn a_std_spawn_from_outside_is_one_allocation() {
    a_spawn_from_outside_is_one_allocation(Std);
}

#[test]
fn a_futures01_spawn_from_outside_is_one_allocation() {
    a_spawn_from_outside_is_one_allocation(Futures01);
}

#[test]
fn an_idle_std_task_takes_at_most_a_hundred_bytes_beyond_its_future() {
    an_idle_task_takes_little(Std, 100);
}

/// Forty-eight more than a std task: futures 0.1's `Spawn`.
#[test]
fn an_idle_futures01_task_takes_at_most_148_bytes_beyond_its_future() {
    an_idle_task_takes_little(Futures01, 148);
}

#[test]
fn an_idle_std_connection_takes_little_beyond_its_buffer() {
    an_idle_connection_takes_little(Std);
}

#[test]
fn an_idle_futures01_connection_takes_little_beyond_its_buffer() {
    an_idle_connection_takes_little(Futures01);
}
