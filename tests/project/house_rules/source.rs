//! Code, read as a compiler reads it: `syn` for what is defined, its tokens for what is named.
//!
//! Paths come from tokens, since half of them stand in macros, whose insides are no syntax tree.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::{self, Visit};

use crate::root;

/// A file of code: what it names, and what it defines.
pub(super) struct Source {
    /// From the project's folder, with `/`.
    pub(super) path: String,
    pub(super) lines: usize,
    /// Everything it names, in order.
    pub(super) paths: Vec<Named>,
    pub(super) definitions: Vec<Definition>,
    /// Texts in quotes, and whether they are compiled for tests only.
    pub(super) texts: Vec<(usize, String, bool)>,
    /// Where a test is marked as ignored.
    pub(super) ignored: Vec<usize>,
    /// Macros that are called, and where.
    pub(super) macros: Vec<(usize, String)>,
    /// Modules with a file of their own that are there for tests only.
    pub(super) test_modules: Vec<Vec<String>>,
}

/// A path that is named: `use a::{b, c::d}` names `a::b` and `a::c::d`, and every other word is a path of one part.
#[derive(Clone)]
pub(super) struct Named {
    pub(super) line: usize,
    pub(super) parts: Vec<String>,
    /// The module that it stands in, from the crate's root.
    pub(super) module: Arc<[String]>,
    /// It is compiled for tests only.
    pub(super) for_tests: bool,
    /// The name that a `use` gives it.
    pub(super) import: Option<String>,
    /// It begins with `::`, or goes on after a `>`.
    pub(super) follows: bool,
}

/// What a name is given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Type,
    Function,
    Variant,
    Module,
    Constant,
    Field,
    /// What `let`, a parameter or a pattern binds.
    Binding,
}

/// A name that is given to something.
#[derive(Clone)]
pub(super) struct Definition {
    pub(super) line: usize,
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) module: Arc<[String]>,
    pub(super) for_tests: bool,
}

impl Source {
    /// Reads code that stands at `path`, from the project's folder.
    pub(super) fn of(path: &str, text: &str) -> Source {
        let file = syn::parse_file(text).unwrap_or_else(|e| panic!("{path}: {e}"));
        let mut source = Source {
            path: path.to_owned(),
            lines: text.lines().count(),
            paths: vec![],
            definitions: vec![],
            texts: vec![],
            ignored: vec![],
            macros: vec![],
            test_modules: vec![],
        };
        let for_tests = is_for_tests(&file.attrs);
        let scope = Scope { module: module_of(path).unwrap_or_default().into(), for_tests };
        for attribute in &file.attrs {
            source.read_tokens(attribute.to_token_stream(), &scope);
        }
        source.read_items(&file.items, &scope);
        source
    }

    /// The module of `src/lib.rs` that it belongs to.
    pub(super) fn module(&self) -> Option<String> {
        module_of(&self.path)?.into_iter().next()
    }

    pub(super) fn is_in(&self, folder: &str) -> bool {
        self.path.starts_with(&format!("{folder}/")) || self.path == format!("{folder}.rs")
    }

    fn read_items(&mut self, items: &[syn::Item], scope: &Scope) {
        for item in items {
            let for_tests = scope.for_tests || is_for_tests(attributes(item));
            if let syn::Item::Mod(module) = item {
                let names = scope.module.iter().cloned().chain([module.ident.to_string()]);
                let inner = Scope { module: names.collect(), for_tests };
                self.define(module.ident.span(), Kind::Module, module.ident.to_string(), scope, for_tests);
                for attribute in &module.attrs {
                    self.read_tokens(attribute.to_token_stream(), scope);
                }
                match &module.content {
                    Some((_, items)) => self.read_items(items, &inner),
                    None if for_tests => self.test_modules.push(inner.module.to_vec()),
                    None => {}
                }
                continue;
            }
            let scope = Scope { module: Arc::clone(&scope.module), for_tests };
            Definitions { source: self, scope: &scope }.visit_item(item);
            self.read_tokens(item.to_token_stream(), &scope);
        }
    }

    fn define(&mut self, span: proc_macro2::Span, kind: Kind, name: String, scope: &Scope, for_tests: bool) {
        let (line, module) = (span.start().line, Arc::clone(&scope.module));
        self.definitions.push(Definition { line, kind, name, module, for_tests });
    }

