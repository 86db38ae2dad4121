//! The documents name what exists: files, folders, modules and headings.

use std::fs;
use std::path::Path;

use crate::root;

const DOCUMENTS: [&str; 12] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/agents.md",
    "docs/command-line.md",
    "docs/decisions.md",
    "docs/files.md",
    "docs/linux.md",
    "docs/packages.md",
    "docs/providers.md",
    "docs/recipes.md",
];

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The text outside blocks of code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    text.split("```").step_by(2)
}

/// What stands between single back-quotes.
fn quoted(text: &str) -> Vec<&str> {
    prose(text).flat_map(|part| part.split('`').skip(1).step_by(2)).collect()
}

/// The file or folder that a quoted name stands for, where it is one: `tests/cli`, `engine::slots`, `model/upload.rs`.
fn path_of(name: &str) -> Option<Vec<String>> {
    let folder = name.split(['/', ':']).next()?;
    let plain = name.chars().all(|c| c.is_alphanumeric() || "/_-.:".contains(c));
    if !plain || folder.is_empty() || name.len() == folder.len() {
        return None;
    }
    if ["src", "crates", "tests", "docs", "scripts", "assets", "benches"].contains(&folder) {
        return Some(vec![name.to_owned(), format!("{name}.rs")]);
    }
    if !root().join("src").join(folder).is_dir() {
        return None;
    }
    // A module, perhaps with a type or a function of it behind.
    let parts: Vec<_> = name.split("::").collect();
    let module = parts.iter().position(|p| p.starts_with(char::is_uppercase)).unwrap_or(parts.len());
    let module = format!("src/{}", parts[..module].join("/"));
    Some(vec![module.clone(), format!("{module}.rs")])
}

#[test]
fn documents_name_only_what_exists() {
    let mut broken = vec![];
    for document in DOCUMENTS {
        for name in quoted(&read(document)) {
            let paths = path_of(name).unwrap_or_default();
            if !paths.is_empty() && !paths.iter().any(|path| root().join(path).exists()) {
                broken.push(format!("{document}: {name}"));
            }
        }
    }
    assert!(broken.is_empty(), "These are not in the project:\n{}", broken.join("\n"));
}

#[test]
fn the_map_names_every_module_and_where_to_start_reading() {
    let map = read("ARCHITECTURE.md");
    let rows: Vec<Vec<_>> = map
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect())
        .collect();
    let library = read("src/lib.rs");
    let modules: Vec<_> =
        library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let named: Vec<_> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(named, modules);
    for row in rows {
        let module = row[0].trim_matches('`');
        for start in quoted(row[2]) {
            let at = format!("src/{module}/{start}");
            let is_there = root().join(&at).is_dir() || root().join(format!("{at}.rs")).is_file();
            assert!(is_there, "{at} is not there");
        }
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    for document in DOCUMENTS {
        let text = read(document);
        let folder = Path::new(document).parent().unwrap();
        let links = prose(&text).flat_map(|part| part.split("](").skip(1));
        for link in links.filter_map(|rest| Some(rest.split_once(')')?.0)) {
            if link.starts_with("http") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { root().join(document) } else { root().join(folder).join(file) };
            assert!(target.exists(), "{document}: {link}");
            let anchor = |line: &str| line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
            let headings = |text: String| text.lines().any(|l| l.starts_with('#') && anchor(l) == heading);
            let found = heading.is_empty() || headings(fs::read_to_string(&target).unwrap());
            assert!(found, "{document}: {link}");
        }
    }
}
