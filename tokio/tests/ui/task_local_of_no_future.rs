//! A scope is a future of the generation of what is in it: of none here.

tokio::task_local! {
    static REQUEST: u64;
}

async fn serve() {}

fn main() {
    tokio::run(REQUEST.scope(1, serve));
}
