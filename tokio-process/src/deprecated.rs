//! What 0.1 deprecated and programs may still name.

use crate::StatusAsync;

/// The name that [`StatusAsync`] had for a while.
#[deprecated(note = "renamed to `StatusAsync`")]
#[doc(hidden)]
pub type StatusAsync2 = StatusAsync;
