//! Compares what is exported with a contract: what is missing, and what 0.1 callers could not call.
//! A wider bound, `&self` for `&mut self`, and additions are fine.

use super::contract::{Contract, Item, Member};
use super::reader::Reader;
use super::rustdoc::{canonical_name, kind_of, text, Crate, Found, World};
use super::signature::{Block, Canonical, Function, Ty};
use serde_json::Value;
use std::collections::BTreeSet;

/// Where what is exported differs from the contract.
#[derive(Debug)]
pub(crate) struct Difference {
    /// The crate, the path, and what of it.
    pub(crate) place: String,
    pub(crate) contract: String,
    /// What stands there instead.
    pub(crate) ours: String,
}

pub(crate) struct Comparison<'a> {
    pub(crate) world: &'a World,
    pub(crate) contract: &'a Contract,
    pub(crate) found: Vec<Difference>,
    pub(crate) compared: usize,
}

impl Comparison<'_> {
    pub(crate) fn all(&mut self) {
        for item in &self.contract.items {
            self.item(item);
        }
    }

    fn differs(&mut self, place: &str, contract: &str, ours: &str) {
        let place = format!("{}::{place}", self.contract.name);
        let (contract, ours) = (contract.to_owned(), ours.to_owned());
        self.found.push(Difference { place, contract, ours });
    }

    fn item(&mut self, item: &Item) {
        self.compared += 1;
        let krate = &self.contract.name;
        let found = match item.path.rsplit_once('~') {
            Some((_, name)) => self.world.find_anywhere(krate, name),
            None => self.world.find(&format!("{krate}::{}", item.path)),
        };
        if found.is_empty() {
            return self.differs(&item.path, &item.text, "nothing");
        }
        if let Some(target) = &item.leads_to {
            let targets = self.world.find(target);
            let is_same =
                |one: &Found| targets.iter().any(|other| leads_to(self.world, one, other));
            if !found.iter().any(is_same) {
                self.differs(&item.path, &format!("a re-export of {target}"), "another item");
            }
            return;
        }
        let follow = |one: Found| match &*item.kind {
            "type" => one,
            _ => self.world.unaliased(one),
        };
        let found: Vec<_> = found.into_iter().map(follow).collect();
        let kinds = |one: &Found| match one {
            Found::Ours(krate, id) => kind_of(self.world.crates[krate].item(id)).0.to_owned(),
            Found::Foreign(_) => "foreign".to_owned(),
        };
        let wanted = match &*item.kind {
            "mod" => &["module"][..],
            "fn" => &["function"],
            "type" => &["type_alias", "struct", "enum"],
            "const" => &["constant"],
            "struct" => &["struct"],
            "enum" => &["enum"],
            "trait" => &["trait"],
            "macro" => &["macro"],
            _ => &[],
        };
        let fitting = found.iter().find(|one| wanted.contains(&&*kinds(one)));
        let Some(Found::Ours(krate, id)) = fitting else {
            let ours: Vec<_> = found.iter().map(kinds).collect();
            return self.differs(&item.path, &item.text, &format!("a {}", ours.join(", ")));
        };
        let krate = &self.world.crates[krate];
        let ours = krate.item(id);
        match &*item.kind {
            "fn" => {
                let theirs = self.read_function(&item.text, &Block::default());
                let ours = read_ours(&krate.function(ours), &Block::default());
                self.function(&item.path, theirs, ours, &Block::default(), &Block::default());
            }
            "type" => self.alias(item, krate, ours),
            "trait" => self.members_of_trait(item, krate, ours),
            "struct" | "enum" => self.members_of_type(item, krate, ours),
            _ => {}
        }
        for text in &item.impls {
            self.implementation(item, text);
        }
    }

    fn read_block(&self, text: &str) -> Block {
        Reader::new(text, &[], &|name| self.contract.canonical_name(name)).block()
    }

    fn read_function(&self, text: &str, block: &Block) -> Function {
        let names = |name: &str| self.contract.canonical_name(name);
        Reader::new(text, &block.generics.params, &names).function()
    }

    fn alias(&mut self, item: &Item, krate: &Crate, ours: &Value) {
        let Some((head, target)) = item.text.split_once(" = ") else { return };
        let names = |name: &str| self.contract.canonical_name(name);
        // An alias compares like `impl ITS TYPE`.
        let params = head.find('<').map_or("", |at| &head[at..]);
        let theirs =
            Reader::new(&format!("impl{params} {target}"), &[], &names).block().canonical();
        let name = text(&ours["name"]);
        match kind_of(ours) {
            ("type_alias", alias) => {
                let (params, _) = krate.generics(&alias["generics"]);
                let ours = format!("impl{params} {}", krate.ty(&alias["type"]));
                let ours = Reader::new(&ours, &[], &canonical_name).block().canonical();
                if ours.0 != theirs.0 {
                    self.differs(&item.path, &theirs.0, &ours.0);
                }
            }
            _ if theirs.0.contains(&format!("ours:{name}")) => {}
            _ => self.differs(&item.path, &theirs.0, name),
        }
    }

    fn members_of_trait(&mut self, item: &Item, krate: &Crate, ours: &Value) {
        let (_, of_trait) = kind_of(ours);
        let theirs = self.trait_block(&item.text);
        let (params, predicates) = krate.generics(&of_trait["generics"]);
        let supers = krate.bounds(&of_trait["bounds"]);
        let own = trait_block(&format!("X{params}: {supers}{predicates}"), &canonical_name);
        let (wanted, has) = (theirs.canonical().1, own.canonical().1);
        let more: Vec<_> = has.difference(&wanted).cloned().collect();
        let fewer: Vec<_> = wanted.difference(&has).cloned().collect();
        if !more.is_empty() || !fewer.is_empty() {
            let ours = format!("more [{}] fewer [{}]", more.join(", "), fewer.join(", "));
            self.differs(&format!("{}: bounds", item.path), &item.text, &ours);
        }
        let mut names = BTreeSet::new();
        for member in &item.members {
            self.compared += 1;
            if let Some(name) = member.text.strip_prefix("type ") {
                let name = name.split(':').next().unwrap_or_default().trim();
                names.insert(name.to_owned());
                let is_there = |one: &Value| one["name"] == name && kind_of(one).0 == "assoc_type";
                if !krate.members(&of_trait["items"]).any(is_there) {
                    self.differs(&format!("{}::{name}", item.path), &member.text, "nothing");
                }
                continue;
            }
            let function = self.read_function(&member.text, &theirs);
            names.insert(function.name.clone());
            let place = format!("{}::{}", item.path, function.name);
            let Some(one) =
                krate.members(&of_trait["items"]).find(|one| one["name"] == function.name)
            else {
                self.differs(&place, &member.text, "nothing");
                continue;
            };
            if member.is_provided != (kind_of(one).1["has_body"] == true) {
                self.differs(&place, &member.text, "required, or no longer required");
            }
            let rendered = krate.function(one);
            let ours = Reader::new(&rendered, &own.generics.params, &canonical_name).function();
            self.function(&place, function, ours, &theirs, &own);
        }
        for one in krate.members(&of_trait["items"]) {
            let (kind, inner) = kind_of(one);
            let is_required = match kind {
                "function" => inner["has_body"] != true,
                "assoc_type" => inner["type"].is_null(),
                _ => false,
            };
            let name = text(&one["name"]);
            if is_required && !names.contains(name) {
                self.differs(&format!("{}::{name}", item.path), "nothing", "a required member");
            }
        }
    }

    fn trait_block(&self, text: &str) -> Block {
        let head = text.trim_start_matches("trait ");
        trait_block(head, &|name| self.contract.canonical_name(name))
    }

    fn members_of_type(&mut self, item: &Item, krate: &Crate, ours: &Value) {
        let (_, of_type) = kind_of(ours);
        if item.kind == "struct" && item.text.contains("pub ") {
            self.fields(item, krate, ours);
        }
        for member in item.members.iter().filter(|member| !member.text.starts_with("pub ")) {
            self.compared += 1;
            let block = match &member.block {
                Some(block) => self.read_block(block),
                None => self.read_block(&format!("impl {}", item.path)),
            };
            self.method(item, member, block, krate, &of_type["impls"]);
        }
    }

    fn method(&mut self, item: &Item, member: &Member, block: Block, krate: &Crate, ids: &Value) {
        let function = self.read_function(&member.text, &block);
        let place = format!("{}::{}", item.path, function.name);
        let mut candidates = Vec::new();
        for own in krate.members(ids).map(|one| kind_of(one).1).filter(|one| one["trait"].is_null())
        {
            let ours = Reader::new(&krate.block(own), &[], &canonical_name).block();
            for one in krate.members(&own["items"]) {
                if one["name"] == function.name && one["visibility"] == "public" {
                    let rendered = krate.function(one);
                    let params = &ours.generics.params;
                    let one = Reader::new(&rendered, params, &canonical_name).function();
                    candidates.push((one, ours.clone()));
                }
            }
        }
        let is_same = |(one, own): &(Function, Block)| {
            differences(&function.canonical(&block), &one.canonical(own)).is_none()
        };
        if candidates.iter().any(is_same) {
            return;
        }
        match candidates.into_iter().next() {
            None => self.differs(&place, &member.text, "nothing"),
            Some((one, own)) => self.function(&place, function, one, &block, &own),
        }
    }

    fn function(&mut self, place: &str, one: Function, other: Function, a: &Block, b: &Block) {
        let (theirs, ours) = (one.canonical(a), other.canonical(b));
        if let Some((theirs, ours)) = differences(&theirs, &ours) {
            self.differs(place, &theirs, &ours);
        }
    }

    fn fields(&mut self, item: &Item, krate: &Crate, ours: &Value) {
        let (_, of_type) = kind_of(ours);
        let plain = &of_type["kind"]["plain"];
        let public = |one: &&Value| one["visibility"] == "public";
        let has_private = plain["has_stripped_fields"] == true
            || krate.members(&plain["fields"]).any(|one| !public(&one));
        if has_private && !item.text.contains("..") {
            self.differs(&item.path, &item.text, "has private fields");
        }
        let own = item.text.split('{').next().unwrap_or_default().trim_start_matches("struct ");
        let params = own.find('<').map_or("", |at| &own[at..]);
        let block = self.read_block(&format!("impl{params} {own}"));
        let (params, _) = krate.generics(&of_type["generics"]);
        let ours = format!("impl{params} ours::{}{params}", text(&ours["name"]));
        let ours = Reader::new(&ours, &[], &canonical_name).block();
        for member in &item.members {
            let Some((name, ty)) =
                member.text.strip_prefix("pub ").and_then(|t| t.split_once(": "))
            else {
                continue;
            };
            self.compared += 1;
            // A field compares like a function that returns it.
            let theirs = self.read_function(&format!("fn {name}() -> {ty}"), &block);
            let field = krate.members(&plain["fields"]).filter(public).find(|f| f["name"] == name);
            let place = format!("{}.{name}", item.path);
            let Some(field) = field else {
                self.differs(&place, &member.text, "nothing");
                continue;
            };
            let rendered = format!("fn {name}() -> {}", krate.ty(kind_of(field).1));
            let one = Reader::new(&rendered, &ours.generics.params, &canonical_name).function();
            self.function(&place, theirs, one, &block, &ours);
        }
    }

    /// The block stands anywhere in the family.
    fn implementation(&mut self, item: &Item, text: &str) {
        self.compared += 1;
        let (head, bounds, given) = self.read_block(text).canonical();
        let name = head.split(['<', ' ']).next().unwrap_or_default();
        let mut closest: Option<String> = None;
        for krate in self.world.crates.values() {
            for one in krate.items() {
                let ("impl", block) = kind_of(one) else { continue };
                if block["trait"].is_null() || krate.trait_name(block) != name {
                    continue;
                }
                let block = Reader::new(&krate.block(block), &[], &canonical_name).block();
                let ours = block.canonical();
                if ours.0 != head {
                    continue;
                }
                let more: Vec<_> = ours.1.difference(&bounds).cloned().collect();
                if more.is_empty() && given.iter().all(|(k, ty)| ours.2.get(k) == Some(ty)) {
                    return;
                }
                closest = Some(format!("bounds more {more:?}, types {:?}", ours.2));
            }
        }
        let place = format!("{}: impl {head}", item.path);
        self.differs(&place, text, closest.as_deref().unwrap_or("nothing"));
    }

    /// `TYPE: Send: CONDITION` of the list of exceptions; without a condition, for all types.
    pub(crate) fn auto_traits(&mut self, exceptions: &[(String, String, String)]) {
        for item in &self.contract.items {
            let is_type = matches!(&*item.kind, "struct" | "enum");
            if item.leads_to.is_some() || item.is_hidden || !is_type {
                continue;
            }
            let krate = &self.contract.name;
            let found = match item.path.rsplit_once('~') {
                Some((_, name)) => self.world.find_anywhere(krate, name),
                None => self.world.find(&format!("{krate}::{}", item.path)),
            };
            for found in found {
                let Found::Ours(krate, id) = found else { continue };
                let krate = &self.world.crates[&krate];
                let ours = krate.item(&id);
                for name in ["Send", "Sync"] {
                    self.auto_trait(item, krate, kind_of(ours).1, name, exceptions);
                }
            }
        }
    }

    fn auto_trait(
        &mut self,
        item: &Item,
        krate: &Crate,
        of_type: &Value,
        name: &str,
        exceptions: &[(String, String, String)],
    ) {
        let path = format!("{}::{}", self.contract.name, item.path);
        let known = exceptions.iter().find(|(of, what, _)| *of == path && what == name);
        let allowed = match known.map(|(.., condition)| &**condition) {
            Some("no") => return,
            Some(condition) => condition.trim_start_matches("if ").replace(": ", ": std:"),
            None => String::new(),
        };
        let allowed: BTreeSet<_> = allowed.split(", ").map(str::to_owned).collect();
        self.compared += 1;
        let wanted = format!("std:{name}");
        for one in krate.members(&of_type["impls"]).map(|one| kind_of(one).1) {
            if one["trait"].is_null() || krate.trait_name(one) != wanted {
                continue;
            }
            let place = format!("{}: {name}", item.path);
            let contract = format!("{allowed:?}");
            if one["is_negative"] == true {
                return self.differs(&place, &contract, "never");
            }
            let block = Reader::new(&krate.block(one), &[], &canonical_name).block();
            let bounds = block.canonical().1;
            let is_asked = |bound: &&String| {
                let of_trait = bound.ends_with("std:Send") || bound.ends_with("std:Sync");
                of_trait && !allowed.contains(*bound)
            };
            let more: Vec<_> = bounds.iter().filter(is_asked).cloned().collect();
            if !more.is_empty() {
                self.differs(&place, &contract, &format!("if {}", more.join(", ")));
            }
            return;
        }
    }
}

