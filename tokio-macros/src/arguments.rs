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
            match tokens.next() {
                Some(TokenTree::Punct(equals)) if equals.as_char() == '=' => {}
                _ => return Err(Error::new(span, format!("expected `{name} = ..`: {KNOWN}"))),
            }
            let value = match tokens.next() {
                Some(TokenTree::Literal(value)) => value,
                other => {
                    let span = other.map_or(span, |token| token.span());
                    return Err(Error::new(span, format!("`{name}` wants a literal")));
                }
            };
            let twice = match name.to_string().as_str() {
                "flavor" => flavor.replace((Flavor::parse(&value)?, value.span())).is_some(),
                "worker_threads" => worker_threads.replace(positive(value)?).is_some(),
                "crate" => krate.replace(string(&value)?).is_some(),
                "start_paused" => {
                    return Err(Error::new(
                        span,
                        "there is no `start_paused`: give the runtime a clock of its own, \
                         `tokio::clock::Clock`, with `runtime::Builder::clock`",
                    ));
                }
                _ => return Err(Error::new(span, format!("unknown argument `{name}`: {KNOWN}"))),
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
        let flavor = flavor.map_or(default, |(flavor, _)| flavor);
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
    let text = value.to_string();
    let inside = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    match inside {
        Some(inside) if !inside.contains('\\') => Ok(inside.to_owned()),
        _ => Err(Error::new(value.span(), "expected a string")),
    }
}

fn positive(value: Literal) -> Result<Literal, Error> {
    let digits: String = value.to_string().chars().filter(|c| *c != '_').collect();
    let digits = digits.strip_suffix("usize").unwrap_or(&digits);
    match digits.parse::<usize>() {
        Ok(1..) => Ok(value),
        _ => Err(Error::new(value.span(), "`worker_threads` wants an integer, 1 or more")),
    }
}

/// Where a mistake is that has no token of its own.
pub(crate) fn call_site() -> Span {
    Span::call_site()
}