    fn read_tokens(&mut self, tokens: TokenStream, scope: &Scope) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Ident(word)
                    if word == "use" && !tokens.get(at + 1).is_some_and(|t| is_sign(t, '<')) =>
                {
                    let end = (at..tokens.len()).find(|n| is_sign(&tokens[*n], ';')).unwrap_or(tokens.len());
                    self.read_use(&tokens[at + 1..end], &[], scope);
                    at = end;
                }
                TokenTree::Ident(_) => {
                    let (named, end) = path(&tokens, at, scope);
                    let (line, name) = (named.line, named.parts.last().cloned().unwrap_or_default());
                    let called = tokens.get(end).is_some_and(|t| is_sign(t, '!'))
                        && matches!(tokens.get(end + 1), Some(TokenTree::Group(_)));
                    if called {
                        self.macros.push((line, name));
                    }
                    self.paths.push(named);
                    at = end;
                }
                TokenTree::Group(group) => {
                    let is_attribute = group.delimiter() == Delimiter::Bracket
                        && at > 0
                        && (is_sign(&tokens[at - 1], '#')
                            || at > 1 && is_sign(&tokens[at - 1], '!') && is_sign(&tokens[at - 2], '#'));
                    let before = self.paths.len();
                    self.read_tokens(group.stream(), scope);
                    if is_attribute {
                        let words = self.paths[before..].iter().filter(|named| named.parts == ["ignore"]);
                        self.ignored.extend(words.map(|named| named.line));
                    }
                    at += 1;
                }
                TokenTree::Literal(literal) => {
                    if let syn::Lit::Str(text) = syn::Lit::new(literal.clone()) {
                        self.texts.push((literal.span().start().line, text.value(), scope.for_tests));
                    }
                    at += 1;
                }
                TokenTree::Punct(_) => at += 1,
            }
        }
    }

    /// The paths of a `use`, which is a tree of them.
    fn read_use(&mut self, tokens: &[TokenTree], before: &[String], scope: &Scope) {
        for branch in tokens.split(|token| is_sign(token, ',')) {
            let mut parts = before.to_vec();
            let mut at = 0;
            let mut alias = None;
            let mut line = 0;
            while let Some(token) = branch.get(at) {
                match token {
                    TokenTree::Ident(word) if word == "as" => {
                        alias = branch.get(at + 1).map(|name| plain(&name.to_string()));
                        at = branch.len();
                    }
                    TokenTree::Ident(word) => {
                        line = word.span().start().line;
                        parts.push(plain(&word.to_string()));
                    }
                    TokenTree::Punct(sign) if sign.as_char() == '*' => {
                        line = sign.span().start().line;
                        parts.push("*".to_owned());
                    }
                    TokenTree::Group(group) => {
                        let inner: Vec<_> = group.stream().into_iter().collect();
                        self.read_use(&inner, &parts, scope);
                        line = 0;
                    }
                    _ => {}
                }
                at += 1;
            }
            if line > 0 {
                let own = parts.iter().rev().find(|part| *part != "self").cloned();
                let follows = before.is_empty() && branch.first().is_some_and(|token| is_sign(token, ':'));
                let import = alias.or(own);
                let (module, for_tests) = (Arc::clone(&scope.module), scope.for_tests);
                self.paths.push(Named { line, parts, module, for_tests, import, follows });
            }
        }
    }
}

impl Named {
    /// Whether it begins with these parts.
    pub(super) fn starts(&self, with: &str) -> bool {
        let with: Vec<_> = with.split("::").collect();
        self.parts.len() >= with.len() && self.parts.iter().zip(with).all(|(a, b)| a == b)
    }

    /// Whether these parts follow each other anywhere in it.
    pub(super) fn has(&self, parts: &str) -> bool {
        let parts: Vec<_> = parts.split("::").collect();
        self.parts.windows(parts.len()).any(|w| w == parts)
    }
}

/// Where code stands.
struct Scope {
    module: Arc<[String]>,
    for_tests: bool,
}

/// The path that begins at a word, and where it has ended.
fn path(tokens: &[TokenTree], from: usize, scope: &Scope) -> (Named, usize) {
    let mut parts = vec![];
    let mut at = from;
    let colons = |at: usize| {
        tokens.get(at).is_some_and(|t| is_sign(t, ':')) && tokens.get(at + 1).is_some_and(|t| is_sign(t, ':'))
    };
    let follows = from > 1 && colons(from - 2);
    let line = tokens[from].span().start().line;
    while let Some(TokenTree::Ident(word)) = tokens.get(at) {
        parts.push(plain(&word.to_string()));
        at += 1;
        if !(colons(at) && matches!(tokens.get(at + 2), Some(TokenTree::Ident(_)))) {
            break;
        }
        at += 2;
    }
    let (module, for_tests) = (Arc::clone(&scope.module), scope.for_tests);
    (Named { line, parts, module, for_tests, import: None, follows }, at)
}

fn is_sign(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

/// `r#type` is `type`.
fn plain(word: &str) -> String {
    word.strip_prefix("r#").unwrap_or(word).to_owned()
}

/// Collects the names that an item gives.
struct Definitions<'a> {
    source: &'a mut Source,
    scope: &'a Scope,
}

impl Definitions<'_> {
    fn add(&mut self, kind: Kind, name: &Ident) {
        self.source.define(name.span(), kind, plain(&name.to_string()), self.scope, self.scope.for_tests);
    }
}

