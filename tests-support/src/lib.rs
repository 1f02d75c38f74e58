//! For tests of this workspace: one body for both generations, waits that fail instead of hanging,
//! and what tests of sockets have in common.
//!
//! | file | is |
//! |---|---|
//! | `bounded.rs` | [`bounded()`]: a test that hangs fails |
//! | `bell.rs` | [`Bell`]: a waker that a test can wait for |
//! | `generation.rs` | [`Generation`]: the operations of a generation, blocking the test's thread |
//! | `random.rs` | [`Random`]: the numbers of a seeded generator |
//! | `descriptors.rs` | running out of file descriptors, in a process of its own |

mod bell;
mod bounded;
#[cfg(unix)]
mod descriptors;
mod generation;
mod random;

pub use self::bell::Bell;
pub use self::bounded::{bounded, bounded_by, LIMIT};
#[cfg(unix)]
pub use self::descriptors::{flags, hoard, in_a_process_of_its_own};
pub use self::generation::{wait01, Futures01, Generation, Reader, Std, Writer};
pub use self::random::Random;

/// Makes a test of each function, for each generation: `by_futures01::name` and `by_std::name`.
#[macro_export]
macro_rules! both {
    ($($name:ident),+ $(,)?) => {
        mod by_futures01 {
            $(#[test] fn $name() { $crate::bounded(super::$name::<$crate::Futures01>) })+
        }
        mod by_std {
            $(#[test] fn $name() { $crate::bounded(super::$name::<$crate::Std>) })+
        }
    };
}
