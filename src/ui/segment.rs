//! A line of parts of unequal weight: where it is too long, the lightest are left out until the rest fits. The header, the
//! footer and the keys of dialogs are such lines.

use std::borrow::Cow;

use ratatui::style::Style;

use super::pen::Pen;
use super::text::width;
use super::theme::Theme;

/// A part that is shown whole or not at all.
#[derive(Clone, Debug)]
pub struct Segment<'a> {
    /// Its weight: the greatest rank is left out first; 0 never is.
    pub rank: u8,
    /// Free cells before it.
    pub gap: u16,
    /// What it says.
    pub parts: Vec<(Cow<'a, str>, Style)>,
}

impl<'a> Segment<'a> {
    /// A part without text yet.
    pub fn new(rank: u8, gap: u16) -> Self {
        Self { rank, gap, parts: Vec::new() }
    }

    /// Adds text.
    #[must_use]
    pub fn and(mut self, text: impl Into<Cow<'a, str>>, style: Style) -> Self {
        self.parts.push((text.into(), style));
        self
    }

    /// A key and what it does: `s stop`.
    pub fn key(rank: u8, gap: u16, key: impl Into<Cow<'a, str>>, word: &'a str, theme: &Theme) -> Self {
        Self::new(rank, gap).and(key, theme.key).and(" ", theme.text).and(word, theme.dim)
    }

    fn width(&self) -> u16 {
        self.gap + self.parts.iter().map(|(text, _)| width(text)).sum::<u16>()
    }
}

/// How many cells the parts take together.
pub fn total(segments: &[Segment<'_>]) -> u16 {
    segments.iter().map(Segment::width).sum()
}

/// Leaves out the lightest parts until the rest fits; of equal ones the last goes first.
pub fn fit(segments: &mut Vec<Segment<'_>>, room: u16) {
    while total(segments) > room {
        let lightest = (0..segments.len()).max_by_key(|place| (segments[*place].rank, *place));
        match lightest.filter(|place| segments[*place].rank > 0) {
            Some(place) => _ = segments.remove(place),
            None => return,
        }
    }
}

/// Writes the parts one after the other.
pub fn write(segments: &[Segment<'_>], pen: &mut Pen<'_>) {
    for segment in segments {
        pen.gap(segment.gap);
        for (text, style) in &segment.parts {
            pen.text(text, *style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lightest_goes_first() {
        let part = |rank, text: &'static str| Segment::new(rank, 1).and(text, Style::default());
        let kept = |room| {
            let mut segments = vec![part(0, "shop"), part(2, "four"), part(1, "nine"), part(2, "last")];
            fit(&mut segments, room);
            segments.iter().map(|segment| segment.parts[0].0.to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(kept(20), "shop four nine last");
        assert_eq!(kept(19), "shop four nine");
        assert_eq!(kept(10), "shop nine");
        assert_eq!(kept(1), "shop");
    }
}
