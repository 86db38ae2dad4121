//! What was typed as a path, and what it can become.

use std::ffi::OsString;
use std::path::{Path, PathBuf, is_separator};

use crate::session::api::{Entry, HostInfo, Listing, Media, file_url, name_of, unquoted};

/// A path as far as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Typed {
    /// The folder in which to look.
    pub(super) folder: PathBuf,
    /// How the name in it begins.
    pub(super) part: String,
    /// The text up to that name: what stands in the field for whatever is beside it.
    pub(super) beside: String,
    /// The path, where the text is an address of a file.
    pub(super) url: Option<PathBuf>,
}

/// An entry that what was typed can become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) name: OsString,
    pub(super) is_folder: bool,
    pub(super) media: Option<Media>,
    /// The destination takes it.
    pub(super) is_taken: bool,
    /// What stands in the field then.
    pub(super) text: String,
}

impl Typed {
    pub(super) fn new(text: &str, host: &HostInfo) -> Typed {
        let text = unquoted(text.trim());
        let text = text.strip_prefix(['"', '\'']).unwrap_or(&text); // the other quote is not typed yet
        let home = host.home.as_deref().unwrap_or(Path::new("/"));
        if text == "~" {
            return Typed { folder: home.into(), part: String::new(), beside: "~/".into(), url: None };
        }
        let end = text.rfind(is_separator).map_or(0, |at| at + 1);
        let (beside, part) = text.split_at(end);
        let url = file_url(text, host);
        let folder = match &url {
            Some(path) => path.parent().unwrap_or(path).to_owned(),
            None => whole(beside, home),
        };
        Typed { folder, part: part.to_owned(), beside: beside.to_owned(), url }
    }

    /// Returns the path that was typed.
    pub(super) fn whole(&self) -> PathBuf {
        self.url.clone().unwrap_or_else(|| self.folder.join(&self.part))
    }

    /// Lists what it can become: folders, then what the destination takes, then other files. Hidden ones only where
    /// their dot was typed; another case only where none is right.
    pub(super) fn matches(&self, listing: &Listing, takes: &[Media]) -> Vec<Match> {
        if self.url.is_some() {
            return vec![];
        }
        let shows_hidden = self.part.starts_with('.');
        let hidden = |entry: &&Entry| entry.name.as_encoded_bytes().starts_with(b".");
        let visible = || listing.entries.iter().filter(|entry| shows_hidden || !hidden(entry));
        let name = |entry: &&Entry| entry.name.to_string_lossy().into_owned();
        let mut all: Vec<_> = visible().filter(|entry| name(entry).starts_with(&self.part)).collect();
        if all.is_empty() {
            let part = self.part.to_lowercase();
            all = visible().filter(|entry| name(entry).to_lowercase().starts_with(&part)).collect();
        }
        let mut matches: Vec<_> = all.into_iter().map(|entry| self.as_match(entry, takes)).collect();
        matches.sort_by_key(|one| (!one.is_folder, !one.is_taken));
        matches
    }

    fn as_match(&self, entry: &Entry, takes: &[Media]) -> Match {
        let extension = Path::new(&entry.name).extension().and_then(|e| e.to_str());
        let media = extension.and_then(Media::from_extension).filter(|_| !entry.is_folder);
        let name = entry.name.to_string_lossy();
        Match {
            name: entry.name.clone(),
            is_folder: entry.is_folder,
            media,
            is_taken: media.is_some_and(|media| takes.contains(&media)),
            text: format!("{}{name}{}", self.beside, if entry.is_folder { "/" } else { "" }),
        }
    }

    /// Completes the text with everything that all matches have in common; with one that is a folder, what is in it
    /// comes next.
    pub(super) fn complete(&self, matches: &[Match]) -> String {
        match matches {
            [] => format!("{}{}", self.beside, self.part),
            [only] => only.text.clone(),
            [first, rest @ ..] => {
                let mut same = first.name.to_string_lossy().into_owned();
                for one in rest {
                    let other = one.name.to_string_lossy();
                    let chars = same.char_indices().zip(other.chars());
                    let differs = chars.into_iter().find(|((_, a), b)| a != b);
                    let end = differs.map_or(same.len().min(other.len()), |((at, _), _)| at);
                    same.truncate(end);
                }
                // Where only the case differs, what was typed stays.
                if same.chars().count() < self.part.chars().count() {
                    same.clone_from(&self.part);
                }
                format!("{}{same}", self.beside)
            }
        }
    }

    /// Finds the path that was typed, and whether it is a folder; or a sentence where it is not there.
    pub(super) fn find(&self, listing: &Listing) -> Result<(PathBuf, bool), String> {
        let name = self.url.as_deref().and_then(Path::file_name).unwrap_or(self.part.as_ref());
        if name.is_empty() || name == ".." || name == "." {
            return Ok((self.whole(), true));
        }
        match listing.entries.iter().find(|entry| entry.name == name) {
            Some(entry) => Ok((self.whole(), entry.is_folder)),
            None if listing.more => Ok((self.whole(), false)), // it may be among those that were not read
            None => Err(format!("There is no {} in {}", name_of(&self.whole()), name_of(&listing.folder))),
        }
    }
}

