//! What the crates export, by rustdoc's JSON: read without types, so that one more field or a new
//! version of the format does not matter while what is read here keeps its form.

use super::contract::family_of;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// The versions of the format that this was seen to read.
pub(crate) const KNOWN_VERSIONS: std::ops::RangeInclusive<u64> = 57..=57;

pub(crate) struct Crate {
    pub(crate) name: String,
    index: HashMap<String, Value>,
    paths: HashMap<String, Value>,
    /// Of the crate's own items, by kind and full path.
    own: HashMap<(String, String), String>,
    pub(crate) root: String,
}

/// All crates of the family.
pub(crate) struct World {
    pub(crate) crates: BTreeMap<String, Crate>,
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Found {
    /// An item of one of our crates: the crate and the item's number.
    Ours(String, String),
    /// Another crate's: the full path of its definition.
    Foreign(String),
}

pub(crate) fn id(value: &Value) -> String {
    value.as_u64().map_or_else(|| value.as_str().unwrap_or_default().to_owned(), |n| n.to_string())
}

pub(crate) fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// `("struct", ..)`: what an item is.
pub(crate) fn kind_of(item: &Value) -> (&str, &Value) {
    let kinds = item["inner"].as_object();
    kinds.and_then(|kinds| kinds.iter().next()).map_or(("", &Value::Null), |(k, v)| (k, v))
}

impl Crate {
    pub(crate) fn read(name: &str, json: &str) -> Result<Crate, String> {
        let mut all: Value = serde_json::from_str(json).map_err(|e| format!("{name}: {e}"))?;
        let version = all["format_version"].as_u64().unwrap_or_default();
        if !KNOWN_VERSIONS.contains(&version) {
            return Err(format!("rustdoc's JSON has version {version}, not known here"));
        }
        let root = id(&all["root"]);
        let mut table = |key: &str| -> HashMap<String, Value> {
            match all[key].take() {
                Value::Object(map) => map.into_iter().collect(),
                _ => HashMap::new(),
            }
        };
        let (index, paths) = (table("index"), table("paths"));
        let own = paths.iter().filter(|(_, path)| path["crate_id"] == 0);
        let own = own.map(|(id, path)| ((text(&path["kind"]).to_owned(), full(path)), id.clone()));
        let own = own.collect();
        Ok(Crate { name: name.to_owned(), index, paths, own, root })
    }

    pub(crate) fn item(&self, id: &str) -> &Value {
        self.index.get(id).unwrap_or(&Value::Null)
    }

    pub(crate) fn items(&self) -> impl Iterator<Item = &Value> {
        self.index.values()
    }

    /// `CRATE::Name`
    fn name(&self, path: &Value) -> String {
        let written = text(&path["path"]);
        let Some(known) = self.paths.get(&id(&path["id"])) else { return written.to_owned() };
        let origin = family_of(text(&known["path"][0]));
        let last = array(&known["path"]).last().map(text).unwrap_or_default();
        if last == "Read" && matches!(origin, "std" | "ours") {
            return "any::Read".to_owned();
        }
        format!("{origin}::{last}")
    }

    fn path(&self, path: &Value) -> String {
        let mut out = self.name(path);
        let args = &path["args"];
        if let Some(args) = args.get("angle_bracketed") {
            let mut all = Vec::new();
            for arg in array(&args["args"]) {
                if let Some(ty) = arg.get("type") {
                    all.push(self.ty(ty));
                } else if let Some(lifetime) = arg.get("lifetime") {
                    all.push(text(lifetime).to_owned());
                }
            }
            for given in array(&args["constraints"]) {
                let ty = &given["binding"]["equality"]["type"];
                all.push(format!("{} = {}", text(&given["name"]), self.ty(ty)));
            }
            if !all.is_empty() {
                out += &format!("<{}>", all.join(", "));
            }
        } else if let Some(call) = args.get("parenthesized") {
            let inputs: Vec<_> = array(&call["inputs"]).iter().map(|ty| self.ty(ty)).collect();
            out += &format!("({})", inputs.join(", "));
            if !call["output"].is_null() {
                out += &format!(" -> {}", self.ty(&call["output"]));
            }
        }
        out
    }

    pub(crate) fn bounds(&self, bounds: &Value) -> String {
        let bounds = array(bounds).iter().filter_map(|bound| {
            if let Some(bound) = bound.get("trait_bound") {
                let maybe = if bound["modifier"] == "maybe" { "?" } else { "" };
                Some(format!("{maybe}{}", self.path(&bound["trait"])))
            } else {
                bound.get("outlives").map(|lifetime| text(lifetime).to_owned())
            }
        });
        bounds.collect::<Vec<_>>().join(" + ")
    }

