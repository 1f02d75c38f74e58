//! From an attribute and its function to a function that runs it.

use crate::arguments::{Arguments, Flavor};
use crate::error::Error;
use crate::function::Function;
use proc_macro::{TokenStream, TokenTree};

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Main,
    Test,
}

pub(crate) fn attribute(kind: Kind, arguments: TokenStream, function: TokenStream) -> TokenStream {
    match expand(kind, arguments, function.clone()) {
        Ok(tokens) => tokens,
        // With the function as it was, so that its own mistakes and uses are still understood.
        Err(error) => {
            let mut tokens = error.into_tokens();
            tokens.extend(function);
            tokens
        }
    }
}

/// ```text
/// #[test]                                   (for a test)
/// ATTRIBUTES VISIBILITY fn NAME() OUTPUT {
///     async fn NAME() OUTPUT BODY
///     ::tokio::macros::block_on_multi_thread(Some(4), NAME())
/// }
/// ```
///
/// The inner function keeps the output's type, and with it what `?` infers; it hides the outer one,
/// so that a body which calls itself by name awaits itself, as it says.
fn expand(kind: Kind, arguments: TokenStream, function: TokenStream) -> Result<TokenStream, Error> {
    let default = match kind {
        Kind::Main => Flavor::MultiThread,
        Kind::Test => Flavor::CurrentThread,
    };
    let arguments = Arguments::parse(arguments, default)?;
    if kind == Kind::Test && !Function::is_async(&function) {
        // A program of before that imports all macros of `tokio` means the ordinary `#[test]`.
        let mut ordinary: TokenStream = "#[::std::prelude::v1::test]".parse().expect("it is Rust");
        ordinary.extend(function);
        return Ok(ordinary);
    }
    let Function { attributes, visibility, name, output, body } = Function::parse(function)?;
    let krate = arguments.krate.unwrap_or_else(|| "tokio".into());
    let call = match (arguments.flavor, &arguments.worker_threads) {
        (Flavor::CurrentThread, _) => format!("block_on_current_thread({name}())"),
        (Flavor::MultiThread, None) => {
            format!("block_on_multi_thread(::std::option::Option::None, {name}())")
        }
        (Flavor::MultiThread, Some(threads)) => {
            format!("block_on_multi_thread(::std::option::Option::Some({threads}), {name}())")
        }
    };
    let source = |text: &str| {
        text.parse::<TokenStream>().map_err(|error| Error::new(name.span(), error.to_string()))
    };
    let mut inside = source("async fn")?;
    inside.extend([TokenTree::Ident(name.clone())]);
    inside.extend(source("()")?);
    inside.extend(output.clone());
    inside.extend([TokenTree::Group(body)]);
    inside.extend(source(&format!("::{krate}::macros::{call}"))?);

    let mut outside = TokenStream::new();
    if kind == Kind::Test {
        outside.extend(source("#[::std::prelude::v1::test]")?);
    }
    outside.extend(attributes);
    outside.extend(visibility);
    outside.extend(source("fn")?);
    outside.extend([TokenTree::Ident(name.clone())]);
    outside.extend(source("()")?);
    outside.extend(output);
    outside
        .extend([TokenTree::Group(proc_macro::Group::new(proc_macro::Delimiter::Brace, inside))]);
    Ok(outside)
}
