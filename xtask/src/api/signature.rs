//! Signatures, read from text into a form in which equal ones are equal: names of parameters,
//! lifetimes, `Self` or the name, and where a bound stands make no difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A type, or a bound on one.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Ty {
    /// Name, arguments, and the associated types that are given.
    Path(String, Vec<Ty>, Vec<(String, Ty)>),
    Ref(bool, Box<Ty>),
    Pointer(bool, Box<Ty>),
    Tuple(Vec<Ty>),
    Slice(Box<Ty>),
    Dyn(Vec<Ty>),
    Impl(Vec<Ty>),
    Assoc(Box<Ty>, String),
    Function(Vec<Ty>, Box<Ty>),
}

impl Ty {
    pub(crate) fn name(name: &str) -> Ty {
        Ty::Path(name.to_owned(), Vec::new(), Vec::new())
    }

    pub(crate) fn unit() -> Ty {
        Ty::Tuple(Vec::new())
    }

    fn map(self, f: &mut dyn FnMut(Ty) -> Ty) -> Ty {
        let one = |ty: Box<Ty>, f: &mut dyn FnMut(Ty) -> Ty| Box::new(ty.map(f));
        let all = |tys: Vec<Ty>, f: &mut dyn FnMut(Ty) -> Ty| -> Vec<Ty> {
            tys.into_iter().map(|ty| ty.map(f)).collect()
        };
        let mapped = match self {
            Ty::Path(name, args, given) => {
                let args = all(args, f);
                Ty::Path(name, args, given.into_iter().map(|(n, ty)| (n, ty.map(f))).collect())
            }
            Ty::Ref(mutable, ty) => Ty::Ref(mutable, one(ty, f)),
            Ty::Pointer(mutable, ty) => Ty::Pointer(mutable, one(ty, f)),
            Ty::Tuple(tys) => Ty::Tuple(all(tys, f)),
            Ty::Slice(ty) => Ty::Slice(one(ty, f)),
            Ty::Dyn(tys) => Ty::Dyn(all(tys, f)),
            Ty::Impl(tys) => Ty::Impl(all(tys, f)),
            Ty::Assoc(ty, name) => Ty::Assoc(one(ty, f), name),
            Ty::Function(tys, ret) => Ty::Function(all(tys, f), one(ret, f)),
        };
        f(mapped)
    }

    /// Calls `f` with each name, outermost first.
    fn names(&self, f: &mut dyn FnMut(&str)) {
        match self {
            Ty::Path(name, args, given) => {
                f(name);
                args.iter().for_each(|ty| ty.names(f));
                given.iter().for_each(|(_, ty)| ty.names(f));
            }
            Ty::Ref(_, ty) | Ty::Pointer(_, ty) | Ty::Slice(ty) | Ty::Assoc(ty, _) => ty.names(f),
            Ty::Tuple(tys) | Ty::Dyn(tys) | Ty::Impl(tys) => tys.iter().for_each(|ty| ty.names(f)),
            Ty::Function(tys, ret) => {
                tys.iter().for_each(|ty| ty.names(f));
                ret.names(f);
            }
        }
    }

    fn renamed(self, names: &BTreeMap<String, String>) -> Ty {
        self.map(&mut |ty| match ty {
            Ty::Path(name, args, given) => {
                let name = names.get(&name).cloned().unwrap_or(name);
                Ty::Path(name, args, given)
            }
            other => other,
        })
    }

    /// `Poll` and `io::Result` written out.
    fn expanded(self) -> Ty {
        self.map(&mut |ty| match ty {
            Ty::Path(name, mut args, given) if name == "futures:Poll" && args.len() == 2 => {
                let item = args.remove(0);
                args.insert(0, Ty::Path("futures:Async".to_owned(), vec![item], Vec::new()));
                Ty::Path("std:Result".to_owned(), args, given)
            }
            Ty::Path(name, mut args, given) if name == "std:Result" && args.len() == 1 => {
                args.push(Ty::name("std:Error"));
                Ty::Path(name, args, given)
            }
            other => other,
        })
    }
}