    pub(crate) fn ty(&self, ty: &Value) -> String {
        let Some((kind, ty)) = ty.as_object().and_then(|ty| ty.iter().next()) else {
            return "_".to_owned();
        };
        let all =
            |tys: &Value| -> String { array(tys).iter().map(|ty| self.ty(ty) + ", ").collect() };
        match &**kind {
            "resolved_path" => self.path(ty),
            "generic" => text(ty).to_owned(),
            "primitive" if text(ty) == "never" => "!".to_owned(),
            "primitive" => text(ty).to_owned(),
            "tuple" => format!("({})", all(ty)),
            "slice" => format!("[{}]", self.ty(ty)),
            "array" => format!("[{}; {}]", self.ty(&ty["type"]), text(&ty["len"])),
            "borrowed_ref" | "raw_pointer" => {
                let sign = if kind == "raw_pointer" { "*" } else { "&" };
                let lifetime = ty["lifetime"].as_str().map(|name| format!("{name} "));
                let mutable = if ty["is_mutable"] == true { "mut " } else { "" };
                format!("{sign}{}{mutable}{}", lifetime.unwrap_or_default(), self.ty(&ty["type"]))
            }
            "dyn_trait" => {
                let traits = array(&ty["traits"]).iter().map(|one| self.path(&one["trait"]));
                let mut all: Vec<_> = traits.collect();
                all.extend(ty["lifetime"].as_str().map(str::to_owned));
                format!("(dyn {})", all.join(" + "))
            }
            "impl_trait" => format!("(impl {})", self.bounds(ty)),
            "qualified_path" => {
                let of = self.ty(&ty["self_type"]);
                let name = text(&ty["name"]);
                let is_plain = of.chars().all(|c| c.is_alphanumeric() || c == '_');
                if is_plain {
                    format!("{of}::{name}")
                } else {
                    format!("<{of}>::{name}")
                }
            }
            "function_pointer" => {
                let inputs = array(&ty["sig"]["inputs"]).iter();
                let inputs: String = inputs.map(|one| self.ty(&one[1]) + ", ").collect();
                let output = &ty["sig"]["output"];
                let output = if output.is_null() { "()".to_owned() } else { self.ty(output) };
                format!("fn({inputs}) -> {output}")
            }
            other => other.to_owned(),
        }
    }

    /// `<..>` and ` where ..`
    pub(crate) fn generics(&self, generics: &Value) -> (String, String) {
        let (mut params, mut predicates) = (Vec::new(), Vec::new());
        for param in array(&generics["params"]) {
            let name = text(&param["name"]);
            if let Some(kind) = param["kind"].get("type") {
                if kind["is_synthetic"] != true {
                    params.push(name.to_owned());
                    let bounds = self.bounds(&kind["bounds"]);
                    if !bounds.is_empty() {
                        predicates.push(format!("{name}: {bounds}"));
                    }
                }
            } else if let Some(kind) = param["kind"].get("lifetime") {
                params.push(name.to_owned());
                let outlives: Vec<_> = array(&kind["outlives"]).iter().map(text).collect();
                if !outlives.is_empty() {
                    predicates.push(format!("{name}: {}", outlives.join(" + ")));
                }
            }
        }
        for predicate in array(&generics["where_predicates"]) {
            if let Some(of) = predicate.get("bound_predicate") {
                let bounds = self.bounds(&of["bounds"]);
                predicates.push(format!("{}: {bounds}", self.ty(&of["type"])));
            }
        }
        let params =
            if params.is_empty() { String::new() } else { format!("<{}>", params.join(", ")) };
        let predicates = match predicates.is_empty() {
            true => String::new(),
            false => format!(" where {}", predicates.join(", ")),
        };
        (params, predicates)
    }

    pub(crate) fn function(&self, item: &Value) -> String {
        let (_, function) = kind_of(item);
        let (params, predicates) = self.generics(&function["generics"]);
        let args = array(&function["sig"]["inputs"]).iter();
        let args: Vec<_> = args
            .map(|arg| match text(&arg[0]) {
                "self" => format!("self: {}", self.ty(&arg[1])),
                _ => format!("_: {}", self.ty(&arg[1])),
            })
            .collect();
        let output = &function["sig"]["output"];
        let output =
            if output.is_null() { String::new() } else { format!(" -> {}", self.ty(output)) };
        let header = &function["header"];
        format!(
            "{}{}fn {}{params}({}){output}{predicates}",
            if header["is_unsafe"] == true { "unsafe " } else { "" },
            if header["is_async"] == true { "async " } else { "" },
            text(&item["name"]),
            args.join(", "),
        )
    }

    /// An `impl` block, with what its associated types are.
    pub(crate) fn block(&self, block: &Value) -> String {
        let (params, predicates) = self.generics(&block["generics"]);
        let mut out = format!("impl{params} ");
        if !block["trait"].is_null() {
            out += &format!("{} for ", self.path(&block["trait"]));
        }
        out += &format!("{}{predicates}", self.ty(&block["for"]));
        let mut given = String::new();
        for item in array(&block["items"]).iter().map(|item| self.item(&id(item))) {
            if let ("assoc_type", ty) = kind_of(item) {
                given += &format!("type {} = {}; ", text(&item["name"]), self.ty(&ty["type"]));
            }
        }
        if !given.is_empty() {
            out += &format!(" {{ {given}}}");
        }
        out
    }

