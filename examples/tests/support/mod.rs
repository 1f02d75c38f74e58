//! Examples as child processes, and clients that talk to them over loopback with std sockets.
//!
//! Nothing here waits for ever: reading a line of an example's output, the sockets, and the end of
//! a process each have the limit [`PATIENCE`].

#![allow(dead_code, reason = "each test uses its part")]

pub(crate) mod isolation;

use socket2::{Domain, Socket, Type};
use std::env;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{channel, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// How long a test waits for anything. Long: the machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A running example. It is killed when this is dropped; if the test fails, what it has written to
/// its standard error is shown.
pub(crate) struct Example {
    name: String,
    process: Child,
    output: Receiver<String>,
    errors: Arc<Mutex<String>>,
}

impl Example {
    /// Starts an example, with nothing to read on its standard input.
    pub(crate) fn start(name: &str, args: &[&str]) -> Example {
        Self::start_with(name, args, Stdio::null())
    }

    /// Starts an example whose standard input the test writes.
    pub(crate) fn start_with_input(name: &str, args: &[&str]) -> (Example, ChildStdin) {
        let mut example = Self::start_with(name, args, Stdio::piped());
        let input = example.process.stdin.take().expect("piped");
        (example, input)
    }

    fn start_with(name: &str, args: &[&str], input: Stdio) -> Example {
        let path = path_of(name);
        assert!(
            path.exists(),
            "{} is missing: build it with `cargo build -p examples --examples` (`cargo test` \
             without `--test` does), for the same profile and target",
            path.display()
        );
        let mut process = Command::new(&path)
            .args(args)
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|err| panic!("{} does not start: {err}", path.display()));
        let (lines, output) = channel();
        let stdout = BufReader::new(process.stdout.take().expect("piped"));
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if lines.send(line).is_err() {
                    return;
                }
            }
        });
        let errors = Arc::new(Mutex::new(String::new()));
        let stderr = BufReader::new(process.stderr.take().expect("piped"));
        let log = errors.clone();
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                log.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        Example { name: name.to_string(), process, output, errors }
    }

    /// The next line of the example's standard output.
    pub(crate) fn line(&mut self) -> String {
        match self.output.recv_timeout(PATIENCE) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => panic!("{} prints nothing", self.name),
            Err(RecvTimeoutError::Disconnected) => panic!("{} has ended", self.name),
        }
    }

    /// The address in the next line, which is `listening on <addr>`.
    pub(crate) fn listening(&mut self) -> SocketAddr {
        let line = self.line();
        let addr = line.strip_prefix("listening on ").and_then(|addr| addr.parse().ok());
        addr.unwrap_or_else(|| panic!("{} says {line:?}, not where it listens", self.name))
    }

    /// Waits until the example ends by itself. Returns its status, and the rest of its output.
    pub(crate) fn end(mut self) -> (ExitStatus, Vec<String>) {
        let deadline = Instant::now() + PATIENCE;
        let mut lines = Vec::new();
        loop {
            match self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => lines.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("{} does not end", self.name),
            }
        }
        (exit_of(&mut self.process, deadline), lines)
    }

    /// The number of the example's process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// What the example has written to its standard error so far.
    pub(crate) fn errors(&self) -> String {
        self.errors.lock().unwrap().clone()
    }

    /// Fails if the example has ended.
    pub(crate) fn assert_alive(&mut self) {
        if let Some(status) = self.process.try_wait().unwrap() {
            panic!("{} has ended: {status}", self.name);
        }
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if thread::panicking() {
            eprintln!("---- {} wrote to its standard error:\n{}----", self.name, self.errors());
        }
    }
}

/// Waits for a process that is about to end. There is no wait with a limit in std.
pub(crate) fn exit_of(process: &mut Child, deadline: Instant) -> ExitStatus {
    loop {
        if let Some(status) = process.try_wait().unwrap() {
            return status;
        }
        assert!(Instant::now() < deadline, "a process does not end");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Where cargo puts examples: beside the directory `deps`, in which this test is.
fn path_of(example: &str) -> PathBuf {
    let test = env::current_exe().expect("the path of this test");
    let profile = test.parent().and_then(|deps| deps.parent()).expect("target/<profile>/deps");
    profile.join("examples").join(format!("{example}{}", env::consts::EXE_SUFFIX))
}

/// A client whose every operation fails when it takes too long.
pub(crate) fn connect(addr: SocketAddr) -> TcpStream {
    let client = TcpStream::connect_timeout(&addr, PATIENCE)
        .unwrap_or_else(|err| panic!("cannot connect to {addr}: {err}"));
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    client.set_write_timeout(Some(PATIENCE)).unwrap();
    client.set_nodelay(true).unwrap();
    client
}

/// The next client of `listener`; fails when none comes.
pub(crate) fn accept(listener: &TcpListener) -> TcpStream {
    listener.set_nonblocking(true).unwrap();
    let deadline = Instant::now() + PATIENCE;
    let client = loop {
        match listener.accept() {
            Ok((client, _)) => break client,
            Err(err) if err.kind() == ErrorKind::WouldBlock => {
                assert!(Instant::now() < deadline, "nobody connects");
                thread::sleep(Duration::from_millis(1));
            }
            Err(err) => panic!("cannot accept: {err}"),
        }
    };
    client.set_nonblocking(false).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    client.set_write_timeout(Some(PATIENCE)).unwrap();
    client
}

/// A socket with an address of its own that does not listen: connections to it are refused, until
/// it does.
pub(crate) fn deaf() -> (Socket, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let addr = socket.local_addr().unwrap().as_socket().unwrap();
    (socket, addr)
}

/// As [`connect`], with UDP.
pub(crate) fn connect_udp(addr: SocketAddr) -> UdpSocket {
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.connect(addr).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    client
}

/// Everything until the peer's end.
pub(crate) fn read_to_end(mut client: &TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    client.read_to_end(&mut bytes).expect("the peer ends its stream");
    bytes
}

/// Sends all of `request` and reads exactly `answer`.
pub(crate) fn exchange(mut client: &TcpStream, request: &[u8], answer: &[u8]) {
    client.write_all(request).unwrap();
    expect(client, answer);
}

/// Reads exactly `bytes`.
pub(crate) fn expect(mut client: &TcpStream, bytes: &[u8]) {
    let mut got = vec![0; bytes.len()];
    client.read_exact(&mut got).unwrap_or_else(|err| panic!("{err} instead of {}", text(bytes)));
    assert_bytes(&got, bytes);
}

/// Fails, without filling the screen, if two sequences of bytes differ.
pub(crate) fn assert_bytes(got: &[u8], want: &[u8]) {
    if got != want {
        let same = got.iter().zip(want).take_while(|(a, b)| a == b).count();
        let (got_len, want_len) = (got.len(), want.len());
        let (got, want) = (text(&got[same..]), text(&want[same..]));
        panic!("{got_len} bytes, not {want_len}; from byte {same} on {got} instead of {want}");
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).escape_debug().to_string()
}

/// Bytes that differ from those of another seed at nearly every place (xorshift).
pub(crate) fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = (seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut step = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..len).map(|_| step()).collect()
}
