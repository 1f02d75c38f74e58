//! The arguments of an attribute: `name = literal`, separated by commas.

use crate::error::Error;
use proc_macro::{Literal, Span, TokenStream, TokenTree};

/// Where tasks run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Flavor {
    MultiThread,
    CurrentThread,
}

#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) flavor: Flavor,
    /// The literal as it was written, a positive integer.
    pub(crate) worker_threads: Option<Literal>,
    /// The path of the crate `tokio`, if it has another name.
    pub(crate) krate: Option<String>,
}

const KNOWN: &str = "the arguments are `flavor`, `worker_threads` and `crate`";

impl Arguments {
    pub(crate) fn parse(tokens: TokenStream, default: Flavor) -> Result<Arguments, Error> {
        let mut flavor = None;
        let mut worker_threads = None;
        let mut krate = None;
        let mut tokens = tokens.into_iter();
        while let Some(name) = tokens.next() {
            let span = name.span();
            let TokenTree::Ident(name) = name else {
                return Err(Error::new(span, format!("expected the name of an argument: {KNOWN}")));
            };
            let name = name.to_string();
            match name.as_str() {
                "flavor" | "worker_threads" | "crate" => {}
                "start_paused" => {
                    return Err(Error::new(
                        span,
                        "there is no `start_paused`: give the runtime a clock of its own, \
                         `tokio::clock::Clock`, with `runtime::Builder::clock`",
                    ));
                }
                _ => return Err(Error::new(span, format!("unknown argument `{name}`: {KNOWN}"))),
            }
            match tokens.next() {
                Some(TokenTree::Punct(equals)) if equals.as_char() == '=' => {}
                _ => return Err(Error::new(span, format!("expected `{name} = ..`: {KNOWN}"))),
            }
            let value = match tokens.next() {
                Some(TokenTree::Literal(value)) => value,
                other => {
                    let span = other.map_or(span, |token| token.span());
                    let wanted = if name == "worker_threads" { "a number" } else { "a string" };
                    return Err(Error::new(span, format!("`{name}` wants {wanted}")));
                }
            };
            let twice = match name.as_str() {
                "flavor" => flavor.replace(Flavor::parse(&value)?).is_some(),
                "worker_threads" => worker_threads.replace(positive(value)?).is_some(),
                _ => krate.replace(string(&value)?).is_some(),
            };
            if twice {
                return Err(Error::new(span, format!("`{name}` is given twice")));
            }
            match tokens.next() {
                None => break,
                Some(TokenTree::Punct(comma)) if comma.as_char() == ',' => {}
                Some(other) => return Err(Error::new(other.span(), "expected a comma")),
            }
        }
        let flavor = flavor.unwrap_or(default);
        if let (Flavor::CurrentThread, Some(threads)) = (flavor, &worker_threads) {
            let message = "`worker_threads` needs `flavor = \"multi_thread\"`: a runtime of the \
                           current thread has no workers";
            return Err(Error::new(threads.span(), message));
        }
        Ok(Arguments { flavor, worker_threads, krate })
    }
}

impl Flavor {
    fn parse(value: &Literal) -> Result<Flavor, Error> {
        match string(value)?.as_str() {
            "multi_thread" => Ok(Flavor::MultiThread),
            "current_thread" => Ok(Flavor::CurrentThread),
            other => {
                let message = format!(
                    "no such flavor: `{other}`; there are \"multi_thread\" and \"current_thread\""
                );
                Err(Error::new(value.span(), message))
            }
        }
    }
}

/// What stands in a string literal without escapes.
fn string(value: &Literal) -> Result<String, Error> {
    match unquoted(&value.to_string()) {
        Some(inside) => Ok(inside.to_owned()),
        None => Err(Error::new(value.span(), "expected a string")),
    }
}

fn unquoted(literal: &str) -> Option<&str> {
    let inside = literal.strip_prefix('"')?.strip_suffix('"')?;
    (!inside.contains('\\')).then_some(inside)
}

fn positive(value: Literal) -> Result<Literal, Error> {
    if is_positive(&value.to_string()) {
        Ok(value)
    } else {
        Err(Error::new(value.span(), "`worker_threads` wants an integer, 1 or more"))
    }
}

/// Whether a literal, as it was written, is a decimal `usize` above 0.
fn is_positive(literal: &str) -> bool {
    let digits: String = literal.chars().filter(|c| *c != '_').collect();
    let digits = digits.strip_suffix("usize").unwrap_or(&digits);
    digits.parse::<usize>().is_ok_and(|threads| threads > 0)
}

/// Where a mistake is that has no token of its own.
pub(crate) fn call_site() -> Span {
    Span::call_site()
}

#[cfg(test)]
mod tests {
    use super::{is_positive, unquoted};

    #[test]
    fn strings_are_taken_without_their_quotes() {
        assert_eq!(unquoted("\"multi_thread\""), Some("multi_thread"));
        assert_eq!(unquoted("\"\""), Some(""));
        for other in ["4", "'c'", "\"", "", "\"a\\n\"", "b\"a\"", "r\"a\"", "c\"a\""] {
            assert_eq!(unquoted(other), None, "{other}");
        }
    }

    #[test]
    fn workers_are_counted_in_positive_decimals() {
        for number in ["1", "4", "16usize", "1_000", "4_usize"] {
            assert!(is_positive(number), "{number}");
        }
        for other in ["0", "00", "-1", "1.0", "4u8", "4i32", "0x10", "\"4\"", "'4'", "", "usize"] {
            assert!(!is_positive(other), "{other}");
        }
        assert!(!is_positive(&format!("{}0", usize::MAX)));
    }
}