/// Makes a path whole: what is none begins at home.
fn whole(text: &str, home: &Path) -> PathBuf {
    match text.strip_prefix('~') {
        Some("") => home.to_owned(),
        Some(rest) if rest.starts_with(is_separator) => home.join(rest.trim_start_matches(is_separator)),
        _ => home.join(text),
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::api::DroppedData;

    const HOME: &str = "/home/jane";

    fn host() -> HostInfo {
        HostInfo { home: Some(HOME.into()), ..HostInfo::default() }
    }

    fn typed(text: &str) -> Typed {
        Typed::new(text, &host())
    }

    fn listing(names: &[&str]) -> Listing {
        let entry =
            |name: &&str| Entry { name: name.trim_end_matches('/').into(), is_folder: name.ends_with('/') };
        Listing { entries: names.iter().map(entry).collect(), ..Listing::default() }
    }

    fn names(text: &str, listing: &Listing) -> Vec<String> {
        let all = typed(text).matches(listing, &[Media::Png]);
        all.iter().map(|one| one.name.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn what_is_typed_is_a_folder_and_the_beginning_of_a_name() {
        for (text, folder, part, whole) in [
            ("", HOME, "", "/home/jane"),
            ("~", HOME, "", "/home/jane"),
            ("~/", HOME, "", "/home/jane"),
            ("~/Pic", HOME, "Pic", "/home/jane/Pic"),
            ("Pic", HOME, "Pic", "/home/jane/Pic"),
            ("Pictures/a", "/home/jane/Pictures", "a", "/home/jane/Pictures/a"),
            ("~x/a", "/home/jane/~x", "a", "/home/jane/~x/a"),
            ("/", "/", "", "/"),
            ("/a b/c.png", "/a b", "c.png", "/a b/c.png"),
            (" \"/a b/c.png\" ", "/a b", "c.png", "/a b/c.png"),
            ("'/a/it''s", "/a", "it''s", "/a/it''s"),
            ("file:///a%20b/c.png", "/a b", "c.png", "/a b/c.png"),
        ] {
            let typed = typed(text);
            assert_eq!((typed.folder.as_path(), typed.part.as_str()), (Path::new(folder), part), "{text}");
            // A slash at the end says nothing about a path.
            assert_eq!(typed.whole(), Path::new(whole), "{text}");
        }
    }

    #[test]
    fn folders_come_first_then_what_is_taken_and_hidden_ones_only_when_meant() {
        let all = listing(&[".x/", "a.mp3", "b.txt", "c.PNG", "d/", "Dog.png"]);
        assert_eq!(names("", &all), ["d", "c.PNG", "Dog.png", "a.mp3", "b.txt"]);
        assert_eq!(names(".", &all), [".x"]);
        assert_eq!(names("d", &all), ["d"], "this case");
        assert_eq!(names("C", &all), ["c.PNG"], "any case, where none is right");
        assert_eq!(names("file:///x", &all), [""; 0]);
    }

    #[test]
    fn completing_writes_what_all_have_in_common() {
        let all = listing(&["take 1.png", "take 10.png", "Straße 1/", "Straße 2/", "only/"]);
        let complete = |text: &str| {
            let typed = typed(text);
            typed.complete(&typed.matches(&all, &[]))
        };
        assert_eq!(complete("/x/t"), "/x/take 1");
        assert_eq!(complete("~/take 10"), "~/take 10.png");
        assert_eq!(complete("St"), "Straße ");
        assert_eq!(complete("\"/x/o"), "/x/only/");
        assert_eq!(complete("/x/nothing"), "/x/nothing");
        assert_eq!(complete("~"), "~/");
        let cases = listing(&["Ab", "aB"]);
        let typed = typed("AB");
        assert_eq!(typed.complete(&typed.matches(&cases, &[])), "AB", "nothing that was typed is lost");
    }

    #[test]
    fn what_is_not_there_is_said_before_it_is_added() {
        let all = listing(&["a.png", "f/"]);
        let find = |text: &str| typed(text).find(&Listing { folder: typed(text).folder, ..all.clone() });
        assert_eq!(find("/x/a.png"), Ok(("/x/a.png".into(), false)));
        assert_eq!(find("/x/f"), Ok(("/x/f".into(), true)));
        assert_eq!(find("/x/"), Ok(("/x".into(), true)));
        assert_eq!(find("file:///x/a.png"), Ok(("/x/a.png".into(), false)));
        assert_eq!(find("/x/b.png"), Err("There is no b.png in x".to_owned()));
        let more = Listing { more: true, ..all };
        assert!(typed("/x/b.png").find(&more).is_ok());
    }

    #[test]
    fn a_pasted_list_holds_whole_paths_only() {
        let listed = |line: &str| {
            let files = DroppedData::of_text(line, &host()).files;
            files.first().map(|path| path.to_str().unwrap().to_owned())
        };
        assert_eq!(listed(" '/a b.png' "), Some("/a b.png".to_owned()));
        assert_eq!(listed("~/a.png"), Some("/home/jane/a.png".to_owned()));
        assert_eq!(listed("file:///a%20b.png"), Some("/a b.png".to_owned()));
        assert_eq!(
            (listed("a.png"), listed("file://host/a.png"), listed("https://a/b.png")),
            (None, None, None)
        );
    }
}