/// `Name<..>: SUPERTRAITS where ..`, as a block whose bounds are those of `Self`.
fn trait_block(head: &str, names: &dyn Fn(&str) -> String) -> Block {
    let ends = ["<", ": ", " "].into_iter().filter_map(|end| head.find(end));
    let start = ends.min().unwrap_or(head.len());
    let mut depth = 0;
    let rest = &head[start..];
    let end = rest.char_indices().find(|(_, c)| {
        depth += i32::from(*c == '<') - i32::from(*c == '>');
        depth == 0
    });
    let end = if rest.starts_with('<') { end.map_or(rest.len(), |(at, _)| at + 1) } else { 0 };
    let (params, rest) = rest.split_at(end);
    let (supers, predicates) = rest.split_once(" where ").unwrap_or((rest, ""));
    let supers = supers.trim_start_matches(':').trim();
    let mut all = vec![predicates.to_owned()];
    if !supers.is_empty() {
        all.push(format!("Self: {supers}"));
    }
    let all = all.join(", ");
    let all = all.trim_start_matches(", ");
    let all = if all.is_empty() { String::new() } else { format!(" where {all}") };
    let block = Reader::new(&format!("impl{params} Self{all}"), &[], names).block();
    Block { target: Some(Ty::name("Self")), ..block }
}

