//! The function below an attribute, taken apart as far as needed.
//!
//! ```text
//! #[doc = ".."] #[ignore]   pub   async fn   name   ( )   -> Result<(), E>   { .. }
//! └──── attributes ─────┘   vis              name         └─── output ───┘   body
//! ```

use crate::arguments::call_site;
use crate::error::Error;
use proc_macro::{Delimiter, Group, Ident, TokenStream, TokenTree};

#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) attributes: TokenStream,
    /// What stands before `async`.
    pub(crate) visibility: TokenStream,
    pub(crate) name: Ident,
    /// What stands between the parameters and the body.
    pub(crate) output: TokenStream,
    pub(crate) body: Group,
}

impl Function {
    /// Whether there is an `async` before the first `fn`.
    pub(crate) fn is_async(tokens: &TokenStream) -> bool {
        let words = tokens.clone().into_iter().filter_map(|token| match token {
            TokenTree::Ident(word) => Some(word.to_string()),
            _ => None,
        });
        words.take_while(|word| word != "fn").any(|word| word == "async")
    }

    pub(crate) fn parse(tokens: TokenStream) -> Result<Function, Error> {
        let mut tokens = tokens.into_iter().peekable();
        let mut attributes = TokenStream::new();
        while let Some(TokenTree::Punct(punct)) = tokens.peek() {
            if punct.as_char() != '#' {
                break;
            }
            attributes.extend(tokens.next());
            attributes.extend(tokens.next());
        }
        let mut visibility = TokenStream::new();
        let mut is_async = false;
        loop {
            match tokens.next() {
                Some(TokenTree::Ident(word)) if word.to_string() == "fn" => {
                    if !is_async {
                        let message = "the function must be `async`: without that, nothing is \
                                       left for a runtime to do";
                        return Err(Error::new(word.span(), message));
                    }
                    break;
                }
                Some(TokenTree::Ident(word)) if word.to_string() == "async" => is_async = true,
                Some(TokenTree::Ident(word))
                    if matches!(word.to_string().as_str(), "pub" | "unsafe" | "extern") =>
                {
                    if word.to_string() != "pub" {
                        return Err(Error::new(word.span(), "expected an `async fn`"));
                    }
                    visibility.extend([TokenTree::Ident(word)]);
                }
                // The `(crate)` of `pub(crate)`, or a macro's `$vis`, which may be empty.
                Some(TokenTree::Group(group))
                    if !is_async
                        && (!visibility.is_empty() || group.delimiter() == Delimiter::None) =>
                {
                    visibility.extend([TokenTree::Group(group)]);
                }
                Some(other) => return Err(Error::new(other.span(), "expected an `async fn`")),
                None => return Err(Error::new(call_site(), "expected an `async fn`")),
            }
        }
        let name = match tokens.next() {
            Some(TokenTree::Ident(name)) => name,
            _ => return Err(Error::new(call_site(), "expected the name of a function")),
        };
        match tokens.next() {
            Some(TokenTree::Group(parameters))
                if parameters.delimiter() == Delimiter::Parenthesis =>
            {
                if !parameters.stream().is_empty() {
                    let message = "the function is called by nobody who could give it arguments";
                    return Err(Error::new(parameters.span(), message));
                }
            }
            Some(other) => {
                return Err(Error::new(other.span(), "the function cannot be generic"));
            }
            None => return Err(Error::new(name.span(), "expected parentheses")),
        }
        let mut rest: Vec<TokenTree> = tokens.collect();
        match rest.pop().map(out_of_a_macro) {
            Some(TokenTree::Group(body)) if body.delimiter() == Delimiter::Brace => {
                let output = rest.into_iter().collect();
                Ok(Function { attributes, visibility, name, output, body })
            }
            other => {
                let span = other.map_or(name.span(), |token| token.span());
                Err(Error::new(span, "the function needs a body"))
            }
        }
    }
}

/// What a macro's `$body:block` stands for: that comes as a group without delimiters around it.
fn out_of_a_macro(token: TokenTree) -> TokenTree {
    let TokenTree::Group(group) = &token else { return token };
    if group.delimiter() != Delimiter::None {
        return token;
    }
    let mut inside = group.stream().into_iter();
    match (inside.next(), inside.next()) {
        (Some(only), None) => out_of_a_macro(only),
        _ => token,
    }
}
