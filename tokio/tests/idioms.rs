//! Idioms of 0.1 and mixed programs that must keep compiling. One a module; they are not run.
//!
//! The second half imports all that a program can, and asks each type of ours for the methods of the 0.1
//! traits that it has, by their results: an inherent `async` method of the same name would shadow them.
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

#[macro_use]
extern crate futures;
#[macro_use]
extern crate tokio;

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

/// `with_everything`: what a program may import, all at once.
mod everything {
    pub(crate) use futures::future::{Either, Loop};
    pub(crate) use futures::sink;
    pub(crate) use std::io;
    pub(crate) use std::time::{Duration, Instant};
    pub(crate) use tokio::codec::{BytesCodec, Decoder, Encoder, Framed, LinesCodec};
    pub(crate) use tokio::net::{TcpListener, TcpStream, UdpFramed, UdpSocket};
    pub(crate) use tokio::prelude::*;
    pub(crate) use tokio::runtime::current_thread;
    pub(crate) use tokio::sync::lock::Lock;
    pub(crate) use tokio::sync::semaphore::{Permit, Semaphore};
    pub(crate) use tokio::sync::{mpsc, oneshot, watch};
    pub(crate) use tokio::task::{JoinSet, LocalSet};
    pub(crate) use tokio::timer::{Delay, DelayQueue, Interval, Timeout};

    /// Calls that stand for 0.1 futures and streams.
    pub(crate) fn future<F: Future>(f: F) -> F {
        f
    }
    pub(crate) fn stream<S: Stream>(s: S) -> S {
        s
    }
    pub(crate) fn sink<S: Sink>(s: S) -> S {
        s
    }
}

mod with_everything_mpsc {
    use crate::everything::*;

    fn sends(bounded: mpsc::Sender<u8>, unbounded: mpsc::UnboundedSender<u8>) {
        let sent: sink::Send<mpsc::Sender<u8>> = bounded.send(1);
        let again = sent.and_then(|sender| sender.send(2)).and_then(|sender| sender.flush());
        let mut sender: mpsc::Sender<u8> = again.wait().unwrap();
        let _: Poll<(), _> = sender.poll_ready();
        let _: Result<(), _> = sender.try_send(3);
        let _: Result<AsyncSink<u8>, _> = sender.start_send(4);
        let _: Poll<(), _> = sender.poll_complete();
        let _: Poll<(), _> = sender.close();
        let sent: sink::SendAll<_, _> = sender.send_all(stream::iter_ok(0..3));
        let sent: sink::Send<mpsc::UnboundedSender<u8>> = unbounded.send(1);
        tokio::spawn(sent.map(drop).map_err(drop));
        tokio::spawn(sent_all(sent_by_fold).map_err(drop));
    }
    type SentByFold = fn(mpsc::Sender<u8>, u8) -> sink::Send<mpsc::Sender<u8>>;
    fn sent_by_fold(sender: mpsc::Sender<u8>, n: u8) -> sink::Send<mpsc::Sender<u8>> {
        sender.send(n)
    }
    fn sent_all(f: SentByFold) -> impl Future<Item = (), Error = mpsc::error::SendError> {
        let (sender, _) = mpsc::channel(1);
        stream::iter_ok(0..3).fold(sender, f).map(drop)
    }
    fn receives(mut bounded: mpsc::Receiver<u8>, mut unbounded: mpsc::UnboundedReceiver<u8>) {
        let _: Poll<Option<u8>, mpsc::error::RecvError> = bounded.poll();
        let _: Poll<Option<u8>, mpsc::error::UnboundedRecvError> = unbounded.poll();
        let next: stream::StreamFuture<_> = bounded.by_ref().into_future();
        bounded.close();
        let _ =
            stream(bounded.map(|n| n + 1).filter(|n| n % 2 == 0).take(1).chain(stream::empty()));
        let _ = future(unbounded.map_err(drop).for_each(|_| Ok(())));
    }
    fn forwards(receiver: mpsc::Receiver<u8>, sender: mpsc::UnboundedSender<u8>) {
        let sender = sender.sink_map_err(drop);
        tokio::spawn(receiver.map_err(drop).forward(sender).map(drop));
    }
    fn selects(one: mpsc::Receiver<u8>, two: mpsc::Receiver<u8>, end: oneshot::Receiver<()>) {
        let both = one.select(two).map_err(drop).for_each(|_| Ok(()));
        tokio::spawn(both.select(end.map_err(drop)).map(drop).map_err(drop));
    }
}

mod with_everything_other_channels {
    use crate::everything::*;

