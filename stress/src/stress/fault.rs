//! Faults on purpose, so that it can be seen that the checks bite.
//!
//! `--fault KIND` has one of them happen in the test itself, at the place where the code asks
//! [`strikes`] or [`rages`]: the run has to find it. `tests/faults.rs` shows that it does, for each kind.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::OnceLock;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    ByteChanged,
    ByteLost,
    ByteTwice,
    DatagramLost,
    MessageLost,
    WakeLost,
    TaskKept,
    TaskDropped,
    TaskTwice,
    TimerEarly,
    DescriptorKept,
    ThreadKept,
    HeapKept,
    FileKept,
    StatusWrong,
    ChildLeft,
    Inherited,
    SignalLost,
    Panic,
}

impl Fault {
    /// Has this fault of a byte befall the first of those that are to be sent or written.
    pub(super) fn befall(self, bytes: &mut Vec<u8>) {
        match self {
            Fault::ByteChanged => bytes[0] ^= 0x10,
            Fault::ByteLost => drop(bytes.remove(0)),
            Fault::ByteTwice => bytes.insert(0, bytes[0]),
            _ => {}
        }
    }
}

/// Each by its name on the command line, with what it does.
pub(super) const FAULTS: &[(&str, Fault, &str)] = &[
    ("byte-changed", Fault::ByteChanged, "one byte is sent or written with a bit flipped"),
    ("byte-lost", Fault::ByteLost, "one byte is left out"),
    ("byte-twice", Fault::ByteTwice, "one byte is sent or written twice"),
    ("datagram-lost", Fault::DatagramLost, "a datagram is not sent"),
    ("message-lost", Fault::MessageLost, "a message is not put into its channel"),
    ("wake-lost", Fault::WakeLost, "a task that waits is not woken"),
    ("task-kept", Fault::TaskKept, "what a task holds is never dropped"),
    ("task-dropped", Fault::TaskDropped, "a task is dropped before it has run"),
    ("task-twice", Fault::TaskTwice, "what a task holds is dropped twice"),
    ("timer-early", Fault::TimerEarly, "a delay is a second shorter than it should be"),
    ("descriptor-kept", Fault::DescriptorKept, "one descriptor stays open"),
    ("thread-kept", Fault::ThreadKept, "one thread does not end"),
    ("heap-kept", Fault::HeapKept, "each session on a connection leaks 256 bytes"),
    ("file-kept", Fault::FileKept, "a file is not removed"),
    ("status-wrong", Fault::StatusWrong, "a child exits with another code"),
    ("child-left", Fault::ChildLeft, "a child is started that nobody waits for"),
    ("inherited", Fault::Inherited, "children inherit a descriptor"),
    ("signal-lost", Fault::SignalLost, "a signal is not raised"),
    ("panic", Fault::Panic, "a task panics that should not"),
];

static CHOSEN: OnceLock<Fault> = OnceLock::new();
static STRUCK: AtomicBool = AtomicBool::new(false);

/// This one is to happen. Called once at most.
pub(super) fn choose(fault: Fault) {
    CHOSEN.set(fault).expect("one is chosen at most");
}

/// Whether `fault` is to happen now: true once, and only if it was chosen.
pub(super) fn strikes(fault: Fault) -> bool {
    rages(fault) && !STRUCK.swap(true, Relaxed)
}

/// The fault of a byte that is to happen now, if one is.
pub(super) fn strikes_a_byte() -> Option<Fault> {
    let of_bytes = [Fault::ByteChanged, Fault::ByteLost, Fault::ByteTwice];
    of_bytes.into_iter().find(|fault| strikes(*fault))
}

/// Whether `fault` is to happen each time.
pub(super) fn rages(fault: Fault) -> bool {
    CHOSEN.get() == Some(&fault)
}
