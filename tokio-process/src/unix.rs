//! What is particular to Unix.

mod exit;
mod orphans;
mod pipe;

pub(crate) use self::exit::{watch_by_signal, Exit, Preparation};
pub(crate) use self::orphans::reap;
pub(crate) use self::pipe::{PipeReader, PipeWriter};
