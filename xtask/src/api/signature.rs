//! Signatures in a form in which they can be compared.

use std::fmt;

/// Types of the arguments and of the result, each in its normal form.
#[derive(Debug, PartialEq)]
pub(crate) struct Signature {
    pub(crate) arguments: Vec<String>,
    pub(crate) result: String,
}

impl Signature {
    /// Of `name<..>(pattern: type, ..) -> type where ..`; `owner` is what `Self` is.
    pub(crate) fn parse(text: &str, owner: &str) -> Signature {
        let name = text.find(['(', '<']).unwrap_or(text.len());
        let mut rest = &text[name..];
        if rest.starts_with('<') {
            rest = &rest[group(rest)..];
        }
        let end = group(rest);
        let arguments = commas(&rest[1..end - 1]).into_iter().map(|argument| {
            let type_of = argument.split_once(": ").map_or(argument, |(_, of)| of);
            normal(type_of, owner)
        });
        let result = rest[end..].split(" where ").next().unwrap_or_default();
        let result = result.trim().strip_prefix("->").unwrap_or("()");
        Signature { arguments: arguments.collect(), result: normal(result, owner) }
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}) -> {}", self.arguments.join(", "), self.result)
    }
}

/// The length of the bracketed group that `text` begins with.
pub(crate) fn group(text: &str) -> usize {
    let mut depth = 0;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '(' | '<' | '[' => depth += 1,
            '>' if before == '-' => {}
            ')' | '>' | ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
        before = c;
    }
    text.len()
}

/// Splits at commas outside of brackets.
fn commas(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut before) = (Vec::new(), 0, 0, ' ');
    for (at, c) in text.char_indices() {
        match c {
            '(' | '<' | '[' => depth += 1,
            '>' if before == '-' => {}
            ')' | '>' | ']' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
        before = c;
    }
    let last = text[start..].trim();
    if !last.is_empty() {
        parts.push(last);
    }
    parts
}

/// Splits at a word outside of brackets.
pub(crate) fn split_at_word<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let pattern = format!(" {word} ");
    text.match_indices(&pattern).find_map(|(at, _)| {
        let balance = |open: char, close: char| {
            text[..at].matches(open).count() == text[..at].matches(close).count()
        };
        (balance('<', '>') && balance('(', ')')).then(|| (&text[..at], &text[at + pattern.len()..]))
    })
}

/// A type without paths before names, lifetimes and spaces, and with `Self` for the owner.
pub(crate) fn normal(text: &str, owner: &str) -> String {
    let owner = owner.rsplit("::").next().unwrap_or_default().trim_start_matches('~');
    let mut tokens: Vec<String> = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_alphanumeric() || c == '_' {
            let mut word = String::from(c);
            while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                word.push(c);
            }
            // Some modules call a name of futures 0.1 so, beside std's.
            let plain = ["Poll", "Future", "Stream", "Sink"]
                .into_iter()
                .find(|plain| word.strip_suffix("01").is_some_and(|before| before == *plain));
            tokens.push(plain.map_or(word, str::to_owned));
        } else if c == '\'' {
            while chars.next_if(|c| c.is_alphanumeric() || *c == '_').is_some() {}
            // A list of lifetimes leaves its comma.
            tokens.push("'".into());
        } else if c == ':' && chars.next_if_eq(&':').is_some() {
            // The path before a name; of an associated type, what it is of is kept.
            if tokens.last().is_some_and(|last| !last.ends_with('>') && last.len() > 1) {
                tokens.pop();
            } else {
                tokens.push("::".into());
            }
        } else if !c.is_whitespace() && c != '~' {
            tokens.push(c.into());
        }
    }
    let text = join(&without_lifetimes(tokens));
    with_self(&text, owner)
}

fn without_lifetimes(tokens: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if token != "'" {
            kept.push(token);
            continue;
        }
        if tokens.next_if(|next| next == ",").is_some() {
            continue;
        }
        let bound = kept.last().is_some_and(|last| last == "+");
        let only = kept.last().is_some_and(|last| last == "<") && tokens.next_if_eq(">").is_some();
        if bound || only {
            kept.pop();
        }
    }
    kept
}

/// Words get a space between them, nothing else does.
fn join(tokens: &[String]) -> String {
    let mut text = String::new();
    for token in tokens {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        if text.ends_with(word) && token.starts_with(word) {
            text.push(' ');
        }
        text.push_str(token);
    }
    text.replace("(dyn ", "dyn(").replace("dyn(", "dyn ").replace("+Send)>", "+Send>")
}

/// Replaces the owner's name, with its parameters if it has any, by `Self`.
fn with_self(text: &str, owner: &str) -> String {
    if owner.is_empty() {
        return text.to_owned();
    }
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(owner) {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let after = &rest[at + owner.len()..];
        let whole = !rest[..at].ends_with(word) && !after.starts_with(word);
        result.push_str(&rest[..at]);
        if whole {
            result.push_str("Self");
            rest = match after.starts_with('<') {
                true => &after[group(after)..],
                false => after,
            };
        } else {
            result.push_str(owner);
            rest = after;
        }
    }
    result + rest
}
