//! From a stream of bytes to a stream of messages, and back; see [`tokio_codec`].
//!
//! ```
//! use futures::{Future, Stream};
//! use tokio::codec::{Decoder, FramedRead, LinesCodec};
//!
//! let lines = FramedRead::new(&b"one\ntwo\n"[..], LinesCodec::new_with_max_length(80));
//! assert_eq!(lines.collect().wait()?, ["one", "two"]);
//! # Ok::<(), std::io::Error>(())
//! ```

#[doc(no_inline)]
pub use tokio_codec::{
    length_delimited, BytesCodec, Decoder, Encoder, Framed, FramedParts, FramedRead, FramedWrite,
    LengthDelimitedCodec, LinesCodec,
};
