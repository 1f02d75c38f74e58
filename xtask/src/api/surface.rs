//! The whole public surface of each crate, an item a line: compared with `surface/CRATE.txt`, so that no
//! change of it goes unseen; `cargo xtask api --bless` writes these files.
//!
//! A line is a path and what it leads to. What is re-exported from another crate is one line; what comes
//! from a private module stands under the path that users have, once, and other paths to it name that one.
//! Names of other crates are cut to the crate and the last part. Not in it: what can be had but not named,
//! and impls that hold for any type.

use super::rustdoc::{array, id, kind_of, text, Crate, World};
use crate::root;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;

pub(crate) fn check(world: &World, bless: bool) -> Result<(), String> {
    let folder = root().join("xtask/surface");
    fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    let (mut items, mut changes) = (0, 0);
    for krate in world.crates.values() {
        let lines = Surface::of(krate);
        items += lines.len();
        let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
        let file = folder.join(format!("{}.txt", krate.name.replace('_', "-")));
        let before = fs::read_to_string(&file).unwrap_or_default();
        if bless {
            fs::write(&file, text).map_err(|e| e.to_string())?;
            continue;
        }
        let before: BTreeSet<_> = before.lines().map(str::to_owned).collect();
        let gone = before.difference(&lines).map(|line| ("-", line));
        for (sign, line) in gone.chain(lines.difference(&before).map(|line| ("+", line))) {
            changes += 1;
            println!("{sign} {}: {line}", krate.name);
        }
    }
    println!("{items} lines of public surface in {} crates", world.crates.len());
    match changes {
        0 => Ok(()),
        _ => Err(format!("{changes} lines changed; if that is meant: cargo xtask api --bless")),
    }
}

struct Surface<'a> {
    krate: &'a Crate,
    lines: BTreeSet<String>,
    /// The path of each item that has one.
    paths: BTreeMap<String, String>,
    modules: VecDeque<(String, String)>,
    impls: BTreeSet<String>,
}

impl<'a> Surface<'a> {
    fn of(krate: &'a Crate) -> BTreeSet<String> {
        let mut surface = Surface {
            krate,
            lines: BTreeSet::new(),
            paths: BTreeMap::new(),
            modules: VecDeque::from([(String::new(), krate.root.clone())]),
            impls: BTreeSet::new(),
        };
        while let Some((path, module)) = surface.modules.pop_front() {
            surface.module(&path, &module, 0);
        }
        surface.blocks();
        surface.lines
    }

    fn line(&mut self, path: &str, what: &str, item: &Value) {
        let mut line = format!("{path}: {what}");
        let attributes = item["attrs"].to_string();
        let marks = [
            ("deprecated", !item["deprecation"].is_null()),
            ("hidden", attributes.contains("doc(hidden)")),
            ("must_use", attributes.contains("must_use")),
            ("non_exhaustive", attributes.contains("non_exhaustive")),
        ];
        for (mark, _) in marks.iter().filter(|(_, is_set)| *is_set) {
            line += &format!("  [{mark}]");
        }
        self.lines.insert(line);
    }

    fn module(&mut self, path: &str, module: &str, depth: u8) {
        let krate = self.krate;
        let mut children: Vec<_> =
            array(&kind_of(krate.item(module)).1["items"]).iter().map(id).collect();
        // Numbers differ from one run to the next.
        children.sort_by_key(|child| {
            let item = krate.item(child);
            let used = kind_of(item).1;
            (
                text(&item["name"]).to_owned(),
                text(&used["name"]).to_owned(),
                used["source"].to_string(),
            )
        });
        for child in children {
            let item = krate.item(&child);
            if item["visibility"] != "public" {
                continue;
            }
            match kind_of(item) {
                ("use", used) => self.reexport(path, item, used, depth),
                _ => self.item(&format!("{path}{}", text(&item["name"])), &child),
            }
        }
    }