    fn once(mut sender: oneshot::Sender<u8>, mut receiver: oneshot::Receiver<u8>) {
        let _: Poll<(), ()> = sender.poll_close();
        let _: Result<(), u8> = sender.send(1);
        let _: Poll<u8, oneshot::error::RecvError> = receiver.poll();
        let _: Result<u8, oneshot::error::TryRecvError> = receiver.try_recv();
        receiver.close();
        let _ = future(receiver.map(|n| n + 1).map_err(drop).or_else(|()| Ok::<u8, ()>(1)));
    }
    fn watches(mut sender: watch::Sender<u8>, mut receiver: watch::Receiver<u8>) {
        let _: Result<(), watch::error::SendError<u8>> = sender.broadcast(1);
        let _: Poll<(), ()> = sender.poll_close();
        let _: sink::Send<watch::Sender<u8>> = sender.send(2);
        let _: Poll<Option<u8>, _> = receiver.poll();
        let _: Poll<Option<watch::Ref<u8>>, _> = receiver.poll_ref();
        let _: u8 = *receiver.get_ref();
        let _ = future(receiver.skip(1).for_each(|_| Ok(())));
    }
    fn locks(mut lock: Lock<u8>, semaphore: &Semaphore, mut permit: Permit) {
        if let Async::Ready(mut guard) = lock.poll_lock() {
            *guard += 1;
        }
        let _: Poll<(), _> = permit.poll_acquire(semaphore);
        permit.release(semaphore);
    }
}

mod with_everything_sockets {
    use crate::everything::*;

    fn streams(mut sock: TcpStream) -> io::Result<()> {
        let mut buf = [0; 8];
        // Of `std::io`, which do not wait.
        let _: io::Result<usize> = sock.read(&mut buf);
        let _: io::Result<usize> = sock.write(&buf);
        let _: io::Result<()> = sock.read_exact(&mut buf);
        let _: io::Result<()> = sock.write_all(&buf);
        let _: io::Result<()> = sock.flush();
        let _: io::Result<usize> = sock.read_to_end(&mut Vec::new());
        let _: io::Result<usize> = (&sock).take(1).read_to_string(&mut String::new());
        let _: Poll<usize, io::Error> = sock.poll_read(&mut buf);
        let _: Poll<usize, io::Error> = sock.poll_write(&buf);
        let _: Poll<(), io::Error> = sock.poll_flush();
        let _: Poll<usize, io::Error> = sock.poll_peek(&mut buf);
        let _: Poll<(), io::Error> = AsyncWrite::shutdown(&mut sock);
        sock.shutdown(std::net::Shutdown::Write)?;
        let (reader, writer): (tokio::io::ReadHalf<_>, tokio::io::WriteHalf<_>) = sock.split();
        let copied = tokio::io::copy(reader, writer).map(|(n, _, _)| n).map_err(drop);
        tokio::spawn(copied.map(drop));
        Ok(())
    }
    fn listens(mut listener: TcpListener) {
        let _: Poll<(TcpStream, std::net::SocketAddr), io::Error> = listener.poll_accept();
        let served = listener.incoming().map_err(drop).for_each(|sock| {
            let (sink, stream) = LinesCodec::new().framed(sock).split();
            tokio::spawn(sink.send_all(stream).map(drop).map_err(drop))
        });
        tokio::run(served);
    }
    fn frames(framed: Framed<TcpStream, LinesCodec>) {
        let sent: sink::Send<Framed<TcpStream, LinesCodec>> = framed.send("line".to_owned());
        let turned = sent.and_then(|framed| framed.into_future().map_err(|(e, _)| e));
        let _ = future(turned.map(|(line, framed)| (line, framed.into_inner())));
    }
    fn datagrams(mut socket: UdpSocket, addr: std::net::SocketAddr) {
        let mut buf = [0; 8];
        let _: Poll<usize, io::Error> = socket.poll_send_to(&buf, &addr);
        let _: Poll<(usize, std::net::SocketAddr), io::Error> = socket.poll_recv_from(&mut buf);
        let _: Poll<usize, io::Error> = socket.poll_send(&buf);
        let _: Poll<usize, io::Error> = socket.poll_recv(&mut buf);
        let framed = socket
            .send_dgram(buf, &addr)
            .and_then(|(socket, buf)| socket.recv_dgram(buf))
            .map(|(socket, _, _, _)| UdpFramed::new(socket, BytesCodec::new()));
        let split = framed.map(|framed| framed.split());
        let sent = split.and_then(move |(sink, _)| sink.send((vec![1].into(), addr)));
        tokio::spawn(sent.map(drop).map_err(drop));
    }
}

mod with_everything_timers {
    use crate::everything::*;

    fn delays(mut delay: Delay) {
        let _: Poll<(), tokio::timer::Error> = delay.poll();
        delay.reset(Instant::now() + Duration::from_secs(1));
        let _ = future(delay.map_err(drop).and_then(|()| Ok::<_, ()>(1)).wait().into_future());
    }
    fn ticks(mut interval: Interval) {
        let _: Poll<Option<Instant>, tokio::timer::Error> = interval.poll();
        tokio::spawn(interval.take(3).map_err(drop).for_each(|_at| Ok(())));
    }
    fn limits<F: Future<Item = u8, Error = io::Error>>(
        f: F,
    ) -> impl Future<Item = u8, Error = io::Error> {
        f.timeout(Duration::from_secs(1)).map_err(|e| {
            if e.is_elapsed() {
                return io::ErrorKind::TimedOut.into();
            }
            e.into_inner().unwrap_or_else(|| io::ErrorKind::Other.into())
        })
    }
    fn limits_streams(receiver: mpsc::Receiver<u8>) {
        let limited: Timeout<_> = receiver.timeout(Duration::from_secs(1));
        let _ = future(limited.map_err(drop).for_each(|_| Ok(())));
    }
    fn throttles(receiver: mpsc::Receiver<u8>) {
        let slow = receiver.throttle(Duration::from_secs(1)).enumerate();
        let _ = future(slow.map_err(drop).for_each(|(_number, _item)| Ok(())));
    }
    fn queues(mut queue: DelayQueue<u8>) {
        let key = queue.insert(1, Duration::from_secs(1));
        queue.reset(&key, Duration::from_secs(2));
        let _: Poll<Option<_>, tokio::timer::Error> = queue.poll();
        let _ = future(queue.map(|expired| expired.into_inner()).collect());
    }
}