impl<'ast> Visit<'ast> for Definitions<'_> {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.add(Kind::Type, &item.ident);
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.add(Kind::Type, &item.ident);
        visit::visit_item_enum(self, item);
    }

    fn visit_item_union(&mut self, item: &'ast syn::ItemUnion) {
        self.add(Kind::Type, &item.ident);
        visit::visit_item_union(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.add(Kind::Type, &item.ident);
        visit::visit_item_trait(self, item);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.add(Kind::Type, &item.ident);
        visit::visit_item_type(self, item);
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.add(Kind::Variant, &variant.ident);
        visit::visit_variant(self, variant);
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if let Some(name) = &field.ident {
            self.add(Kind::Field, name);
        }
        visit::visit_field(self, field);
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        self.add(Kind::Function, &signature.ident);
        visit::visit_signature(self, signature);
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.add(Kind::Module, &module.ident);
        visit::visit_item_mod(self, module);
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.add(Kind::Constant, &item.ident);
        visit::visit_item_const(self, item);
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.add(Kind::Constant, &item.ident);
        visit::visit_item_static(self, item);
    }

    fn visit_impl_item_const(&mut self, item: &'ast syn::ImplItemConst) {
        self.add(Kind::Constant, &item.ident);
        visit::visit_impl_item_const(self, item);
    }

    fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
        self.add(Kind::Binding, &pattern.ident);
        visit::visit_pat_ident(self, pattern);
    }
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::ExternCrate(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::ForeignMod(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Union(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether what has these is compiled for tests only.
pub(super) fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}

/// The module of a file, from the crate's root: `engine::body` of `src/engine/body.rs`; none of `src/main.rs`.
pub(super) fn module_of(path: &str) -> Option<Vec<String>> {
    let mut parts: Vec<_> = path.strip_prefix("src/")?.strip_suffix(".rs")?.split('/').collect();
    match parts[..] {
        ["main"] => return None,
        ["lib"] => parts.clear(),
        [.., "mod"] => drop(parts.pop()),
        _ => {}
    }
    Some(parts.into_iter().map(str::to_owned).collect())
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return vec![] };
    let mut all: Vec<_> = entries.map(|e| e.unwrap().path()).collect();
    all.sort();
    all.into_iter()
        .flat_map(|path| match path.extension() {
            _ if path.is_dir() => rust_files(&path),
            Some(extension) if extension == "rs" => vec![path],
            _ => vec![],
        })
        .collect()
}

/// All files below some of the folders `src`, `tests` and `benches`; each is read once for all rules.
pub(super) fn sources(folders: &[&str]) -> Vec<&'static Source> {
    static ALL: LazyLock<Vec<Source>> = LazyLock::new(|| {
        let paths =
            ["src", "crates", "tests", "benches"].iter().flat_map(|folder| rust_files(&root().join(folder)));
        let read = |path: PathBuf| {
            let relative = path.strip_prefix(root()).unwrap().components();
            let name = relative.map(|c| c.as_os_str().to_str().unwrap()).collect::<Vec<_>>().join("/");
            Source::of(&name, &fs::read_to_string(&path).unwrap())
        };
        paths.map(read).collect()
    });
    let all: Vec<_> = ALL.iter().filter(|source| folders.iter().any(|folder| source.is_in(folder))).collect();
    assert!(!all.is_empty());
    all
}

#[test]
fn the_reader_of_code_sees_paths_and_no_comments_or_texts() {
    let text = r##"
        // crate::comment::a
        /* crate::comment::b /* crate::nested */ crate::comment::c */
        use crate::one::{self, two::{three as crates, *}, four};
        fn f<'a>(x: &'a str) -> char { let _ = ("crate::text \" crate::x", r#"crate::raw" "#, b"\\"); '"' }
        fn g() { crate::after::<u8>(); '\''; "#" }
        fn h() { assert_eq!(crate::in_a_macro::X, [crate::nested::Y]) }
        mod inner { #[cfg(test)] mod tests { use super::super::up; } }
    "##;
    let source = Source::of("src/a.rs", text);
    let of_crate: Vec<_> = source.paths.iter().filter(|n| n.starts("crate")).collect();
    let shown: Vec<_> = of_crate.iter().map(|n| (n.line, n.parts.join("::"))).collect();
    let expected = [
        (4, "one::self"),
        (4, "one::two::three"),
        (4, "one::two::*"),
        (4, "one::four"),
        (6, "after"),
        (7, "in_a_macro::X"),
        (7, "nested::Y"),
    ];
    assert_eq!(shown, expected.map(|(line, path)| (line, format!("crate::{path}"))));
    assert_eq!(source.lines, text.lines().count());
    let up = source.paths.iter().find(|n| n.starts("super")).unwrap();
    assert_eq!((up.module.join("::").as_str(), up.for_tests), ("a::inner::tests", true));
    assert_eq!(
        of_crate.iter().filter_map(|n| n.import.as_deref()).collect::<Vec<_>>(),
        ["one", "crates", "*", "four"]
    );
    let defined: Vec<_> = source.definitions.iter().map(|d| (d.kind, d.name.as_str())).collect();
    assert!(defined.contains(&(Kind::Binding, "x")) && defined.contains(&(Kind::Module, "inner")));
    assert_eq!(source.macros, [(7, "assert_eq".to_owned())]);
    let texts: Vec<_> = source.texts.iter().map(|(line, text, _)| (*line, text.as_str())).collect();
    assert_eq!(texts, [(5, "crate::text \" crate::x"), (5, "crate::raw\" "), (6, "#")]);
}
