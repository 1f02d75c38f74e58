//! `Framed`, `FramedRead`, `FramedWrite`, in both generations.

mod script;

use bytes::{BufMut, BytesMut};
use futures::{Async, AsyncSink, Sink as Sink01, Stream as Stream01};
use script::{both_streams, give, run01, run_std, Fail, NotReady, Script, Take};
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_io::framing::{Decoder, Encoder, Framed, FramedParts, FramedRead, FramedWrite};
use tokio_io::{AsyncRead, AsyncWrite};

/// Messages end with a semicolon; `!` is bad; `?` at the end of the stream stands for one more.
#[derive(Clone, Debug, Default)]
struct Semicolons;

impl Decoder for Semicolons {
    type Item = String;
    type Error = io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<String>> {
        if src.starts_with(b"!") {
            src.advance(1);
            return Err(ErrorKind::InvalidData.into());
        }
        let end = src.iter().position(|&b| b == b';');
        Ok(end.map(|end| {
            let message = src.split_to(end + 1);
            String::from_utf8(message[..end].to_vec()).unwrap()
        }))
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> io::Result<Option<String>> {
        match self.decode(src)? {
            None if src.starts_with(b"?") => {
                src.advance(1);
                Ok(Some("last".into()))
            }
            None if !src.is_empty() => Err(ErrorKind::UnexpectedEof.into()),
            message => Ok(message),
        }
    }
}

impl Encoder for Semicolons {
    type Item = Vec<u8>;
    type Error = io::Error;

