//! `tinyhttp`: every byte of its answers, however the requests are cut.

mod support;

use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::thread;
use support::{assert_bytes, connect, exchange, expect, read_to_end, Example};

const GET: &str = "GET /plaintext HTTP/1.1\r\nHost: localhost\r\n\r\n";
const GET_NOTHING: &str = "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n";
const HELLO: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, World!";
const NOT_FOUND: &str =
    "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nnot found\n";

fn start() -> (Example, std::net::SocketAddr) {
    let mut example = Example::start("tinyhttp", &["127.0.0.1:0"]);
    let addr = example.listening();
    (example, addr)
}

/// What the server answers to a request after which it closes.
fn refused(status: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\
         Connection: close\r\n\r\n"
    )
}

#[test]
fn a_connection_serves_one_request_after_the_other() {
    let (_example, addr) = start();
    let client = connect(addr);
    for _ in 0..100 {
        exchange(&client, GET.as_bytes(), HELLO.as_bytes());
        exchange(&client, GET_NOTHING.as_bytes(), NOT_FOUND.as_bytes());
    }
    client.shutdown(Shutdown::Write).unwrap();
    assert_bytes(&read_to_end(&client), b"");
}

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let (_example, addr) = start();
    let client = connect(addr);
    // More than the buffer of the server holds, and of many lengths: it is cut anywhere.
    let (mut requests, mut answers) = (String::new(), String::new());
    for n in 0..2000 {
        let (path, answer) = if n % 3 == 0 { ("/nothing", NOT_FOUND) } else { ("/", HELLO) };
        let query = "q".repeat(n % 61);
        requests += &format!("GET {path}?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        answers += answer;
    }
    thread::scope(|scope| {
        scope.spawn(|| (&client).write_all(requests.as_bytes()).unwrap());
        expect(&client, answers.as_bytes());
    });
}

#[test]
fn requests_may_come_byte_by_byte() {
    let (_example, addr) = start();
    let client = connect(addr);
    for _ in 0..2 {
        for byte in GET.as_bytes() {
            exchange(&client, &[*byte], b"");
        }
        expect(&client, HELLO.as_bytes());
    }
}

#[test]
fn bodies_are_skipped_and_head_has_none() {
    let (_example, addr) = start();
    let client = connect(addr);
    let not_allowed = "HTTP/1.1 405 Method Not Allowed\r\nContent-Type: text/plain\r\n\
                       Content-Length: 18\r\nAllow: GET, HEAD\r\n\r\nonly GET and HEAD\n";
    let body = "GET / HTTP/1.1\r\n\r\n".repeat(1000);
    let post = format!("POST / HTTP/1.1\r\nHost: a\r\ncontent-length: {}\r\n\r\n", body.len());
    let requests = [&post, &body, GET].concat();
    exchange(&client, requests.as_bytes(), [not_allowed, HELLO].concat().as_bytes());
    let head = GET.replace("GET", "HEAD");
    let head_answer = HELLO.replace("Hello, World!", "");
    exchange(&client, [&head, GET].concat().as_bytes(), [&head_answer, HELLO].concat().as_bytes());
}

#[test]
fn whether_the_connection_stays_open_is_the_clients_choice() {
    let (_example, addr) = start();
    let closing = HELLO.replace("13\r\n", "13\r\nConnection: close\r\n");
    let kept = HELLO.replace("13\r\n", "13\r\nConnection: keep-alive\r\n");

    let client = connect(addr);
    let last = "GET /?q HTTP/1.1\r\nHost: a\r\nConnection: foo, CLOSE\r\n\r\n";
    // The request after the last one is not answered.
    (&client).write_all([last, GET].concat().as_bytes()).unwrap();
    assert_bytes(&read_to_end(&client), closing.as_bytes());

    let client = connect(addr);
    let stay = "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n";
    exchange(&client, stay.as_bytes(), kept.as_bytes());
    (&client).write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    assert_bytes(&read_to_end(&client), closing.as_bytes());
}

#[test]
fn a_head_that_is_too_long_is_refused() {
    let (_example, addr) = start();
    let fits = |len: usize| {
        let start = "GET /plaintext HTTP/1.1\r\nHost: localhost\r\nX: ";
        format!("{start}{}\r\n\r\n", "x".repeat(len - start.len() - 4))
    };
    let client = connect(addr);
    exchange(&client, fits(8192).as_bytes(), HELLO.as_bytes());
    for len in [8193, 100_000] {
        let client = connect(addr);
        (&client).write_all(fits(len).as_bytes()).unwrap();
        // The answer arrives although the server has not read the whole request.
        let answer = refused("431 Request Header Fields Too Large");
        expect(&client, answer.as_bytes());
        client.shutdown(Shutdown::Write).unwrap();
        assert_bytes(&read_to_end(&client), b"");
    }
}

#[test]
fn what_is_no_request_is_refused_and_others_are_served() {
    let (mut example, addr) = start();
    let ask = |request: &str, status| {
        let client: TcpStream = connect(addr);
        (&client).write_all(request.as_bytes()).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        println!("{request:?}");
        assert_bytes(&read_to_end(&client), refused(status).as_bytes());
    };
    let bad = [
        "hello\r\n\r\n",
        "GET /\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
        "GET / http/1.1\r\nHost: a\r\n\r\n",
        "G(T / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\u{e4} HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ];
    for request in bad {
        ask(request, "400 Bad Request");
    }
    ask("GET / HTTP/2.0\r\nHost: a\r\n\r\n", "505 HTTP Version Not Supported");
    let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    ask(chunked, "501 Not Implemented");
    exchange(&connect(addr), format!("\r\n{GET}").as_bytes(), HELLO.as_bytes());
    example.assert_alive();
}

#[test]
fn many_clients_at_once_are_served() {
    let (_example, addr) = start();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let clients: Vec<_> = (0..16).map(|_| connect(addr)).collect();
                for _ in 0..20 {
                    for mut client in &clients {
                        client.write_all(GET.as_bytes()).unwrap();
                    }
                    for client in &clients {
                        expect(client, HELLO.as_bytes());
                    }
                }
            });
        }
    });
}
