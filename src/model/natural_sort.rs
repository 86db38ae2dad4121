//! The order in which people expect names: "take 2" before "take 10", whatever the case.

use std::path::Path;

/// A piece of a name: compared by what it means, numbers before words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum NameChunk {
    /// How many digits it has without zeros in front, and these.
    Number(usize, String),
    Words(String),
}

/// A name that can be put in order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Natural {
    pieces: Vec<NameChunk>,
    /// Where only case and zeros differ.
    name: String,
}

impl Natural {
    /// Returns the key of a name.
    pub fn new(name: &str) -> Natural {
        let mut pieces = vec![];
        let mut rest = name;
        while let Some(first) = rest.chars().next() {
            let is_number = first.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != is_number).unwrap_or(rest.len());
            let (piece, after) = rest.split_at(end);
            pieces.push(match is_number {
                true => {
                    let digits = piece.trim_start_matches('0');
                    NameChunk::Number(digits.len(), digits.to_owned())
                }
                false => NameChunk::Words(piece.to_lowercase()),
            });
            rest = after;
        }
        Natural { pieces, name: name.to_owned() }
    }

    /// Returns the keys of each part of a path.
    pub fn of_path(path: &Path) -> Vec<Natural> {
        path.components().map(|part| Natural::new(&part.as_os_str().to_string_lossy())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_and_case_does_not() {
        let expected = ["01.png", "1.png", "a.png", "B.png", "take 2.png", "take 10.png", "Take 010b.png"];
        let mut names = expected;
        names.reverse();
        names.sort_by_cached_key(|name| Natural::new(name));
        assert_eq!(names, expected);
    }

    #[test]
    fn a_folder_stays_together() {
        let expected = ["a/2.png", "a/10.png", "a b/1.png", "b.png"];
        let mut paths = expected;
        paths.reverse();
        paths.sort_by_cached_key(|path| Natural::of_path(Path::new(path)));
        assert_eq!(paths, expected);
    }
}
