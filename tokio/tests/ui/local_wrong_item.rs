//! A futures 0.1 future that yields something, on the runtime of the current thread.

use futures::future;

fn main() {
    tokio::runtime::current_thread::spawn(future::ok::<u8, ()>(1));
}
