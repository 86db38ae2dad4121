//! The reference of the format, from the types that read it and their comments.

use std::collections::BTreeSet;
use std::fmt::Write;

use hoist::model::media::{Kind, Media};
use hoist::provider::build::MEANINGS;
use quote::ToTokens;
use syn::{Attribute, Fields, Item, ItemEnum, ItemStruct, Type};

/// Where the format is; what stands in a provider's file begins with the first type.
const FORMAT: [&str; 4] = [
    "src/provider/file/mod.rs",
    "src/provider/file/vendor.rs",
    "src/provider/file/step.rs",
    "src/provider/file/read.rs",
];
const FIRST: &str = "ProviderFile";

/// Types that no provider's file has: a vendor's own file, and what readers are made of.
const ELSEWHERE: [&str; 3] = ["SharedVendorFile", "TextOrTable", "InOrder"];

/// The whole reference, as Markdown.
pub(super) fn markdown() -> String {
    let format = Format::read();
    let mut out = String::new();
    format.sections(&mut out);
    places(&mut out);
    meanings(&mut out);
    types(&mut out);
    out
}

/// The types of the format.
struct Format {
    items: Vec<Item>,
}

impl Format {
    fn read() -> Format {
        let items = FORMAT.iter().flat_map(|path| parsed(path).items);
        Format { items: items.filter(|item| matches!(item, Item::Struct(_) | Item::Enum(_))).collect() }
    }

    fn get(&self, name: &str) -> Option<&Item> {
        self.items.iter().find(|item| name_of(item) == name)
    }

    /// A section for each type that a provider's file can hold, each behind the one that names it.
    fn sections(&self, out: &mut String) {
        let mut open = vec![FIRST.to_owned()];
        let mut done = BTreeSet::new();
        while let Some(name) = open.pop() {
            let Some(item) = self.get(&name) else { continue };
            if !done.insert(name.clone()) {
                continue;
            }
            match item {
                Item::Struct(table) if is_derived(&table.attrs) => self.table(table, out),
                Item::Struct(table) if matches!(table.fields, Fields::Named(_)) => {
                    let fields = table.fields.iter().map(|field| &field.attrs);
                    forms(&name, &table.attrs, fields, out);
                }
                Item::Enum(choice) if is_derived(&choice.attrs) => fixed_values(choice, out),
                Item::Enum(choice) => {
                    let variants = choice.variants.iter().map(|variant| &variant.attrs);
                    forms(&name, &choice.attrs, variants, out);
                }
                _ => {}
            }
            // What is named first comes first.
            let named = names_in(item);
            open.extend(named.into_iter().rev().filter(|name| !done.contains(name)));
        }
        let all: BTreeSet<_> = self.items.iter().map(name_of).collect();
        let left: Vec<_> = all.difference(&done).filter(|name| !ELSEWHERE.contains(&name.as_str())).collect();
        assert!(left.is_empty(), "no file can hold {left:?}");
    }

    fn table(&self, table: &ItemStruct, out: &mut String) {
        heading(&table.ident.to_string(), &table.attrs, out);
        out.push_str("| Field | Value | Meaning |\n| --- | --- | --- |\n");
        for field in &table.fields {
            let (value, can_miss) = self.value(&field.ty);
            let serde = serde_of(&field.attrs);
            let name = serde
                .split_once("rename = \"")
                .and_then(|(_, rest)| rest.split_once('"'))
                .map_or_else(|| field.ident.as_ref().unwrap().to_string(), |(name, _)| name.to_owned());
            let needed = if can_miss || serde.contains("default") { "" } else { ", needed" };
            let meaning = comment(&field.attrs);
            assert!(!meaning.is_empty(), "{name} of {} says nothing", table.ident);
            row(out, &format!("`{name}`"), &format!("{value}{needed}"), &meaning);
        }
        out.push('\n');
    }

