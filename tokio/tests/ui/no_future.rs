//! Not a future of either generation: the function was not called.

async fn serve() {}

fn main() {
    tokio::run(serve);
}
