//! The bytes that go to and fro.

use std::io;

/// What one connection sends next, and how much of it has come back.
#[derive(Debug)]
pub(super) struct Message {
    bytes: Vec<u8>,
    /// How much of it was sent, and how much came back.
    pub(super) sent: usize,
    came: usize,
}

impl Message {
    pub(super) fn new(connection: usize, size: usize) -> Message {
        // A step that is odd and differs between connections; see `next`.
        let bytes = (0..size).map(|at| (at * (2 * connection + 1) + connection) as u8).collect();
        Message { bytes, sent: 0, came: 0 }
    }

    /// What is still to be sent.
    pub(super) fn rest(&self) -> &[u8] {
        &self.bytes[self.sent..]
    }

    /// Checks what came back. True if the message is complete by that.
    pub(super) fn check(&mut self, came: &[u8]) -> io::Result<bool> {
        let expected = self.bytes.get(self.came..self.came + came.len());
        if expected != Some(came) || self.came + came.len() > self.sent {
            let what = format!("{} bytes at {} are not those sent", came.len(), self.came);
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        self.came += came.len();
        Ok(self.came == self.bytes.len())
    }

    /// The next message differs from this one in some byte of each cache line.
    pub(super) fn next(&mut self) {
        for byte in self.bytes.iter_mut().step_by(61) {
            *byte = byte.wrapping_add(1);
        }
        (self.sent, self.came) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(connection: usize, size: usize) -> Message {
        let mut message = Message::new(connection, size);
        message.sent = size;
        message
    }

    #[test]
    fn a_message_may_come_back_in_pieces() {
        let mut message = sent(3, 100);
        let bytes = message.rest_of_all();
        assert!(!message.check(&bytes[..10]).unwrap());
        assert!(message.check(&bytes[10..]).unwrap());
    }

    #[test]
    fn a_corrupted_echo_is_found() {
        let mut bytes = sent(3, 100).rest_of_all();
        bytes[57] ^= 1;
        assert!(sent(3, 100).check(&bytes).is_err());
    }

    #[test]
    fn bytes_of_another_connection_are_found() {
        let bytes = sent(4, 100).rest_of_all();
        assert!(sent(3, 100).check(&bytes).is_err());
    }

    #[test]
    fn bytes_of_the_message_before_are_found() {
        let bytes = sent(3, 100).rest_of_all();
        let mut message = sent(3, 100);
        message.next();
        message.sent = 100;
        assert!(message.check(&bytes).is_err());
    }

    #[test]
    fn bytes_out_of_order_are_found() {
        let mut bytes = sent(3, 100).rest_of_all();
        bytes.swap(20, 21);
        assert!(sent(3, 100).check(&bytes).is_err());
    }

    #[test]
    fn more_than_was_sent_is_found() {
        let mut message = sent(3, 100);
        let mut bytes = message.rest_of_all();
        bytes.push(0);
        assert!(message.check(&bytes).is_err());
        message.sent = 50;
        assert!(message.check(&bytes[..51]).is_err());
    }

    impl Message {
        fn rest_of_all(&self) -> Vec<u8> {
            self.bytes.clone()
        }
    }
}