    /// What is written for a type, and whether nothing may be.
    fn value(&self, of: &Type) -> (String, bool) {
        let Type::Path(path) = of else {
            assert!(matches!(of, Type::Array(_)), "{}", of.to_token_stream());
            return ("two numbers".to_owned(), false);
        };
        let last = path.path.segments.last().unwrap();
        let inner = match &last.arguments {
            syn::PathArguments::AngleBracketed(all) => match all.args.first() {
                Some(syn::GenericArgument::Type(inner)) => Some(inner),
                _ => None,
            },
            _ => None,
        };
        match (last.ident.to_string().as_str(), inner) {
            ("Option", Some(inner)) => (self.value(inner).0, true),
            ("Vec", Some(inner)) => match self.value(inner).0.as_str() {
                "text" => ("list of texts".to_owned(), false),
                one if one.starts_with("`[[") => (one.to_owned(), false),
                one => (format!("list of {one}"), false),
            },
            ("String", _) => ("text".to_owned(), false),
            ("bool", _) => ("`true` or `false`".to_owned(), false),
            ("u16" | "u32" | "i64" | "usize" | "f64", _) => ("number".to_owned(), false),
            ("Value", _) => ("any value".to_owned(), false),
            (name, _) => match self.get(name) {
                Some(Item::Enum(choice)) if is_derived(&choice.attrs) => {
                    let all: Vec<_> =
                        fixed(choice).into_iter().map(|(word, _)| format!("`\"{word}\"`")).collect();
                    (all.join(", "), false)
                }
                Some(Item::Struct(table)) if matches!(table.fields, Fields::Unnamed(_)) => {
                    let first = comment(&table.attrs);
                    let first = first.split(['.', ',']).next().unwrap().to_lowercase();
                    (if first == "a text" { "text, or list of texts".to_owned() } else { first }, false)
                }
                Some(Item::Struct(table)) => (written(&table.attrs).0, false),
                Some(Item::Enum(choice)) => (format!("see {}", written(&choice.attrs).0), false),
                _ => panic!("no word for {name}"),
            },
        }
    }
}

/// A section for what is written in one of several forms, each with its comment.
fn forms<'a>(
    name: &str,
    attributes: &[Attribute],
    all: impl Iterator<Item = &'a Vec<Attribute>>,
    out: &mut String,
) {
    heading(name, attributes, out);
    out.push_str("| Written | Meaning |\n| --- | --- |\n");
    for one in all {
        let (form, meaning) = written(one);
        writeln!(out, "| {} | {} |", cell(&form), cell(&meaning)).unwrap();
    }
    out.push('\n');
}

/// A section for fixed words.
fn fixed_values(choice: &ItemEnum, out: &mut String) {
    heading(&choice.ident.to_string(), &choice.attrs, out);
    out.push_str("| Word | Meaning |\n| --- | --- |\n");
    for (word, variant) in fixed(choice) {
        let is_usual = variant.attrs.iter().any(|attribute| attribute.path().is_ident("default"));
        let usual = if is_usual { " The usual way." } else { "" };
        writeln!(out, "| `\"{word}\"` | {}{usual} |", cell(&comment(&variant.attrs))).unwrap();
    }
    out.push('\n');
}

/// The words of a type, as files have them.
fn fixed(choice: &ItemEnum) -> Vec<(String, &syn::Variant)> {
    let is_upper = serde_of(&choice.attrs).contains("UPPERCASE");
    let word = |variant: &syn::Variant| {
        let name = variant.ident.to_string();
        if is_upper { name.to_uppercase() } else { name.to_lowercase() }
    };
    choice.variants.iter().map(|variant| (word(variant), variant)).collect()
}

fn heading(name: &str, attributes: &[Attribute], out: &mut String) {
    let (form, meaning) = written(attributes);
    assert!(!meaning.is_empty(), "the comment of {name} does not say how it is written");
    let form = if name == FIRST { form.trim_matches('`') } else { &form };
    writeln!(out, "### {form}\n\n{meaning}\n").unwrap();
}