    fn reexport(&mut self, path: &str, item: &Value, used: &Value, depth: u8) {
        let target = id(&used["id"]);
        let is_ours = !self.krate.item(&target).is_null();
        let path = match used["is_glob"] == true {
            true if is_ours && depth < 8 => return self.module(path, &target, depth + 1),
            true => format!("{path}*"),
            false => format!("{path}{}", text(&used["name"])),
        };
        match is_ours {
            true => self.item(&path, &target),
            false => self.line(&path, &format!("use {}", text(&used["source"])), item),
        }
    }

    fn item(&mut self, path: &str, target: &str) {
        let krate = self.krate;
        let item = krate.item(target);
        let (kind, of) = kind_of(item);
        if kind == "use" {
            return self.reexport(path.rsplit_once("::").map_or("", |(p, _)| p), item, of, 0);
        }
        if let Some(first) = self.paths.get(target) {
            let what = format!("use crate::{first}");
            return self.line(path, &what, &Value::Null);
        }
        self.paths.insert(target.to_owned(), path.to_owned());
        let (params, predicates) = krate.generics(&of["generics"]);
        match kind {
            "module" => {
                self.line(path, "mod", item);
                self.modules.push_back((format!("{path}::"), target.to_owned()));
            }
            "struct" | "union" => {
                let shape = self.fields(path, if kind == "union" { of } else { &of["kind"] });
                self.line(path, &format!("{kind}{params}{shape}{predicates}"), item);
                self.members(path, of);
            }
            "enum" => {
                self.line(path, &format!("enum{params}{predicates}"), item);
                for variant in krate.members(&of["variants"]) {
                    let path = format!("{path}::{}", text(&variant["name"]));
                    let shape = self.fields(&path, &kind_of(variant).1["kind"]);
                    self.line(&path, &format!("variant{shape}"), variant);
                }
                self.members(path, of);
            }
            "trait" => {
                let is_unsafe = if of["is_unsafe"] == true { "unsafe " } else { "" };
                let bounds = krate.bounds(&of["bounds"]);
                let bounds = if bounds.is_empty() { bounds } else { format!(": {bounds}") };
                self.line(path, &format!("{is_unsafe}trait{params}{bounds}{predicates}"), item);
                for member in krate.members(&of["items"]) {
                    self.member(path, member, "");
                }
                self.impls.extend(array(&of["implementations"]).iter().map(id));
            }
            "type_alias" => {
                let ty = krate.ty(&of["type"]);
                self.line(path, &format!("type{params} = {ty}{predicates}"), item);
            }
            "function" => self.line(path, &krate.function(item), item),
            "constant" => self.line(path, &format!("const {}", krate.ty(&of["type"])), item),
            "static" => self.line(path, &format!("static {}", krate.ty(&of["type"])), item),
            other => self.line(path, other, item),
        }
    }

    /// What stands behind the name of a struct or a variant; public fields that have a name get lines.
    fn fields(&mut self, path: &str, kind: &Value) -> String {
        let krate = self.krate;
        if let Some(tuple) = kind.get("tuple") {
            let field = |field: &Value| {
                let item = krate.item(&id(field));
                let is_public = item["visibility"] != "crate" && !item.is_null();
                let is_public = is_public && item["visibility"].get("restricted").is_none();
                if is_public {
                    krate.ty(kind_of(item).1)
                } else {
                    "_".to_owned()
                }
            };
            let fields: Vec<_> = array(tuple).iter().map(field).collect();
            return format!("({})", fields.join(", "));
        }
        let plain = kind.get("plain").or(kind.get("struct")).unwrap_or(kind);
        let mut has_private = plain["has_stripped_fields"] == true;
        for field in krate.members(&plain["fields"]) {
            if field["visibility"] == "public"
                || field["visibility"] == "default" && !field.is_null()
            {
                let path = format!("{path}.{}", text(&field["name"]));
                self.line(&path, &krate.ty(kind_of(field).1), field);
            } else {
                has_private = true;
            }
        }
        if has_private {
            " { .. }".to_owned()
        } else {
            String::new()
        }
    }

