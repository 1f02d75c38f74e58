//! One body for both generations, in a pool and outside of one: operations of a [`Setting`] block
//! the test's thread.
#![allow(dead_code, unused_imports, reason = "each test binary uses a part")]

use futures::future::poll_fn as poll_fn01;
use futures::Future as Future01;
use futures03::executor::block_on;
use std::future::{poll_fn, Future, IntoFuture};
use std::io;
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::Poll;
use tokio_fs::{File, Operation};
use tokio_task::{to_futures01, to_std, Caller};
use tokio_threadpool::ThreadPool;

pub(crate) use tests_support::{bounded, LIMIT};

/// Makes a test of each function, for each setting: `futures01_in_a_pool::name` and so on.
#[macro_export]
macro_rules! everywhere {
    (@ $module:ident, $setting:ident, $($name:ident),+) => {
        mod $module {
            $(#[test] fn $name() {
                $crate::support::bounded(super::$name::<$crate::support::$setting>)
            })+
        }
    };
    ($($name:ident),+ $(,)?) => {
        everywhere!(@ futures01_in_a_pool, Futures01InAPool, $($name),+);
        everywhere!(@ std_in_a_pool, StdInAPool, $($name),+);
        everywhere!(@ futures01_outside, Futures01Outside, $($name),+);
        everywhere!(@ std_outside, StdOutside, $($name),+);
    };
}

pub(crate) trait Setting: 'static {
    /// Runs a future of the crate to its end, by the spelling of the generation.
    fn run<O, T, E>(operation: O) -> Result<T, E>
    where
        O: Future01<Item = T, Error = E> + Operation<Output = Result<T, E>>,
        O: IntoFuture<Output = Result<T, E>, IntoFuture: Send> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static;

    /// Polls until ready.
    fn poll<T: Send + 'static>(poll: impl FnMut(Caller<'_>) -> Poll<T> + Send + 'static) -> T;

    /// Polls an operation on a value until it is ready, and gives the value back.
    fn on<R: Send + 'static, T: Send + 'static>(
        resource: R,
        mut poll: impl FnMut(&mut R, Caller<'_>) -> Poll<T> + Send + 'static,
    ) -> (R, T) {
        let mut resource = Some(resource);
        Self::poll(move |caller| {
            let ready = poll(resource.as_mut().unwrap(), caller);
            ready.map(|value| (resource.take().unwrap(), value))
        })
    }

    /// Reads once, into a buffer of `len` bytes, by the trait of the generation.
    fn read(file: File, len: usize) -> (File, io::Result<Vec<u8>>) {
        let mut buf = vec![0; len];
        Self::on(file, move |file, caller| {
            poll_read(file, caller, &mut buf).map_ok(|n| buf[..n].to_vec())
        })
    }

    fn read_to_end(mut file: File) -> (File, io::Result<Vec<u8>>) {
        let mut all = Vec::new();
        loop {
            let (back, read) = Self::read(file, 1000);
            file = back;
            match read {
                Ok(read) if read.is_empty() => return (file, Ok(all)),
                Ok(read) => all.extend(read),
                Err(error) => return (file, Err(error)),
            }
        }
    }

    fn write(file: File, bytes: &'static [u8]) -> (File, io::Result<usize>) {
        Self::on(file, move |file, caller| poll_write(file, caller, bytes))
    }

    fn flush(file: File) -> (File, io::Result<()>) {
        Self::on(file, |file, caller| match caller {
            Caller::Futures01 => to_std(tokio_io::AsyncWrite::poll_flush(file)),
            Caller::Std(waker) => {
                let cx = &mut std::task::Context::from_waker(waker);
                futures_io::AsyncWrite::poll_flush(Pin::new(file), cx)
            }
        })
    }
}

/// By the trait of the generation.
pub(crate) fn poll_read<R>(
    reader: &mut R,
    caller: Caller<'_>,
    buf: &mut [u8],
) -> Poll<io::Result<usize>>
where
    R: tokio_io::AsyncRead + futures_io::AsyncRead + Unpin,
{
    match caller {
        Caller::Futures01 => to_std(tokio_io::AsyncRead::poll_read(reader, buf)),
        Caller::Std(waker) => {
            let cx = &mut std::task::Context::from_waker(waker);
            futures_io::AsyncRead::poll_read(Pin::new(reader), cx, buf)
        }
    }
}

/// By the trait of the generation.
pub(crate) fn poll_write<W>(
    writer: &mut W,
    caller: Caller<'_>,
    buf: &[u8],
) -> Poll<io::Result<usize>>
where
    W: tokio_io::AsyncWrite + futures_io::AsyncWrite + Unpin,
{
    match caller {
        Caller::Futures01 => to_std(tokio_io::AsyncWrite::poll_write(writer, buf)),
        Caller::Std(waker) => {
            let cx = &mut std::task::Context::from_waker(waker);
            futures_io::AsyncWrite::poll_write(Pin::new(writer), cx, buf)
        }
    }
}

pub(crate) static POOL: LazyLock<ThreadPool> = LazyLock::new(ThreadPool::new);

macro_rules! setting {
    ($name:ident, |$operation:ident| $run:expr, |$poll:ident| $poll_all:expr) => {
        pub(crate) struct $name;

        impl Setting for $name {
            fn run<O, T, E>($operation: O) -> Result<T, E>
            where
                O: Future01<Item = T, Error = E> + Operation<Output = Result<T, E>>,
                O: IntoFuture<Output = Result<T, E>, IntoFuture: Send> + Send + 'static,
                T: Send + 'static,
                E: Send + 'static,
            {
                $run
            }

            fn poll<T: Send + 'static>(
                $poll: impl FnMut(Caller<'_>) -> Poll<T> + Send + 'static,
            ) -> T {
                $poll_all
            }
        }
    };
}

fn futures01<T>(
    mut poll: impl FnMut(Caller<'_>) -> Poll<T>,
) -> impl Future01<Item = T, Error = ()> {
    poll_fn01(move || to_futures01(poll(Caller::Futures01).map(Ok)))
}

fn std<T>(mut poll: impl FnMut(Caller<'_>) -> Poll<T>) -> impl Future<Output = T> {
    poll_fn(move |cx| poll(cx.into()))
}

setting!(Futures01InAPool, |operation| POOL.spawn_handle(operation).wait(), |poll| POOL
    .spawn_handle(futures01(poll))
    .wait()
    .unwrap());
setting!(
    StdInAPool,
    |operation| POOL.spawn(operation.into_future()).join().wait().unwrap(),
    |poll| POOL.spawn(std(poll)).join().wait().unwrap()
);
setting!(Futures01Outside, |operation| operation.wait(), |poll| futures01(poll).wait().unwrap());
setting!(StdOutside, |operation| block_on(async { operation.await }), |poll| block_on(std(poll)));
