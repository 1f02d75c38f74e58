//! What the program does as a child of itself.
//!
//! It ends with its parent, if not before: all children but those that end by themselves wait for the end
//! of their input.

use crate::stress::way::Way;
use std::io::{self, Read, Write};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::{env, fs};

/// The first argument of a child. Then come how many descriptors it may have, what it is to do, and the code
/// to exit with.
const AS_CHILD: &str = "--as-child";

/// The codes of children that cannot do what they are to do.
pub(super) const INHERITS: i32 = 98;
pub(super) const FAILS: i32 = 99;

/// Sends back what it reads.
pub(super) fn echoes(code: i32) -> Command {
    let mut command = command("echo", code);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// Writes so many bytes by these keys, to standard output and to standard error.
pub(super) fn says(code: i32, ways: [(u64, u64); 2]) -> Command {
    let mut command = command("say", code);
    command.args(ways.iter().flat_map(|(len, key)| [len.to_string(), key.to_string()]));
    command.stdin(Stdio::null());
    command
}

/// Ends at once.
pub(super) fn exits(code: i32) -> Command {
    let mut command = command("exit", code);
    command.stdin(Stdio::null());
    command
}

/// Waits until its input is closed.
pub(super) fn waits() -> Command {
    let mut command = command("wait", 0);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

fn command(task: &str, code: i32) -> Command {
    // The file may have another name meanwhile, or none.
    let mut command = Command::new("/proc/self/exe");
    let most = *INHERITED.get().expect("it is counted at the start");
    command.args([AS_CHILD, &most.to_string(), task, &code.to_string()]);
    command
}

/// How many descriptors a child may have: those that this process has been given itself.
static INHERITED: OnceLock<usize> = OnceLock::new();

/// How many descriptors there are.
fn descriptors() -> io::Result<usize> {
    // But for the one that reads the folder.
    Ok(fs::read_dir("/proc/self/fd")?.count() - 1)
}

/// Does the work of a child, and returns its exit code, if this process is one. To be called first.
pub(in crate::stress) fn run_if_child() -> Option<i32> {
    let words: Vec<String> = env::args().skip(1).collect();
    let (most, task, code, rest) = match words.as_slice() {
        [first, most, task, code, rest @ ..] if first == AS_CHILD => (most, task, code, rest),
        _ => {
            INHERITED.get_or_init(|| descriptors().expect("descriptors can be listed"));
            return None;
        }
    };
    match descriptors() {
        Ok(n) if n > number(most) => return Some(INHERITS),
        Ok(_) => {}
        Err(_) => return Some(FAILS),
    }
    let done = match task.as_str() {
        "echo" => copy(io::stdout().lock()),
        "say" => say(rest),
        "wait" => copy(io::sink()),
        _ => Ok(()),
    };
    Some(done.map_or(FAILS, |()| number(code)))
}

fn number<N: std::str::FromStr<Err: std::fmt::Debug>>(word: &str) -> N {
    word.parse().expect("the parent gives numbers")
}

fn copy(mut to: impl Write) -> io::Result<()> {
    let mut buf = vec![0; 10_000];
    loop {
        match io::stdin().lock().read(&mut buf)? {
            0 => return to.flush(),
            n => to.write_all(&buf[..n])?,
        }
    }
}

/// By turns, so that a parent that reads one before the other would wait for ever.
fn say(words: &[String]) -> io::Result<()> {
    let ways =
        [&words[..2], &words[2..]].map(|words| Way::of(number(&words[0]), number(&words[1])));
    let mut outputs: [Box<dyn Write>; 2] = [Box::new(io::stdout()), Box::new(io::stderr())];
    let longest = ways.iter().map(|way| way.len).max().unwrap_or_default();
    for at in (0..longest).step_by(20_000) {
        for (way, output) in ways.iter().zip(&mut outputs) {
            let mut bytes = vec![0; way.len.saturating_sub(at).min(20_000) as usize];
            way.fill(at, &mut bytes);
            output.write_all(&bytes)?;
        }
    }
    outputs.iter_mut().try_for_each(|output| output.flush())
}
