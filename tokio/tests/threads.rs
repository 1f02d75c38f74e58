//! Neither generation brings a thread or a reactor of its own. In a process of its own, as it
//! counts the threads of the whole process.
#![cfg(target_os = "linux")]

mod support;

use support::echo::{noise, Peer};
use support::{bounded, listener, runtime, threads, Futures01, Std};
use tokio::runtime::Runtime;

fn exchange<S: Peer, C: Peer>(runtime: &mut Runtime) -> Vec<String> {
    let listener = listener();
    let addr = listener.local_addr().unwrap();
    runtime.block_on(async move {
        S::serve(listener, 1);
        let echo = C::exchange(addr, noise(100_000, 1)).await.unwrap();
        assert!(echo == noise(100_000, 1));
        threads()
    })
}

/// How many of this process's descriptors are queues of reactors.
fn reactors() -> usize {
    let open = std::fs::read_dir("/proc/self/fd").unwrap();
    let names = open.filter_map(|fd| std::fs::read_link(fd.unwrap().path()).ok());
    names.filter(|name| name.to_string_lossy().contains("eventpoll")).count()
}

#[test]
fn neither_generation_starts_a_second_reactor_or_thread() {
    bounded(|| {
        let outside = threads().len();
        assert_eq!(reactors(), 0);
        let mut runtime = runtime(2);
        runtime.block_on(async {});
        // Two workers and one reactor, whose queue may have more than one descriptor.
        assert_eq!(threads().len(), outside + 2);
        let of_one = reactors();
        let pairings = [
            exchange::<Futures01, Futures01>,
            exchange::<Futures01, Std>,
            exchange::<Std, Futures01>,
            exchange::<Std, Std>,
        ];
        for exchange in pairings {
            let threads = exchange(&mut runtime);
            assert_eq!(threads.len(), outside + 2, "{threads:?}");
            assert_eq!(reactors(), of_one);
        }
    });
}
