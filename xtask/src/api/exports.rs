//! What the crates export, from rustdoc's JSON.

use super::contract::Entry;
use super::signature::{normal, Signature};
use crate::{cargo, family, root};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::fs;

/// The version of rustdoc's format that this understands.
const FORMAT: u64 = 57;

pub(crate) struct Exports {
    crates: HashMap<String, Value>,
}

/// An item: the crate that defines it, and its number there.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    krate: String,
    id: String,
}

pub(crate) enum Found {
    Item(Item),
    /// It is re-exported from a crate of another project.
    Foreign,
    Missing,
}

impl Exports {
    /// `None` if this compiler's rustdoc cannot say.
    pub(crate) fn read() -> Result<Option<Exports>, String> {
        let target = root().join("target/api");
        let mut crates = HashMap::new();
        for name in family().into_iter().filter(|name| name != "tokio-macros") {
            let mut command = cargo(&["rustdoc", "--quiet", "--lib", "--package", &name, "--"]);
            command
                .args(["-Z", "unstable-options", "--output-format", "json"])
                .args(["--document-hidden-items", "--cap-lints", "allow"])
                // The JSON is not stable: hence the version below.
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_DIR", &target);
            crate::run(&mut command)?;
            let name = name.replace('-', "_");
            let file = target.join("doc").join(format!("{name}.json"));
            let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
            let json: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
            if json["format_version"] != FORMAT {
                let version = &json["format_version"];
                println!("SKIPPED: rustdoc's format is {version}, this reads {FORMAT}");
                return Ok(None);
            }
            crates.insert(name, json);
        }
        Ok(Some(Exports { crates }))
    }

    fn value(&self, item: &Item) -> &Value {
        &self.crates[&item.krate]["index"][&item.id]
    }

    /// What `path` leads to in `krate`. A path that begins with `~` cannot be named: the type is looked
    /// for by its name.
    pub(crate) fn find(&mut self, krate: &str, path: &str) -> Found {
        let json = &self.crates[krate];
        let last = path.rsplit("::").next().unwrap_or_default();
        if let Some(name) = last.strip_prefix('~') {
            let index = json["index"].as_object().into_iter().flatten();
            let mut types = index.filter(|(_, item)| {
                item["name"] == name
                    && ["struct", "enum", "trait"].iter().any(|k| !item["inner"][k].is_null())
            });
            return match types.next() {
                Some((id, _)) => Found::Item(Item { krate: krate.into(), id: id.clone() }),
                None => Found::Missing,
            };
        }
        let mut at = Item { krate: krate.into(), id: json["root"].to_string() };
        let mut segments = path.split("::").peekable();
        while let Some(segment) = segments.next() {
            // A module may have the name of a function.
            let wants_module = segments.peek().is_some();
            match self.inside(&at, segment, wants_module) {
                Found::Item(next) => at = next,
                other => return other,
            }
        }
        Found::Item(self.through_alias(at))
    }

    /// The item of that name in a module; of a module and something else, the one that is wanted.
    fn inside(&self, module: &Item, name: &str, wants_module: bool) -> Found {
        let mut second = Found::Missing;
        let items = &self.value(module)["inner"]["module"]["items"];
        for id in items.as_array().into_iter().flatten() {
            let item = Item { krate: module.krate.clone(), id: id.to_string() };
            let value = self.value(&item);
            let import = &value["inner"]["use"];
            if import.is_null() {
                if value["name"] == name {
                    if value["inner"]["module"].is_null() != wants_module {
                        return Found::Item(item);
                    }
                    second = Found::Item(item);
                }
            } else if import["is_glob"] == true {
                if let Found::Item(other) = self.resolve(&module.krate, &import["id"]) {
                    if let Found::Item(found) = self.inside(&other, name, wants_module) {
                        return Found::Item(found);
                    }
                }
            } else if import["name"] == name {
                match self.resolve(&module.krate, &import["id"]) {
                    Found::Item(item) => {
                        if self.value(&item)["inner"]["module"].is_null() != wants_module {
                            return Found::Item(item);
                        }
                        second = Found::Item(item);
                    }
                    other => return other,
                }
            }
        }
        second
    }

