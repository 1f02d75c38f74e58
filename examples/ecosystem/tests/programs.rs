//! Each program talks to itself over loopback, and prints to the byte what it should.

mod running;

use running::{run, Program};

/// A test of the name of the program, whose output ends with the last line.
macro_rules! prints {
    ($($name:ident: $lines:expr;)*) => {$(
        #[test]
        fn $name() {
            let output = run(env!(concat!("CARGO_BIN_EXE_", stringify!($name))));
            assert_eq!(output, $lines.concat());
        }
    )*};
}

prints! {
    hyper1: HELLO;
    hyper012: HELLO;
    hyper1_http2: (0..32).map(|n| format!("{n}\n")).collect::<Vec<_>>();
    hyper012_http2: [
        "hyper 1 asks hyper 0.12: all bodies came back\n",
        "hyper 0.12 asks hyper 1: all bodies came back\n",
    ];
    hyper012_tls: ["TLSv1_3\n", "11 bytes, as expected\n", "1100000 bytes, as expected\n"];
    two_hypers: [
        "200 OK /a/path 11 bytes, as expected\n",
        "200 OK /a/path 1100000 bytes, as expected\n",
    ];
    axum: [
        "GET /: 200 OK Hello, world!\n",
        "GET /add/2/3: 200 OK 5\n",
        "POST /count: 200 OK 2 words so far\n",
        "POST /count: 200 OK 5 words so far\n",
        "GET /add/2/x: 400 Bad Request Invalid URL: \
            Cannot parse value at index 1 with value `x` to a `u32`\n",
        "GET /lost: 404 Not Found \n",
    ];
    websocket: ["10 bytes came back\n", "1048576 bytes came back\n", "closed: true\n"];
    tls: ["TLSv1_3\n", "1048576 bytes came back\n", "elsewhere: refused\n"];
    beside_tokio1: ["tokio 1 wrote to this runtime's server, and read: some words\n"];
    tls_futures01: ["1048576 bytes came back\n", "elsewhere: refused\n"];
    warp_reqwest: [
        "many at a time: as expected\n",
        "Hello, you!\n",
        "SOME WORDS\n",
        "a file: the same\n",
        "404 Not Found\n",
        "silence: given up\n",
    ];
    codec: ["6\n", "0\n", "42\n", "invalid digit found in string\n"];
}

const HELLO: [&str; 3] =
    ["200 OK Hello, world!\n", "200 OK SOME WORDS\n", "404 Not Found There is / and /shout.\n"];

/// Two requests at once, the second of which says that it is the last.
const PIPELINED: &[u8] = b"POST /shout HTTP/1.1\r\nHost: example\r\nContent-Length: 4\r\n\r\nword\
    GET / HTTP/1.1\r\nHost: example\r\nConnection: close\r\n\r\n";

/// What both servers answer, but for the date, whose place is where the letters say.
const PIPELINED_ANSWERS: &str = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nDATE\r\n\r\nWORD\
    HTTP/1.1 200 OK\r\ncontent-length: 14\r\nDATE\r\n\r\nHello, world!\n";

/// Header lines of one order, without what a version adds, and a date that is the same every day.
fn normal(answers: &[u8]) -> String {
    let text = String::from_utf8(answers.to_vec()).expect("only text was asked for");
    let mut lines: Vec<_> =
        text.split("\r\n").filter(|line| *line != "connection: close").collect();
    for line in &mut lines {
        if line.starts_with("date: ") {
            *line = "DATE";
        }
    }
    lines.join("\r\n")
}

#[test]
fn requests_in_one_segment_are_answered_in_order_by_hyper_1() {
    let server = Program::serve(env!("CARGO_BIN_EXE_hyper1"));
    assert_eq!(normal(&server.exchange(PIPELINED)), PIPELINED_ANSWERS);
}

#[test]
fn requests_in_one_segment_are_answered_in_order_by_hyper_012() {
    let server = Program::serve(env!("CARGO_BIN_EXE_hyper012"));
    assert_eq!(normal(&server.exchange(PIPELINED)), PIPELINED_ANSWERS);
}

/// hyper 1 waits by this runtime's timer.
#[test]
fn half_a_request_is_given_up_after_a_while() {
    let server = Program::serve(env!("CARGO_BIN_EXE_hyper1"));
    // Returns when the server closes the connection, which nothing but its timer makes it do.
    assert_eq!(server.exchange(b"GET / HTTP/1.1\r\nHost: exa"), b"");
}

/// Many connections at a time: the front, its client and the service share the pool's threads.
#[test]
fn a_front_and_its_service_serve_many_at_a_time() {
    let server = Program::serve(env!("CARGO_BIN_EXE_two_hypers"));
    std::thread::scope(|scope| {
        for number in 0..32 {
            let server = &server;
            scope.spawn(move || {
                let ask = format!(
                    "PUT /{number} HTTP/1.1\r\nHost: example\r\nTransfer-Encoding: chunked\r\n\
                     Connection: close\r\n\r\n5\r\nsome \r\n5\r\nwords\r\n0\r\n\r\n"
                );
                let answer = String::from_utf8(server.exchange(ask.as_bytes())).unwrap();
                let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
                assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
                assert!(head.contains(&format!("\r\nx-path: /{number}\r\n")), "{head}");
                assert_eq!(unchunked(body), "SOME WORDS");
            });
        }
    });
}

/// Neither hyper has brought a thread or a runtime.
#[test]
#[cfg(target_os = "linux")]
fn a_front_and_its_service_share_one_pool() {
    let server = Program::serve(env!("CARGO_BIN_EXE_two_hypers"));
    let ask = b"GET / HTTP/1.1\r\nHost: example\r\nConnection: close\r\n\r\n";
    assert!(server.exchange(ask).starts_with(b"HTTP/1.1 200 OK\r\n"));

    // A thread that has just been started has no name of its own yet.
    let others = server.threads_when(|names| {
        names.retain(|name| !name.starts_with("tokio-runtime-"));
        names.len() <= 1
    });
    assert_eq!(others, ["two_hypers"], "besides the pool's threads there is the main one");
}

/// A body without the lengths of its chunks, which may be cut differently from what was sent.
fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    loop {
        let (len, rest) = body.split_once("\r\n").expect("a chunk's length");
        let len = usize::from_str_radix(len, 16).expect("a length");
        whole.push_str(&rest[..len]);
        if len == 0 {
            return whole;
        }
        body = rest[len..].strip_prefix("\r\n").expect("an end of the chunk");
    }
}
