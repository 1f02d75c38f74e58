//! The process runs out of descriptors, again and again: accepting waits, goes on, and loses nobody.

use super::limits;
use super::loopback;
use super::manner::spawn_async;
use super::random::Random;
use super::scope::{Company, Component, Scope};
use futures::{Future as _, Stream as _};
use std::fs::{self, File};
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::semaphore::Semaphore;
use tokio_task::Caller;

pub(super) const COMPONENT: Component = Component {
    name: "descriptors",
    shows: "the process runs out of descriptors, again and again",
    run,
    company: Company::Alone,
};

/// How many clients there are.
const CLIENTS: u64 = 80;

/// How many of them have a socket at a time.
const AT_A_TIME: usize = 8;

/// How many descriptors there are for all.
const ROOM: u64 = 20;

fn run(scope: &Scope, mut random: Random) {
    let (clients, sessions) = (scope.completes("client"), scope.completes("session"));
    let (one, other) = (loopback::listener(), loopback::listener());
    let addrs = [one.local_addr().unwrap(), other.local_addr().unwrap()];

    let in_task = scope.clone();
    let (stop, stopped) = futures::sync::oneshot::channel::<()>();
    let incoming = one.incoming().for_each(move |stream| Ok(session(&in_task, stream)));
    let guard = scope.open_guard("acceptor");
    scope.handle.spawn(incoming.select2(stopped).then(move |_| Ok(drop(guard))));
    let (in_task, guard) = (scope.clone(), scope.open_guard("acceptor"));
    let acceptor = scope.handle.spawn(async move {
        let _guard = guard;
        loop {
            let (stream, _) = other.accept().await.expect("a listener does not fail");
            session(&in_task, stream);
        }
    });

    let open = fs::read_dir("/proc/self/fd").expect("it can be read").count() as u64;
    limits::set(open + ROOM);
    let turns = Arc::new(Semaphore::new(AT_A_TIME));
    for number in 0..CLIENTS {
        let (turns, addr) = (turns.clone(), random.one_of(&addrs));
        let in_task = scope.clone();
        spawn_async(&scope.handle, &mut random, clients.guard(), async move {
            let _turn = turns.acquire().await.expect("nobody closes it");
            let answer = ask(&in_task, addr, number).await.expect("somebody answers");
            in_task.check(answer == number, format_args!("{answer} in place of {number}"));
        });
    }
    // Takes all that there are, and gives them back.
    scope.wait_while(|| {
        let hoard: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
        scope.count("descriptors withheld", hoard.len() as u64);
        thread::sleep(random.micros(0..=15_000));
        drop(hoard);
        thread::sleep(random.micros(0..=15_000));
        clients.live() > 0
    });
    scope.settle(&sessions);
    limits::set(scope.descriptors);
    drop(stop);
    acceptor.abort();
    scope.settle(&scope.open("acceptor"));
    scope.count("clients served", CLIENTS);
}

/// Sends back what comes, until no more does.
fn session(scope: &Scope, stream: TcpStream) {
    let mut guard = scope.completes("session").guard();
    drop(scope.handle.spawn(async move {
        let mut bytes = [0; 8];
        transfer(&mut bytes, |caller, rest| stream.poll_read_with(caller, rest)).await.unwrap();
        transfer(&mut bytes, |caller, rest| stream.poll_write_with(caller, rest)).await.unwrap();
        // Until the client has gone.
        let _ = stream.peek(&mut [0]).await;
        guard.complete();
    }));
}

/// Connects, as soon as there is a descriptor to be had, and asks for an echo.
async fn ask(scope: &Scope, addr: SocketAddr, number: u64) -> io::Result<u64> {
    let stream = loop {
        match TcpStream::connect(&addr).await {
            Err(error) if limits::are_reached(&error) => {
                scope.count("times without a descriptor", 1);
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            result => break result?,
        }
    };
    let mut bytes = number.to_le_bytes();
    transfer(&mut bytes, |caller, rest| stream.poll_write_with(caller, rest)).await?;
    transfer(&mut bytes, |caller, rest| stream.poll_read_with(caller, rest)).await?;
    Ok(u64::from_le_bytes(bytes))
}

/// Reads or writes all of `bytes`.
async fn transfer(
    bytes: &mut [u8],
    mut poll: impl FnMut(Caller<'_>, &mut [u8]) -> std::task::Poll<io::Result<usize>>,
) -> io::Result<()> {
    let mut done = 0;
    while done < bytes.len() {
        match poll_fn(|cx| poll(cx.into(), &mut bytes[done..])).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            n => done += n,
        }
    }
    Ok(())
}
