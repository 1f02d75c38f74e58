//! From a message to bytes.

use bytes::BytesMut;
use std::io;

/// Appends messages to a buffer of bytes.
pub trait Encoder {
    /// A message.
    type Item;

    /// Why a message has no bytes. Carries the errors of the byte stream as well.
    type Error: From<io::Error>;

    /// Appends the bytes of `item` to `dst`, after `reserve`-ing room for them.
    ///
    /// # Errors
    ///
    /// When there are no bytes for `item`. What was appended until then stays and will be sent: an
    /// encoder that finds out late truncates `dst`.
    fn encode(&mut self, item: Self::Item, dst: &mut BytesMut) -> Result<(), Self::Error>;
}
