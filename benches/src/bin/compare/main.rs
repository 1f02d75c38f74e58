//! Compares this project's runtime with its peers: `compare quick|full [FILTER]`.
//!
//! Subjects run in turn, one sample of each in a round, and the order is another one in each
//! round. A figure is compared with tokio 1's of the same round; what is printed is the median of
//! these ratios, with the quartiles as the noise. Every server, and every measurement of a
//! scheduler, is a process of its own.
//!
//! A filter is a part of the names of cases, or `extras`, which is what is no case. `full` without a
//! filter writes `docs/performance.md` and its pictures.
//!
//! `compare held [SECONDS] [PEER]` compares nothing: it shows whether a server holds 10,000 idle and
//! 8,000 active connections at flat memory.

#[cfg(target_os = "linux")]
mod extras;
#[cfg(target_os = "linux")]
mod held;
#[cfg(target_os = "linux")]
mod page;
#[cfg(target_os = "linux")]
mod plan;
#[cfg(target_os = "linux")]
mod plot;
#[cfg(target_os = "linux")]
mod rounds;
#[cfg(target_os = "linux")]
mod subject;

#[cfg(target_os = "linux")]
use benches::peer::Peer;

#[cfg(target_os = "linux")]
fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let effort = match arguments.first().map(String::as_str) {
        Some("quick") => plan::QUICK,
        Some("full") => plan::FULL,
        Some("held") => {
            let word = |at: usize| arguments.get(at);
            let seconds = word(1).map_or(Ok(120), |text| text.parse());
            let peer = word(2).map_or(Some(Peer::Ours), |name| Peer::parse(name));
            if let (Ok(seconds), Some(peer)) = (seconds, peer) {
                return held::hold(peer, std::time::Duration::from_secs(seconds));
            }
            eprintln!("usage: compare held [SECONDS] [PEER]");
            std::process::exit(2);
        }
        _ => {
            eprintln!("usage: compare quick|full [FILTER] | compare held [SECONDS] [PEER]");
            std::process::exit(2);
        }
    };
    let filter = arguments.get(1).map_or("", String::as_str);
    subject::more_descriptors();
    let mut page = page::Page::begin(&arguments);
    for case in plan::cases().iter().filter(|case| case.name.contains(filter)) {
        let table = rounds::run(case, effort);
        println!("\n{}", table.text());
        page.add(case, table);
    }
    if filter.is_empty() {
        page.growth = rounds::growth(effort);
    }
    if filter.is_empty() || filter == "extras" {
        page.extras = extras::measure(effort);
    }
    print!("\n{}", page.targets());
    if filter.is_empty() && effort == plan::FULL {
        page.write()?;
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("the comparison needs epoll and /proc");
}
