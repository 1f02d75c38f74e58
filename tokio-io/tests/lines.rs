//! `io::lines`, in both generations.

mod script;

use script::{both_streams, give, Fail, NotReady, Script, Step};
use std::io::{BufReader, ErrorKind};
use tokio_io::io::{lines, Lines};

fn lines_of(steps: impl IntoIterator<Item = Step>) -> Lines<BufReader<Script>> {
    lines(BufReader::new(Script::reading(steps)))
}

#[test]
fn endings_are_cut_off() {
    both_streams(
        || lines_of([give("one\ntwo\r\n\n\r\nfive\r\rsix\n")]),
        |lines| {
            let lines: Vec<_> = lines.into_iter().map(Result::unwrap).collect();
            assert_eq!(lines, ["one", "two", "", "", "five\r\rsix"]);
        },
    );
}

#[test]
fn a_last_line_without_ending_counts() {
    both_streams(
        || lines_of([give("one\ntw"), NotReady, give("o"), NotReady]),
        |lines| {
            let lines: Vec<_> = lines.into_iter().map(Result::unwrap).collect();
            assert_eq!(lines, ["one", "two"]);
        },
    );
}

#[test]
fn a_line_cut_within_a_character_and_within_its_ending_is_kept() {
    let text = "grüße\r\n漢字\n";
    both_streams(
        || lines_of(text.bytes().flat_map(|b| [NotReady, Fail(ErrorKind::Interrupted), give([b])])),
        |lines| {
            let lines: Vec<_> = lines.into_iter().map(Result::unwrap).collect();
            assert_eq!(lines, ["grüße", "漢字"]);
        },
    );
}

#[test]
fn a_line_that_is_not_utf8_is_an_error_and_the_next_one_follows() {
    both_streams(
        || lines_of([give(b"one\n\xff\xfe\nthree\n")]),
        |lines| {
            assert_eq!(lines[0].as_ref().unwrap(), "one");
            assert_eq!(lines[1].as_ref().unwrap_err().kind(), ErrorKind::InvalidData);
            assert_eq!(lines[2].as_ref().unwrap(), "three");
            assert_eq!(lines.len(), 3);
        },
    );
}

#[test]
fn an_error_of_the_reader_loses_nothing() {
    both_streams(
        || lines_of([give("on"), Fail(ErrorKind::TimedOut), give("e\n")]),
        |lines| {
            assert_eq!(lines[0].as_ref().unwrap_err().kind(), ErrorKind::TimedOut);
            assert_eq!(lines[1].as_ref().unwrap(), "one");
            assert_eq!(lines.len(), 2);
        },
    );
}

#[test]
fn an_empty_stream_has_no_lines() {
    both_streams(|| lines_of([NotReady]), |lines| assert!(lines.is_empty()));
}
