//! What the compiler says about what cannot be spawned, and about attributes, explains itself.
//!
//! The expected messages are in `ui/*.stderr`, to the letter, and change with the compiler. So the
//! test runs when it is asked for, with the compiler that they were written by:
//! `cargo +1.95.0 test -p tokio --test diagnostics -- --ignored`. `TRYBUILD=overwrite` writes them anew.

#[test]
#[ignore = "the messages are those of one version of the compiler"]
fn what_does_not_compile_is_explained() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
