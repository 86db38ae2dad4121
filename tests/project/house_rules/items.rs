//! What items look like: the errors of functions, the comments of all, the fields of structs.

use std::fs;

use quote::ToTokens;
use syn::visit::{self, Visit};

use super::Broken;
use super::source::{Source, is_for_tests, module_of, sources};
use crate::root;

/// The files of `folders`, but for those that are compiled for tests only, each with its syntax tree.
fn trees(folders: &[&str]) -> impl Iterator<Item = (&'static Source, syn::File)> {
    let all = sources(folders);
    let for_tests: Vec<_> = all.iter().flat_map(|source| source.test_modules.clone()).collect();
    let is_compiled = move |source: &&Source| {
        let module = module_of(&source.path).unwrap_or_default();
        !for_tests.iter().any(|test| module.starts_with(test))
    };
    let parsed = |source: &'static Source| {
        let text = fs::read_to_string(root().join(&source.path)).unwrap();
        (source, syn::parse_file(&text).unwrap())
    };
    all.into_iter().filter(is_compiled).map(parsed)
}

/// Finds `Result<_, String>` and `Result<_, &str>` in what items declare.
#[derive(Default)]
struct TextErrors(Vec<usize>);

fn is_text(argument: &syn::GenericArgument) -> bool {
    let is = |path: &syn::TypePath, name: &str| path.path.segments.last().is_some_and(|s| s.ident == name);
    match argument {
        syn::GenericArgument::Type(syn::Type::Path(path)) => is(path, "String"),
        syn::GenericArgument::Type(syn::Type::Reference(to)) => {
            matches!(&*to.elem, syn::Type::Path(path) if is(path, "str"))
        }
        _ => false,
    }
}

impl<'ast> Visit<'ast> for TextErrors {
    fn visit_path_segment(&mut self, segment: &'ast syn::PathSegment) {
        if segment.ident == "Result"
            && let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments
            && arguments.args.iter().nth(1).is_some_and(is_text)
        {
            self.0.push(segment.ident.span().start().line);
        }
        visit::visit_path_segment(self, segment);
    }

    // What a function does within itself is its own affair.
    fn visit_block(&mut self, _: &'ast syn::Block) {}

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }
}

#[test]
fn errors_below_the_front_ends_are_types() {
    let mut broken = Broken::default();
    let faces = |source: &Source| source.is_in("src/cli") || source.is_in("src/ui");
    for (source, tree) in trees(&["src", "crates"]).filter(|(source, _)| !faces(source)) {
        let mut errors = TextErrors::default();
        errors.visit_file(&tree);
        errors.0.into_iter().for_each(|line| broken.add(source, line, "has a text for an error"));
    }
    broken.none("An error is a type with its sentence (thiserror): what happened can be told from it");
}

/// What has more fields than people keep in mind, each with its reason.
const LARGE: [(&str, &str); 1] =
    [("ProviderFile", "a file format: each field is a key or a table that people write")];

const MAX_FIELDS: usize = 15;

/// Finds structs, and how many fields they have.
#[derive(Default)]
struct Structs(Vec<(usize, String, usize)>);

impl<'ast> Visit<'ast> for Structs {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.0.push((item.ident.span().start().line, item.ident.to_string(), item.fields.len()));
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }
}

#[test]
fn structs_have_few_fields() {
    let mut broken = Broken::default();
    let mut excepted = vec![];
    for (source, tree) in trees(&["src", "crates"]) {
        let mut structs = Structs::default();
        structs.visit_file(&tree);
        for (line, name, fields) in structs.0.into_iter().filter(|(.., fields)| *fields > MAX_FIELDS) {
            match LARGE.iter().find(|(known, _)| *known == name) {
                Some((known, _)) => excepted.push(*known),
                None => broken.add(source, line, &format!("{name} has {fields} fields")),
            }
        }
    }
    broken.none(&format!("No struct has more than {MAX_FIELDS} fields"));
    excepted.sort_unstable();
    assert_eq!(excepted, LARGE.map(|(name, _)| name), "some need no exception any more");
}

