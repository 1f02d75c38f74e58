//! Echo over UDP.

use super::*;

/// Puts a load on an echo server over UDP: each of `load.connections` sockets has one datagram
/// on its way.
///
/// # Errors
///
/// As for [`streams`]. A datagram that is lost is sent again after a second, and its time counts.
pub fn datagrams(load: Load) -> io::Result<Served> {
    let queue = Queue::new();
    let mut sockets = Vec::new();
    for index in 0..load.connections {
        let socket = UdpSocket::bind(server(0))?;
        socket.connect(server(load.port))?;
        socket.set_nonblocking(true)?;
        queue.add(socket.as_raw_fd(), index as u64);
        let mut message = Message::new(index, load.size);
        socket.send(message.rest())?;
        message.sent = load.size;
        sockets.push((socket, message, Instant::now()));
    }
    let (mut events, mut buffer) = (room(), vec![0; 64 * 1024]);
    let mut meter = Meter::start(load);
    let mut last = Instant::now();
    loop {
        let mut came = 0;
        for token in queue.wait(&mut events, 1000) {
            came += 1;
            let (socket, message, since) = &mut sockets[token as usize];
            let n = match socket.recv(&mut buffer) {
                Ok(n) => n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                Err(error) => return Err(error),
            };
            if n != load.size {
                return Err(ErrorKind::InvalidData.into());
            }
            message.check(&buffer[..n])?;
            last = Instant::now();
            meter.count(token as usize, *since, last);
            message.next();
            socket.send(message.rest())?;
            message.sent = load.size;
            *since = last;
        }
        let now = Instant::now();
        if now.duration_since(last) > PATIENCE {
            return Err(ErrorKind::TimedOut.into());
        }
        if came == 0 {
            for (socket, message, _) in &mut sockets {
                message.sent = 0;
                socket.send(message.rest())?;
                message.sent = load.size;
            }
        }
        if !meter.goes_on(now) {
            return meter.finish();
        }
    }
}
