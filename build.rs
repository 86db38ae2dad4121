//! What Windows reads in a program's file beside its code: icon, version and manifest.
//!
//! They are written as the object file that a resource compiler would make, since a build needs Rust and a C compiler and
//! nothing else, on Windows as on the systems that build for it. For other systems this does nothing.

use std::env;
use std::fs;
use std::path::Path;

const ICONS: [(&str, u8); 3] = [("hoist-32.png", 32), ("hoist-64.png", 64), ("hoist-256.png", 0)]; // 0 is 256
const MANIFEST: &str = "assets/windows/hoist.manifest";

/// Windows' numbers of what is in such a file.
const ICON: u32 = 3;
const GROUP_OF_ICONS: u32 = 14;
const VERSION: u32 = 16;
const MANIFEST_OF_PROGRAM: u32 = 24;

const ENGLISH: u32 = 0x0409;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=assets/icon");
    println!("cargo::rerun-if-changed={MANIFEST}");
    let variable = |name: &str| env::var(name).unwrap_or_default();
    if variable("CARGO_CFG_TARGET_OS") != "windows" {
        return;
    }
    // The machine, and what it calls an address within the program.
    let (machine, address) = match variable("CARGO_CFG_TARGET_ARCH").as_str() {
        "x86_64" => (0x8664_u16, 3_u16),
        "aarch64" => (0xaa64, 2),
        other => {
            println!("cargo::warning=no icon and no manifest for {other}");
            return;
        }
    };
    let read = |name: &str| fs::read(name).unwrap_or_else(|e| panic!("{name}: {e}"));
    let pictures = ICONS.map(|(name, side)| (read(&format!("assets/icon/{name}")), side));
    let mut all = vec![];
    for (number, (png, _)) in (1..).zip(&pictures) {
        all.push(Resource { kind: ICON, name: number, content: png.clone() });
    }
    all.push(Resource { kind: GROUP_OF_ICONS, name: 1, content: group(&pictures) });
    all.push(Resource { kind: VERSION, name: 1, content: version(&variable("CARGO_PKG_VERSION")) });
    all.push(Resource { kind: MANIFEST_OF_PROGRAM, name: 1, content: read(MANIFEST) });
    let file = Path::new(&variable("OUT_DIR")).join("resources.o");
    fs::write(&file, object(&all, machine, address)).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    println!("cargo::rustc-link-arg-bins={}", file.display());
}

struct Resource {
    kind: u32,
    name: u32,
    content: Vec<u8>,
}

/// Bytes of numbers, the lowest first.
fn words(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}

/// Which icon is of which size.
fn group(pictures: &[(Vec<u8>, u8)]) -> Vec<u8> {
    let mut out = words(&[0, 1, pictures.len() as u16]);
    for (number, (png, side)) in (1..).zip(pictures) {
        out.extend([*side, *side, 0, 0]);
        out.extend(words(&[1, 32]));
        out.extend(numbers(&[png.len() as u32]));
        out.extend(words(&[number]));
    }
    out
}

/// The version as numbers and in words: what Explorer shows of a file.
fn version(text: &str) -> Vec<u8> {
    let mut parts = text.split(['.', '-']).map(|part| part.parse::<u32>().unwrap_or(0)).chain([0; 4]);
    let mut next = || parts.next().unwrap_or(0);
    let (high, low) = (next() << 16 | next(), next() << 16);
    let fixed = numbers(&[0xfeef_04bd, 0x1_0000, high, low, high, low, 0x3f, 0, 4, 1, 0, 0, 0]);
    let words_of = |name: &str, value: &str| {
        let value: Vec<u16> = value.encode_utf16().chain([0]).collect();
        block(name, value.len() as u16, 1, &words(&value), &[])
    };
    let strings = [
        words_of("ProductName", "Hoist"),
        words_of("FileDescription", "Hoist"),
        words_of("CompanyName", "The Hoist authors"),
        words_of("LegalCopyright", "MIT OR Apache-2.0"),
        words_of("OriginalFilename", "hoist.exe"),
        words_of("ProductVersion", text),
        words_of("FileVersion", text),
    ];
    let table = block("040904b0", 0, 1, &[], &strings);
    let strings = block("StringFileInfo", 0, 1, &[], &[table]);
    let translation = block("Translation", 4, 0, &words(&[ENGLISH as u16, 1200]), &[]);
    let languages = block("VarFileInfo", 0, 1, &[], &[translation]);
    block("VS_VERSION_INFO", fixed.len() as u16, 0, &fixed, &[strings, languages])
}