    /// The members of an `impl`, a trait or a struct, with their names.
    pub(crate) fn members<'a>(&'a self, ids: &'a Value) -> impl Iterator<Item = &'a Value> {
        array(ids).iter().map(|item| self.item(&id(item)))
    }

    /// `CRATE:Name` of the trait that a block implements.
    pub(crate) fn trait_name(&self, block: &Value) -> String {
        canonical_name(&self.name(&block["trait"]))
    }
}

/// `CRATE:Name` for a name as it is rendered here.
pub(crate) fn canonical_name(path: &str) -> String {
    match path.split_once("::") {
        Some(("any", last)) => last.to_owned(),
        Some((origin, last)) => format!("{origin}:{last}"),
        None => path.to_owned(),
    }
}

fn full(path: &Value) -> String {
    array(&path["path"]).iter().map(text).collect::<Vec<_>>().join("::")
}

impl World {
    /// What the path, with its crate in front, leads to; a path may lead to several things of
    /// different kinds.
    pub(crate) fn find(&self, path: &str) -> Vec<Found> {
        let mut parts = path.split("::");
        let first = parts.next().unwrap_or_default();
        let Some(krate) = self.crates.get(first) else {
            return vec![Found::Foreign(path.to_owned())];
        };
        let mut found = vec![Found::Ours(krate.name.clone(), krate.root.clone())];
        for part in parts {
            found = found.iter().flat_map(|module| self.children(module, part, 0)).collect();
        }
        found
    }

    /// A type by its name alone, wherever it is.
    pub(crate) fn find_anywhere(&self, krate: &str, name: &str) -> Vec<Found> {
        let Some(krate) = self.crates.get(krate) else { return Vec::new() };
        let named = krate.index.iter().filter(|(_, item)| {
            let is_type = matches!(kind_of(item).0, "struct" | "enum" | "trait");
            is_type && item["name"] == name && item["visibility"] == "public"
        });
        named.map(|(id, _)| Found::Ours(krate.name.clone(), id.clone())).collect()
    }

    fn children(&self, module: &Found, name: &str, depth: u8) -> Vec<Found> {
        let Found::Ours(krate, module) = module else { return Vec::new() };
        let krate = &self.crates[krate];
        let (mut named, mut by_glob) = (Vec::new(), Vec::new());
        for child in array(&kind_of(krate.item(module)).1["items"]) {
            let item = krate.item(&id(child));
            if item["visibility"] != "public" && item["visibility"] != "default" {
                continue;
            }
            match kind_of(item) {
                ("use", used) if used["is_glob"] == true => {
                    if let Some(module) = self.target(krate, &id(&used["id"])) {
                        if depth < 8 {
                            by_glob.extend(self.children(&module, name, depth + 1));
                        }
                    }
                }
                ("use", used) if used["name"] == name => {
                    named.extend(self.target(krate, &id(&used["id"])));
                }
                _ if item["name"] == name => {
                    named.push(Found::Ours(krate.name.clone(), id(child)));
                }
                _ => {}
            }
        }
        if named.is_empty() {
            by_glob
        } else {
            named
        }
    }

    /// The item of that number, perhaps in another crate.
    fn target(&self, krate: &Crate, target: &str) -> Option<Found> {
        if let Some(item) = krate.index.get(target) {
            if let ("use", used) = kind_of(item) {
                return self.target(krate, &id(&used["id"]));
            }
            return Some(Found::Ours(krate.name.clone(), target.to_owned()));
        }
        let path = krate.paths.get(target)?;
        let other = self.crates.get(text(&path["path"][0]));
        let key = (text(&path["kind"]).to_owned(), full(path));
        match other.and_then(|other| Some((other, other.own.get(&key)?))) {
            Some((other, id)) => Some(Found::Ours(other.name.clone(), id.clone())),
            None => Some(Found::Foreign(full(path))),
        }
    }

    /// The type that an alias with the same parameters stands for.
    pub(crate) fn unaliased(&self, found: Found) -> Found {
        let Found::Ours(krate, item) = &found else { return found };
        let krate = &self.crates[krate];
        let ("type_alias", alias) = kind_of(krate.item(item)) else { return found };
        let params = array(&alias["generics"]["params"]).iter().map(|param| &param["name"]);
        let path = &alias["type"]["resolved_path"];
        let args = array(&path["args"]["angle_bracketed"]["args"]).iter();
        let args = args.map(|arg| &arg["type"]["generic"]);
        if path.is_null() || !params.eq(args) {
            return found;
        }
        self.target(krate, &id(&path["id"])).map_or(found.clone(), |target| self.unaliased(target))
    }
}
