//! The corpora and some random inputs, the same every time, through each target.

use std::fs;
use std::panic::{catch_unwind, resume_unwind};
use std::path::Path;

const ROUNDS: u64 = 4_000;

fn replay(name: &str) {
    let (_, target) = tokio_fuzz::TARGETS.iter().find(|(known, _)| *known == name).unwrap();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    for entry in fs::read_dir(corpus).unwrap() {
        target(&fs::read(entry.unwrap().path()).unwrap());
    }
    for seed in 0..ROUNDS {
        let bytes = random(seed);
        if let Err(panic) = catch_unwind(|| target(&bytes)) {
            eprintln!("{name}, seed {seed}: {bytes:?}");
            resume_unwind(panic);
        }
    }
}

/// Up to 400 bytes; in odd rounds of a small alphabet, so that delimiters and small lengths are met.
fn random(seed: u64) -> Vec<u8> {
    const ALPHABET: &[u8] = b"\n\r\n\0\0\x01\x02\x05a\xc3\xbc\xff";
    let mut state = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as usize
    };
    let len = next() % 400;
    let byte = |n: usize| if seed % 2 == 0 { n as u8 } else { ALPHABET[n % ALPHABET.len()] };
    (0..len).map(|_| byte(next())).collect()
}

macro_rules! targets {
    ($($name:ident)*) => {
        $(#[test] fn $name() { replay(stringify!($name)) })*

        #[test]
        fn each_target_is_replayed() {
            let names: Vec<_> = tokio_fuzz::TARGETS.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

targets! { bytes_codec lines_codec length_delimited combinators messages timer tasks }
