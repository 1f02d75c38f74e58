//! The load generator by itself: `load PORT PID [CONNECTIONS] [BYTES] [SECONDS] [tcp|udp|churn]`.
//!
//! For a look at a server while it works, with `perf` for instance; `compare` has it built in.

#[cfg(target_os = "linux")]
fn main() {
    use benches::load::{churn, datagrams, streams, Load};
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, otherwise: u64| -> u64 {
        arguments.get(at).map_or(otherwise, |text| text.parse().expect("a number"))
    };
    let load = Load {
        port: number(0, 0) as u16,
        pid: number(1, 0) as u32,
        connections: number(2, 64) as usize,
        size: number(3, 64) as usize,
        time: std::time::Duration::from_secs(number(4, 2)),
    };
    let put = match arguments.get(5).map_or("tcp", String::as_str) {
        "udp" => datagrams,
        "churn" => churn,
        _ => streams,
    };
    match put(load) {
        Ok(served) => println!("{served:?}"),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("the load generator needs epoll");
}