fn read_ours(text: &str, block: &Block) -> Function {
    Reader::new(text, &block.generics.params, &canonical_name).function()
}

/// `None` if what could be called can still be called.
fn differences(theirs: &Canonical, ours: &Canonical) -> Option<(String, String)> {
    let (mut wanted, mut has) = (Vec::new(), Vec::new());
    let mut note = |what: &str, a: &str, b: &str| {
        if a != b {
            wanted.push(format!("{what}{a}"));
            has.push(format!("{what}{b}"));
        }
    };
    note("", &theirs.shape, &ours.shape);
    if theirs.args.len() == ours.args.len() {
        for (at, (a, b)) in theirs.args.iter().zip(&ours.args).enumerate() {
            let is_wider = at == 0 && a == "&mut Self" && b == "&Self";
            if !is_wider {
                note("takes ", a, b);
            }
        }
    } else {
        note("takes ", &theirs.args.join(", "), &ours.args.join(", "));
    }
    note("returns ", &theirs.ret, &ours.ret);
    let more: Vec<_> = ours.bounds.difference(&theirs.bounds).cloned().collect();
    if !more.is_empty() {
        let fewer: Vec<_> = theirs.bounds.difference(&ours.bounds).cloned().collect();
        note("where ", &fewer.join(", "), &more.join(", "));
    }
    (!wanted.is_empty()).then(|| (wanted.join("; "), has.join("; ")))
}

fn leads_to(world: &World, one: &Found, other: &Found) -> bool {
    // A path that is foreign is compared by its crate and its last part: what stands between
    // says where it is defined.
    let ends = |found: &Found| match found {
        Found::Foreign(path) => {
            let first = path.split("::").next().unwrap_or_default();
            let last = path.rsplit("::").next().unwrap_or_default();
            Some((super::contract::family_of(first).to_owned(), last.to_owned()))
        }
        Found::Ours(krate, id) => {
            let item = world.crates.get(krate)?.item(id);
            Some(("ours".to_owned(), text(&item["name"]).to_owned()))
        }
    };
    match (one, other) {
        (Found::Ours(..), Found::Ours(..)) => one == other,
        _ => ends(one) == ends(other),
    }
}