fn list(tys: &[Ty]) -> String {
    tys.iter().map(Ty::to_string).collect::<Vec<_>>().join(", ")
}

fn sum(tys: &[Ty]) -> String {
    let mut bounds: Vec<_> = tys.iter().map(Ty::to_string).collect();
    bounds.sort();
    bounds.join(" + ")
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ty::Path(name, args, given) => {
                let mut all: Vec<_> = args.iter().map(Ty::to_string).collect();
                let mut given: Vec<_> = given.iter().map(|(n, ty)| format!("{n} = {ty}")).collect();
                given.sort();
                all.append(&mut given);
                if all.is_empty() {
                    f.write_str(name)
                } else {
                    write!(f, "{name}<{}>", all.join(", "))
                }
            }
            Ty::Ref(mutable, ty) => write!(f, "&{}{ty}", if *mutable { "mut " } else { "" }),
            Ty::Pointer(mutable, ty) => {
                write!(f, "*{} {ty}", if *mutable { "mut" } else { "const" })
            }
            Ty::Tuple(tys) => write!(f, "({})", list(tys)),
            Ty::Slice(ty) => write!(f, "[{ty}]"),
            Ty::Dyn(tys) => write!(f, "dyn({})", sum(tys)),
            Ty::Impl(tys) => write!(f, "impl({})", sum(tys)),
            Ty::Assoc(ty, name) => write!(f, "{ty}::{name}"),
            Ty::Function(tys, ret) => write!(f, "fn({}) -> {ret}", list(tys)),
        }
    }
}

/// Declared type parameters, and what is asked of types.
#[derive(Clone, Default, Debug)]
pub(crate) struct Generics {
    pub(crate) params: Vec<String>,
    pub(crate) bounds: Vec<(Ty, Ty)>,
}

impl Generics {
    /// In a form that can be compared; a parameter that may not be unsized says so.
    fn canonical(&self, names: &BTreeMap<String, String>) -> BTreeSet<String> {
        let canonical = |ty: &Ty| ty.clone().renamed(names).expanded().to_string();
        let all = self.bounds.iter().map(|(ty, bound)| (canonical(ty), canonical(bound)));
        let (unsized_, mut bounds): (BTreeSet<_>, BTreeSet<_>) =
            all.partition(|(_, bound)| bound == "?Sized");
        for param in &self.params {
            let param = canonical(&Ty::name(param));
            if !unsized_.contains(&(param.clone(), "?Sized".to_owned())) {
                bounds.insert((param, "std:Sized".to_owned()));
            }
        }
        bounds.into_iter().map(|(ty, bound)| format!("{ty}: {bound}")).collect()
    }
}

/// The type that an `impl` block is for, with the block's parameters.
#[derive(Clone, Default, Debug)]
pub(crate) struct Block {
    pub(crate) generics: Generics,
    pub(crate) target: Option<Ty>,
    pub(crate) of_trait: Option<Ty>,
    pub(crate) given: Vec<(String, Ty)>,
}

impl Block {
    /// The parameters, numbered as they appear in what the block is for.
    fn numbered(&self) -> BTreeMap<String, String> {
        let mut names = BTreeMap::new();
        let mut number = |name: &str| {
            if self.generics.params.iter().any(|param| param == name) {
                let next = format!("${}", names.len());
                names.entry(name.to_owned()).or_insert(next);
            }
        };
        self.target.iter().chain(&self.of_trait).for_each(|ty| ty.names(&mut number));
        names
    }

    /// `TRAIT for TYPE`, the bounds, and the associated types.
    pub(crate) fn canonical(&self) -> (String, BTreeSet<String>, BTreeMap<String, String>) {
        let names = self.numbered();
        let canonical = |ty: &Ty| ty.clone().renamed(&names).expanded();
        let target = self.target.as_ref().map(canonical).unwrap_or_else(Ty::unit);
        let of_trait = self.of_trait.as_ref().map(canonical).unwrap_or_else(Ty::unit);
        let given = self.given.iter();
        let given = given
            .map(|(name, ty)| (name.clone(), with_self(canonical(ty), Some(&target)).to_string()));
        let head = format!("{of_trait} for {target}");
        (head, self.generics.canonical(&names), given.collect())
    }
}