    /// Of a type: its own functions, and its impls for later.
    fn members(&mut self, path: &str, of: &Value) {
        let krate = self.krate;
        let mut autos: BTreeMap<String, String> = BTreeMap::new();
        for block in array(&of["impls"]) {
            let one = kind_of(krate.item(&id(block))).1;
            if one["trait"].is_null() {
                let (_, predicates) = krate.generics(&one["generics"]);
                let suffix = if predicates.is_empty() {
                    predicates
                } else {
                    format!("  (impl{predicates})")
                };
                for member in krate.members(&one["items"]).filter(|m| m["visibility"] == "public") {
                    self.member(path, member, &suffix);
                }
            } else if let Some(name) = auto_trait(krate, one) {
                let (_, predicates) = krate.generics(&one["generics"]);
                let sign = if one["is_negative"] == true { "!" } else { "" };
                let condition = if predicates.is_empty() {
                    predicates
                } else {
                    format!(" ({})", predicates.trim())
                };
                autos.insert(name.to_owned(), format!("{sign}{name}{condition}"));
            } else {
                self.impls.insert(id(block));
            }
        }
        let autos: Vec<_> = autos.into_values().collect();
        self.line(path, &format!("auto {}", autos.join(", ")), &Value::Null);
    }

    fn member(&mut self, path: &str, member: &Value, suffix: &str) {
        let krate = self.krate;
        let path = format!("{path}::{}", text(&member["name"]));
        let what = match kind_of(member) {
            ("function", of) => {
                let is_of_trait = member["visibility"] == "default";
                let provided =
                    if is_of_trait && of["has_body"] == true { "  [provided]" } else { "" };
                format!("{}{provided}", krate.function(member))
            }
            ("assoc_type", of) => {
                let default = &of["type"];
                let default = if default.is_null() {
                    String::new()
                } else {
                    format!(" = {}", krate.ty(default))
                };
                format!("type: {}{default}", krate.bounds(&of["bounds"]))
            }
            ("assoc_const", of) => format!("const {}", krate.ty(&of["type"])),
            (other, _) => other.to_owned(),
        };
        self.line(&path, &format!("{what}{suffix}"), member);
    }

    /// The impls of public types and of public traits, but for those of types that have no path.
    fn blocks(&mut self) {
        let krate = self.krate;
        for block in std::mem::take(&mut self.impls) {
            let item = krate.item(&block);
            let one = kind_of(item).1;
            let is_derived = one["is_synthetic"] == true || !one["blanket_impl"].is_null();
            let mut target = &one["for"];
            while let Some(behind) = target.get("borrowed_ref") {
                target = &behind["type"];
            }
            let target = id(&target["resolved_path"]["id"]);
            let of_trait = id(&one["trait"]["id"]);
            let is_private = |id: &str| !krate.item(id).is_null() && !self.paths.contains_key(id);
            // `StructuralPartialEq` comes with a derive.
            let is_known = text(&one["trait"]["path"]).ends_with("StructuralPartialEq");
            if item.is_null()
                || is_derived
                || is_known
                || is_private(&target)
                || is_private(&of_trait)
            {
                continue;
            }
            // Types of one name stand in several modules.
            let path = self.paths.get(&target).or(self.paths.get(&of_trait));
            let path = path.map_or("~", String::as_str).to_owned();
            self.line(&path, &krate.block(one), item);
        }
    }
}

/// The name, if it is one of those whose presence users rely on.
fn auto_trait(krate: &Crate, block: &Value) -> Option<&'static str> {
    let name = krate.trait_name(block);
    ["Send", "Sync", "Unpin", "UnwindSafe", "RefUnwindSafe"]
        .into_iter()
        .find(|auto| name == format!("std:{auto}"))
}
