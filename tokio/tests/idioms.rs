//! Idioms of 0.1 and mixed programs that must keep compiling. One a module; they are not run.
//!
//! Missing are those of timers (`.timeout(..)`) and of the current-thread executor (`ct::run`, its
//! `Handle`, `.spawn(..).spawn(..)`), which wait for those crates. What a current-thread runtime can
//! block on, a borrowed future for example, is shown with `Enter`, which takes the same.
//!
//! In edition 2024, whose prelude has std's `IntoFuture`, `tokio::spawn(async ..).into_future()` is
//! ambiguous where futures 0.1's is imported as well: `futures::IntoFuture::into_future(..)` is not.
#![allow(
    dead_code,
    unused_imports,
    unused_must_use,
    unused_variables,
    unreachable_code,
    dropping_copy_types,
    clippy::all,
    reason = "as programs were written"
)]

/// What the programs import.
mod preamble {
    pub(crate) use futures::sync::{mpsc, oneshot};
    pub(crate) use futures::{future, stream, Async, Future, IntoFuture, Poll, Sink, Stream};
    pub(crate) use tokio::executor::{DefaultExecutor, Executor};
    pub(crate) use tokio::runtime::{Runtime, TaskExecutor};
    pub(crate) use tokio_executor::{enter, Enter};
}

mod for_each_path {
    use crate::preamble::*;

    fn t(s: mpsc::Receiver<Box<dyn Future<Item = (), Error = ()> + Send>>) {
        tokio::run(s.for_each(tokio::spawn));
    }
}

mod for_each_spawn_semicolon_ok {
    use crate::preamble::*;

    fn t(l: tokio::net::TcpListener) {
        tokio::run(
            l.incoming()
                .for_each(|s| {
                    tokio::spawn(tokio::io::write_all(s, b"x").map(|_| ()).map_err(|_| ()));
                    Ok(())
                })
                .map_err(|_| ()),
        );
    }
}

mod generic_go_dyn {
    use crate::preamble::*;

    fn go<F>(f: F)
    where
        F: IntoFuture<Item = (), Error = ()>,
        F::Future: Send + 'static,
    {
        tokio::spawn(f.into_future());
    }
    fn t() {
        go(Ok(()))
    }
}

mod generic_box_dyn_generic {
    use crate::preamble::*;

    fn go<T: Send + 'static>(f: Box<dyn Future<Item = T, Error = T> + Send>) {
        tokio::spawn(f.then(|_| Ok(())));
    }
}

mod lazy_question {
    use crate::preamble::*;

    fn g() -> Result<(), ()> {
        Ok(())
    }
    fn t() {
        tokio::spawn(future::lazy(|| {
            g()?;
            Ok(())
        }));
    }
}

mod ok_into_future {
    use crate::preamble::*;

    fn t() {
        tokio::spawn(Ok(()).into_future());
    }
}

mod poll_fn {
    use crate::preamble::*;

    fn t() {
        tokio::spawn(future::poll_fn(|| Ok(Async::Ready(()))));
    }
}

mod poll_fn_ready_into {
    use crate::preamble::*;

    fn t() {
        tokio::spawn(future::poll_fn(move || Ok(().into())));
    }
}

mod map_panic {
    use crate::preamble::*;

    fn t(f: Box<dyn Future<Item = u8, Error = ()> + Send>) {
        tokio::spawn(f.map(|_| panic!()));
    }
}

mod map_err_into {
    use crate::preamble::*;

    fn t(f: Box<dyn Future<Item = (), Error = ()> + Send>) {
        tokio::spawn(f.map_err(|e| e.into()));
    }
}

mod and_then_ok {
    use crate::preamble::*;

    fn t() {
        tokio::spawn(future::ok(1).and_then(|_| Ok(())));
    }
}

mod option_future {
    use crate::preamble::*;

    fn t(o: Option<Box<dyn Future<Item = (), Error = ()> + Send>>) {
        tokio::spawn(Future::map(o, |_| ()));
    }
}

mod stream_iter_ok {
    use crate::preamble::*;

    fn t() {
        tokio::spawn(stream::iter_ok(0..3).for_each(|_| Ok(())));
    }
}

mod impl_trait_arg {
    use crate::preamble::*;

    fn go(f: impl Future<Item = (), Error = ()> + Send + 'static) {
        tokio::spawn(f);
    }
}

mod impl_trait_recursive_direct {
    use crate::preamble::*;

    fn mk(n: u32) -> impl Future<Item = (), Error = ()> + Send {
        if n > 0 {
            tokio::spawn(mk(n - 1));
        }
        future::ok(())
    }
}

