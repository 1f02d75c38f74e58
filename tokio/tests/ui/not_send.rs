//! An `async` block that holds something across an `.await` that must stay on its thread.

use std::future::ready;
use std::rc::Rc;

fn main() {
    tokio::run(async {
        let local = Rc::new(1);
        ready(()).await;
        drop(local);
    });
}
