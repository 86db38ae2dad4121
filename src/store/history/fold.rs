//! Texts as the search compares them: one normal form, one case, with diacritics and without.
//!
//! Names from a Mac are decomposed, keyboards compose, and people leave accents out. NFKC with full case folding makes
//! them one; what differs without diacritics is kept in both forms, so that a plain word finds either.

use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

const NFKC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfkc();
const NFKD: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizerBorrowed::new_nfkd();
const CLASSES: CanonicalCombiningClassMapBorrowed<'static> = CanonicalCombiningClassMapBorrowed::new();

/// A word has no more letters with diacritics that are looked for by themselves.
const MAX_NEEDLES: usize = 4;

/// Returns a text in NFKC and folded case, without invisible characters (soft hyphens, joiners, variation selectors).
pub(super) fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let seen = text.chars().filter(|c| !is_invisible(*c));
    let cased = NFKD.normalize_iter(seen).flat_map(fold_case);
    NFKC.normalize_iter(cased).collect()
}

/// Returns a folded text without its diacritics.
pub(super) fn bare(folded: &str) -> String {
    if folded.is_ascii() {
        return folded.to_owned();
    }
    let plain = NFKD.normalize_iter(folded.chars()).filter(|c| !is_diacritic(*c)).map(without_stroke);
    NFKC.normalize_iter(plain).collect()
}

/// Returns what a search looks in: the folded text, and on a line of their own those of its words that differ without
/// diacritics. Words of a search have no blanks either.
pub(super) fn searchable(text: &str) -> String {
    let folded = folded(text);
    if folded.is_ascii() {
        return folded;
    }
    let plain = folded.split_whitespace().filter_map(|word| Some(bare(word)).filter(|plain| plain != word));
    let plain: Vec<_> = plain.collect();
    if plain.is_empty() { folded } else { format!("{folded}\n{}", plain.join(" ")) }
}

/// A word of a search, folded.
pub(super) struct Word {
    text: String,
    bare: String,
}

impl Word {
    /// Returns the words of a search.
    pub(super) fn all(search: &str) -> Vec<Word> {
        let folded = folded(search);
        folded.split_whitespace().map(|word| Word { text: word.to_owned(), bare: bare(word) }).collect()
    }

    /// Texts that are all in what has the word: a database can look for them.
    pub(super) fn needles(&self) -> Vec<String> {
        let mut needles = vec![self.bare.clone()];
        if self.has_diacritics() {
            // Few are enough to pass over most of what is not meant.
            needles.extend(self.text.chars().map(String::from).filter(|c| bare(c) != *c).take(MAX_NEEDLES));
        }
        needles
    }

    /// Returns whether what has all needles still needs a look: only where a diacritic was typed.
    pub(super) fn has_diacritics(&self) -> bool {
        self.text != self.bare
    }

    /// Returns whether the word is in a searchable text: each letter with the diacritics that were typed, or with any
    /// where none were.
    pub(super) fn is_in(&self, searchable: &str) -> bool {
        if searchable.contains(&self.text) {
            return true; // also a mark alone, which is no letter
        }
        let (word, text) = (letters(&self.text), letters(searchable));
        let fits = |(typed, there): (&Letter, &Letter)| {
            typed.base == there.base && (typed.marks.is_empty() || typed.marks == there.marks)
        };
        text.windows(word.len().max(1)).any(|window| word.iter().zip(window).all(fits))
    }
}

/// A letter and its diacritics.
struct Letter {
    base: char,
    marks: String,
}

fn letters(text: &str) -> Vec<Letter> {
    let mut letters: Vec<Letter> = vec![];
    for c in NFKD.normalize_iter(text.chars()) {
        match letters.last_mut() {
            Some(letter) if is_diacritic(c) => letter.marks.push(c),
            _ => {
                let base = without_stroke(c);
                let marks = if base == c { String::new() } else { c.to_string() };
                letters.push(Letter { base, marks });
            }
        }
    }
    letters
}

/// Folds the case of one letter in full: lower, upper and lower again brings "ß", "ẞ" and "SS" together, and all
/// sigmas.
fn fold_case(c: char) -> impl Iterator<Item = char> {
    c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}

