//! What is said of folders that were added: where many files come from, and what was left out.

use super::found::ScanBatch;
use crate::media::folder::{Limits, ScanResult};
use crate::model::text::{self, count_thousands};

/// Returns the names of folders, few of them.
fn named(folders: &[String]) -> String {
    let name = |at: usize| text::elide(&folders[at], 40);
    match folders.len() {
        0 => String::new(),
        1 => name(0),
        2 => format!("{} and {}", name(0), name(1)),
        n => format!("{}, {} and {} more", name(0), name(1), n - 2),
    }
}

/// Says where so many files come from, and what is skipped, in sentences.
pub fn explanation(gathered: &ScanBatch) -> String {
    let one = gathered.folders.len() == 1;
    let mut from =
        format!("They are from the folder{} {}", if one { "" } else { "s" }, named(&gathered.folders));
    if gathered.rest.folders > 0 {
        let them = if one { "it" } else { "them" };
        from = format!("{from} and {} in {them}", count_thousands(gathered.rest.folders, "folder"));
    }
    match gathered.files.len() - gathered.out_of_folders {
        0 => {}
        beside => from = format!("{from}, with {} added separately", count_thousands(beside, "file")),
    }
    let mut sentences = vec![from];
    sentences.extend(left_out(&gathered.rest));
    format!("{}.", sentences.join(". "))
}

/// Returns what is said of folders that were added without a question; nothing where all of it was added.
pub(in crate::session) fn notice(gathered: &ScanBatch) -> String {
    if gathered.folders.is_empty() {
        return String::new();
    }
    let (rest, name) = (&gathered.rest, named(&gathered.folders));
    let sentences = left_out(rest).join(". ");
    match (gathered.out_of_folders, sentences.is_empty()) {
        (0, true) if rest.folders == 0 && gathered.folders.len() == 1 => format!("{name} is empty"),
        (0, true) => format!("There is nothing to add in {name}"),
        (0, false)
            if ScanResult { unreadable: 0, first_unreadable: None, ..rest.clone() }
                == ScanResult::default() =>
        {
            format!("Nothing of {name} was added: {sentences}")
        }
        (0, false) => format!("There are no images, audio, video or captions in {name}. {sentences}"),
        (_, true) => String::new(),
        (_, false) => format!("From {name}: {sentences}"),
    }
}

/// Lists what is skipped in folders, in sentences without their full stops.
fn left_out(rest: &ScanResult) -> Vec<String> {
    let mut all = vec![];
    match (rest.hidden, rest.other) {
        (0, 0) => {}
        (hidden, 0) => all.push(format!("{} skipped", count_thousands(hidden, "hidden file"))),
        (0, other) => all.push(format!("{} skipped", count_thousands(other, "unsupported file"))),
        (hidden, other) => all.push(format!(
            "{} hidden and {} skipped",
            text::thousands(hidden as u64),
            count_thousands(other, "unsupported file")
        )),
    }
    match rest.cycles {
        0 => {}
        1 => all.push("1 link leads back to a folder that is in it already".to_owned()),
        n => all.push(format!("{} lead back to folders that are in it already", count_thousands(n, "link"))),
    }
    if let Some(first) = &rest.first_unreadable {
        let first = text::elide(first, 40);
        all.push(match rest.unreadable - 1 {
            0 => format!("{first} cannot be read"),
            more => format!("{first} and {} more cannot be read", text::thousands(more as u64)),
        });
    }
    match rest.too_deep {
        0 => {}
        n => all.push(format!(
            "{} skipped: nested more than {} deep",
            count_thousands(n, "folder"),
            Limits::default().depth
        )),
    }
    match rest.over_limit {
        0 => {}
        n => all.push(format!(
            "{} skipped: the limit is {} at once",
            count_thousands(n, "more file"),
            text::thousands(Limits::default().files as u64)
        )),
    }
    if rest.truncated {
        let most = text::thousands(Limits::default().entries as u64);
        all.push(format!("Only the first {most} entries were scanned"));
    }
    all
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn from(folders: &[&str], out_of_folders: usize, beside: usize, rest: ScanResult) -> ScanBatch {
        ScanBatch {
            files: vec![PathBuf::from("a.png"); out_of_folders + beside],
            folders: folders.iter().map(|name| (*name).to_owned()).collect(),
            out_of_folders,
            rest,
            ..ScanBatch::default()
        }
    }

    #[test]
    fn the_question_says_where_files_come_from_and_what_is_left_out() {
        let rest = || ScanResult { folders: 12, hidden: 30, other: 210, ..ScanResult::default() };
        assert_eq!(
            explanation(&from(&["Holiday"], 1234, 0, rest())),
            "They are from the folder Holiday and 12 folders in it. 30 hidden and 210 unsupported files skipped."
        );
        assert_eq!(
            explanation(&from(
                &["A", "B", "C", "D"],
                60,
                1,
                ScanResult { folders: 1, ..ScanResult::default() }
            )),
            "They are from the folders A, B and 2 more and 1 folder in them, with 1 file added separately."
        );
        assert_eq!(count_thousands(1234, "file"), "1,234 files");
    }

    #[test]
    fn a_notice_says_what_was_left_out_and_nothing_else() {
        let one = ScanResult::default();
        assert_eq!(notice(&from(&["F"], 3, 0, one.clone())), "");
        assert_eq!(notice(&from(&[], 0, 3, one.clone())), "");
        assert_eq!(notice(&from(&["F"], 0, 0, one.clone())), "F is empty");
        assert_eq!(
            notice(&from(&["F"], 0, 0, ScanResult { folders: 2, ..one.clone() })),
            "There is nothing to add in F"
        );
        assert_eq!(
            notice(&from(&["F"], 0, 0, ScanResult { other: 1, ..one.clone() })),
            "There are no images, audio, video or captions in F. 1 unsupported file skipped"
        );
        let unreadable = ScanResult { unreadable: 1, first_unreadable: Some("F".to_owned()), ..one.clone() };
        assert_eq!(notice(&from(&["F"], 0, 0, unreadable)), "Nothing of F was added: F cannot be read");
        assert_eq!(
            notice(&from(&["F", "G"], 2, 0, ScanResult { hidden: 1, ..one })),
            "From F and G: 1 hidden file skipped"
        );
    }

    #[test]
    fn everything_that_is_left_out_has_its_sentence() {
        let all = ScanResult {
            files: vec![],
            folders: 9,
            hidden: 2,
            other: 0,
            cycles: 1,
            unreadable: 3,
            first_unreadable: Some("private".to_owned()),
            too_deep: 1,
            over_limit: 2000,
            truncated: true,
        };
        assert_eq!(
            left_out(&all),
            [
                "2 hidden files skipped",
                "1 link leads back to a folder that is in it already",
                "private and 2 more cannot be read",
                "1 folder skipped: nested more than 32 deep",
                "2,000 more files skipped: the limit is 10,000 at once",
                "Only the first 100,000 entries were scanned",
            ]
        );
        assert_eq!(
            left_out(&ScanResult { cycles: 2, over_limit: 1, ..ScanResult::default() }),
            [
                "2 links lead back to folders that are in it already",
                "1 more file skipped: the limit is 10,000 at once",
            ]
        );
    }
}
