//! That every public type belongs to the generations and threads that it should belong to.

use futures::{Future as Future01, Stream as Stream01};
use std::cell::{Cell, RefCell};
use std::future::{Future, IntoFuture};
use std::io::Cursor;
use tokio_io::framing::{Framed, FramedParts, FramedRead, FramedWrite};
use tokio_io::io::*;

type Stream = Cursor<Vec<u8>>;
type Bytes = Vec<u8>;

/// `!is!(T: Trait)` compiles only if `T` does not implement `Trait`.
macro_rules! is_not {
    ($($type:ty: $trait:path),+ $(,)?) => {$({
        trait AmbiguousIfItIs<A> { fn check() {} }
        impl<T: ?Sized> AmbiguousIfItIs<()> for T {}
        #[allow(dead_code)]
        struct ItIs;
        impl<T: ?Sized + $trait> AmbiguousIfItIs<ItIs> for T {}
        <$type as AmbiguousIfItIs<_>>::check();
    })+};
}

fn awaits_to_the_same<F>()
where
    F: Future01 + IntoFuture<Output = Result<<F as Future01>::Item, <F as Future01>::Error>>,
    F: Send + Sync,
    F::IntoFuture: Send,
{
}

/// One that is a std future as well would be ambiguous for `spawn`, `run` and `block_on`.
#[test]
fn every_future_is_of_futures01_and_can_be_awaited_but_is_no_std_future() {
    awaits_to_the_same::<Copy<Stream, Stream>>();
    awaits_to_the_same::<Flush<Stream>>();
    awaits_to_the_same::<Read<Stream, Bytes>>();
    awaits_to_the_same::<ReadExact<Stream, Bytes>>();
    awaits_to_the_same::<ReadToEnd<Stream>>();
    awaits_to_the_same::<ReadUntil<Stream>>();
    awaits_to_the_same::<Shutdown<Stream>>();
    awaits_to_the_same::<WriteAll<Stream, Bytes>>();
    is_not!(
        Copy<Stream, Stream>: Future,
        Flush<Stream>: Future,
        Read<Stream, Bytes>: Future,
        ReadExact<Stream, Bytes>: Future,
        ReadToEnd<Stream>: Future,
        ReadUntil<Stream>: Future,
        Shutdown<Stream>: Future,
        WriteAll<Stream, Bytes>: Future,
    );
}

#[test]
fn streams_are_of_both_generations() {
    fn both<S: Stream01 + futures_core::Stream<Item = Result<T, E>>, T, E>() {}
    both::<Lines<Stream>, String, _>();
}

#[test]
fn types_move_between_threads_as_their_parts_do() {
    fn send_and_sync<T: Send + Sync>() {}
    // The halves share under a lock: what is `Send` is enough.
    send_and_sync::<ReadHalf<Cell<u8>>>();
    send_and_sync::<WriteHalf<Cell<u8>>>();
    send_and_sync::<Lines<Stream>>();
    send_and_sync::<Window<Bytes>>();
    send_and_sync::<AllowStdIo<Stream>>();
    send_and_sync::<Framed<Stream, ()>>();
    send_and_sync::<FramedParts<Stream, ()>>();
    send_and_sync::<FramedRead<Stream, ()>>();
    send_and_sync::<FramedWrite<Stream, ()>>();

    type NotSend = std::rc::Rc<()>;
    type NotSync = RefCell<()>;
    is_not!(
        ReadHalf<NotSend>: Send,
        ReadHalf<NotSend>: Sync,
        WriteHalf<NotSend>: Send,
        Copy<NotSend, ()>: Send,
        Copy<(), NotSync>: Sync,
        Lines<NotSend>: Send,
        Window<NotSync>: Sync,
        Framed<NotSend, ()>: Send,
    );
}

#[test]
fn nothing_is_pinned() {
    fn unpin<T: Unpin>() {}
    type NotUnpin = std::marker::PhantomPinned;
    unpin::<ReadHalf<NotUnpin>>();
    unpin::<WriteHalf<NotUnpin>>();
    unpin::<Lines<NotUnpin>>();
    unpin::<AllowStdIo<NotUnpin>>();
    unpin::<Framed<NotUnpin, NotUnpin>>();
    unpin::<FramedRead<NotUnpin, NotUnpin>>();
    unpin::<FramedWrite<NotUnpin, NotUnpin>>();
}

/// The paths that `tokio-codec` and 0.1 programs use.
#[test]
fn the_names_of_0_1_are_where_they_were() {
    #[allow(unused_imports)]
    use tokio_io::{
        _tokio_codec::{Decoder, Encoder, Framed, FramedParts, FramedRead, FramedWrite},
        codec::{Decoder as _, Encoder as _},
        io::{copy, flush, lines, read, read_exact, read_to_end, read_until, shutdown, write_all},
        try_nb, AsyncRead, AsyncWrite, IoFuture, IoStream,
    };
    let boxed: IoFuture<u8> = Box::new(futures::future::ok(1));
    assert_eq!(boxed.wait().unwrap(), 1);
    let boxed: IoStream<u8> = Box::new(futures::stream::empty());
    assert_eq!(boxed.wait().count(), 0);
}
