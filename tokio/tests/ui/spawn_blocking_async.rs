//! A future is no closure.

#[tokio::main]
async fn main() {
    let task = tokio::task::spawn_blocking(async { 1 });
    drop(task.await);
}
