//! A futures 0.1 future that yields something, which nobody would get.

use futures::future;

fn main() {
    tokio::spawn(future::ok::<u8, ()>(1));
}
