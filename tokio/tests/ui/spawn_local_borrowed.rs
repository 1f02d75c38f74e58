//! A local task need not be `Send`, but has to own what it uses.

use tokio::task::{spawn_local, LocalSet};

#[tokio::main]
async fn main() {
    let name = String::from("borrowed");
    let name = &name;
    let set = LocalSet::new();
    set.run_until(async {
        spawn_local(async move { name.len() }).await.unwrap();
    })
    .await;
}
