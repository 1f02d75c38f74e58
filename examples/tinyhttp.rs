//! A tiny HTTP/1.1 server: `/plaintext` (and `/`) say hello, everything else is not found.
//!
//! ```sh
//! cargo run --release --example tinyhttp            # listens on 127.0.0.1:8080
//! curl -i 127.0.0.1:8080/plaintext
//! wrk -t2 -c64 -d10 http://127.0.0.1:8080/plaintext
//! ```
//!
//! The idea: protocol and I/O apart. [`Connection`] knows bytes, and no socket: it answers the
//! requests that are complete in its buffer, be it none, a half or twenty (pipelining), and says
//! whether the connection goes on. The loop around it reads, lets it answer, and writes all answers
//! with one system call.
//!
//! The limits: a head of 8 KiB (431), bodies are skipped, only `GET` and `HEAD` (405), no chunked
//! requests (501). What is not HTTP/1 is refused (400, 505), and the connection closes. There is no
//! time limit: a server that faces the internet needs one.
//!
//! Generation: std.

use futures03::io::{AsyncReadExt, AsyncWriteExt};
use std::env;
use std::io;
use tokio::net::{TcpListener, TcpStream};

/// The size of a connection's buffer: no head of a request may be longer.
const LONGEST_HEAD: usize = 8 * 1024;

/// How many bytes a client may still send after it was told that the connection closes.
const LAST_WORDS: usize = 256 * 1024;

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_string());
    let listener = TcpListener::bind(&addr.parse().expect("an address, such as 127.0.0.1:0"))?;
    println!("listening on {}", listener.local_addr()?);

    tokio::run(async move {
        loop {
            match listener.accept().await {
                Ok((sock, _)) => drop(tokio::spawn(async move {
                    if let Err(err) = serve(&sock).await {
                        eprintln!("connection lost: {err}");
                    }
                })),
                Err(err) => return eprintln!("accept failed = {err:?}"),
            }
        }
    });
    Ok(())
}

async fn serve(mut sock: &TcpStream) -> io::Result<()> {
    sock.set_nodelay(true)?;
    let mut connection = Connection::new();
    loop {
        let next = connection.answer();
        if !connection.output.is_empty() {
            sock.write_all(&connection.output).await?;
            connection.output.clear();
        }
        if next == Next::Close {
            return close(sock).await;
        }
        match sock.read(connection.room()).await? {
            0 => return Ok(()),
            amt => connection.filled += amt,
        }
    }
}

/// Closes so that the last answer arrives. To close while the client is still sending would reset
/// the connection, and throw away what the client has not read yet.
async fn close(mut sock: &TcpStream) -> io::Result<()> {
    sock.close().await?;
    let mut ignored = [0; 4096];
    let mut amount = 0;
    while amount < LAST_WORDS {
        match sock.read(&mut ignored).await? {
            0 => break,
            amt => amount += amt,
        }
    }
    Ok(())
}

/// The requests and answers of one client.
struct Connection {
    input: Box<[u8]>,
    /// How many bytes of `input` hold what the client has sent and nobody has looked at.
    filled: usize,
    /// How many bytes of a request's body are still to be skipped.
    body: u64,
    output: Vec<u8>,
}

#[derive(PartialEq)]
enum Next {
    Read,
    Close,
}

impl Connection {
    fn new() -> Connection {
        Connection { input: vec![0; LONGEST_HEAD].into(), filled: 0, body: 0, output: Vec::new() }
    }

    /// Where the next bytes of the client go. Not empty after [`Next::Read`].
    fn room(&mut self) -> &mut [u8] {
        &mut self.input[self.filled..]
    }

    /// Answers the requests that are there.
    fn answer(&mut self) -> Next {
        let mut start = 0;
        let next = loop {
            start += self.skip_body(start);
            let rest = &self.input[start..self.filled];
            // An empty line before a request is forgiven.
            if rest.starts_with(b"\r\n") {
                start += 2;
                continue;
            }
            let Some(end) = rest.windows(4).position(|end| end == b"\r\n\r\n") else {
                if rest.len() < self.input.len() {
                    break Next::Read;
                }
                respond(&mut self.output, &Answer::refuse("431 Request Header Fields Too Large"));
                break Next::Close;
            };
            let answer = match Request::parse(&rest[..end]) {
                Ok(request) => {
                    self.body = request.body;
                    request.answer()
                }
                Err(status) => Answer::refuse(status),
            };
            start += end + 4;
            respond(&mut self.output, &answer);
            if answer.after == After::Close {
                break Next::Close;
            }
        };
        self.input.copy_within(start..self.filled, 0);
        self.filled -= start;
        next
    }

    /// How many bytes from `start` on belong to the body of the request before.
    fn skip_body(&mut self, start: usize) -> usize {
        let there = self.filled - start;
        let skipped = usize::try_from(self.body).map_or(there, |body| body.min(there));
        self.body -= skipped as u64;
        skipped
    }
}

/// What of a request matters here.
struct Request<'a> {
    method: &'a [u8],
    path: &'a [u8],
    body: u64,
    after: After,
}

/// What becomes of the connection after an answer.
#[derive(Clone, Copy, PartialEq)]
enum After {
    KeepAlive,
    /// The same, for a client of HTTP/1.0, which has to be told.
    KeepAlive10,
    Close,
}

