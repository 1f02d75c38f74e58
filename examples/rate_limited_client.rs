//! A client that asks no more often than it may, waits no longer than it wants, and tries again.
//!
//! ```sh
//! cargo run --example echo_async 127.0.0.1:12346 &
//! cargo run --example rate_limited_client 127.0.0.1:12346 20 10   # 20 questions, 10 a second
//! ```
//!
//! The idea: time is a stream and a future like others. An `interval` says when the next question may
//! be asked, a `timeout` around an answer makes a lost one an error, and a `sleep` that grows lets a
//! server that is in trouble recover.
//!
//! Generation: std; the same timers stand in `tokio::timer` for futures 0.1.

use futures03::io::{AsyncReadExt, AsyncWriteExt};
use std::net::SocketAddr;
use std::{env, io};
use tokio::net::TcpStream;
use tokio::time::{interval, sleep, timeout, Duration};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often a question is asked before it is given up.
const TRIES: u32 = 4;

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let mut next = |otherwise: &str| arguments.next().unwrap_or_else(|| otherwise.to_owned());
    let server = next("127.0.0.1:12346").parse().expect("an address, such as 127.0.0.1:12346");
    let questions = next("20").parse().expect("a number of questions");
    let rate: u32 = next("10").parse().expect("questions a second");
    assert!(rate > 0, "at least one question a second");

    let mut runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(ask_all(server, questions, Duration::from_secs(1) / rate))
}

async fn ask_all(server: SocketAddr, questions: u32, period: Duration) -> io::Result<()> {
    let mut ticks = interval(period);
    let mut connection = None;
    for number in 0..questions {
        ticks.tick().await.map_err(io::Error::other)?;
        let question = format!("question {number}");
        let answer = ask_until_answered(server, &mut connection, &question).await?;
        println!("{answer}");
    }
    Ok(())
}

/// Asks, and again after a failure: on a new connection, and later each time.
async fn ask_until_answered(
    server: SocketAddr,
    connection: &mut Option<TcpStream>,
    question: &str,
) -> io::Result<String> {
    let mut pause = Duration::from_millis(50);
    let mut tries = 0;
    loop {
        tries += 1;
        let error = match timeout(PATIENCE, ask(server, connection, question)).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => error,
            Err(elapsed) => elapsed.into(),
        };
        // Half an answer may be on its way there.
        *connection = None;
        if tries == TRIES {
            return Err(error);
        }
        println!("again: {:?}", error.kind());
        sleep(pause).await;
        pause *= 2;
    }
}

async fn ask(
    server: SocketAddr,
    connection: &mut Option<TcpStream>,
    question: &str,
) -> io::Result<String> {
    if connection.is_none() {
        *connection = Some(TcpStream::connect(&server).await?);
    }
    let stream = connection.as_mut().expect("made just now");
    stream.write_all(question.as_bytes()).await?;
    let mut answer = vec![0; question.len()];
    stream.read_exact(&mut answer).await?;
    String::from_utf8(answer).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
