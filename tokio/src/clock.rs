//! What time it is, by the clock of this thread: the runtime's, if it was given one.
//!
//! ```
//! use std::time::Duration;
//! use tokio::clock::{Clock, MockClock};
//! use tokio::runtime::Builder;
//!
//! let mock = MockClock::new();
//! let mut runtime = Builder::new().clock(mock.clock()).build().unwrap();
//! let before = mock.now();
//! mock.advance(Duration::from_secs(3600));
//! let now = runtime.block_on(async { tokio::clock::now() });
//! assert_eq!(now - before, Duration::from_secs(3600));
//! ```

pub use tokio_timer::clock::now;
#[doc(no_inline)]
pub use tokio_timer::clock::{Clock, MockClock, Now};