type Status = &'static str;

const BAD_REQUEST: Status = "400 Bad Request";

impl<'a> Request<'a> {
    /// Reads a head, without the empty line at its end.
    fn parse(head: &'a [u8]) -> Result<Request<'a>, Status> {
        let mut lines = Lines(Some(head));
        let line = lines.next().ok_or(BAD_REQUEST)?;
        let mut words = line.split(|&byte| byte == b' ');
        let (Some(method), Some(target), Some(version), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(BAD_REQUEST);
        };
        if !is_token(method) || target.is_empty() || !target.iter().all(u8::is_ascii_graphic) {
            return Err(BAD_REQUEST);
        }
        let mut fields = Fields::default();
        for line in lines {
            fields.read(line)?;
        }
        let after = match version {
            b"HTTP/1.1" if fields.hosts != 1 => return Err(BAD_REQUEST),
            b"HTTP/1.1" if fields.close => After::Close,
            b"HTTP/1.1" => After::KeepAlive,
            b"HTTP/1.0" if fields.keep_alive && !fields.close => After::KeepAlive10,
            b"HTTP/1.0" => After::Close,
            [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9'] => {
                return Err("505 HTTP Version Not Supported");
            }
            _ => return Err(BAD_REQUEST),
        };
        let path = target.split(|&byte| byte == b'?').next().unwrap_or(target);
        Ok(Request { method, path, body: fields.length.unwrap_or(0), after })
    }

    fn answer(&self) -> Answer {
        let (status, text) = match (self.method, self.path) {
            (b"GET" | b"HEAD", b"/" | b"/plaintext") => ("200 OK", "Hello, World!"),
            (b"GET" | b"HEAD", _) => ("404 Not Found", "not found\n"),
            _ => ("405 Method Not Allowed", "only GET and HEAD\n"),
        };
        Answer { status, text, with_text: self.method != b"HEAD", after: self.after }
    }
}

/// The header fields that say where a request ends and whether another one may follow.
#[derive(Default)]
struct Fields {
    hosts: usize,
    length: Option<u64>,
    close: bool,
    keep_alive: bool,
}

impl Fields {
    fn read(&mut self, line: &[u8]) -> Result<(), Status> {
        let colon = line.iter().position(|&byte| byte == b':').ok_or(BAD_REQUEST)?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        // A space before the colon, or a line that continues another one, is no token either.
        if !is_token(name) {
            return Err(BAD_REQUEST);
        }
        if name.eq_ignore_ascii_case(b"host") {
            self.hosts += 1;
        } else if name.eq_ignore_ascii_case(b"content-length") {
            let length = decimal(value).ok_or(BAD_REQUEST)?;
            if self.length.replace(length).is_some_and(|other| other != length) {
                return Err(BAD_REQUEST);
            }
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            return Err("501 Not Implemented");
        } else if name.eq_ignore_ascii_case(b"connection") {
            for option in value.split(|&byte| byte == b',') {
                self.close |= option.trim_ascii().eq_ignore_ascii_case(b"close");
                self.keep_alive |= option.trim_ascii().eq_ignore_ascii_case(b"keep-alive");
            }
        } else if name.eq_ignore_ascii_case(b"expect") {
            // After an answer the client may send the body or not: nobody can tell where it ends.
            self.close = true;
        }
        Ok(())
    }
}

/// The lines of a head. One that has a stray carriage return, line feed or NUL comes out empty,
/// which is neither a request nor a field.
struct Lines<'a>(Option<&'a [u8]>);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.0?;
        let line = match rest.windows(2).position(|end| end == b"\r\n") {
            Some(end) => {
                self.0 = Some(&rest[end + 2..]);
                &rest[..end]
            }
            None => {
                self.0 = None;
                rest
            }
        };
        let stray = line.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0));
        Some(if stray { &[] } else { line })
    }
}

/// Whether this is a name of a method or a field.
fn is_token(name: &[u8]) -> bool {
    let of_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !name.is_empty() && name.iter().all(of_token)
}

fn decimal(digits: &[u8]) -> Option<u64> {
    let all = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits).ok().filter(|_| all)?.parse().ok()
}

struct Answer {
    status: Status,
    text: &'static str,
    /// Whether the text itself is sent, and not only its length.
    with_text: bool,
    after: After,
}

impl Answer {
    /// To a request after which nothing can be understood any more.
    fn refuse(status: Status) -> Answer {
        Answer { status, text: "", with_text: true, after: After::Close }
    }
}

fn respond(output: &mut Vec<u8>, answer: &Answer) {
    let length = answer.text.len().to_string();
    let parts = [
        "HTTP/1.1 ",
        answer.status,
        "\r\nContent-Type: text/plain\r\nContent-Length: ",
        &length,
        if answer.status.starts_with("405") { "\r\nAllow: GET, HEAD" } else { "" },
        match answer.after {
            After::KeepAlive => "",
            After::KeepAlive10 => "\r\nConnection: keep-alive",
            After::Close => "\r\nConnection: close",
        },
        "\r\n\r\n",
        if answer.with_text { answer.text } else { "" },
    ];
    for part in parts {
        output.extend_from_slice(part.as_bytes());
    }
}
