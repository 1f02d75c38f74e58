//! What is fuzzed: a function of bytes each, which panics when a promise does not hold.
//!
//! `fuzz_targets/` hands them to libFuzzer; `tests/replay.rs` runs them on a stable compiler.

mod codecs;
mod combinators;
mod input;
mod messages;
mod stream;
mod tasks;
mod timer;

pub use codecs::{bytes_codec, length_delimited, lines_codec};
pub use combinators::combinators;
pub use messages::messages;
pub use tasks::tasks;
pub use timer::timer;

/// Panics when what these bytes lead to breaks a promise.
pub type Target = fn(&[u8]);

/// Each target by its name.
pub const TARGETS: &[(&str, Target)] = &[
    ("bytes_codec", bytes_codec),
    ("lines_codec", lines_codec),
    ("length_delimited", length_delimited),
    ("combinators", combinators),
    ("messages", messages),
    ("timer", timer),
    ("tasks", tasks),
];