    /// What an import leads to, perhaps in another crate.
    fn resolve(&self, krate: &str, id: &Value) -> Found {
        let json = &self.crates[krate];
        let id = id.to_string();
        let local = &json["index"][&id];
        if !local.is_null() {
            let import = &local["inner"]["use"];
            return match import.is_null() {
                true => Found::Item(Item { krate: krate.into(), id }),
                false => self.resolve(krate, &import["id"]),
            };
        }
        let path = &json["paths"][&id]["path"];
        let Some(other) = path[0].as_str().and_then(|name| self.crates.get_key_value(name)) else {
            return Found::Foreign;
        };
        let paths = other.1["paths"].as_object().into_iter().flatten();
        let mut same = paths
            .filter(|(id, to)| to["path"] == *path && !other.1["index"][id.as_str()].is_null());
        match same.next() {
            Some((id, _)) => Found::Item(Item { krate: other.0.clone(), id: id.clone() }),
            None => Found::Missing,
        }
    }

    /// A type alias stands for the type.
    fn through_alias(&self, item: Item) -> Item {
        let id = &self.value(&item)["inner"]["type_alias"]["type"]["resolved_path"]["id"];
        match self.resolve(&item.krate, id) {
            Found::Item(to) if !id.is_null() => to,
            _ => item,
        }
    }

    /// The numbers of the blocks that implement something for this type, or this trait for something.
    fn blocks(&self, item: &Item) -> Vec<Item> {
        let inner = &self.value(item)["inner"];
        let lists = ["struct", "enum"].map(|kind| &inner[kind]["impls"]);
        let lists = lists.into_iter().chain([&inner["trait"]["implementations"]]);
        let ids = lists.filter_map(Value::as_array).flatten();
        ids.map(|id| Item { krate: item.krate.clone(), id: id.to_string() }).collect()
    }

    /// Whether anything is known of what is implemented for this type.
    pub(crate) fn has_blocks(&self, item: &Item) -> bool {
        !self.blocks(item).iter().all(|block| self.value(block).is_null())
    }

    /// The signature of a function, or of a method of `item`.
    pub(crate) fn function(&self, item: &Item, entry: &Entry) -> Option<Signature> {
        let Some(owner) = &entry.owner else {
            return self.signature(item, "");
        };
        let of_trait = self.value(item)["inner"]["trait"]["items"].as_array().cloned();
        let blocks = self.blocks(item);
        let inherent =
            blocks.iter().filter(|block| self.value(block)["inner"]["impl"]["trait"].is_null());
        let of_blocks = inherent.flat_map(|block| {
            self.value(block)["inner"]["impl"]["items"].as_array().cloned().unwrap_or_default()
        });
        let ids = of_trait.into_iter().flatten().chain(of_blocks);
        let mut methods = ids.map(|id| Item { krate: item.krate.clone(), id: id.to_string() });
        let method = methods.find(|method| self.value(method)["name"] == entry.path.as_str())?;
        self.signature(&method, owner)
    }

    fn signature(&self, item: &Item, owner: &str) -> Option<Signature> {
        let signature = &self.value(item)["inner"]["function"]["sig"];
        let inputs = signature["inputs"].as_array()?;
        let arguments = inputs.iter().map(|input| {
            let text = text(&input[1]);
            match input[0].as_str() {
                Some("self") => match text.as_str() {
                    "Self" => "self".into(),
                    "&Self" => "&self".into(),
                    "&mut Self" => "&mut self".into(),
                    _ => normal(&text, owner),
                },
                _ => normal(&text, owner),
            }
        });
        let arguments = arguments.collect();
        let result = match &signature["output"] {
            Value::Null => "()".into(),
            output => normal(&text(output), owner),
        };
        Some(Signature { arguments, result })
    }

    /// Whether there is a field or an associated item of that name.
    pub(crate) fn has_member(&self, item: &Item, name: &str) -> bool {
        let inner = &self.value(item)["inner"];
        let lists = [&inner["struct"]["kind"]["plain"]["fields"], &inner["trait"]["items"]];
        let ids = lists.into_iter().filter_map(Value::as_array).flatten();
        let mut members = ids.map(|id| Item { krate: item.krate.clone(), id: id.to_string() });
        members.any(|member| self.value(&member)["name"] == name)
    }

