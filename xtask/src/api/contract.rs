//! The contract of one crate: `xtask/api/CRATE.txt`, whose first lines explain its notation.

use std::collections::HashMap;

/// A name that users have, and what stands below it.
#[derive(Default, Debug)]
pub(crate) struct Item {
    /// `struct`, `trait`, `fn`, ..
    pub(crate) kind: String,
    /// Relative to the crate; `~Name` for what can be had but not named.
    pub(crate) path: String,
    /// The path that this one leads to, if it is a re-export.
    pub(crate) leads_to: Option<String>,
    /// Left out of upstream's documentation: nothing is known of its auto traits.
    pub(crate) is_hidden: bool,
    /// The line without its marks.
    pub(crate) text: String,
    pub(crate) members: Vec<Member>,
    /// `impl` lines, without the plus sign.
    pub(crate) impls: Vec<String>,
}

/// A method, a field or an associated type.
#[derive(Debug)]
pub(crate) struct Member {
    /// `impl<..> TYPE`, where a block is written.
    pub(crate) block: Option<String>,
    pub(crate) text: String,
    pub(crate) is_provided: bool,
}

#[derive(Debug)]
pub(crate) struct Contract {
    /// `tokio_tcp`
    pub(crate) name: String,
    pub(crate) items: Vec<Item>,
    /// Which crate the item of each path is from.
    origins: HashMap<String, String>,
}

impl Contract {
    pub(crate) fn read(name: &str, text: &str) -> Contract {
        let mut items: Vec<Item> = Vec::new();
        let mut block = None;
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            // Marks stand at the end, two spaces before each.
            let marks = line.find("  [").or(line.find("  (defined"));
            let written = line[..marks.unwrap_or(line.len())].trim_end();
            if let Some(module) = line.strip_prefix("== ") {
                let Some(module) = module.strip_prefix("mod ") else { continue };
                let end = module.find("  [").unwrap_or(module.len());
                let (path, leads_to) = match module[..end].split_once("  = ") {
                    Some((path, target)) => (path, Some(target.trim().to_owned())),
                    None => (&module[..end], None),
                };
                let (kind, path) = ("mod".to_owned(), path.trim().to_owned());
                items.push(Item { kind, path, leads_to, ..Item::default() });
            } else if let Some(written) = written.strip_prefix("  in ") {
                block = Some(written.to_owned());
            } else if let Some(written) = written.strip_prefix("  + ") {
                let item = items.last_mut().expect("an impl is of an item");
                item.impls.push(written.to_owned());
            } else if let Some(text) = written.strip_prefix("    ") {
                let is_provided = line.contains("[provided]");
                let member = Member { block: block.clone(), text: text.to_owned(), is_provided };
                items.last_mut().expect("a member is of an item").members.push(member);
            } else if !written.is_empty() {
                block = None;
                items.push(Item { is_hidden: line.contains("[hidden]"), ..item(written) });
            }
        }
        let mut contract =
            Contract { name: name.replace('-', "_"), items, origins: HashMap::new() };
        for item in &contract.items {
            let origin = item.leads_to.as_deref().unwrap_or("tokio::");
            let origin = origin.split("::").next().unwrap_or_default();
            contract.origins.insert(item.path.clone(), family_of(origin).to_owned());
        }
        contract
    }

    /// `CRATE:Name` for a path as the contract writes it: which crate of the family makes no
    /// difference, and std paths are cut.
    pub(crate) fn canonical_name(&self, path: &str) -> String {
        let last = path.rsplit("::").next().unwrap_or_default().trim_start_matches('~');
        let first = path.split("::").next().unwrap_or_default();
        let origin = match (first, last) {
            // Of mio 0.6: our own `Ready`, and mio 1's `Source`.
            ("mio", "Ready") => return "ours:Ready".to_owned(),
            ("mio", "Evented") => return "mio:Source".to_owned(),
            ("futures" | "bytes" | "mio" | "libc", _) => first,
            // A struct of tokio-io and a trait of std.
            _ if path == "io::Read" => return "Read".to_owned(),
            _ if family_of(first) == "ours" || path.contains('~') => "ours",
            _ => match self.origins.get(path) {
                Some(origin) => origin,
                None if path.contains("::") || path.starts_with(char::is_uppercase) => "std",
                None => return path.to_owned(),
            },
        };
        format!("{origin}:{last}")
    }
}

pub(crate) fn family_of(name: &str) -> &str {
    match name {
        "core" | "alloc" => "std",
        name if name == "tokio" || name.starts_with("tokio_") => "ours",
        name => name,
    }
}

fn item(written: &str) -> Item {
    let mut words = written.splitn(2, ' ');
    let kind = words.next().unwrap_or_default().to_owned();
    let rest = words.next().unwrap_or_default();
    let is_end = |c: char| !c.is_alphanumeric() && !"_:~!".contains(c);
    let path = rest[..rest.find(is_end).unwrap_or(rest.len())].trim_end_matches([':', '!']);
    let leads_to = rest.split_once("  = ").map(|(_, target)| target.trim().to_owned());
    Item { kind, path: path.to_owned(), leads_to, text: written.to_owned(), ..Item::default() }
}
