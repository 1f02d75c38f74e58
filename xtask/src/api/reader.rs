//! Reads signatures from text: as the contracts write them, and as [`super::rustdoc`] does.

use super::signature::{Block, Function, Generics, Ty};

/// Reads signatures; `names` says which crate a name that was written is from.
pub(crate) struct Reader<'a> {
    tokens: Vec<String>,
    at: usize,
    params: Vec<String>,
    names: &'a dyn Fn(&str) -> String,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &str, params: &[String], names: &'a dyn Fn(&str) -> String) -> Self {
        Reader { tokens: tokens(text), at: 0, params: params.to_vec(), names }
    }

    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", String::as_str)
    }

    fn next(&mut self) -> String {
        let token = self.peek().to_owned();
        self.at += 1;
        token
    }

    fn eat(&mut self, token: &str) -> bool {
        let is_there = self.peek() == token;
        self.at += usize::from(is_there);
        is_there
    }

    /// `[unsafe] fn NAME<..>(..) [-> ..] [where ..]`
    pub(crate) fn function(mut self) -> Function {
        let mut function = Function::default();
        loop {
            match &*self.next() {
                "unsafe" => function.is_unsafe = true,
                "async" => function.is_async = true,
                "fn" | "" => break,
                _ => {}
            }
        }
        function.name = self.next();
        self.generics(&mut function.generics);
        self.eat("(");
        while !self.eat(")") && !self.peek().is_empty() {
            let start = self.at;
            while matches!(self.peek(), "&" | "mut") || self.peek().starts_with('\'') {
                self.at += 1;
            }
            let name = self.next();
            if self.eat(":") {
                function.has_receiver |= name == "self";
                function.args.push(self.ty());
            } else {
                // `self`, `&self`, `&mut self`: read it again, as a type.
                function.has_receiver = true;
                self.at = start;
                function.args.push(self.ty());
            }
            self.eat(",");
        }
        if self.eat("->") {
            function.ret = Some(self.ty());
        }
        self.predicates(&mut function.generics);
        function
    }

    /// `impl<..> [TRAIT for] TYPE [where ..] [{ type NAME = ..; }]`
    pub(crate) fn block(mut self) -> Block {
        let mut block = Block::default();
        self.eat("impl");
        self.generics(&mut block.generics);
        let first = self.ty();
        if self.eat("for") {
            block.of_trait = Some(first);
            block.target = Some(self.ty());
        } else {
            block.target = Some(first);
        }
        self.predicates(&mut block.generics);
        if self.eat("{") {
            while self.eat("type") {
                let name = self.next();
                self.eat("=");
                block.given.push((name, self.ty()));
                self.eat(";");
            }
        }
        block
    }

    /// A type alone; what is left is not read.
    pub(crate) fn ty(&mut self) -> Ty {
        match self.peek() {
            "&" | "*" => {
                let is_ref = self.next() == "&";
                if self.peek().starts_with('\'') {
                    self.at += 1;
                }
                let mutable = self.eat("mut");
                self.eat("const");
                let ty = Box::new(self.ty());
                if is_ref {
                    Ty::Ref(mutable, ty)
                } else {
                    Ty::Pointer(mutable, ty)
                }
            }
            "(" => {
                self.at += 1;
                let (mut tys, mut comma) = (Vec::new(), false);
                while !self.eat(")") && !self.peek().is_empty() {
                    tys.push(self.ty());
                    comma |= self.eat(",");
                }
                if tys.len() == 1 && !comma {
                    tys.remove(0)
                } else {
                    Ty::Tuple(tys)
                }
            }
            "[" => {
                self.at += 1;
                let ty = self.ty();
                while !self.eat("]") && !self.peek().is_empty() {
                    self.at += 1;
                }
                Ty::Slice(Box::new(ty))
            }
            "dyn" => {
                self.at += 1;
                Ty::Dyn(self.bounds())
            }
            "impl" => {
                self.at += 1;
                Ty::Impl(self.bounds())
            }
            "fn" => {
                self.at += 1;
                let (args, ret) = self.call();
                Ty::Function(args, Box::new(ret))
            }
            "<" => {
                self.at += 1;
                let ty = self.ty();
                self.eat(">");
                let name = self.next();
                Ty::Assoc(Box::new(ty), name.trim_start_matches("::").to_owned())
            }
            _ => self.path(),
        }
    }

    fn path(&mut self) -> Ty {
        let written = self.next();
        if written.starts_with('\'') {
            return Ty::name(&written);
        }
        let mut parts = written.split("::");
        let first = parts.next().unwrap_or_default();
        if written == "self" {
            return Ty::name("Self");
        }
        if first == "Self" || self.params.iter().any(|param| param == first) {
            return parts
                .fold(Ty::name(first), |ty, part| Ty::Assoc(Box::new(ty), part.to_owned()));
        }
        let name = (self.names)(&written);
        let (mut args, mut given) = (Vec::new(), Vec::new());
        if self.peek() == "(" {
            let (inputs, ret) = self.call();
            args.push(Ty::Tuple(inputs));
            given.push(("Output".to_owned(), ret));
        } else if self.eat("<") {
            while !self.eat(">") && !self.peek().is_empty() {
                if self.peek().starts_with('\'') {
                    self.at += 1;
                } else if self.tokens.get(self.at + 1).is_some_and(|token| token == "=") {
                    let name = self.next();
                    self.at += 1;
                    given.push((name, self.ty()));
                } else {
                    args.push(self.ty());
                }
                self.eat(",");
            }
        }
        Ty::Path(name, args, given)
    }

    /// `(..) [-> ..]`
    fn call(&mut self) -> (Vec<Ty>, Ty) {
        self.eat("(");
        let mut inputs = Vec::new();
        while !self.eat(")") && !self.peek().is_empty() {
            inputs.push(self.ty());
            self.eat(",");
        }
        let ret = if self.eat("->") { self.ty() } else { Ty::unit() };
        (inputs, ret)
    }

    /// `A + B + 'static`; lifetimes other than `'static` are left out.
    pub(crate) fn bounds(&mut self) -> Vec<Ty> {
        let mut bounds = Vec::new();
        loop {
            if self.eat("for") {
                while self.next() != ">" {}
            }
            if self.eat("?") {
                self.at += 1;
                bounds.push(Ty::name("?Sized"));
            } else if self.peek().starts_with('\'') {
                let lifetime = self.next();
                if lifetime == "'static" {
                    bounds.push(Ty::name(&lifetime));
                }
            } else if !matches!(self.peek(), "," | ">" | "{" | "") {
                bounds.push(self.ty());
            }
            if !self.eat("+") {
                return bounds;
            }
        }
    }

    /// `<..>`: declares parameters. They are in scope from here.
    pub(crate) fn generics(&mut self, generics: &mut Generics) {
        if !self.eat("<") {
            return;
        }
        // All are in scope in the bounds of each.
        let (mut at, mut depth, mut starts) = (self.at, 0, true);
        while let Some(token) = self.tokens.get(at) {
            match &**token {
                ">" if depth == 0 => break,
                "<" | "(" => depth += 1,
                ">" | ")" => depth -= 1,
                "," if depth == 0 => {
                    starts = true;
                    at += 1;
                    continue;
                }
                name if starts && !name.starts_with('\'') => {
                    self.params.push(name.to_owned());
                    generics.params.push(name.to_owned());
                }
                _ => {}
            }
            starts = false;
            at += 1;
        }
        while !self.eat(">") && !self.peek().is_empty() {
            let name = self.next();
            if self.eat(":") {
                let bounds = self.bounds();
                if !name.starts_with('\'') {
                    generics.bounds.extend(bounds.into_iter().map(|b| (Ty::name(&name), b)));
                }
            }
            if self.eat("=") {
                self.ty();
            }
            self.eat(",");
        }
    }

    fn predicates(&mut self, generics: &mut Generics) {
        if !self.eat("where") {
            return;
        }
        while !matches!(self.peek(), "" | "{" | ";") {
            if self.eat("for") {
                while self.next() != ">" {}
            }
            let ty = self.ty();
            if !self.eat(":") {
                return;
            }
            let bounds = self.bounds();
            if !ty.to_string().starts_with('\'') {
                generics.bounds.extend(bounds.into_iter().map(|bound| (ty.clone(), bound)));
            }
            self.eat(",");
        }
    }
}

fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<_> = text.chars().collect();
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '~' || c == '#';
    let (mut tokens, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        let start = at;
        let next = |at: usize| chars.get(at).copied().unwrap_or(' ');
        if chars[at].is_whitespace() {
            at += 1;
            continue;
        } else if chars[at] == '-' && next(at + 1) == '>' {
            at += 2;
        } else if is_word(chars[at]) || (chars[at] == ':' && next(at + 1) == ':') {
            while is_word(next(at)) || (next(at) == ':' && next(at + 1) == ':') {
                at += if next(at) == ':' { 2 } else { 1 };
            }
        } else {
            at += 1;
            while chars[start] == '\'' && is_word(next(at)) {
                at += 1;
            }
        }
        tokens.push(chars[start..at].iter().collect());
    }
    tokens
}
