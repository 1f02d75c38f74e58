//! A closure that blocks may outlive the task that spawns it.

use tokio::task::spawn_blocking;

#[tokio::main]
async fn main() {
    let bytes = vec![0; 1000];
    let sum = spawn_blocking(|| bytes.iter().sum::<u32>());
    drop(sum.await);
}
