//! A supervisor: runs commands, and starts those that fail again.
//!
//! ```sh
//! cargo run --example supervisor 'sleep 5' 'sleep 1; exit 1'
//! ```
//!
//! Each argument is a line for the shell. A command that fails is started again, three times at
//! most; one that succeeds is done. The program ends when nothing runs any more.
//!
//! The idea: every process belongs to one task, which starts it, waits for it and decides what comes
//! next. Ctrl-C (or `SIGTERM`) reaches all tasks through one future that they share: they ask
//! their processes to end, wait for that, and start none again. A second Ctrl-C kills those that
//! do not listen. Nothing outlives the supervisor: a child that is dropped is killed.
//!
//! A shell at a terminal sends Ctrl-C to the commands as well; to be asked twice does no harm.
//!
//! Generation: std.

use futures03::channel::oneshot;
use futures03::future::{join_all, select, Either, FutureExt, Shared};
use std::env;
use std::io;
use std::pin::pin;
use std::process::{Command, ExitCode, ExitStatus};
use tokio::runtime::Runtime;
use tokio_process::{Child, CommandExt};
use tokio_signal::CtrlC;

/// How often a command that fails is started again.
const RESTARTS: u32 = 3;

fn main() -> io::Result<ExitCode> {
    // Before the first child: from here on a signal does not simply end this process.
    let mut requests = Requests::new()?;
    let (tell_stop, stop) = event();
    let (tell_kill, kill) = event();
    let commands: Vec<String> = env::args().skip(1).collect();

    let succeeded = Runtime::new()?.block_on(async move {
        let services = commands.into_iter().enumerate().map(|(n, line)| {
            let service = Service { name: n + 1, line, stop: stop.clone(), kill: kill.clone() };
            tokio::spawn(service.run())
        });
        let all = join_all(services.collect::<Vec<_>>());
        let watch = async move {
            // Without signals the commands still run to their end.
            if requests.next().await.is_ok() {
                println!("stopping");
                let _ = tell_stop.send(());
            }
            if requests.next().await.is_ok() {
                println!("killing");
                let _ = tell_kill.send(());
            }
            std::future::pending::<()>().await
        };
        match select(all, pin!(watch)).await {
            Either::Left((ends, _)) => ends.into_iter().all(|end| end.unwrap_or(false)),
            Either::Right(_) => unreachable!("it watches for ever"),
        }
    });
    Ok(if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Something that happens once, and that any number of tasks wait for.
type Event = Shared<oneshot::Receiver<()>>;

fn event() -> (oneshot::Sender<()>, Event) {
    let (tell, told) = oneshot::channel();
    (tell, told.shared())
}

/// One command, and all that tell its task what to do.
struct Service {
    name: usize,
    line: String,
    stop: Event,
    kill: Event,
}

impl Service {
    /// Runs the command until it succeeds (true), fails too often, or is stopped.
    async fn run(self) -> bool {
        for restarts in 0..=RESTARTS {
            if self.is_stopping() {
                return true;
            }
            let child = match shell(&self.line).spawn_async() {
                Ok(child) => child,
                Err(err) => {
                    println!("{}: cannot start: {err}", self.name);
                    return false;
                }
            };
            println!("{}: started as {}", self.name, child.id());
            match self.end_of(child).await {
                Ok(status) if status.success() => {
                    println!("{}: done", self.name);
                    return true;
                }
                Ok(status) if self.is_stopping() => {
                    println!("{}: stopped ({status})", self.name);
                    return true;
                }
                Ok(status) if restarts < RESTARTS => println!("{}: failed ({status})", self.name),
                Ok(status) => println!("{}: failed too often ({status})", self.name),
                Err(err) => {
                    println!("{}: cannot be waited for: {err}", self.name);
                    return false;
                }
            }
        }
        false
    }

    fn is_stopping(&self) -> bool {
        self.stop.clone().now_or_never().is_some()
    }

    /// Waits for the end of `child`, and brings it about when told to.
    async fn end_of(&self, mut child: Child) -> io::Result<ExitStatus> {
        let id = child.id();
        {
            let exit = pin!(child.exit_status());
            let exit = match select(exit, self.stop.clone()).await {
                Either::Left((status, _)) => return status,
                Either::Right((_, exit)) => exit,
            };
            // It has not been waited for to its end, so the number is still its own.
            ask_to_end(id)?;
            if let Either::Left((status, _)) = select(exit, self.kill.clone()).await {
                return status;
            }
        }
        child.kill()?;
        child.exit_status().await
    }
}

#[cfg(unix)]
fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", line]);
    command
}

#[cfg(windows)]
fn shell(line: &str) -> Command {
    let mut command = Command::new("cmd");
    command.args(["/C", line]);
    command
}

#[cfg(unix)]
fn ask_to_end(id: u32) -> io::Result<()> {
    use rustix::process::{kill_process, Pid, Signal};
    let pid = i32::try_from(id).ok().and_then(Pid::from_raw).expect("the number of a process");
    Ok(kill_process(pid, Signal::TERM)?)
}

/// Windows asks by Ctrl-C, which the processes of the same console have got already.
#[cfg(windows)]
fn ask_to_end(_: u32) -> io::Result<()> {
    Ok(())
}

/// Requests to end this program.
struct Requests {
    ctrl_c: CtrlC,
    #[cfg(unix)]
    terminate: tokio_signal::unix::Signal,
}

impl Requests {
    fn new() -> io::Result<Requests> {
        Ok(Requests {
            ctrl_c: CtrlC::new()?,
            #[cfg(unix)]
            terminate: tokio_signal::unix::signal(tokio_signal::unix::SIGTERM)?,
        })
    }

    #[cfg(unix)]
    async fn next(&mut self) -> io::Result<()> {
        match select(pin!(self.ctrl_c.recv()), pin!(self.terminate.recv())).await {
            Either::Left((ctrl_c, _)) => ctrl_c,
            Either::Right((terminate, _)) => terminate.map(drop),
        }
    }

    #[cfg(windows)]
    async fn next(&mut self) -> io::Result<()> {
        self.ctrl_c.recv().await
    }
}
