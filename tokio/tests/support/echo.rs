//! Echo servers and clients, written as each generation's programs write them.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use tokio::net::TcpListener;

// A module for each, as the extension traits of the generations have methods of the same names.
mod futures01;
mod std_future;

#[allow(unused_imports, reason = "each test binary uses a part")]
pub(crate) use {futures01::echo as echo_futures01, std_future::echo as echo_std};

/// A server and a client, each made of the futures of one generation.
pub(crate) trait Peer: 'static {
    /// Spawns a server that echoes each of `connections` connections until their clients shut
    /// down, and then ends. Each connection is a task of its own.
    fn serve(listener: TcpListener, connections: u64);

    /// Sends `message`, shuts down, and returns what comes back until the end.
    fn exchange(
        addr: SocketAddr,
        message: Vec<u8>,
    ) -> impl Future<Output = io::Result<Vec<u8>>> + Send + 'static;
}

/// Bytes that look random, so that a lost, doubled or swapped byte shows.
pub(crate) fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// FNV-1a, to compare streams without keeping them.
pub(crate) fn checksum(seed: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(seed, |sum, &b| (sum ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}
