//! The combinators lose, double and move no byte, whatever the streams do.

use crate::input::Input;
use crate::stream::{Cut, Generation, BOTH};
use std::io::BufReader;
use tokio_io::io::{copy, lines, read_to_end, read_until, shutdown, write_all};
use tokio_io::AsyncRead;

/// `copy`, also between the halves of a split, `read_to_end`, `read_until`, `lines`, `write_all`.
pub fn combinators(data: &[u8]) {
    let mut input = Input::new(data);
    let room = 1 + input.below(16);
    let (plan, other, bytes) = (input.part(), input.part(), input.rest());
    let stream = || Cut::new(plan, bytes);
    let sink = || Cut::new(other, &[]);
    for generation in BOTH {
        let (n, _, to) = generation.run(copy(stream(), sink())).unwrap();
        assert_eq!((n, &to.written[..]), (bytes.len() as u64, bytes));

        let (reader, writer) = stream().split();
        let (n, reader, writer) = generation.run(copy(reader, writer)).unwrap();
        assert_eq!((n, &reader.unsplit(writer).written[..]), (bytes.len() as u64, bytes));

        let (_, all) = generation.run(read_to_end(stream(), Vec::new())).unwrap();
        assert_eq!(all, bytes);

        let (to, _) = generation.run(write_all(sink(), bytes)).unwrap();
        let to = generation.run(shutdown(to)).unwrap();
        assert!(to.shut_down && to.written == bytes);

        let mut reader = BufReader::with_capacity(room, stream());
        for expected in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (back, part) = generation.run(read_until(reader, b'\n', Vec::new())).unwrap();
            assert_eq!(part, expected);
            reader = back;
        }

        if let Ok(text) = std::str::from_utf8(bytes) {
            let found = generation.all(lines(BufReader::with_capacity(room, stream())));
            let found: Vec<_> = found.into_iter().map(Result::unwrap).collect();
            assert_eq!(found, text.lines().collect::<Vec<_>>());
        }
    }
    go_on_after_errors(plan, other, bytes);
}

/// A 0.1 future that is polled again after an error goes on where it stopped.
fn go_on_after_errors(plan: &[u8], other: &[u8], bytes: &[u8]) {
    let stream = || Cut::failing(plan, bytes);
    let sink = || Cut::failing(other, &[]);
    let (n, _, to) = Generation::run_on(copy(stream(), sink()));
    assert_eq!((n, &to.written[..]), (bytes.len() as u64, bytes));
    let (_, all) = Generation::run_on(read_to_end(stream(), Vec::new()));
    assert_eq!(all, bytes);
    let (to, _) = Generation::run_on(write_all(sink(), bytes));
    assert_eq!(to.written, bytes);
}
