//! A runtime's `block_on` runs the future on a worker: it may not borrow.

use tokio::runtime::Runtime;

fn main() {
    let mut runtime = Runtime::new().unwrap();
    let name = String::from("borrowed");
    runtime.block_on(async { name.len() });
}