    /// The associated types of an implementation.
    pub(crate) fn implementation(
        &self,
        item: &Item,
        of: &str,
        target: &str,
        owner: &str,
    ) -> Option<BTreeMap<String, String>> {
        let is_trait = !self.value(item)["inner"]["trait"].is_null();
        let block = self.blocks(item).into_iter().find(|block| {
            let block = &self.value(block)["inner"]["impl"];
            let path = normal(&path_text(&block["trait"], "path"), "");
            match is_trait {
                // Which of the trait's implementations: by what it is for.
                true => normal(&text(&block["for"]), "") == target,
                false => path == of || path.split('<').next() == Some(of),
            }
        })?;
        let items = self.value(&block)["inner"]["impl"]["items"].as_array().cloned();
        let types = items.into_iter().flatten().filter_map(|id| {
            let item = self.value(&Item { krate: item.krate.clone(), id: id.to_string() });
            let of = &item["inner"]["assoc_type"]["type"];
            (!of.is_null()).then(|| {
                (item["name"].as_str().unwrap_or_default().to_owned(), normal(&text(of), owner))
            })
        });
        Some(types.collect())
    }
}

fn path_text(path: &Value, key: &str) -> String {
    let name = path[key].as_str().unwrap_or_default();
    format!("{name}{}", arguments(&path["args"]))
}

fn arguments(args: &Value) -> String {
    if let Some(parenthesized) = args.get("parenthesized") {
        let inputs = list(&parenthesized["inputs"]);
        return match &parenthesized["output"] {
            Value::Null => format!("({inputs})"),
            output => format!("({inputs}) -> {}", text(output)),
        };
    }
    let bracketed = &args["angle_bracketed"];
    let of_arguments = bracketed["args"].as_array().into_iter().flatten().filter_map(|argument| {
        let of = &argument["type"];
        (!of.is_null()).then(|| text(of))
    });
    let constraints = bracketed["constraints"].as_array().into_iter().flatten().map(|constraint| {
        let name = constraint["name"].as_str().unwrap_or_default();
        format!("{name} = {}", text(&constraint["binding"]["equality"]["type"]))
    });
    let all: Vec<_> = of_arguments.chain(constraints).collect();
    if all.is_empty() {
        String::new()
    } else {
        format!("<{}>", all.join(", "))
    }
}

fn list(types: &Value) -> String {
    types.as_array().into_iter().flatten().map(text).collect::<Vec<_>>().join(", ")
}

fn bounds(bounds: &Value) -> String {
    let bounds = bounds.as_array().into_iter().flatten();
    let traits = bounds.filter_map(|bound| {
        let path = &bound["trait_bound"]["trait"];
        (!path.is_null()).then(|| path_text(path, "path"))
    });
    traits.collect::<Vec<_>>().join(" + ")
}

/// A type as one writes it.
fn text(of: &Value) -> String {
    let Some((kind, inner)) = of.as_object().and_then(|object| object.iter().next()) else {
        return of.as_str().unwrap_or("_").to_owned();
    };
    match kind.as_str() {
        "resolved_path" => path_text(inner, "path"),
        "generic" | "primitive" => inner.as_str().unwrap_or_default().to_owned(),
        "borrowed_ref" => {
            let mutable = if inner["is_mutable"] == true { "mut " } else { "" };
            format!("&{mutable}{}", text(&inner["type"]))
        }
        "tuple" => format!("({})", list(inner)),
        "slice" => format!("[{}]", text(inner)),
        "array" => format!("[{}; {}]", text(&inner["type"]), inner["len"].as_str().unwrap_or("_")),
        "impl_trait" => format!("impl {}", bounds(inner)),
        "dyn_trait" => {
            let traits = inner["traits"].as_array().into_iter().flatten();
            let traits: Vec<_> = traits.map(|t| path_text(&t["trait"], "path")).collect();
            format!("dyn {}", traits.join(" + "))
        }
        "qualified_path" => {
            let name = inner["name"].as_str().unwrap_or_default();
            format!("{}::{name}", text(&inner["self_type"]))
        }
        _ => format!("{kind}?"),
    }
}
