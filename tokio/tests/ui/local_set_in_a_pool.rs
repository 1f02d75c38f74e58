//! A set of local tasks stays on its thread: the tasks of a pool cannot await it.

use tokio::task::LocalSet;

fn main() {
    tokio::run(async {
        let set = LocalSet::new();
        set.run_until(async {}).await;
    });
}
