//! Circles: files of `src` that need each other.
//!
//! A file needs those that define what it names. A name that a module passes on (`pub use`) counts for the file that
//! defines it, so that a facade needs its parts and not the other way round. What is compiled for tests only does not
//! count.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

use super::source::{Kind, Named, Source, module_of, sources};

/// The files of which each file names something: for each an example, with its line.
type Needs<'a> = BTreeMap<&'a str, BTreeMap<&'a str, String>>;

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target<'a> {
    /// A module itself, of which nothing is used yet.
    Module,
    /// What this file defines.
    File(&'a str),
}

/// What is found in a module.
struct Module<'a> {
    file: &'a str,
    defined: BTreeSet<&'a str>,
    /// Names that `use` brings in.
    imported: HashMap<&'a str, &'a Named>,
    /// `use …::*`.
    globs: Vec<&'a Named>,
}

/// The crate's modules by their paths, without those for tests.
struct Modules<'a>(HashMap<String, Module<'a>>);

impl<'a> Modules<'a> {
    fn of(sources: &[&'a Source]) -> Modules<'a> {
        let mut all: HashMap<String, Module> = HashMap::new();
        let module = |file: &'a str| Module {
            file,
            defined: BTreeSet::new(),
            imported: HashMap::new(),
            globs: vec![],
        };
        for source in sources {
            let of_file = module_of(&source.path).unwrap_or_default().join("::");
            all.insert(of_file, module(&source.path));
        }
        for source in sources {
            for definition in source.definitions.iter().filter(|d| !d.for_tests) {
                if matches!(definition.kind, Kind::Type | Kind::Function | Kind::Constant) {
                    let within =
                        all.entry(definition.module.join("::")).or_insert_with(|| module(&source.path));
                    within.defined.insert(&definition.name);
                }
            }
            for named in source.paths.iter().filter(|named| !named.for_tests) {
                let Some(name) = &named.import else { continue };
                let within = all.entry(named.module.join("::")).or_insert_with(|| module(&source.path));
                if name == "*" {
                    within.globs.push(named);
                } else {
                    within.imported.insert(name, named);
                }
            }
        }
        Modules(all)
    }

    /// What a path leads to; none where that is another crate's, or a variable.
    fn target(&self, named: &Named, rest: &[String], depth: usize) -> Option<Target<'a>> {
        let depth = depth.checked_sub(1).filter(|_| !named.follows)?;
        let parts: Vec<_> = named.parts.iter().chain(rest).cloned().collect();
        let mut within = named.module.to_vec();
        let head = parts[0].as_str();
        match head {
            "crate" => self.find(vec![], &parts[1..], depth),
            "self" => self.find(within, &parts[1..], depth),
            "super" => {
                let supers = parts.iter().take_while(|part| *part == "super").count();
                within.truncate(within.len().checked_sub(supers)?);
                self.find(within, &parts[supers..], depth)
            }
            _ => {
                let module = self.0.get(&within.join("::"))?;
                let is_child = self.0.contains_key(&child(&within, head));
                let imported = module.imported.get(head).is_some_and(|import| !std::ptr::eq(*import, named));
                (is_child || imported || module.defined.contains(head))
                    .then(|| self.find(within, &parts, depth))?
            }
        }
    }

    /// What `rest` is in a module.
    fn find(&self, mut within: Vec<String>, rest: &[String], depth: usize) -> Option<Target<'a>> {
        let depth = depth.checked_sub(1)?;
        let module = self.0.get(&within.join("::"))?;
        let own = Some(Target::File(module.file));
        let Some((head, rest)) = rest.split_first().filter(|(head, _)| *head != "self") else {
            return Some(Target::Module);
        };
        if self.0.contains_key(&child(&within, head)) {
            within.push(head.clone());
            return self.find(within, rest, depth);
        }
        if let Some(import) = module.imported.get(head.as_str()) {
            return self.target(import, rest, depth);
        }
        if module.defined.contains(head.as_str()) {
            return own;
        }
        let through = |glob: &&Named| {
            let inner = Named { parts: glob.parts[..glob.parts.len() - 1].to_vec(), ..(*glob).clone() };
            let rest: Vec<_> = [head].into_iter().chain(rest).cloned().collect();
            self.target(&inner, &rest, depth).filter(|target| match target {
                Target::File(file) => {
                    self.0.values().any(|m| m.file == *file && m.defined.contains(head.as_str()))
                }
                Target::Module => true,
            })
        };
        module.globs.iter().find_map(through).or(own)
    }
}

fn child(module: &[String], name: &str) -> String {
    module.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join("::")
}

/// Which file needs which.
fn needs<'a>(sources: &[&'a Source]) -> Needs<'a> {
    let for_tests: Vec<_> = sources.iter().flat_map(|source| &source.test_modules).collect();
    let is_compiled = |source: &&&Source| {
        module_of(&source.path).is_some_and(|module| !for_tests.iter().any(|test| module.starts_with(test)))
    };
    let sources: Vec<_> = sources.iter().filter(is_compiled).copied().collect();
    let modules = Modules::of(&sources);
    let mut all = Needs::new();
    for source in sources {
        let needed = all.entry(source.path.as_str()).or_default();
        for named in source.paths.iter().filter(|named| !named.for_tests) {
            if named.parts.len() < 2 {
                continue;
            }
            match modules.target(named, &[], 32) {
                Some(Target::File(file)) if file != source.path => {
                    needed
                        .entry(file)
                        .or_insert_with(|| format!("{} in line {}", named.parts.join("::"), named.line));
                }
                _ => {}
            }
        }
    }
    all
}