fn row(out: &mut String, name: &str, value: &str, meaning: &str) {
    writeln!(out, "| {} | {} | {} |", cell(name), cell(value), cell(meaning)).unwrap();
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// How something is written, and what it means: a comment's text in its first back-quotes, and the rest.
fn written(attributes: &[Attribute]) -> (String, String) {
    let text = comment(attributes);
    match text.strip_prefix('`').and_then(|rest| rest.split_once('`')) {
        // `kind` of a use: …
        Some((form, rest)) => match rest.split_once(": ") {
            Some((more, meaning)) if !more.contains('.') => {
                (format!("`{form}`{more}"), hoist::model::text::capitalized(meaning))
            }
            _ => (format!("`{form}`"), String::new()),
        },
        None => (text, String::new()),
    }
}

/// A comment in one line.
fn comment(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => {
                Some(text.value().trim().to_owned())
            }
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join(" ").replace("`WebM`", "WebM")
}

fn serde_of(attributes: &[Attribute]) -> String {
    let all = attributes.iter().filter(|attribute| attribute.path().is_ident("serde"));
    all.map(|attribute| attribute.to_token_stream().to_string()).collect()
}

/// Whether serde's own reader reads it: then its fields and variants are what is written.
fn is_derived(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("derive") && attribute.to_token_stream().to_string().contains("Deserialize")
    })
}

/// The types that a type names, in their order.
fn names_in(item: &Item) -> Vec<String> {
    let fields: Vec<&syn::Field> = match item {
        Item::Struct(table) => table.fields.iter().collect(),
        Item::Enum(choice) => choice.variants.iter().flat_map(|variant| &variant.fields).collect(),
        _ => vec![],
    };
    let text =
        fields.iter().map(|field| field.ty.to_token_stream().to_string()).collect::<Vec<_>>().join(" ");
    text.split(|c: char| !c.is_alphanumeric()).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn name_of(item: &Item) -> String {
    match item {
        Item::Struct(table) => table.ident.to_string(),
        Item::Enum(choice) => choice.ident.to_string(),
        _ => String::new(),
    }
}

fn parsed(path: &str) -> syn::File {
    syn::parse_file(&super::read(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn choice_in(path: &str, name: &str) -> ItemEnum {
    let found = parsed(path).items.into_iter().find_map(|item| match item {
        Item::Enum(choice) if choice.ident == name => Some(choice),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{path} has no {name}"))
}

/// Variables and filters of templates.
fn places(out: &mut String) {
    let path = "src/provider/template.rs";
    for (name, head, about) in [
        (
            "TemplateVariable",
            "Places",
            "A template is a text with places: `\"{file.stem}-{random}.{file.ext}\"`. A brace itself is written twice: `{{`.",
        ),
        (
            "Filter",
            "Filters",
            "A filter changes a place's value: `{option.title|or:file.stem|upper}`. Several follow each other.",
        ),
    ] {
        writeln!(out, "### {head}\n\n{about}\n\n| Written | Value |\n| --- | --- |").unwrap();
        for variant in &choice_in(path, name).variants {
            let (form, meaning) = written(&variant.attrs);
            assert!(!meaning.is_empty(), "{} of {name} says nothing", variant.ident);
            row_of_two(out, &form, &meaning);
        }
        out.push('\n');
    }
}

fn row_of_two(out: &mut String, form: &str, meaning: &str) {
    writeln!(out, "| {} | {} |", cell(form), cell(meaning)).unwrap();
}

/// What `means` can be.
fn meanings(out: &mut String) {
    out.push_str("### Kinds of refusals\n\nWhat `means` of a `[[refusal]]` can be, and which status means it by itself. The [error reference](errors.md) has what\nHoist says for each.\n\n| Kind | Meaning |\n| --- | --- |\n");
    let kinds = choice_in("src/model/error.rs", "FailureKind");
    for kind in MEANINGS {
        let own = kinds.variants.iter().find(|variant| variant.ident == format!("{kind:?}")).unwrap();
        row_of_two(out, &format!("`{}`", kind.name()), &comment(&own.attrs));
    }
    out.push('\n');
}

/// The types of files that Hoist knows.
fn types(out: &mut String) {
    out.push_str("### Types of files\n\nWhat `types` of `[[accepts]]` can name; `{file.mime}` is what is sent.\n\n| Type | Kind | Name | MIME type |\n| --- | --- | --- | --- |\n");
    for media in Media::ALL {
        let kind = match media.kind() {
            Kind::Image => "image",
            Kind::Audio => "audio",
            Kind::Video => "video",
            Kind::Captions => "captions",
        };
        let names: Vec<_> = media.extensions().iter().map(|name| format!("`{name}`")).collect();
        writeln!(out, "| {} | {kind} | {} | `{}` |", names.join(", "), media.label(), media.mime()).unwrap();
    }
}
