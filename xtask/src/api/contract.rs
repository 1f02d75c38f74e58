//! The contract's files, as lists of entries.

/// One thing that has to be there.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The type or trait that it belongs to, by its path in the crate.
    pub(crate) owner: Option<String>,
    /// Its path in the crate, or its name in the owner.
    pub(crate) path: String,
    pub(crate) what: What,
}

#[derive(Debug)]
pub(crate) enum What {
    /// A type, trait, module, constant or macro.
    Item,
    /// The same, defined in another crate.
    Elsewhere,
    /// A function, with its signature.
    Function(String),
    /// A field or an associated type of a trait.
    Member,
    /// The owner's implementation of a trait, or for a trait owner that of the trait for a type.
    Impl { of: String, target: String, types: Vec<(String, String)> },
}

impl Entry {
    /// The name that a difference goes by.
    pub(crate) fn name(&self) -> String {
        match (&self.owner, &self.what) {
            (Some(owner), What::Impl { of, target, .. }) => format!("{owner}: {of} for {target}"),
            (Some(owner), _) => format!("{owner}::{}", self.path),
            (None, _) => self.path.clone(),
        }
    }
}

pub(crate) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let mut entries = Vec::new();
    let mut owner = None;
    for line in text.lines() {
        let is_top = !line.starts_with(' ');
        let line = without_notes(line.trim());
        if line.is_empty() || line.starts_with('#') || line.starts_with("==") {
            continue;
        }
        if is_top {
            let entry = top(line)?;
            owner = Some(entry.path.clone());
            entries.push(entry);
        } else if let Some(rest) = line.strip_prefix("+ ") {
            entries.push(implementation(rest, owner.clone())?);
        } else if !line.starts_with("in impl") {
            entries.push(member(line, owner.clone()));
        }
    }
    Ok(entries)
}

/// Cuts off `[deprecated]`, `(defined in ..)` and the like.
fn without_notes(line: &str) -> &str {
    let mut line = line;
    loop {
        let cut = match (line.ends_with(']'), line.rfind("  [")) {
            (true, Some(at)) => at,
            _ => match (line.ends_with(')'), line.rfind("  (defined in")) {
                (true, Some(at)) => at,
                _ => return line,
            },
        };
        line = line[..cut].trim_end();
    }
}

fn top(line: &str) -> Result<Entry, String> {
    let (kind, rest) = line.split_once(' ').ok_or_else(|| format!("not an item: {line}"))?;
    let end = rest.find(|c: char| !(c.is_alphanumeric() || "_:~".contains(c)));
    let path = &rest[..end.unwrap_or(rest.len())];
    let path = path.trim_end_matches(':');
    let what = match kind {
        _ if rest.contains("  = ") => What::Elsewhere,
        "fn" => What::Function(rest.to_owned()),
        "struct" | "enum" | "trait" | "type" | "mod" | "const" | "macro" => What::Item,
        _ => return Err(format!("not an item: {line}")),
    };
    Ok(Entry { owner: None, path: path.to_owned(), what })
}

fn member(line: &str, owner: Option<String>) -> Entry {
    let line = line.strip_prefix("unsafe ").unwrap_or(line);
    match line.strip_prefix("fn ") {
        Some(signature) => {
            let end = signature.find(['(', '<']).unwrap_or(signature.len());
            let path = signature[..end].to_owned();
            Entry { owner, path, what: What::Function(signature.to_owned()) }
        }
        None => {
            // `pub io: T`, `type Item`, `const N`.
            let mut words = line.split([' ', ':']).filter(|word| !word.is_empty());
            let path = words.nth(1).unwrap_or_default().to_owned();
            Entry { owner, path, what: What::Member }
        }
    }
}

fn implementation(line: &str, owner: Option<String>) -> Result<Entry, String> {
    let bad = || format!("not an implementation: {line}");
    let mut rest = line.strip_prefix("impl").ok_or_else(bad)?.trim_start();
    if rest.starts_with('<') {
        rest = rest[super::signature::group(rest)..].trim_start();
    }
    let (of, rest) = super::signature::split_at_word(rest, "for").ok_or_else(bad)?;
    let end = [" where ", " { type"].iter().filter_map(|end| rest.find(end)).min();
    let target = rest[..end.unwrap_or(rest.len())].trim();
    let types = match rest.rfind("{ type ") {
        Some(at) => {
            let inside = rest[at + 1..].trim_end_matches('}');
            let parts = inside.split(';').filter_map(|part| part.split_once('='));
            let pair = |(name, of): (&str, &str)| {
                (name.trim().trim_start_matches("type ").to_owned(), of.trim().to_owned())
            };
            parts.map(pair).collect()
        }
        None => Vec::new(),
    };
    let what = What::Impl {
        of: super::signature::normal(of, ""),
        target: super::signature::normal(target, ""),
        types,
    };
    Ok(Entry { owner, path: String::new(), what })
}
