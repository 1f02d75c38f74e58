//! A process under test: one scenario on one runtime, or one server.
//!
//! `subject scenario NAME PEER SCALE` prints operations, wall and processor nanoseconds.
//! `subject tcp|udp|hog PEER [PROCESSOR]` binds a port of the loopback interface, prints it, and
//! serves until its input ends, on that processor or on all.

use benches::peer::Peer;
use benches::process;
use benches::scenario::Scenario;
use std::process::exit;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["scenario", name, peer, scale] => scenario(name, peer, scale),
        [what, peer] => serve(what, peer),
        [what, peer, processor] => processor.parse().ok().and_then(|processor| {
            assert!(process::pin(&[processor]), "the system lets us choose a processor");
            serve(what, peer)
        }),
        _ => None,
    };
    if done.is_none() {
        eprintln!("usage: subject scenario NAME PEER SCALE | subject tcp|udp|hog PEER [PROCESSOR]");
        exit(2);
    }
}

fn scenario(name: &str, peer: &str, scale: &str) -> Option<()> {
    let sample = Scenario::find(name)?.run(Peer::parse(peer)?, scale.parse().ok()?)?;
    println!("{} {} {}", sample.operations, sample.wall.as_nanos(), sample.cpu.as_nanos());
    Some(())
}

#[cfg(target_os = "linux")]
fn serve(what: &str, peer: &str) -> Option<()> {
    benches::serve::run(what, Peer::parse(peer)?)
}

#[cfg(not(target_os = "linux"))]
fn serve(_what: &str, _peer: &str) -> Option<()> {
    eprintln!("the servers are compared on Linux");
    None
}
