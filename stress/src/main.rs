#![doc = include_str!("../README.md")]

#[cfg(target_os = "linux")]
mod stress;

fn main() {
    #[cfg(target_os = "linux")]
    std::process::exit(stress::run());
    #[cfg(not(target_os = "linux"))]
    println!("skipped: it counts descriptors and threads in `/proc`, so it runs on Linux alone");
}
