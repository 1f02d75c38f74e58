//! What may not stand below `#[tokio::main]` and `#[tokio::test]`.

#[tokio::main]
fn not_async() {}

#[tokio::main]
async fn arguments(name: String) {
    drop(name);
}

#[tokio::main]
async fn generic<T>() {}

#[tokio::main]
async unsafe fn not_safe() {}

#[tokio::main]
struct NoFunction;

#[tokio::test]
async fn arguments_of_a_test(n: u32) {
    drop(n);
}

fn main() {}
