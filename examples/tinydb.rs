//! A tiny database: a map that all clients share, over a protocol of lines.
//!
//! ```sh
//! cargo run --example tinydb                        # listens on 127.0.0.1:12353
//! nc 127.0.0.1 12353
//! ```
//!
//! | line | answer |
//! |---|---|
//! | `SET key value` | `OK`, or `OK, was: ..` with the value that was replaced |
//! | `GET key` | `VALUE ..`, or `NONE` |
//! | anything else | `ERROR ..` |
//!
//! The idea: a codec turns bytes into messages and back, and then a connection is a stream of
//! requests that is mapped to answers and forwarded into a sink. The state is a plain map under a
//! plain mutex: it is locked for a moment only and never across a wait. A client may send many
//! lines at once. Lines and the number of keys have a limit, so that no client fills the memory.
//!
//! Generation: futures 0.1.

use bytes::BytesMut;
use std::collections::HashMap;
use std::env;
use std::io;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::prelude::*;
use tokio_io::framing::{Decoder, Encoder, Framed};

const LONGEST_LINE: usize = 4 * 1024;
const MOST_KEYS: usize = 100_000;

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:12353".to_string());
    let listener = TcpListener::bind(&addr.parse().expect("an address, such as 127.0.0.1:0"))?;
    println!("listening on {}", listener.local_addr()?);

    let database = Arc::new(Database::default());
    let server = listener.incoming().map_err(|err| eprintln!("accept failed = {err:?}")).for_each(
        move |sock| {
            let database = database.clone();
            let (answers, requests) = Framed::new(sock, Lines::default()).split();
            let connection = requests
                .map(move |request| database.answer(&request))
                .forward(answers)
                .map(|_| println!("a client left"))
                .map_err(|err| eprintln!("connection lost: {err}"));
            tokio::spawn(connection)
        },
    );
    tokio::run(server);
    Ok(())
}

#[derive(Default)]
struct Database {
    map: Mutex<HashMap<String, String>>,
}

impl Database {
    fn answer(&self, request: &str) -> String {
        let mut words = request.splitn(3, ' ');
        match (words.next(), words.next(), words.next()) {
            (Some("GET"), Some(key), None) => self.get(key),
            (Some("GET"), ..) => "ERROR: it is GET key".to_string(),
            (Some("SET"), Some(key), Some(value)) => self.set(key, value),
            (Some("SET"), ..) => "ERROR: it is SET key value".to_string(),
            (command, ..) => format!("ERROR: unknown command {:?}", command.unwrap_or("")),
        }
    }

    fn get(&self, key: &str) -> String {
        match self.map.lock().expect("nobody panics with the lock").get(key) {
            Some(value) => format!("VALUE {value}"),
            None => "NONE".to_string(),
        }
    }

    fn set(&self, key: &str, value: &str) -> String {
        let mut map = self.map.lock().expect("nobody panics with the lock");
        if map.len() >= MOST_KEYS && !map.contains_key(key) {
            return "ERROR: full".to_string();
        }
        match map.insert(key.to_string(), value.to_string()) {
            Some(previous) => format!("OK, was: {previous}"),
            None => "OK".to_string(),
        }
    }
}

/// A message is a line of text, without its end.
#[derive(Default)]
struct Lines {
    /// So many bytes of the buffer are known to hold no end of a line.
    searched: usize,
}

impl Decoder for Lines {
    type Item = String;
    type Error = io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<String>> {
        let Some(more) = src[self.searched..].iter().position(|&byte| byte == b'\n') else {
            self.searched = src.len();
            return if src.len() < LONGEST_LINE { Ok(None) } else { Err(too_long()) };
        };
        let line = src.split_to(self.searched + more + 1);
        self.searched = 0;
        if line.len() > LONGEST_LINE {
            return Err(too_long());
        }
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        Ok(Some(String::from_utf8_lossy(line).into_owned()))
    }
}

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the line is too long")
}

impl Encoder for Lines {
    type Item = String;
    type Error = io::Error;

    fn encode(&mut self, line: String, dst: &mut BytesMut) -> io::Result<()> {
        dst.reserve(line.len() + 1);
        dst.extend_from_slice(line.as_bytes());
        dst.extend_from_slice(b"\n");
        Ok(())
    }
}
