//! What the benchmarks share.
//!
//! | module | is |
//! |---|---|
//! | [`bridge`] | ways across from one generation of futures to the other |
//! | [`callgrind`] | runs a program of ours under valgrind |
//! | [`peer`] | the runtimes, ours in both generations and the others, behind one trait for each generation |
//! | [`scenario`] | what a scheduler does, written once for each generation |
//! | [`serve`] | socket servers, one for each runtime and a bare epoll loop |
//! | [`load`] | a load generator that checks every byte |
//! | [`stats`] | medians, percentiles and ratios of pairs |
//! | [`process`] | what the system says of a process: processor time, memory, switches |

pub mod bridge;
pub mod callgrind;
#[cfg(target_os = "linux")]
pub mod load;
pub mod peer;
pub mod process;
pub mod scenario;
#[cfg(target_os = "linux")]
pub mod serve;
pub mod stats;
