//! Text cut to a width, and values scaled to the steps of a curve. Pure functions that know no panel; amounts in words are
//! in `app::words`.
//!
//! Width is counted in cells, and what a person takes for one letter (a grapheme cluster) is never cut apart.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How many cells a text takes.
pub fn width(text: &str) -> u16 {
    text.width().min(u16::MAX as usize) as u16
}

/// The text, or as much of it as leaves room for the sign of a cut (one cell). In no room there is no text.
pub fn cut<'a>(text: &'a str, room: u16, sign: &str) -> Cow<'a, str> {
    if width(text) <= room {
        return Cow::Borrowed(text);
    }
    if room == 0 {
        return Cow::Borrowed("");
    }
    let kept = prefix(text, room - 1);
    Cow::Owned([kept, sign].concat())
}

/// As [`cut`], but between two words where that leaves half of the text that fits, or more.
pub fn cut_words<'a>(text: &'a str, room: u16, sign: &str) -> Cow<'a, str> {
    if width(text) <= room || room == 0 {
        return cut(text, room, sign);
    }
    let kept = prefix(text, room - 1);
    let is_whole = text[kept.len()..].starts_with([' ', ',', ':']);
    let end = if is_whole { Some(kept.len()) } else { kept.rfind(' ') };
    let end = end.filter(|end| end * 2 >= kept.len()).unwrap_or(kept.len());
    Cow::Owned([kept[..end].trim_end_matches([' ', ',', ':']), sign].concat())
}

/// As much of the text's beginning as fits.
pub fn prefix(text: &str, room: u16) -> &str {
    let mut used = 0;
    for (start, cluster) in text.grapheme_indices(true) {
        used += cluster.width();
        if used > usize::from(room) {
            return &text[..start];
        }
    }
    text
}

/// The last values as steps from 1 to 8 (0 for nothing), the newest last, scaled to the greatest or to `full`.
pub fn steps(values: &[f64], room: u16, full: Option<f64>) -> impl Iterator<Item = usize> {
    let shown = &values[values.len().saturating_sub(usize::from(room))..];
    let greatest = shown.iter().copied().fold(0.0, f64::max);
    let top = full.unwrap_or(greatest).max(f64::MIN_POSITIVE);
    shown
        .iter()
        .map(move |value| if *value > 0.0 { (value / top * 8.0).ceil().clamp(1.0, 8.0) as usize } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutting_keeps_letters_whole() {
        let cases = [
            ("gateway", 7, "gateway"),
            ("gateway", 6, "gatew…"),
            ("gateway", 1, "…"),
            ("gateway", 0, ""),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("e\u{301}tat", 3, "e\u{301}t…"),
        ];
        for (text, room, expected) in cases {
            assert_eq!(cut(text, room, "…"), expected, "{text} {room}");
        }
    }

    #[test]
    fn words_are_left_whole_where_there_is_room() {
        let told = "died 3 times, always 31 s after its start";
        let cases = [
            (50, told),
            (30, "died 3 times, always 31 s…"),
            (20, "died 3 times…"),
            (13, "died 3 times…"),
            (9, "died 3…"),
            (3, "di…"),
            (1, "…"),
            (0, ""),
        ];
        for (room, expected) in cases {
            assert_eq!(cut_words(told, room, "…"), expected, "{room}");
        }
    }

    #[test]
    fn curves_are_scaled_to_their_greatest_value() {
        let of = |values: &[f64], room, full| steps(values, room, full).collect::<Vec<_>>();
        assert_eq!(of(&[0.0, 1.0, 4.0, 8.0], 9, None), [0, 1, 4, 8]);
        assert_eq!(of(&[8.0, 1.0, 2.0], 2, None), [4, 8]);
        assert_eq!(of(&[1.0, 2.0], 9, Some(4.0)), [2, 4]);
        assert_eq!(of(&[0.0, 0.0], 9, None), [0, 0]);
        assert_eq!(of(&[], 9, None), [0; 0]);
    }
}
