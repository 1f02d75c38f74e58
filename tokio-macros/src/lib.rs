#![doc = include_str!("../README.md")]
//!
//! # Index
//!
//! | module | decides |
//! |---|---|
//! | `arguments` | what may stand in an attribute, and what it means |
//! | `function` | what may stand below an attribute |
//! | `expand` | what both become |
//! | `error` | how a mistake is shown to the compiler |

#![forbid(unsafe_code)]

mod arguments;
mod error;
mod expand;
mod function;

use proc_macro::TokenStream;

/// Runs an `async fn main` on a runtime of its own.
///
/// The function's body is polled on the main thread, so it need not be `Send`; what it spawns runs on
/// the runtime's workers. When it returns, the runtime shuts down: tasks that are not done are
/// dropped. To wait for them instead, join them, or start with `tokio::run`.
///
/// | argument | means | otherwise |
/// |---|---|---|
/// | `flavor = "multi_thread"` or `"current_thread"` | a pool of workers, or everything on the main thread | `"multi_thread"` |
/// | `worker_threads = 4` | so many workers; not with `"current_thread"` | as many as there are processors |
/// | `crate = "name"` | the name that the crate `tokio` has here | `tokio` |
///
/// # Panics
///
/// If the system refuses the runtime its descriptors or threads.
///
/// ```ignore
/// #[tokio::main]
/// async fn main() -> std::io::Result<()> {
///     let mut stream = tokio::net::TcpStream::connect(&"127.0.0.1:80".parse().unwrap()).await?;
///     Ok(())
/// }
/// ```
#[proc_macro_attribute]
pub fn main(arguments: TokenStream, function: TokenStream) -> TokenStream {
    expand::attribute(expand::Kind::Main, arguments, function)
}

/// Makes an `async fn` a test, which runs on a runtime of its own.
///
/// It takes the arguments of `#[tokio::main]`; by default everything runs on the test's thread
/// (`flavor = "current_thread"`). Other attributes, `#[should_panic]` and `#[ignore]` for instance, are
/// kept.
///
/// On a function that is not `async` it is the ordinary `#[test]`, so that a program which imports
/// all macros of `tokio` keeps its tests.
///
/// ```ignore
/// #[tokio::test]
/// async fn one_and_one() {
///     assert_eq!(tokio::spawn(async { 1 + 1 }).await.unwrap(), 2);
/// }
/// ```
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, function: TokenStream) -> TokenStream {
    expand::attribute(expand::Kind::Test, arguments, function)
}
