//! Short connections: each sends one message, receives it and is closed.

use super::*;

/// Puts a load of short connections on an echo server over TCP, from one thread, one at a time
/// for each of `load.connections` places. A connection counts as a message.
///
/// # Errors
///
/// As for [`streams`].
pub fn churn(load: Load) -> io::Result<Served> {
    let mut meter = Meter::start(load);
    let mut buffer = vec![0; load.size];
    let mut place = 0;
    let mut open = std::collections::VecDeque::new();
    while meter.goes_on(Instant::now()) {
        let since = Instant::now();
        let mut stream = TcpStream::connect(server(load.port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut message = Message::new(place, load.size);
        stream.write_all(message.rest())?;
        message.sent = load.size;
        open.push_back((place, since, stream, message));
        place = (place + 1) % load.connections;
        if open.len() == load.connections {
            let (place, since, mut stream, mut message) = open.pop_front().expect("just counted");
            stream.read_exact(&mut buffer)?;
            message.check(&buffer)?;
            meter.count(place, since, Instant::now());
            // Closed by a reset: else this end would keep its port for a minute.
            reset(&stream)?;
        }
    }
    meter.finish()
}

fn reset(stream: &TcpStream) -> io::Result<()> {
    let linger = libc::linger { l_onoff: 1, l_linger: 0 };
    // SAFETY: the descriptor is open, and the option's value is valid and of the size given.
    let failed = unsafe {
        libc::setsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            std::ptr::from_ref(&linger).cast(),
            std::mem::size_of_val(&linger) as libc::socklen_t,
        )
    };
    if failed != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
