//! Programs as child processes. Nothing here waits for ever.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;
#[cfg(target_os = "linux")]
use std::time::Instant;

/// How long a test waits for anything. Long: the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that runs; killed when it is dropped.
pub(crate) struct Program {
    process: Child,
    addr: Option<SocketAddr>,
}

/// Runs a program to its end, and returns what it has printed. What it says on its standard error is
/// shown.
pub(crate) fn run(path: &str) -> String {
    let mut program = Program::start(path, &[]);
    let mut stdout = program.process.stdout.take().expect("piped");
    let output = within_patience(move || {
        let mut output = String::new();
        stdout.read_to_string(&mut output).expect("text");
        output
    });
    // It has closed its output, so it is about to end.
    let status = within_patience(move || program.process.wait().expect("a child"));
    assert!(status.success(), "{path}: {status}, after {output:?}");
    output
}

impl Program {
    fn start(path: &str, args: &[&str]) -> Program {
        let mut command = Command::new(path);
        command.args(args).stdin(Stdio::null()).stdout(Stdio::piped());
        let process = command.spawn().unwrap_or_else(|err| panic!("{path} does not start: {err}"));
        Program { process, addr: None }
    }

    /// Starts a program as a server, on a port that the system chooses.
    pub(crate) fn serve(path: &str) -> Program {
        let mut program = Program::start(path, &["127.0.0.1:0"]);
        let mut stdout = BufReader::new(program.process.stdout.take().expect("piped"));
        let line = within_patience(move || {
            let mut line = String::new();
            stdout.read_line(&mut line).expect("text");
            line
        });
        let addr = line.trim_end().strip_prefix("listening on ").and_then(|addr| addr.parse().ok());
        program.addr = Some(addr.unwrap_or_else(|| panic!("{path} says {line:?}")));
        program
    }

    /// Sends bytes over a new connection, and returns what comes until the server closes it.
    pub(crate) fn exchange(&self, bytes: &[u8]) -> Vec<u8> {
        let addr = self.addr.expect("it serves");
        let mut stream = TcpStream::connect_timeout(&addr, PATIENCE).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
        stream.write_all(bytes).expect("room for a request");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer and its end");
        answer
    }

    /// The names of its threads, as soon as they are accepted by `settled`, which may choose among
    /// them. After a while they are returned as they are. Linux keeps the first 15 bytes of a name.
    #[cfg(target_os = "linux")]
    pub(crate) fn threads_when(&self, settled: impl Fn(&mut Vec<String>) -> bool) -> Vec<String> {
        let folder = format!("/proc/{}/task", self.process.id());
        let deadline = Instant::now() + PATIENCE;
        loop {
            let threads = std::fs::read_dir(&folder).expect("the process runs");
            // Those that end meanwhile have no name to be read.
            let names = threads.filter_map(|thread| {
                let name = std::fs::read_to_string(thread.ok()?.path().join("comm")).ok()?;
                Some(name.trim_end().to_owned())
            });
            let mut names = names.collect();
            if settled(&mut names) || deadline < Instant::now() {
                return names;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What `wait` returns. If that takes too long the test fails, and the thread is left alone.
fn within_patience<T: Send + 'static>(wait: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = channel();
    thread::spawn(move || done.send(wait()));
    result.recv_timeout(PATIENCE).expect("it ends in time, and well")
}
