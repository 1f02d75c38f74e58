//! Servers and clients of the futures 0.1 generation.

// As it was written then.
#![allow(bare_trait_objects, deprecated)]

extern crate bytes;
#[macro_use]
extern crate futures;
extern crate tokio;
extern crate tokio_codec;
#[macro_use]
extern crate tokio_io;
extern crate tokio_tcp;

pub mod echo;
pub mod frames;
pub mod hub;
pub mod relay;
pub mod udp;
