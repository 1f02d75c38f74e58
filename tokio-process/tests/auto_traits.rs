//! Children, pipes and futures go from thread to thread; all futures can be spawned and run.

use futures::Future;
use std::process::Command;
use tokio_process::{Awaited, Child, ChildStderr, ChildStdin, ChildStdout, CommandExt};
use tokio_process::{OutputAsync, StatusAsync, WaitWithOutput};

fn everything<T: Send + Sync + Unpin + 'static>() {}

#[test]
fn all_types_go_from_thread_to_thread() {
    everything::<Child>();
    everything::<ChildStdin>();
    everything::<ChildStdout>();
    everything::<ChildStderr>();
    everything::<StatusAsync>();
    everything::<OutputAsync>();
    everything::<WaitWithOutput>();
    everything::<Awaited<Child>>();
    everything::<Awaited<OutputAsync>>();
}

/// `spawn` and `block_on` take each future, of either generation, without asking which it is.
#[test]
fn all_futures_can_be_spawned_and_blocked_on() {
    let mut runtime = tokio::runtime::Runtime::new().unwrap();
    let executor = runtime.executor();
    let mut nothing = Command::new("/no/such/program");
    executor.spawn(nothing.output_async().map(drop).map_err(drop));
    executor.spawn(async { Command::new("/no/such/program").output_async().await.map(drop) });
    let failed = runtime.block_on(nothing.output_async()).map(drop).unwrap_err();
    assert_eq!(failed.kind(), std::io::ErrorKind::NotFound);
    if let (Ok(status), Ok(child)) = (nothing.status_async(), nothing.spawn_async()) {
        executor.spawn(status.map(drop).map_err(drop));
        let _ = runtime.block_on(child);
    }
    runtime.shutdown_on_idle().wait().unwrap();
}

#[allow(deprecated)]
#[test]
fn the_deprecated_name_is_the_same_type() {
    fn same(status: tokio_process::StatusAsync2) -> StatusAsync {
        status
    }
    let _ = same;
}
