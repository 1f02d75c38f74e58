//! What fails for lack of descriptors is tried again, in tasks of either generation.

use super::limits;
use super::scope::Scope;
use futures::future::{self, loop_fn, Either, Loop};
use futures::Future as Future01;
use std::future::{poll_fn, IntoFuture};
use std::io;
use std::task::Poll;
use tokio_task::{to_futures01, Caller};

/// What `make` makes, as soon as there are descriptors for it.
pub(super) async fn until_made<T, F>(scope: &Scope, mut make: impl FnMut() -> F) -> io::Result<T>
where
    F: IntoFuture<Output = io::Result<T>>,
{
    loop {
        match make().await {
            Err(error) if limits::are_reached(&error) => {
                let mut pause = scope.pause_without_descriptors();
                poll_fn(|cx| pause.poll(cx.into())).await;
            }
            result => return result,
        }
    }
}

/// The same in futures 0.1.
pub(super) fn until_made_futures01<T, F>(
    scope: &Scope,
    mut make: impl FnMut() -> F,
) -> impl Future01<Item = T, Error = io::Error>
where
    F: Future01<Item = T, Error = io::Error>,
{
    let scope = scope.clone();
    loop_fn((), move |()| {
        let scope = scope.clone();
        make().then(move |result| match result {
            Err(error) if limits::are_reached(&error) => {
                let mut pause = scope.pause_without_descriptors();
                Either::A(future::poll_fn(move || {
                    let over: Poll<io::Result<()>> = pause.poll(Caller::Futures01).map(Ok);
                    to_futures01(over.map_ok(Loop::Continue))
                }))
            }
            result => Either::B(future::result(result.map(Loop::Break))),
        })
    })
}
