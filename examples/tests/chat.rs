//! `chat`: lines reach the others, and a member that does not read is dropped.

mod support;

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use support::{connect, Example};

/// A client with a name: its address, as the server sees it.
struct Member {
    name: SocketAddr,
    sock: BufReader<TcpStream>,
}

impl Member {
    fn join(addr: SocketAddr) -> Member {
        let sock = connect(addr);
        let mut member = Member { name: sock.local_addr().unwrap(), sock: BufReader::new(sock) };
        member.hears(&format!("* you are {}", member.name));
        member
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.sock.read_line(&mut line).unwrap();
        line.pop();
        line
    }

    #[track_caller]
    fn hears(&mut self, line: &str) {
        assert_eq!(self.line(), line);
    }

    fn says(&self, line: &str) {
        self.sock.get_ref().write_all(format!("{line}\n").as_bytes()).unwrap();
    }
}

#[test]
fn a_line_reaches_all_others_and_not_its_author() {
    let mut example = Example::start("chat", &["127.0.0.1:0"]);
    let addr = example.listening();
    let mut a = Member::join(addr);
    let mut b = Member::join(addr);
    a.hears(&format!("* {} joined", b.name));
    let mut c = Member::join(addr);
    a.hears(&format!("* {} joined", c.name));
    b.hears(&format!("* {} joined", c.name));

    a.says("hello \u{1b}[31mall");
    b.hears(&format!("{}: hello [31mall", a.name));
    c.hears(&format!("{}: hello [31mall", a.name));
    c.says("hi");
    // The first that `a` hears: its own line did not come back.
    a.hears(&format!("{}: hi", c.name));
    b.hears(&format!("{}: hi", c.name));

    // A last line without an end counts, and leaving is told.
    c.sock.get_ref().write_all(b"bye").unwrap();
    c.sock.get_ref().shutdown(Shutdown::Write).unwrap();
    for member in [&mut a, &mut b] {
        member.hears(&format!("{}: bye", c.name));
        member.hears(&format!("* {} left", c.name));
    }
    assert_eq!(c.line(), "");
}

#[test]
fn a_slow_reader_is_dropped_while_the_others_go_on() {
    let mut example = Example::start("chat", &["127.0.0.1:0"]);
    let addr = example.listening();
    let mut a = Member::join(addr);
    let mut b = Member::join(addr);
    a.hears(&format!("* {} joined", b.name));
    let mut slow = Member::join(addr);
    a.hears(&format!("* {} joined", slow.name));
    b.hears(&format!("* {} joined", slow.name));

    // `b` keeps up: it has read all lines before `a` sends more. `slow` reads none.
    let dropped = format!("* {} was dropped: too slow", slow.name);
    let long = "x".repeat(900);
    let from_a = format!("{}: {long}", a.name);
    let mut sent = 0;
    'flood: loop {
        for _ in 0..16 {
            a.says(&long);
        }
        sent += 16;
        for _ in 0..16 {
            let line = b.line();
            if line == dropped {
                break 'flood;
            }
            assert_eq!(line, from_a);
        }
        assert!(sent < 10_000, "9 MB wait for a member that does not read");
    }
    a.hears(&dropped);
    b.says("still here");
    a.hears(&format!("{}: still here", b.name));

    // The slow one gets what was under way, and then the end. What waited in its queue is gone: the
    // server is done with it at once, and not only when it deigns to read.
    let mut rest = Vec::new();
    match slow.sock.read_to_end(&mut rest) {
        Ok(_) => {}
        Err(err) if err.kind() == ErrorKind::ConnectionReset => {}
        Err(err) => panic!("{err}"),
    }
    assert!(rest.len() < (sent - 200) * from_a.len(), "it has got its whole queue");
    example.assert_alive();
}

#[test]
fn many_short_lines_at_once_do_not_make_a_slow_reader_of_one_that_reads() {
    let mut example = Example::start("chat", &["127.0.0.1:0"]);
    let addr = example.listening();
    let mut a = Member::join(addr);
    let mut b = Member::join(addr);
    a.hears(&format!("* {} joined", b.name));
    // As many as fit into the queue of a member, and so can never be too many.
    let lines: String = (0..250).map(|n| format!("{n}\n")).collect();
    a.sock.get_ref().write_all(lines.as_bytes()).unwrap();
    for n in 0..250 {
        b.hears(&format!("{}: {n}", a.name));
    }
}

#[test]
fn a_line_that_is_too_long_ends_the_connection() {
    let mut example = Example::start("chat", &["127.0.0.1:0"]);
    let addr = example.listening();
    let mut a = Member::join(addr);
    let mut b = Member::join(addr);
    a.hears(&format!("* {} joined", b.name));

    // 1023 bytes and the end of the line are the most.
    let most = "y".repeat(1023);
    b.says(&most);
    a.hears(&format!("{}: {most}", b.name));
    b.sock.get_ref().write_all("y".repeat(1024).as_bytes()).unwrap();
    a.hears(&format!("* {} left: the line is too long", b.name));
    assert_eq!(b.line(), "");
}
