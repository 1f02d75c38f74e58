//! Byte exactness: streams cut at random, with interruptions in between.

mod script;

use bytes::{BufMut, BytesMut};
use futures::{Future as Future01, Sink as Sink01};
use script::{all01, all_std, run_future01, run_std, Script, XorShift};
use std::future::IntoFuture;
use std::io::{self, BufReader, BufWriter};
use tokio_io::framing::{Decoder, Encoder, FramedRead, FramedWrite};
use tokio_io::io::{copy, lines, read_exact, read_to_end, read_until, write_all};
use tokio_io::AsyncRead;

const ROUNDS: u64 = 300;

/// By a futures 0.1 task in even rounds, by a std one in odd rounds.
fn run<F>(round: u64, future: F) -> Result<F::Item, F::Error>
where
    F: Future01 + IntoFuture<Output = Result<<F as Future01>::Item, <F as Future01>::Error>>,
{
    if round % 2 == 0 {
        run_future01(future)
    } else {
        run_std(future.into_future())
    }
}

/// A stream of random bytes, cut at random; and the bytes.
fn random_stream(round: u64) -> (Script, Vec<u8>, XorShift) {
    let mut random = XorShift::new(round);
    let len = random.below(30_000);
    let bytes = random.bytes(len);
    let largest = 1 + random.below(10_000);
    let script = Script::reading(random.reads(&bytes, largest));
    let largest = 1 + random.below(5_000);
    script.state().writes.extend(random.writes(30, largest));
    (script, bytes, random)
}

#[test]
fn copy_is_byte_exact() {
    for round in 0..ROUNDS {
        let (script, bytes, _) = random_stream(round);
        let (n, ..) = run(round, copy(script.clone(), script.clone())).unwrap();
        assert!(n == bytes.len() as u64 && script.written() == bytes, "round {round}");

        let (script, bytes, _) = random_stream(round);
        let (reader, writer) = (BufReader::new(script.clone()), BufWriter::new(script.clone()));
        let (n, ..) = run(round, copy(reader, writer)).unwrap();
        assert!(n == bytes.len() as u64 && script.written() == bytes, "round {round}, buffered");
        assert_eq!(script.state().flushed, bytes.len());

        let (script, bytes, _) = random_stream(round);
        let (reader, writer) = script.clone().split();
        let (n, ..) = run(round, copy(reader, writer)).unwrap();
        assert!(n == bytes.len() as u64 && script.written() == bytes, "round {round}, split");
    }
}

#[test]
fn reads_and_writes_are_byte_exact() {
    for round in 0..ROUNDS {
        let (script, bytes, mut random) = random_stream(round);
        let head = random.below(bytes.len() + 1);
        let (script, start) = run(round, read_exact(script, vec![0; head])).unwrap();
        let (script, all) = run(round, read_to_end(script, start)).unwrap();
        assert!(all == bytes, "round {round}, read");

        let (script, _) = run(round, write_all(script, all)).unwrap();
        assert!(script.written() == bytes, "round {round}, written");
    }
}

#[test]
fn delimiters_are_found_wherever_the_stream_is_cut() {
    for round in 0..ROUNDS {
        let (script, bytes, mut random) = random_stream(round);
        let room = 1 + random.below(100);
        let mut reader = BufReader::with_capacity(room, script);
        let mut expected = bytes.split_inclusive(|&b| b == 0);
        loop {
            let (back, part) = run(round, read_until(reader, 0, Vec::new())).unwrap();
            assert!(part == expected.next().unwrap_or_default(), "round {round}");
            if part.is_empty() {
                break;
            }
            reader = back;
        }
    }
}

#[test]
fn lines_are_found_wherever_the_stream_is_cut() {
    const ALPHABET: [&str; 6] = ["a", "ü", "漢", "\n", "\r\n", "\r"];
    for round in 0..ROUNDS {
        let mut random = XorShift::new(round);
        let text: String = (0..random.below(300)).map(|_| ALPHABET[random.below(6)]).collect();
        let steps = random.reads(text.as_bytes(), 7);
        let reader = BufReader::with_capacity(1 + random.below(20), Script::reading(steps));
        let found = if round % 2 == 0 { all01(lines(reader)) } else { all_std(lines(reader)) };
        let found: Vec<_> = found.into_iter().map(Result::unwrap).collect();
        assert_eq!(found, text.lines().collect::<Vec<_>>(), "round {round}");
    }
}

/// Two bytes for the length, then the bytes.
struct Short;

impl Decoder for Short {
    type Item = BytesMut;
    type Error = io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<BytesMut>> {
        if src.len() < 2 {
            return Ok(None);
        }
        let len = usize::from(u16::from_be_bytes([src[0], src[1]]));
        if src.len() < 2 + len {
            return Ok(None);
        }
        src.advance(2);
        Ok(Some(src.split_to(len)))
    }
}

impl Encoder for Short {
    type Item = Vec<u8>;
    type Error = io::Error;

    fn encode(&mut self, item: Vec<u8>, dst: &mut BytesMut) -> io::Result<()> {
        dst.reserve(2 + item.len());
        dst.put_u16_be(item.len() as u16);
        dst.put(item);
        Ok(())
    }
}

#[test]
fn messages_arrive_as_they_were_sent() {
    for round in 0..ROUNDS {
        let mut random = XorShift::new(round);
        let messages: Vec<_> = (0..random.below(40))
            .map(|_| {
                let len = random.below(3_000);
                random.bytes(len)
            })
            .collect();

        let script = Script::writing(random.writes(50, 4_000));
        let sink = FramedWrite::new(script.clone(), Short);
        let all = futures::stream::iter_ok::<_, io::Error>(messages.clone());
        let _ = run_future01(sink.send_all(all)).unwrap();

        let reader = Script::reading(random.reads(&script.written(), 5_000));
        let stream = FramedRead::new(reader, Short);
        let found = if round % 2 == 0 { all01(stream) } else { all_std(stream) };
        // Kept alive together, so that the reader's buffer is shared with them.
        let found: Vec<_> = found.into_iter().map(Result::unwrap).collect();
        assert!(found == messages, "round {round}");
    }
}