/// Words that say nothing of what they stand before.
const EMPTY_WORDS: [&str; 37] = [
    "a", "an", "at", "for", "from", "her", "here", "his", "how", "in", "into", "is", "it", "its", "makes",
    "of", "on", "one", "reads", "returns", "shows", "so", "that", "the", "their", "them", "then", "there",
    "they", "this", "to", "was", "what", "when", "where", "which", "why",
];

/// Finds doc comments of three words or fewer that repeat the name of what they are for, or its type's.
#[derive(Default)]
struct EmptyDocs {
    found: Vec<(usize, String)>,
}

/// Returns a doc comment as one text, and the line it begins in.
fn doc(attributes: &[syn::Attribute]) -> Option<(usize, String)> {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => {
                Some((text.span().start().line, text.value()))
            }
            _ => None,
        },
        _ => None,
    });
    lines.reduce(|(first, text), (_, line)| (first, text + &line))
}

/// Returns the words of a name or a sentence in small letters: `KeyCheck` and `key_check` are two.
fn words_of(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in text.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Returns whether two words are forms of one: `name` and `names`.
fn is_alike(a: &str, b: &str) -> bool {
    let plain = |word: &str| word.trim_end_matches('s').trim_end_matches('e').to_owned();
    plain(a) == plain(b)
}

impl EmptyDocs {
    fn check(&mut self, attributes: &[syn::Attribute], name: &str, of: Option<&syn::Type>) {
        // Below a field the command line's help has no full stop: it is for people, who see no type.
        let Some((line, text)) = doc(attributes).filter(|(_, text)| text.trim().ends_with('.')) else {
            return;
        };
        let mut known = words_of(name);
        if let Some(of) = of {
            known.extend(words_of(&of.to_token_stream().to_string()));
        }
        let is_known = |word: &String| {
            EMPTY_WORDS.contains(&word.as_str()) || known.iter().any(|other| is_alike(word, other))
        };
        if text.split_whitespace().count() <= 3 && words_of(&text.to_lowercase()).iter().all(is_known) {
            self.found.push((line, format!("{name}: {}", text.trim())));
        }
    }
}

impl<'ast> Visit<'ast> for EmptyDocs {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.check(&item.attrs, &item.ident.to_string(), None);
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.check(&item.attrs, &item.ident.to_string(), None);
        visit::visit_item_enum(self, item);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.check(&item.attrs, &item.ident.to_string(), None);
        visit::visit_item_type(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.check(&item.attrs, &item.ident.to_string(), None);
        visit::visit_item_trait(self, item);
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.check(&item.attrs, &item.ident.to_string(), Some(&item.ty));
        visit::visit_item_const(self, item);
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.check(&item.attrs, &item.ident.to_string(), Some(&item.ty));
        visit::visit_item_static(self, item);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.check(&item.attrs, &item.sig.ident.to_string(), None);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.check(&item.attrs, &item.sig.ident.to_string(), None);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.check(&item.attrs, &item.sig.ident.to_string(), None);
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        let of = variant.fields.iter().next().filter(|_| variant.fields.len() == 1).map(|field| &field.ty);
        self.check(&variant.attrs, &variant.ident.to_string(), of);
        visit::visit_variant(self, variant);
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if let Some(name) = &field.ident {
            self.check(&field.attrs, &name.to_string(), Some(&field.ty));
        }
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }
}

#[test]
fn comments_say_more_than_names() {
    let mut broken = Broken::default();
    for (source, tree) in trees(&["src", "crates"]) {
        let mut docs = EmptyDocs::default();
        docs.visit_file(&tree);
        docs.found.into_iter().for_each(|(line, text)| broken.add(source, line, &text));
    }
    broken.none("A comment of three words says what its name does not: a unit, a source, when it is none");
}