/// Writes `Self` for the type that it is.
fn with_self(ty: Ty, target: Option<&Ty>) -> Ty {
    ty.map(&mut |ty| if Some(&ty) == target { Ty::name("Self") } else { ty })
}

/// A function as it is written.
#[derive(Clone, Default, Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) is_unsafe: bool,
    pub(crate) is_async: bool,
    pub(crate) has_receiver: bool,
    pub(crate) generics: Generics,
    pub(crate) args: Vec<Ty>,
    pub(crate) ret: Option<Ty>,
}

/// A function in a form that can be compared.
#[derive(PartialEq, Debug)]
pub(crate) struct Canonical {
    pub(crate) shape: String,
    pub(crate) args: Vec<String>,
    pub(crate) ret: String,
    pub(crate) bounds: BTreeSet<String>,
}

impl Function {
    pub(crate) fn canonical(&self, block: &Block) -> Canonical {
        let mut names = block.numbered();
        let mut generics = self.generics.clone();
        // `impl Trait` in an argument is a parameter without a name, after the named ones.
        let explicit = generics.params.len();
        let mut args = Vec::new();
        for arg in &self.args {
            args.push(arg.clone().map(&mut |ty| match ty {
                Ty::Impl(bounds) => {
                    let name = format!("impl#{}", generics.params.len());
                    generics.params.push(name.clone());
                    generics.bounds.extend(bounds.into_iter().map(|b| (Ty::name(&name), b)));
                    Ty::name(&name)
                }
                other => other,
            }));
        }
        for (at, param) in generics.params.iter().enumerate() {
            names.insert(param.clone(), format!("#{at}"));
        }
        let target = block.target.clone().map(|ty| ty.renamed(&names).expanded());
        let canonical = |ty: &Ty| with_self(ty.clone().renamed(&names).expanded(), target.as_ref());
        let ret = self.ret.as_ref().map(canonical).unwrap_or_else(Ty::unit);
        let mut bounds = block.generics.canonical(&names);
        generics.bounds.iter_mut().for_each(|(ty, bound)| {
            *ty = with_self(ty.clone().renamed(&names).expanded(), target.as_ref());
            *bound = with_self(bound.clone().renamed(&names).expanded(), target.as_ref());
        });
        bounds.append(&mut generics.canonical(&names));
        Canonical {
            shape: format!(
                "{}{}fn of {explicit} type parameters{}",
                if self.is_unsafe { "unsafe " } else { "" },
                if self.is_async { "async " } else { "" },
                if self.has_receiver { ", a method" } else { "" }
            ),
            args: args.iter().map(|ty| canonical(ty).to_string()).collect(),
            ret: ret.to_string(),
            bounds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::reader::Reader;
    use super::*;

    fn canonical(text: &str, block: &str) -> Canonical {
        let names = |name: &str| name.rsplit("::").next().unwrap_or_default().to_owned();
        let block = Reader::new(block, &[], &names).block();
        Reader::new(text, &block.generics.params, &names).function().canonical(&block)
    }

    #[test]
    fn spelling_makes_no_difference() {
        let one = canonical(
            "fn f<F: FnOnce(&T) -> u8 + 'static>(self, f: F) -> X<T> where T: Send",
            "impl<T> X<T>",
        );
        let other = canonical(
            "fn f<G>(self, g: G) -> Self where G: 'static + FnOnce(&'_ U) -> u8",
            "impl<U: Send> m::X<U>",
        );
        assert_eq!(one, other);
    }

    #[test]
    fn what_callers_see_makes_one() {
        let one = canonical("fn f<T>(&self, t: T) -> T", "impl X");
        for other in [
            "fn f<T>(&mut self, t: T) -> T",
            "fn f<T>(&self, t: &T) -> T",
            "fn f<T>(&self, t: T) -> Option<T>",
            "fn f<T: Send>(&self, t: T) -> T",
            "fn f<T, U>(&self, t: T) -> T",
            "async fn f<T>(&self, t: T) -> T",
        ] {
            assert_ne!(one, canonical(other, "impl X"), "{other}");
        }
    }
}