mod fn_ptr {
    use crate::preamble::*;

    fn t() {
        let f: fn(future::FutureResult<(), ()>) -> tokio::executor::Spawn = tokio::spawn;
        f(future::ok(()));
    }
}

mod let_alias {
    use crate::preamble::*;

    fn t() {
        let sp = tokio::spawn;
        sp(future::ok(()));
    }
}

mod turbofish_run {
    use crate::preamble::*;

    fn t<F: Future<Item = (), Error = ()> + Send + 'static>(f: F) {
        tokio::run::<F>(f);
    }
}

mod block_on_ok {
    use crate::preamble::*;

    fn t(mut rt: Runtime) {
        let x: Result<i32, ()> = rt.block_on(future::ok::<_, ()>(1));
        assert_eq!(rt.block_on(future::ok::<_, ()>(1)), Ok(1));
        x.unwrap();
    }
}

mod block_on_question_infer {
    use crate::preamble::*;

    fn g(_: &Result<u8, std::io::Error>) {}
    fn t(mut rt: Runtime) {
        let r = rt.block_on(future::lazy(|| Ok(1)));
        g(&r);
    }
}

mod block_on_rx_mutref {
    use crate::preamble::*;

    fn t(mut rt: Enter, mut rx: oneshot::Receiver<u8>) {
        let _x: u8 = rt.block_on(&mut rx).unwrap();
        let _ = rt.block_on(rx.by_ref_fut());
    }
    trait B: Sized {
        fn by_ref_fut(&mut self) -> &mut Self {
            self
        }
    }
    impl<T> B for oneshot::Receiver<T> {}
}

mod block_on_generic {
    use crate::preamble::*;

    fn go<F, R, E>(rt: &mut Runtime, f: F) -> Result<R, E>
    where
        F: Send + 'static + Future<Item = R, Error = E>,
        R: Send + 'static,
        E: Send + 'static,
    {
        rt.block_on(f)
    }
}

mod block_on_closure_gen {
    use crate::preamble::*;

    fn go<F, R>(f: F) -> Result<R::Item, R::Error>
    where
        F: FnOnce() -> R,
        R: IntoFuture,
    {
        enter().unwrap().block_on(future::lazy(f))
    }
}

mod fn_body_tail_te_spawn {
    use crate::preamble::*;

    fn t(h: &TaskExecutor) {
        h.spawn(future::ok(()))
    }
}

mod pool_spawn {
    use crate::preamble::*;

    fn t(p: tokio_threadpool::ThreadPool) {
        p.spawn(future::lazy(|| Ok(())));
        p.sender().spawn(future::lazy(|| Ok(()))).unwrap();
    }
}

mod spawn_collect {
    use crate::preamble::*;

    fn t(v: Vec<future::FutureResult<(), ()>>) {
        tokio::spawn(future::join_all(v.into_iter().collect::<Vec<_>>()).map(drop));
    }
}

mod block_on_box_infer {
    use crate::preamble::*;

    fn t(mut rt: Runtime) {
        let f: Box<dyn Future<Item = _, Error = ()> + Send> = Box::new(future::ok(1u8));
        rt.block_on(f).unwrap().count_ones();
    }
}

mod dual_future_err_not_unit_spawn {
    use crate::preamble::*;

    struct My;
    impl Future for My {
        type Item = u8;
        type Error = ();
        fn poll(&mut self) -> Poll<u8, ()> {
            Ok(Async::Ready(1))
        }
    }
    impl std::future::Future for My {
        type Output = ();
        fn poll(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<()> {
            std::task::Poll::Ready(())
        }
    }
    fn t() {
        tokio::spawn(My.map(drop));
    }
}

mod spawn_diverge {
    use crate::preamble::*;

    fn t() {
        let f: future::FutureResult<_, _> = panic!();
        tokio::spawn(f);
    }
}

mod spawn_map_unit_return {
    use crate::preamble::*;

    fn t() {
        let v: Vec<()> = (0..3)
            .map(|_| {
                tokio::spawn(future::ok(()));
            })
            .collect();
        drop(v);
    }
}

mod turbofish_fn_ptr {
    use crate::preamble::*;

    fn t() {
        let f: fn(future::FutureResult<(), ()>) -> tokio::executor::Spawn =
            tokio::spawn::<future::FutureResult<(), ()>>;
        f(future::ok(()));
    }
}

mod method_path_value {
    use crate::preamble::*;

