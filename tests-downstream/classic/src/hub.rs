//! Lines from each client to all others, over channels.

use futures::sync::mpsc;
use std::collections::HashMap;
use std::io::BufReader;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio;
use tokio::io::{lines, write_all};
use tokio::net::{TcpListener, TcpStream};
use tokio::prelude::*;

type Members = Arc<Mutex<HashMap<SocketAddr, mpsc::UnboundedSender<String>>>>;

pub fn hub(listener: TcpListener) -> impl Future<Item = (), Error = ()> + Send {
    let members = Members::default();
    listener
        .incoming()
        .map_err(|e| panic!("{}", e))
        .for_each(move |sock| tokio::spawn(member(sock, members.clone())))
}

fn member(sock: TcpStream, members: Members) -> impl Future<Item = (), Error = ()> + Send {
    let addr = sock.peer_addr().unwrap();
    let (tx, rx) = mpsc::unbounded();
    members.lock().unwrap().insert(addr, tx);
    let (reader, writer) = sock.split();
    let members_of_reader = members.clone();
    let read = lines(BufReader::new(reader))
        .for_each(move |line| {
            for (&to, tx) in members_of_reader.lock().unwrap().iter() {
                if to != addr {
                    let _ = tx.unbounded_send(format!("{}\n", line));
                }
            }
            Ok(())
        })
        .map_err(|e| println!("{}", e));
    let write = rx
        .fold(writer, |writer, line| {
            write_all(writer, line.into_bytes()).map(|(writer, _)| writer).map_err(|_| ())
        })
        .map(|_| ());
    read.select(write).then(move |_| {
        members.lock().unwrap().remove(&addr);
        Ok(())
    })
}