mod with_everything_files {
    use crate::everything::*;
    use std::io::SeekFrom;
    use tokio::fs::{self, File};

    fn files(mut file: File) {
        let _: io::Result<usize> = file.write(b"x");
        let _: io::Result<usize> = file.read(&mut [0]);
        let _: io::Result<()> = file.flush();
        let _: Poll<usize, io::Error> = file.poll_read(&mut [0]);
        let _: Poll<u64, io::Error> = file.poll_seek(SeekFrom::Start(0));
        let read = file
            .seek(SeekFrom::Start(0))
            .and_then(|(file, _)| file.metadata())
            .and_then(|(file, metadata)| tokio::io::read_to_end(file, Vec::new()));
        tokio::spawn(read.map(drop).map_err(drop));
        let made = fs::File::create("x").and_then(|file| tokio::io::write_all(file, "x"));
        tokio::spawn(made.map(drop).map_err(drop));
        tokio::spawn(fs::read("x").join(fs::write("y", "z")).map(drop).map_err(drop));
    }
    fn lists() {
        let names = fs::read_dir("x").flatten_stream().map(|entry| entry.file_name());
        tokio::spawn(names.collect().map(drop).map_err(drop));
    }
    fn standard_input() {
        let lines = tokio::io::lines(io::BufReader::new(tokio::io::stdin()));
        tokio::spawn(lines.for_each(|_| Ok(())).map_err(drop));
    }
}

mod with_everything_current_thread {
    use crate::everything::*;
    use std::rc::Rc;

    fn runs(mut runtime: current_thread::Runtime) {
        let rc = Rc::new(1);
        let _: Result<u8, ()> = runtime.block_on(future::ok::<u8, ()>(1));
        runtime.spawn(future::ok(())).spawn(future::lazy(move || Ok(drop(rc))));
        let _: Result<(), _> = runtime.handle().spawn(future::ok(()));
        runtime.run().unwrap();
        let _: Result<u8, ()> = current_thread::block_on_all(future::ok::<u8, ()>(1));
        current_thread::run(future::lazy(|| {
            current_thread::spawn(future::lazy(|| Ok(())));
            tokio::spawn(future::ok(()));
            Ok(())
        }));
    }
    fn executes() {
        use tokio::executor::{DefaultExecutor, Executor as _};
        let mut executor = current_thread::TaskExecutor::current();
        executor.spawn_local(Box::new(future::ok(()))).unwrap();
        DefaultExecutor::current().spawn(Box::new(future::ok(()))).unwrap();
        future::Executor::execute(&executor, future::ok(())).unwrap();
    }
}

/// What this project adds, where the 0.1 traits are in scope: its methods are those of the traits, or names
/// that the traits do not have.
mod with_everything_what_is_new {
    use crate::everything::*;

    tokio::task_local! {
        static KEY: u8;
    }

    fn scopes() {
        let scope = KEY.scope(1, future::ok::<u8, ()>(1)).map(|n| n + 1).and_then(Ok::<u8, ()>);
        let _: Result<u8, ()> = scope.wait();
        tokio::spawn(KEY.scope(1, future::lazy(|| Ok(()))));
    }
    fn groups(mut set: JoinSet<u8>) {
        let _: Poll<Option<u8>, tokio::task::JoinError> = set.poll();
        let _ = future(set.map(|n| n + 1).map_err(drop).collect());
    }
    fn blocks() {
        let task = tokio::task::spawn_blocking(|| 1);
        tokio::spawn(task.join().map(drop).map_err(drop));
    }
    fn local(set: &LocalSet) {
        set.spawn_local(future::ok(()));
        tokio::task::spawn_local(future::lazy(|| Ok(())));
    }
    fn spawned() -> impl IntoFuture<Item = (), Error = ()> {
        tokio::spawn(async {})
    }
}

/// The macros of futures 0.1 stay those of futures 0.1, though both crates' are imported.
mod macros {
    use futures::{Async, Poll};

    task_local!(static OF_FUTURES01: u8 = 7);

    fn t(f: &mut dyn futures::Future<Item = u8, Error = ()>) -> Poll<u8, ()> {
        let n = try_ready!(f.poll());
        Ok(Async::Ready(OF_FUTURES01.with(|seven| n + seven)))
    }
}
