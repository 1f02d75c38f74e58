// An echo server, written with futures 0.1: whatever a client sends comes back to it.
//
//     cargo run --example echo
//     nc 127.0.0.1 12345
//
// The idea: a server is a stream of connections, and each connection is a future of its own that
// runs beside the others. Type a line into `nc`, and it comes back. End the input with Ctrl-D
// (`nc -N`): the server still sends what is under way, closes, and prints how much it was
// (with all else that `copy` yields: the two halves of the connection).
//
// This is how such programs have been written since 2018; here they run as they are. `echo_async.rs`
// is the same server with `async`, and `echo_mixed.rs` is half-way between the two.

extern crate tokio;
use tokio::prelude::*;
use tokio::io::copy;
use tokio::net::TcpListener;

fn main() {
    let addr = "127.0.0.1:12345".parse().unwrap();
    let listener = TcpListener::bind(&addr).expect("unable to bind TCP listener");
    let server = listener.incoming()
        .map_err(|e| eprintln!("accept failed = {:?}", e))
        .for_each(|sock| {
            let (reader, writer) = sock.split();
            let bytes_copied = copy(reader, writer);
            let handle_conn = bytes_copied.map(|amt| {
                println!("wrote {:?} bytes", amt)
            }).map_err(|err| {
                eprintln!("IO error {:?}", err)
            });
            tokio::spawn(handle_conn)
        });
    tokio::run(server);
}
