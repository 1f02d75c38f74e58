//! Echo over TCP.

use super::*;

/// One connection.
struct Client {
    stream: TcpStream,
    message: Message,
    since: Instant,
}

impl Client {
    fn connect(load: Load, index: usize) -> io::Result<Client> {
        let stream = TcpStream::connect(server(load.port))?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Client { stream, message: Message::new(index, load.size), since: Instant::now() })
    }

    /// Sends what the socket takes.
    fn send(&mut self) -> io::Result<()> {
        while !self.message.rest().is_empty() {
            match self.stream.write(self.message.rest()) {
                Ok(n) => self.message.sent += n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Receives what is there. True if that completes the message.
    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
        match self.stream.read(buffer) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(n) => self.message.check(&buffer[..n]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Puts a load on an echo server over TCP.
///
/// # Errors
///
/// If a connection fails, if a byte that comes back is not the one that was sent, and if nothing
/// comes back for ten seconds.
pub fn streams(load: Load) -> io::Result<Served> {
    let queue = Queue::new();
    let connect = |index| Client::connect(load, index);
    let mut clients: Vec<_> = (0..load.connections).map(connect).collect::<io::Result<_>>()?;
    for (index, client) in clients.iter_mut().enumerate() {
        queue.add(client.stream.as_raw_fd(), index as u64);
        client.since = Instant::now();
        client.send()?;
    }
    let (mut events, mut buffer) = (room(), vec![0; 64 * 1024]);
    let mut meter = Meter::start(load);
    let mut last = Instant::now();
    loop {
        for token in queue.wait(&mut events, 1000) {
            let index = token as usize;
            let client = &mut clients[index];
            let whole = client.receive(&mut buffer)?;
            last = Instant::now();
            if whole {
                meter.count(index, client.since, last);
                client.message.next();
                client.since = last;
            }
            // The rest of a message that did not fit into the socket goes as answers come back.
            client.send()?;
        }
        let now = Instant::now();
        if now.duration_since(last) > PATIENCE {
            return Err(ErrorKind::TimedOut.into());
        }
        if !meter.goes_on(now) {
            return meter.finish();
        }
    }
}