/// Marks that people leave out: above, below and through letters, and the vowels of Hebrew and Arabic. Those that make
/// another letter in Indic scripts, kana and Thai stay.
fn is_diacritic(c: char) -> bool {
    matches!(CLASSES.get_u8(c), 1 | 10..=35 | 200..=240)
}

/// Letters with a stroke have no decomposition, and keyboards without them.
fn without_stroke(c: char) -> char {
    match c {
        'đ' => 'd',
        'ħ' => 'h',
        'ı' => 'i',
        'ł' => 'l',
        'ø' => 'o',
        'ŧ' => 't',
        _ => c,
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finds(search: &str, name: &str) -> bool {
        let text = searchable(name);
        Word::all(search).iter().all(|word| {
            let there = word.needles().iter().all(|needle| text.contains(needle));
            there && (!word.has_diacritics() || word.is_in(&text))
        })
    }

    #[test]
    fn words_are_found_in_any_normal_form_and_case_with_diacritics_or_without() {
        for (name, searches) in [
            ("Café.png", &["café", "CAFÉ", "cafe", "cafe\u{301}", "CAFE\u{301}.PNG"][..]),
            ("Cafe\u{301}.png", &["café", "cafe", "CAFÉ", "caf", "fe\u{301}.p"]),
            ("Größe.png", &["größe", "GRÖSSE", "grosse", "GRO\u{308}SSE", "GRÖẞE", "grö"]),
            ("STRASSE.mp4", &["straße", "Straße", "strasse"]),
            ("résumé final.pdf", &["resumé", "résume", "resume", "RÉSUMÉ FINAL"]),
            ("İstanbul ışık.jpg", &["istanbul", "ISTANBUL", "isik", "ışık", "İSTANBUL"]),
            ("Łódź Ångström Øre.png", &["lodz", "łódź", "ŁÓDŹ", "angstrom", "Ångström", "ore", "øre"]),
            ("Đà Nẵng ħobż ŧ.png", &["da nang", "đà", "hobz", "t."]),
            ("ΟΔΟΣ Άγιος.mp3", &["οδος", "οδοσ", "αγιος", "άγιος", "ΑΓΙΟΣ"]),
            ("ﬁnal ①②.wav", &["final", "FINAL", "12"]),
            ("ＦＵＬＬ ｶﾞ.png", &["full", "ガ", "ｶﾞ"]),
            ("Screenshot at 3.41.07\u{202f}PM.png", &["3.41.07 pm", "pm"]),
            ("co\u{ad}op ❤\u{fe0f}.png", &["coop", "❤"]),
            ("Việt Nam.png", &["viet", "việt", "VIỆT", "vie\u{323}\u{302}t"]),
            ("한국어.png", &["한국", "\u{1112}\u{1161}\u{11ab}국"]),
            ("Кафе Ёлка.png", &["кафе", "ЕЛКА", "ёлка"]),
            ("שָׁלוֹם.png", &["שלום"]),
        ] {
            for search in searches {
                assert!(finds(search, name), "{search} in {name}");
            }
        }
    }

    #[test]
    fn a_diacritic_that_was_typed_counts() {
        for (search, name) in [
            ("café", "cafe.png"),
            ("resumé", "résume.png"),
            ("größe", "grosse.png"),
            ("über", "uber.png"),
            ("か", "き.png"),
            ("łódź", "lodz.png"),
        ] {
            assert!(!finds(search, name), "{search} in {name}");
        }
        assert!(!finds("か", "が.png"), "another letter, not the same with a mark");
    }

    proptest! {
        #[test]
        fn every_text_is_found_by_itself_and_by_its_other_forms(text in "\\PC{1,24}") {
            let decomposed: String = DecomposingNormalizerBorrowed::new_nfd().normalize(&text).into_owned();
            let composed: String = NFKC.normalize(&text).into_owned();
            for search in [text.clone(), decomposed, composed, text.to_lowercase(), bare(&folded(&text))] {
                prop_assert!(finds(&search, &text), "{:?} in {:?}", search, text);
            }
            prop_assert_eq!(folded(&folded(&text)), folded(&text));
        }
    }
}