    fn encode(&mut self, item: Vec<u8>, dst: &mut BytesMut) -> io::Result<()> {
        if item.contains(&b'!') {
            return Err(ErrorKind::InvalidInput.into());
        }
        dst.reserve(item.len() + 1);
        dst.put(&item);
        dst.put(b';');
        Ok(())
    }
}

/// As the trait provides it.
struct Strict;

impl Decoder for Strict {
    type Item = String;
    type Error = io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<String>> {
        Semicolons.decode(src)
    }
}

type Decoded = Vec<Result<String, ErrorKind>>;

fn kinds(messages: Vec<io::Result<String>>) -> Decoded {
    messages.into_iter().map(|m| m.map_err(|e| e.kind())).collect()
}

fn ok(message: &str) -> Result<String, ErrorKind> {
    Ok(message.into())
}

/// Checks what is decoded, alone and beside a write direction.
fn decodes_to(steps: &[script::Step], expected: Decoded) {
    both_streams(
        || FramedRead::new(Script::reading(steps.to_vec()), Semicolons),
        |messages| assert_eq!(kinds(messages), expected),
    );
    both_streams(
        || Semicolons.framed(Script::reading(steps.to_vec())),
        |messages| assert_eq!(kinds(messages), expected),
    );
}

#[test]
fn messages_come_whole_however_the_bytes_come() {
    decodes_to(
        &[give("a"), NotReady, give("b;"), give("c;d;;"), Fail(ErrorKind::Interrupted), give("e;")],
        vec![ok("ab"), ok("c"), ok("d"), ok(""), ok("e")],
    );
}

#[test]
fn the_decoder_is_asked_at_the_end_until_it_says_none() {
    decodes_to(&[give("a;??"), NotReady], vec![ok("a"), ok("last"), ok("last")]);
}

#[test]
fn bytes_left_over_at_the_end_are_one_error_and_then_the_end() {
    decodes_to(&[give("a;b")], vec![ok("a"), Err(ErrorKind::UnexpectedEof)]);
    both_streams(
        || FramedRead::new(Script::reading([give("a;b")]), Strict),
        |messages| assert_eq!(kinds(messages), [ok("a"), Err(ErrorKind::Other)]),
    );
    both_streams(
        || FramedRead::new(Script::reading([give("a;"), NotReady]), Strict),
        |messages| assert_eq!(kinds(messages), [ok("a")]),
    );
}

#[test]
fn decoding_goes_on_after_a_bad_message() {
    decodes_to(&[give("a;!b;c;")], vec![ok("a"), Err(ErrorKind::InvalidData), ok("b"), ok("c")]);
}

#[test]
fn an_error_of_the_stream_loses_nothing() {
    decodes_to(
        &[give("a;b"), Fail(ErrorKind::TimedOut), give("c;")],
        vec![ok("a"), Err(ErrorKind::TimedOut), ok("bc")],
    );
}

#[test]
fn a_message_larger_than_the_buffer_is_read() {
    let mut bytes = vec![b'x'; 100_000];
    bytes.push(b';');
    both_streams(
        || FramedRead::new(Script::reading([give(&bytes)]), Semicolons),
        |messages| assert_eq!(messages[0].as_ref().unwrap().len(), 100_000),
    );
}

/// A sink's operations in the words of both generations.
trait EitherSink {
    fn send(&mut self, message: &[u8]) -> io::Result<()>;
    fn flush(&mut self) -> io::Result<()>;
    fn close(&mut self) -> io::Result<()>;
    fn offer_once(&mut self, message: &[u8]) -> io::Result<bool>;
}

struct As01<S>(S);
struct AsStd<S>(S);

impl<S: Sink01<SinkItem = Vec<u8>, SinkError = io::Error>> EitherSink for As01<S> {
    fn send(&mut self, message: &[u8]) -> io::Result<()> {
        let mut message = Some(message.to_vec());
        run01(|| match self.0.start_send(message.take().unwrap())? {
            AsyncSink::Ready => Ok(Async::Ready(())),
            AsyncSink::NotReady(back) => {
                message = Some(back);
                Ok(Async::NotReady)
            }
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        run01(|| self.0.poll_complete())
    }

    fn close(&mut self) -> io::Result<()> {
        run01(|| self.0.close())
    }

    fn offer_once(&mut self, message: &[u8]) -> io::Result<bool> {
        run01(|| {
            let taken = self.0.start_send(message.to_vec())?.is_ready();
            Ok(Async::Ready(taken))
        })
    }
}

impl<S: futures_sink::Sink<Vec<u8>, Error = io::Error> + Unpin> EitherSink for AsStd<S> {
    fn send(&mut self, message: &[u8]) -> io::Result<()> {
        let mut sink = Pin::new(&mut self.0);
        run_std(poll_fn(|cx| sink.as_mut().poll_ready(cx)))?;
        sink.start_send(message.to_vec())
    }

    fn flush(&mut self) -> io::Result<()> {
        run_std(poll_fn(|cx| Pin::new(&mut self.0).poll_flush(cx)))
    }

    fn close(&mut self) -> io::Result<()> {
        run_std(poll_fn(|cx| Pin::new(&mut self.0).poll_close(cx)))
    }

    fn offer_once(&mut self, message: &[u8]) -> io::Result<bool> {
        let mut sink = Pin::new(&mut self.0);
        let ready = run_std(poll_fn(|cx| Poll::Ready(sink.as_mut().poll_ready(cx))));
        if ready.is_pending() {
            return Ok(false);
        }
        sink.start_send(message.to_vec()).map(|()| true)
    }
}

/// Runs `check` for each kind of sink over what `make` makes.
fn each_sink(make: impl Fn() -> Script, check: impl Fn(&mut dyn EitherSink, &Script)) {
    let script = make();
    check(&mut As01(FramedWrite::new(script.clone(), Semicolons)), &script);
    let script = make();
    check(&mut AsStd(FramedWrite::new(script.clone(), Semicolons)), &script);
    let script = make();
    check(&mut As01(Framed::new(script.clone(), Semicolons)), &script);
    let script = make();
    check(&mut AsStd(Framed::new(script.clone(), Semicolons)), &script);
}

#[test]
fn messages_are_written_when_flushed() {
    each_sink(
        || {
            let script =
                Script::writing([Take(1), NotReady, Fail(ErrorKind::Interrupted), Take(2)]);
            script.state().flushes.extend([NotReady]);
            script
        },
        |sink, script| {
            sink.send(b"one").unwrap();
            sink.send(b"two").unwrap();
            assert_eq!(script.written(), b"");
            sink.flush().unwrap();
            assert_eq!(script.written(), b"one;two;");
            assert_eq!(script.state().flushed, 8);
        },
    );
}

#[test]
fn closing_writes_flushes_and_shuts_down() {
    each_sink(
        || Script::flushing([NotReady, NotReady]),
        |sink, script| {
            sink.send(b"bye").unwrap();
            sink.close().unwrap();
            assert_eq!(script.written(), b"bye;");
            assert!(script.state().shut_down);
        },
    );
}

#[test]
fn a_full_buffer_holds_messages_back_until_some_bytes_are_written() {
    const BOUNDARY: usize = 8 * 1024;
    each_sink(
        || Script::writing([NotReady, NotReady, Take(1), NotReady]),
        |sink, script| {
            // One byte below the boundary: taken without a write.
            assert!(sink.offer_once(&[b'x'; BOUNDARY - 2]).unwrap());
            assert!(sink.offer_once(b"").unwrap());
            assert_eq!(script.state().writes.len(), 4);
            // At the boundary: refused while nothing can be written.
            assert!(!sink.offer_once(b"a").unwrap());
            assert!(!sink.offer_once(b"b").unwrap());
            // One byte written: taken.
            assert!(sink.offer_once(b"c").unwrap());
            assert_eq!(script.written().len(), 1);
            sink.flush().unwrap();
            assert_eq!(script.written().len(), BOUNDARY + 2);
            assert!(script.written().ends_with(b"x;;c;"));
        },
    );
}

#[test]
fn a_sink_held_back_is_woken() {
    each_sink(
        || Script::writing([NotReady, NotReady, NotReady]),
        |sink, script| {
            sink.send(&[b'x'; 10_000]).unwrap();
            sink.send(b"y").unwrap();
            sink.flush().unwrap();
            assert_eq!(script.written().len(), 10_003);
        },
    );
}

#[test]
fn errors_of_the_sink_come_through_and_lose_nothing() {
    each_sink(
        || Script::writing([Take(1), Fail(ErrorKind::TimedOut), Take(1), Take(0)]),
        |sink, script| {
            sink.send(b"abc").unwrap();
            assert_eq!(sink.flush().unwrap_err().kind(), ErrorKind::TimedOut);
            assert_eq!(sink.flush().unwrap_err().kind(), ErrorKind::WriteZero);
            assert_eq!(sink.send(b"!").unwrap_err().kind(), ErrorKind::InvalidInput);
            sink.flush().unwrap();
            assert_eq!(script.written(), b"abc;");
        },
    );
}

#[test]
fn parts_keep_the_bytes_in_the_buffers() {
    let script = Script::reading([give("a;b;c")]);
    script.state().writes.extend([Take(2), NotReady]);
    let mut framed = Framed::new(script.clone(), Semicolons);
    assert_eq!(run01(|| Stream01::poll(&mut framed)).unwrap().unwrap(), "a");
    As01(&mut framed).send(b"xyz").unwrap();
    run01(|| framed.poll_complete().map(|_| Async::Ready(()))).unwrap();

    let parts = framed.into_parts();
    assert_eq!((&parts.read_buf[..], &parts.write_buf[..]), (&b"b;c"[..], &b"z;"[..]));

    // Going on with them, the buffered message comes before any read.
    script.state().reads.extend([Fail(ErrorKind::TimedOut)]);
    let mut framed = Framed::from_parts(parts);
    assert_eq!(run01(|| Stream01::poll(&mut framed)).unwrap().unwrap(), "b");
    As01(&mut framed).flush().unwrap();
    assert_eq!(script.written(), b"xyz;");
}

#[test]
fn parts_can_be_made_by_hand() {
    let mut parts = FramedParts::new(Script::reading([give("b;")]), Semicolons);
    parts.read_buf.extend_from_slice(b"a");
    parts.write_buf.extend_from_slice(b"before;");
    let mut framed = Framed::from_parts(parts);
    assert_eq!(run01(|| Stream01::poll(&mut framed)).unwrap().unwrap(), "ab");
    As01(&mut framed).send(b"after").unwrap();
    As01(&mut framed).flush().unwrap();
    assert_eq!(framed.get_ref().written(), b"before;after;");
}

/// A byte stream with messages beside the bytes: those of a `FramedWrite` and a `FramedRead`.
struct Beside {
    sink: FramedWrite<Script, Semicolons>,
    stream: FramedRead<Script, Semicolons>,
}

impl Beside {
    fn over(script: &Script) -> Self {
        Beside {
            sink: FramedWrite::new(script.clone(), Semicolons),
            stream: FramedRead::new(script.clone(), Semicolons),
        }
    }
}

impl io::Read for Beside {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }
}

impl io::Write for Beside {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for Beside {}

impl AsyncWrite for Beside {
    fn shutdown(&mut self) -> futures::Poll<(), io::Error> {
        Ok(Async::Ready(()))
    }
}

impl Stream01 for Beside {
    type Item = String;
    type Error = io::Error;

