//! Streams go from thread to thread and need no pinning; all that can be spawned can be.
#![cfg(unix)]

use futures::{Future, Stream};
use tokio_signal::unix::{signal, Signal, SIGUSR1};
use tokio_signal::{ctrl_c, CtrlC, IoFuture, IoStream};

fn everything<T: Send + Sync + Unpin + 'static>() {}
fn send<T: Send>(_: T) {}

#[test]
fn streams_go_from_thread_to_thread() {
    everything::<Signal>();
    everything::<CtrlC>();
    send(ctrl_c());
}

#[test]
fn streams_and_their_futures_can_be_spawned() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let executor = runtime.executor();
    let mut stream = signal(SIGUSR1).unwrap();
    executor.spawn(async move { stream.recv().await });
    let mut ctrl_c = CtrlC::new().unwrap();
    executor.spawn(async move { ctrl_c.recv().await });
    executor.spawn(Signal::new(SIGUSR1).flatten_stream().for_each(|_| Ok(())).map_err(|_| ()));
    let boxed: IoFuture<IoStream<()>> = tokio_signal::ctrl_c();
    executor.spawn(boxed.flatten_stream().for_each(|()| Ok(())).map_err(|_| ()));
    runtime.shutdown_now().wait().unwrap();
}