    fn t(h: &TaskExecutor, v: Vec<future::FutureResult<(), ()>>) {
        v.into_iter().for_each(|f| h.spawn(f));
        let g: fn(&TaskExecutor, future::FutureResult<(), ()>) = TaskExecutor::spawn;
        g(h, future::ok(()));
    }
}

mod err_never_used {
    use crate::preamble::*;

    fn t(mut rt: Enter) {
        match rt.block_on(future::lazy(|| Ok::<u8, std::io::Error>(1))) {
            Ok(x) => drop(x + 1),
            Err(ref e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => panic!("{}", e),
        }
    }
}

mod block_on_expect_coerce {
    use crate::preamble::*;

    fn t(mut rt: Runtime) -> Result<(), Box<dyn std::error::Error>> {
        rt.block_on(future::lazy(|| Ok::<u8, std::io::Error>(1)))?;
        Ok(())
    }
}

mod block_on_fn_arg_expect {
    use crate::preamble::*;

    fn want(_: Result<Box<dyn std::fmt::Debug>, ()>) {}
    fn t(mut rt: Runtime) {
        want(
            rt.block_on(future::ok(Box::new(1u8) as Box<dyn std::fmt::Debug + Send>))
                .map(|b| b as _),
        );
    }
}

mod wrapper_both_cond {
    use crate::preamble::*;

    struct W<T>(T);
    impl<T: Future> Future for W<T> {
        type Item = T::Item;
        type Error = T::Error;
        fn poll(&mut self) -> Poll<T::Item, T::Error> {
            self.0.poll()
        }
    }
    impl<T: std::future::Future + Unpin> std::future::Future for W<T> {
        type Output = T::Output;
        fn poll(
            mut self: std::pin::Pin<&mut Self>,
            c: &mut std::task::Context<'_>,
        ) -> std::task::Poll<T::Output> {
            std::pin::Pin::new(&mut self.0).poll(c)
        }
    }
    fn go<F: Future<Item = (), Error = ()> + Send + 'static>(f: F) {
        tokio::spawn(W(f));
        tokio::run(W(W(future::lazy(|| Ok(())))));
        tokio::spawn(Box::new(W(future::poll_fn(|| Ok(Async::Ready(()))))));
    }
    fn t(mut rt: Enter, f: Box<dyn Future<Item = u8, Error = ()> + Send>) {
        rt.block_on(W(f)).unwrap().count_ones();
        let r: Result<u8, ()> = rt.block_on(W(future::ok(1)));
        drop(r);
    }
}

mod std_async_spawn {
    use crate::preamble::*;

    fn t() {
        let h = tokio::spawn(async { 1u8 });
        tokio::spawn(async move {
            let x: u8 = h.await.unwrap();
            drop(x);
        });
        tokio::run(async {});
    }
}

mod std_block_on_question {
    use crate::preamble::*;

    fn t(mut rt: Enter) -> Result<(), std::io::Error> {
        rt.block_on(async {
            std::fs::read("x")?;
            Ok(())
        })
    }
}

mod std_for_each {
    use crate::preamble::*;

    fn t(s: mpsc::Receiver<u32>) {
        tokio::run(s.for_each(|_| tokio::spawn(async {})));
    }
}

mod std_mixed_match {
    use crate::preamble::*;

    fn t(x: bool) {
        if x {
            tokio::spawn(async {});
        } else {
            tokio::spawn(future::lazy(|| Ok(())));
        }
    }
}

mod std_async_fn_inner_spawn01 {
    use crate::preamble::*;

    async fn go() {
        tokio::spawn(future::lazy(|| Ok(())));
        tokio::spawn(future::poll_fn(|| Ok(Async::Ready(()))));
    }
    fn t() {
        tokio::spawn(go());
    }
}

mod std_join_in_01_chain {
    use crate::preamble::*;

    fn t(s: mpsc::Receiver<u32>) {
        tokio::run(s.for_each(|x| {
            if x == 1 {
                future::Either::A(tokio::spawn(async {}).into_future())
            } else {
                future::Either::B(future::ok(()))
            }
        }));
    }
}

mod std_block_on_borrow {
    use crate::preamble::*;

    fn t(mut rt: Enter) {
        let mut x = 1;
        rt.block_on(async {
            x += 1;
        });
        drop(x);
    }
}

mod std_block_on_ref {
    use crate::preamble::*;

    fn t(mut rt: Enter) {
        let mut f = Box::pin(async { 1u8 });
        let x: u8 = rt.block_on(&mut f);
        drop(x);
        let y: u8 = rt.block_on(f.as_mut());
        drop(y);
    }
}

mod std_turbofish_infer {
    use crate::preamble::*;

    fn t() {
        tokio::spawn::<_>(async {});
    }
}
