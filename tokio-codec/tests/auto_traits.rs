//! `Send` and `Sync` as in 0.1.

use tokio_codec::{
    length_delimited::{Builder, FrameTooBig},
    BytesCodec, Framed, FramedParts, FramedRead, FramedWrite, LengthDelimitedCodec, LinesCodec,
};

fn both<T: Send + Sync>() {}

#[test]
fn all_are_send_and_sync_as_far_as_what_they_hold() {
    both::<BytesCodec>();
    both::<LinesCodec>();
    both::<LengthDelimitedCodec>();
    both::<Builder>();
    both::<FrameTooBig>();
    both::<Framed<Vec<u8>, LinesCodec>>();
    both::<FramedParts<Vec<u8>, LinesCodec>>();
    both::<FramedRead<Vec<u8>, LinesCodec>>();
    both::<FramedWrite<Vec<u8>, LinesCodec>>();
}
