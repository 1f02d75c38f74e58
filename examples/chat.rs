//! A chat room: each line of a member goes to all the others.
//!
//! ```sh
//! cargo run --example chat                          # listens on 127.0.0.1:12352
//! nc 127.0.0.1 12352                                # in two or three terminals
//! ```
//!
//! The idea: nobody may make others wait, nor cost the server more and more memory. Every member
//! has a short queue of lines. When a line does not fit, because the member does not read, then the
//! member is dropped, and the rest of the room goes on. What a member sends is bounded as well:
//! a line that is too long ends the connection. To see it, stop a member's `nc` with Ctrl-Z, and
//! paste some hundred kilobytes of text into another one.
//!
//! A member is one task that does two things at once: it reads lines and passes them to the room,
//! and it writes the lines that the room has for it. Both use the socket by shared reference.
//!
//! Generation: std.

use futures03::channel::mpsc;
use futures03::future::{select, Either};
use futures03::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use futures03::StreamExt;
use std::collections::{HashMap, VecDeque};
use std::env;
use std::future::poll_fn;
use std::io;
use std::mem;
use std::net::{Shutdown, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;
use tokio::net::{TcpListener, TcpStream};

/// How many bytes a line may have, with its end.
const LONGEST_LINE: u64 = 1024;

/// How many lines may wait for a member.
const QUEUE: usize = 256;

/// How many bytes the system keeps for a member that does not read.
const SEND_BUFFER: usize = 32 * 1024;

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:12352".to_string());
    let listener = TcpListener::bind(&addr.parse().expect("an address, such as 127.0.0.1:0"))?;
    println!("listening on {}", listener.local_addr()?);

    tokio::run(async move {
        let room = Arc::new(Room::default());
        loop {
            match listener.accept().await {
                Ok((sock, name)) => drop(tokio::spawn(member(room.clone(), sock, name))),
                Err(err) => return eprintln!("accept failed = {err:?}"),
            }
        }
    });
    Ok(())
}

/// A member, from coming to going.
async fn member(room: Arc<Room>, sock: TcpStream, name: SocketAddr) {
    if let Err(err) = sock.set_send_buffer_size(SEND_BUFFER) {
        return eprintln!("{name}: {err}");
    }
    let sock = Arc::new(sock);
    let lines = room.join(name, sock.clone());
    // Whichever ends first ends the other one: it is dropped where it stands.
    let (Either::Left((outcome, _)) | Either::Right((outcome, _))) =
        select(pin!(listen(&room, name, &sock)), pin!(deliver(lines, &sock))).await;
    if room.leave(name) {
        match outcome {
            Ok(()) => room.say(None, format!("* {name} left\n")),
            Err(err) => room.say(None, format!("* {name} left: {err}\n")),
        }
    }
}

/// Passes the member's lines to the room, until the member has no more to say.
async fn listen(room: &Room, name: SocketAddr, sock: &TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(sock);
    let mut line = Vec::new();
    loop {
        line.clear();
        let amt = (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut line).await?;
        if amt == 0 {
            return Ok(());
        }
        if amt as u64 == LONGEST_LINE && !line.ends_with(b"\n") {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the line is too long"));
        }
        // Control characters could play tricks on the others' terminals.
        let text = String::from_utf8_lossy(&line).replace(char::is_control, "");
        room.say(Some(name), format!("{name}: {text}\n"));
        // The members that have got a line take it out of their queues now, before the next one.
        yield_now().await;
    }
}

/// Writes the lines that the room has for a member, until the room drops the member.
async fn deliver(mut lines: mpsc::Receiver<Arc<str>>, mut sock: &TcpStream) -> io::Result<()> {
    while let Some(line) = lines.next().await {
        sock.write_all(line.as_bytes()).await?;
    }
    Ok(())
}

/// Lets the tasks run that wait for their turn.
async fn yield_now() {
    let mut yielded = false;
    poll_fn(|cx| match mem::replace(&mut yielded, true) {
        true => Poll::Ready(()),
        false => {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await;
}

/// Who is there.
#[derive(Default)]
struct Room {
    members: Mutex<HashMap<SocketAddr, Member>>,
}

struct Member {
    queue: mpsc::Sender<Arc<str>>,
    sock: Arc<TcpStream>,
}

impl Room {
    fn members(&self) -> MutexGuard<'_, HashMap<SocketAddr, Member>> {
        self.members.lock().expect("no task panics while it holds the lock")
    }

    /// Lets a member in. Returns the lines that it is to get.
    fn join(&self, name: SocketAddr, sock: Arc<TcpStream>) -> mpsc::Receiver<Arc<str>> {
        let (mut queue, lines) = mpsc::channel(QUEUE);
        queue.try_send(format!("* you are {name}\n").into()).expect("there is room for one line");
        self.members().insert(name, Member { queue, sock });
        self.say(Some(name), format!("* {name} joined\n"));
        lines
    }

    /// Whether the member was still there.
    fn leave(&self, name: SocketAddr) -> bool {
        self.members().remove(&name).is_some()
    }

    /// Queues a line for all members but `except`. Drops those whose queues are full, and tells
    /// the others.
    fn say(&self, except: Option<SocketAddr>, line: String) {
        let mut members = self.members();
        let mut news = VecDeque::from([(except, Arc::from(line))]);
        while let Some((except, line)) = news.pop_front() {
            members.retain(|name, member| {
                if Some(*name) == except || member.queue.try_send(Arc::clone(&line)).is_ok() {
                    return true;
                }
                // The member's task may be waiting for the socket: this wakes it.
                let _ = member.sock.shutdown(Shutdown::Both);
                news.push_back((None, format!("* {name} was dropped: too slow\n").into()));
                false
            });
        }
    }
}
