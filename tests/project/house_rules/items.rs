//! What items look like: the errors of their functions.

use std::fs;

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
