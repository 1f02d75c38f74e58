//! The two things that a task can wait for.

/// Which way data moves: what a task waits for, and what an operation uses up.
///
/// The directions of a source are independent: to wait in one says nothing about the other.
///
/// | direction | operations |
/// |---|---|
/// | `Read` | read, receive, peek, accept |
/// | `Write` | write, send, finish a connect |
///
/// ```
/// use tokio_reactor::Direction;
///
/// assert_ne!(Direction::Read, Direction::Write);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Data, or a connection, comes in.
    Read,
    /// Data goes out, or a connection is made.
    Write,
}
