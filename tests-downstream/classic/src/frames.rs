//! A line protocol over a published codec, and a codec of one's own.

use bytes::{BufMut, BytesMut};
use futures::{Future, Sink, Stream};
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};
use tokio;
use tokio::net::{TcpListener, TcpStream};
use tokio_codec::{Decoder, Encoder, Framed, LinesCodec};
use tokio_io::_tokio_codec::FramedRead;

/// `get KEY` and `set KEY VALUE`, over lines.
pub fn database(listener: TcpListener) -> Box<Future<Item = (), Error = ()> + Send> {
    let map = Arc::new(Mutex::new(HashMap::new()));
    let server = listener.incoming().map_err(|e| panic!("{}", e)).for_each(move |sock| {
        let map = map.clone();
        let (writer, reader) = LinesCodec::new().framed(sock).split();
        let answers = reader.map(move |line| answer(&mut map.lock().unwrap(), &line));
        let serve = writer.send_all(answers).map(|_| ()).map_err(|e| println!("{}", e));
        tokio::spawn(serve)
    });
    Box::new(server)
}

fn answer(map: &mut HashMap<String, String>, line: &str) -> String {
    let mut words = line.splitn(3, ' ');
    match (words.next(), words.next(), words.next()) {
        (Some("get"), Some(key), None) => {
            map.get(key).cloned().unwrap_or_else(|| "none".to_string())
        }
        (Some("set"), Some(key), Some(value)) => {
            map.insert(key.to_string(), value.to_string()).unwrap_or_else(|| "new".to_string())
        }
        _ => "what?".to_string(),
    }
}

/// Asks one question after the other.
pub fn ask(
    sock: TcpStream,
    questions: Vec<&'static str>,
) -> Box<Future<Item = Vec<String>, Error = io::Error> + Send> {
    let framed = Framed::new(sock, LinesCodec::new());
    let count = questions.len() as u64;
    let (writer, reader) = framed.split();
    let questions = ::futures::stream::iter_ok(questions.into_iter().map(String::from));
    let ask = writer.send_all(questions.map_err(|()| -> io::Error { unreachable!() }));
    Box::new(ask.join(reader.take(count).collect()).map(|(_, answers)| answers))
}

/// Numbers of four bytes, most significant first.
pub struct Numbers;

impl Decoder for Numbers {
    type Item = u32;
    type Error = io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<u32>> {
        if src.len() < 4 {
            return Ok(None);
        }
        let bytes = src.split_to(4);
        Ok(Some(bytes.iter().fold(0, |number, &byte| number << 8 | u32::from(byte))))
    }
}

impl Encoder for Numbers {
    type Item = u32;
    type Error = io::Error;

    fn encode(&mut self, number: u32, dst: &mut BytesMut) -> io::Result<()> {
        dst.reserve(4);
        dst.put_u32_be(number);
        Ok(())
    }
}

/// Sums up what the other side sends until it closes.
pub fn sum(sock: TcpStream) -> Box<Future<Item = u64, Error = io::Error> + Send> {
    Box::new(
        FramedRead::new(sock, Numbers).fold(0, |sum, n| Ok::<_, io::Error>(sum + u64::from(n))),
    )
}

/// Sends the numbers below `end`, then closes.
pub fn count(sock: TcpStream, end: u32) -> Box<Future<Item = (), Error = io::Error> + Send> {
    let numbers = ::futures::stream::iter_ok::<_, io::Error>(0..end);
    Box::new(Numbers.framed(sock).send_all(numbers).map(|_| ()))
}