    fn poll(&mut self) -> futures::Poll<Option<String>, io::Error> {
        Stream01::poll(&mut self.stream)
    }
}

impl futures_core::Stream for Beside {
    type Item = io::Result<String>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.stream).poll_next(cx)
    }
}

impl Sink01 for Beside {
    type SinkItem = Vec<u8>;
    type SinkError = io::Error;

    fn start_send(&mut self, item: Vec<u8>) -> futures::StartSend<Vec<u8>, io::Error> {
        Sink01::start_send(&mut self.sink, item)
    }

    fn poll_complete(&mut self) -> futures::Poll<(), io::Error> {
        self.sink.poll_complete()
    }

    fn close(&mut self) -> futures::Poll<(), io::Error> {
        Sink01::close(&mut self.sink)
    }
}

impl futures_sink::Sink<Vec<u8>> for Beside {
    type Error = io::Error;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.sink).poll_ready(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, item: Vec<u8>) -> io::Result<()> {
        Pin::new(&mut self.sink).start_send(item)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.sink).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.sink).poll_close(cx)
    }
}

#[test]
fn a_reader_that_is_a_sink_stays_one() {
    let check = |sink: &mut dyn EitherSink, script: &Script| {
        sink.send(b"a").unwrap();
        sink.flush().unwrap();
        assert_eq!(script.written(), b"a;");
        sink.close().unwrap();
        assert!(script.state().shut_down);
    };
    let script = Script::writing([NotReady]);
    check(&mut As01(FramedRead::new(Beside::over(&script), Semicolons)), &script);
    let script = Script::writing([NotReady]);
    check(&mut AsStd(FramedRead::new(Beside::over(&script), Semicolons)), &script);
}

#[test]
fn a_writer_that_is_a_stream_stays_one() {
    both_streams(
        || {
            let script = Script::reading([give("a;"), NotReady, give("b;")]);
            FramedWrite::new(Beside::over(&script), Semicolons)
        },
        |messages| assert_eq!(kinds(messages), [ok("a"), ok("b")]),
    );
}

#[test]
fn accessors_reach_the_parts() {
    let mut read = FramedRead::new(Script::default(), Semicolons);
    *read.decoder_mut() = read.decoder().clone();
    *read.get_mut() = read.get_ref().clone();
    assert!(format!("{read:?}").contains("Semicolons"));
    let mut write = FramedWrite::new(read.into_inner(), Semicolons);
    *write.encoder_mut() = write.encoder().clone();
    *write.get_mut() = write.get_ref().clone();
    assert!(format!("{write:?}").contains("Semicolons"));
    let mut framed = Framed::new(write.into_inner(), Semicolons);
    *framed.codec_mut() = framed.codec().clone();
    *framed.get_mut() = framed.get_ref().clone();
    assert!(format!("{framed:?}").contains("Semicolons"));
    assert!(framed.into_inner().written().is_empty());
}