/// A part of the version: its length, its name, its value and what is in it, each at a multiple of four bytes.
fn block(name: &str, value_length: u16, kind: u16, value: &[u8], inside: &[Vec<u8>]) -> Vec<u8> {
    let mut out = words(&[0, value_length, kind]);
    out.extend(words(&name.encode_utf16().chain([0]).collect::<Vec<_>>()));
    pad(&mut out);
    out.extend(value);
    for part in inside {
        pad(&mut out);
        out.extend(part);
    }
    let length = out.len() as u16;
    out[..2].copy_from_slice(&length.to_le_bytes());
    out
}

fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(4), 0);
}

/// An object file with one section: the tree of resources by kind, name and language, and their content behind it.
fn object(all: &[Resource], machine: u16, address: u16) -> Vec<u8> {
    let mut kinds: Vec<u32> = all.iter().map(|one| one.kind).collect();
    kinds.dedup();
    let of = |kind: u32| all.iter().filter(move |one| one.kind == kind);
    let (head, entry, leaf) = (16, 8, 16);
    // The root; then a directory for each kind; then one for each name, with one language; then the leaves.
    let names_at = head + entry * kinds.len();
    let languages_at = names_at + kinds.iter().map(|kind| head + entry * of(*kind).count()).sum::<usize>();
    let leaves_at = languages_at + (head + entry) * all.len();
    let mut content_at = leaves_at + leaf * all.len();
    let directory = |count: usize| [numbers(&[0, 0, 0]), words(&[0, count as u16])].concat();
    let below = |at: usize| at as u32 | 0x8000_0000;
    let (mut root, mut names) = (directory(kinds.len()), vec![]);
    let (mut languages, mut leaves, mut content) = (vec![], vec![], vec![]);
    let mut relocations = vec![];
    for kind in &kinds {
        root.extend(numbers(&[*kind, below(names_at + names.len())]));
        names.extend(directory(of(*kind).count()));
        for one in of(*kind) {
            names.extend(numbers(&[one.name, below(languages_at + languages.len())]));
            let leaf_at = leaves_at + leaves.len();
            languages.extend(directory(1));
            languages.extend(numbers(&[ENGLISH, leaf_at as u32]));
            // The linker makes an address of what stands there.
            relocations.extend(numbers(&[leaf_at as u32, 0]));
            relocations.extend(words(&[address]));
            leaves.extend(numbers(&[content_at as u32, one.content.len() as u32, 0, 0]));
            content.extend(&one.content);
            pad(&mut content);
            content_at = leaves_at + leaf * all.len() + content.len();
        }
    }
    let section = [root, names, languages, leaves, content].concat();
    let section_at = 20 + 40;
    let symbols_at = section_at + section.len() + relocations.len();
    let mut out = words(&[machine, 1]);
    out.extend(numbers(&[0, symbols_at as u32, 1]));
    out.extend(words(&[0, 0]));
    out.extend(*b".rsrc\0\0\0");
    out.extend(numbers(&[0, 0, section.len() as u32, section_at as u32]));
    out.extend(numbers(&[(section_at + section.len()) as u32, 0]));
    out.extend(words(&[all.len() as u16, 0]));
    out.extend(numbers(&[0x4000_0040])); // data that is only read
    out.extend(section);
    out.extend(relocations);
    out.extend(*b".rsrc\0\0\0");
    out.extend(numbers(&[0]));
    out.extend(words(&[1, 0]));
    out.extend([3, 0]); // of this file alone, and nothing more of it
    out.extend(numbers(&[4])); // no name is longer
    out
}