/// Every set of files of which each needs all others, if only by way of them.
fn circles<'a>(needs: &Needs<'a>) -> Vec<BTreeSet<&'a str>> {
    let reached = |from: &'a str| {
        let mut all = BTreeSet::new();
        let mut next = vec![from];
        while let Some(file) = next.pop() {
            next.extend(
                needs.get(file).into_iter().flatten().map(|(file, _)| *file).filter(|file| all.insert(*file)),
            );
        }
        all
    };
    let reached: BTreeMap<_, _> = needs.keys().map(|file| (*file, reached(file))).collect();
    let mut all: Vec<BTreeSet<&str>> = vec![];
    for (file, others) in &reached {
        if others.contains(file) && !all.iter().any(|circle| circle.contains(file)) {
            all.push(others.iter().copied().filter(|other| reached[other].contains(file)).collect());
        }
    }
    all
}

#[test]
fn no_files_need_each_other() {
    let needs = needs(&sources(&["src"]));
    let mut found = String::new();
    for circle in circles(&needs) {
        writeln!(found, "\nThese {} files need each other:", circle.len()).unwrap();
        for file in &circle {
            for (other, example) in needs[file].iter().filter(|(other, _)| circle.contains(*other)) {
                writeln!(found, "  {file} needs {other}: {example}").unwrap();
            }
        }
    }
    assert!(found.is_empty(), "What two files need of each other belongs into a third.\n{found}");
}

#[test]
fn circles_are_found_however_their_paths_are_written() {
    let of = |files: &[(&str, &str)]| {
        let sources: Vec<_> = files.iter().map(|(path, text)| Source::of(path, text)).collect();
        let sources: Vec<_> = sources.iter().collect();
        let needs = needs(&sources);
        let names = |circle: BTreeSet<&str>| circle.into_iter().collect::<Vec<_>>().join(" ");
        circles(&needs).into_iter().map(names).collect::<Vec<_>>()
    };
    let none: [String; 0] = [];
    let two = |a: &str, b: &str| of(&[("src/lib.rs", "mod a; mod b;"), ("src/a.rs", a), ("src/b.rs", b)]);
    let both = ["src/a.rs src/b.rs"];
    // Each way to name b in a.
    for a in [
        "use crate::b::B;",
        "use super::b::{C, B as D};",
        "use crate::{b::{self, B}};",
        "use crate::b; fn f() { b::g() }",
        "use crate::b as c; fn f() { c::g() }",
        "fn f() { println!(\"{}\", crate::b::g()) }",
        "fn f() { use super::b::*; }",
        "mod inner { use super::super::b::B; }",
        "use crate::c; fn f() { c::B::new() } mod c { }",
    ] {
        let expected: &[&str] = if a.contains("mod c") { &[] } else { &both };
        assert_eq!(two(&format!("{a} pub struct A;"), "use crate::a::A; pub struct B;"), expected, "{a}");
    }
    // And what is no need of it.
    for a in [
        "#[cfg(test)] use crate::b::B;",
        "#[cfg(test)] mod tests { use crate::b::B; }",
        "use crate::b;",
        "use ::b::B;",
        "/// See [`crate::b::B`].\n",
        "pub use std::vec::Vec as B;",
    ] {
        assert_eq!(two(&format!("{a} pub struct A;"), "use crate::a::A; pub struct B;"), none, "{a}");
    }
    let three = |facade: &str, a: &str, b: &str| {
        of(&[("src/lib.rs", "mod m;"), ("src/m/mod.rs", facade), ("src/m/a.rs", a), ("src/m/b.rs", b)])
    };
    // A facade needs its parts; they need what it passes on of each other, and not it.
    let facade = "mod a; mod b; pub use a::A; pub use b::*;";
    assert_eq!(three(facade, "pub struct A;", "use super::A; pub struct B;"), none);
    assert_eq!(three(facade, "use super::B; pub struct A;", "pub struct B;"), none);
    assert_eq!(
        three(facade, "use super::B; pub struct A;", "use crate::m::A; pub struct B;"),
        ["src/m/a.rs src/m/b.rs"]
    );
    let own = format!("{facade} pub struct Own;");
    assert_eq!(three(&own, "use super::Own; pub struct A;", "pub struct B;"), ["src/m/a.rs src/m/mod.rs"]);
    // Tests in a file of their own.
    let tests = [
        ("src/lib.rs", "mod a;"),
        ("src/a/mod.rs", "#[cfg(test)] mod tests; pub struct A;"),
        ("src/a/tests.rs", "use super::A; fn f() { crate::a::g() }"),
    ];
    assert_eq!(of(&tests), none);
}
