//! What a source is ready for.

use crate::Direction;
use std::fmt;
use std::net::Shutdown;
use std::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, Sub, SubAssign};

/// A set of things that a source is ready for.
///
/// It is a hint: an operation may still find that it would block. Serves both generations.
///
/// | flag | the next |
/// |---|---|
/// | [`readable`](Ready::readable) | read may find data, or a connection |
/// | [`writable`](Ready::writable) | write may find room |
/// | [`read_closed`](Ready::read_closed) | read reports the end, or an error |
/// | [`write_closed`](Ready::write_closed) | write fails |
/// | [`error`](Ready::error) | operation may report the error that is pending |
///
/// On unix the last three are what the system calls hang-up and error.
///
/// ```
/// use tokio_reactor::Ready;
///
/// let both = Ready::readable() | Ready::writable();
/// assert!(both.contains(Ready::writable()));
/// assert_eq!(both - Ready::writable(), Ready::readable());
/// assert!((both & Ready::error()).is_empty());
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ready(u8);

const READABLE: u8 = 0b0_0001;
const WRITABLE: u8 = 0b0_0010;
const READ_CLOSED: u8 = 0b0_0100;
const WRITE_CLOSED: u8 = 0b0_1000;
const ERROR: u8 = 0b1_0000;

impl Ready {
    /// Nothing.
    pub const fn empty() -> Ready {
        Ready(0)
    }

    /// To read.
    pub const fn readable() -> Ready {
        Ready(READABLE)
    }

    /// To write.
    pub const fn writable() -> Ready {
        Ready(WRITABLE)
    }

    /// Nothing more will come in.
    pub const fn read_closed() -> Ready {
        Ready(READ_CLOSED)
    }

    /// Nothing more can go out.
    pub const fn write_closed() -> Ready {
        Ready(WRITE_CLOSED)
    }

    /// An error is pending.
    pub const fn error() -> Ready {
        Ready(ERROR)
    }

    /// Everything.
    pub const fn all() -> Ready {
        Ready(READABLE | WRITABLE | READ_CLOSED | WRITE_CLOSED | ERROR)
    }

    /// True for the empty set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True if `readable` is in the set.
    pub const fn is_readable(self) -> bool {
        self.contains(Ready::readable())
    }

    /// True if `writable` is in the set.
    pub const fn is_writable(self) -> bool {
        self.contains(Ready::writable())
    }

    /// True if `read_closed` is in the set.
    pub const fn is_read_closed(self) -> bool {
        self.contains(Ready::read_closed())
    }

    /// True if `write_closed` is in the set.
    pub const fn is_write_closed(self) -> bool {
        self.contains(Ready::write_closed())
    }

    /// True if `error` is in the set.
    pub const fn is_error(self) -> bool {
        self.contains(Ready::error())
    }

    /// True if all of `other` is in the set.
    pub const fn contains(self, other: Ready) -> bool {
        self.0 & other.0 == other.0
    }

    /// Adds `other`.
    pub fn insert(&mut self, other: Ready) {
        *self |= other;
    }

    /// Takes `other` away.
    pub fn remove(&mut self, other: Ready) {
        *self -= other;
    }

    /// What is closed once a program has shut down a socket.
    pub(crate) fn closed_by(how: Shutdown) -> Ready {
        match how {
            Shutdown::Read => Ready::read_closed(),
            Shutdown::Write => Ready::write_closed(),
            Shutdown::Both => Ready::read_closed() | Ready::write_closed(),
        }
    }

    /// Ready for operations in `direction`.
    pub(crate) const fn to_do(direction: Direction) -> Ready {
        match direction {
            Direction::Read => Ready::readable(),
            Direction::Write => Ready::writable(),
        }
    }

    /// Nothing more happens in `direction`.
    pub(crate) const fn closed(direction: Direction) -> Ready {
        match direction {
            Direction::Read => Ready::read_closed(),
            Direction::Write => Ready::write_closed(),
        }
    }
}

impl BitOr for Ready {
    type Output = Ready;

    fn bitor(self, other: Ready) -> Ready {
        Ready(self.0 | other.0)
    }
}

impl BitAnd for Ready {
    type Output = Ready;

    fn bitand(self, other: Ready) -> Ready {
        Ready(self.0 & other.0)
    }
}

impl Sub for Ready {
    type Output = Ready;

    fn sub(self, other: Ready) -> Ready {
        Ready(self.0 & !other.0)
    }
}

impl BitOrAssign for Ready {
    fn bitor_assign(&mut self, other: Ready) {
        *self = *self | other;
    }
}

impl BitAndAssign for Ready {
    fn bitand_assign(&mut self, other: Ready) {
        *self = *self & other;
    }
}

impl SubAssign for Ready {
    fn sub_assign(&mut self, other: Ready) {
        *self = *self - other;
    }
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [(Ready, &str); 5] = [
            (Ready::readable(), "readable"),
            (Ready::writable(), "writable"),
            (Ready::read_closed(), "read_closed"),
            (Ready::write_closed(), "write_closed"),
            (Ready::error(), "error"),
        ];
        let names = NAMES.iter().filter(|(flag, _)| self.contains(*flag)).map(|(_, name)| *name);
        f.write_str("Ready(")?;
        for (i, name) in names.enumerate() {
            f.write_str(if i > 0 { " | " } else { "" })?;
            f.write_str(name)?;
        }
        f.write_str(")")
    }
}
