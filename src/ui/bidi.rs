//! The order in which text from the right to the left is drawn. egui shapes Arabic and Hebrew, but lays words out in the
//! order in which they are written: the first one would be at the left.

use std::borrow::Cow;

use unicode_bidi::{BidiClass, BidiInfo, Level, bidi_class};

/// Nothing before it is written from the right.
const FIRST: char = '\u{590}';

/// Stands between what must not be shaped together; it has no width.
const APART: char = '\u{200e}';

/// In which direction a line is read as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// A sentence of the window: from the left, whatever names are in it.
    Sentence,
    /// A name: from the side from which its first letter is read.
    Name,
}

/// Returns a line in the order in which egui is to draw it, from the left to the right.
pub(super) fn drawn(line: &str, reading: Reading) -> Cow<'_, str> {
    if !line.chars().any(is_from_the_right) {
        return Cow::Borrowed(line);
    }
    let base = (reading == Reading::Sentence).then(Level::ltr);
    let info = BidiInfo::new(line, base);
    let mut out = String::with_capacity(line.len() + 8);
    for paragraph in &info.paragraphs {
        let (levels, runs) = info.visual_runs(paragraph, paragraph.range.clone());
        for run in runs {
            if levels[run.start].is_rtl() {
                push_from_the_right(&mut out, &line[run]);
            } else {
                push(&mut out, &line[run], false);
            }
        }
    }
    Cow::Owned(out)
}

fn is_from_the_right(c: char) -> bool {
    c >= FIRST && matches!(bidi_class(c), BidiClass::R | BidiClass::AL | BidiClass::AN)
}

/// Adds what is read from the right: its words in that order. The letters of a word stay as they are: they are turned round
/// where they are shaped, since they must be joined before.
fn push_from_the_right(out: &mut String, run: &str) {
    let mut words: Vec<(&str, bool)> = vec![];
    let mut from = 0;
    let mut class_before = None;
    for (at, c) in run.char_indices() {
        let class = match bidi_class(c) {
            class @ (BidiClass::R | BidiClass::AL) => Some(class),
            BidiClass::NSM => class_before, // belongs to the letter before it
            _ => None,
        };
        if at > 0 && (class != class_before || class.is_none()) {
            words.push((&run[from..at], class_before.is_some()));
            from = at;
        }
        class_before = class;
    }
    words.push((&run[from..], class_before.is_some()));
    for (word, is_shaped) in words.into_iter().rev() {
        if is_shaped {
            push(out, word, true);
        } else {
            out.extend(word.chars().map(mirrored));
        }
    }
}

/// Adds a part as it is, apart from one before it that would be turned round with it.
fn push(out: &mut String, part: &str, is_shaped: bool) {
    let meets = |c: char| c >= FIRST && (is_shaped || is_from_the_right(c));
    if out.chars().next_back().is_some_and(meets) && part.chars().next().is_some_and(meets) {
        out.push(APART);
    }
    if is_shaped {
        return out.push_str(part);
    }
    let mut before = None;
    for c in part.chars() {
        // Arabic digits are read from the left, and egui takes several of them for letters.
        let is_digit = c >= FIRST && matches!(bidi_class(c), BidiClass::AN | BidiClass::EN);
        if is_digit && before == Some(true) {
            out.push(APART);
        }
        before = Some(is_digit);
        out.push(c);
    }
}

/// Returns a bracket as it is seen from the other side.
fn mirrored(c: char) -> char {
    const PAIRS: [(char, char); 6] = [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>'), ('«', '»'), ('‹', '›')];
    let other = PAIRS.iter().find_map(|(open, close)| match c {
        c if c == *open => Some(*close),
        c if c == *close => Some(*open),
        _ => None,
    });
    other.unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is seen, letter by letter from the left: words that egui shapes are turned round by that.
    fn seen(line: &str, reading: Reading) -> String {
        let drawn = drawn(line, reading);
        let mut out = String::new();
        let mut word = String::new();
        for c in drawn.chars().chain([APART]) {
            match bidi_class(c) {
                BidiClass::R | BidiClass::AL => word.push(c),
                BidiClass::NSM if !word.is_empty() => word.push(c),
                _ => {
                    out.extend(std::mem::take(&mut word).chars().rev());
                    out.extend(Some(c).filter(|c| *c != APART));
                }
            }
        }
        out
    }

    #[test]
    fn words_from_the_right_stand_in_their_order() {
        for (line, sentence, name) in [
            ("cover final.png", "cover final.png", "cover final.png"),
            // Hebrew: aleph bet, gimel dalet.
            ("אב גד.png", "דג בא.png", "png.דג בא"),
            ("אב 12.png", "12 בא.png", "png.12 בא"),
            ("אב cover גד.png", "בא cover דג.png", "png.דג cover בא"),
            ("cover אב גד.png", "cover דג בא.png", "cover דג בא.png"),
            ("cover-אב-2.png", "cover-2-בא.png", "cover-2-בא.png"),
            ("אב (גד).png", "(דג) בא.png", "png.(דג) בא"),
            // Arabic, with its own digits, and beside Hebrew.
            ("غلاف الألبوم.png", "موبلألا فالغ.png", "png.موبلألا فالغ"),
            ("صورة٣٤.png", "٣٤ةروص.png", "png.٣٤ةروص"),
            ("אבصورة", "ةروصבא", "ةروصבא"),
            ("“אב גד” is empty", "“דג בא” is empty", "is empty ”דג בא“"),
        ] {
            assert_eq!(seen(line, Reading::Sentence), sentence, "{line} in a sentence");
            assert_eq!(seen(line, Reading::Name), name, "{line} as a name");
        }
    }

    #[test]
    fn what_is_shaped_apart_stays_apart() {
        assert_eq!(drawn("صورة٣٤", Reading::Name), "٣\u{200e}٤\u{200e}صورة");
        assert_eq!(drawn("אבصورة", Reading::Name), "صورة\u{200e}אב");
        assert_eq!(drawn("אָב", Reading::Name), "אָב", "points stay with their letters");
        assert!(matches!(drawn("обложка 封面.png", Reading::Name), Cow::Borrowed(_)));
    }
}
