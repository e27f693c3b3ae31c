//! Reads SGR sequences ("select graphic rendition", ECMA-48 8.3.117) of what a container prints into styles. Only for
//! lines that are drawn.
//!
//! What could hide text or disturb (concealed, blinking) is left out. Bright black is drawn as dim: on some terminals it
//! is the colour of the background.

use ratatui::style::{Color, Modifier, Style};

/// The sixteen colours of the terminal, in the order of their codes.
pub(super) const SIXTEEN: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

/// What each code for a modifier switches on.
const ON: [(u16, Modifier); 6] = [
    (1, Modifier::BOLD),
    (2, Modifier::DIM),
    (3, Modifier::ITALIC),
    (4, Modifier::UNDERLINED),
    (7, Modifier::REVERSED),
    (9, Modifier::CROSSED_OUT),
];

/// What each code for a modifier switches off.
const OFF: [(u16, Modifier); 6] = [
    (21, Modifier::BOLD),
    (22, Modifier::BOLD.union(Modifier::DIM)),
    (23, Modifier::ITALIC),
    (24, Modifier::UNDERLINED),
    (27, Modifier::REVERSED),
    (29, Modifier::CROSSED_OUT),
];

/// Applies the parameters of one sequence, such as `1;38;5;208`, to what the container has chosen so far. `0` and nothing
/// at all reset that.
pub fn apply(parameters: &str, style: &mut Style) {
    let mut codes = parameters.split([';', ':']).map(|code| code.parse::<u16>().unwrap_or_default());
    let with_colons = parameters.contains(':');
    while let Some(code) = codes.next() {
        match code {
            0 => *style = Style::new(),
            38 => style.fg = extended(&mut codes, with_colons).or(style.fg),
            48 => style.bg = extended(&mut codes, with_colons).or(style.bg),
            58 => {
                // The colour of the underline: read over.
                extended(&mut codes, with_colons);
            }
            39 => style.fg = None,
            49 => style.bg = None,
            30..=37 => style.fg = sixteen(code - 30),
            40..=47 => style.bg = sixteen(code - 40),
            90 => {
                style.fg = None;
                style.add_modifier |= Modifier::DIM;
            }
            91..=97 => style.fg = sixteen(code - 90 + 8),
            100..=107 => style.bg = sixteen(code - 100 + 8),
            _ => modify(code, style),
        }
    }
}

fn modify(code: u16, style: &mut Style) {
    if let Some((_, modifier)) = ON.iter().find(|(known, _)| *known == code) {
        style.add_modifier |= *modifier;
    }
    if let Some((_, modifier)) = OFF.iter().find(|(known, _)| *known == code) {
        style.add_modifier -= *modifier;
    }
}

/// `5;n` or `2;r;g;b`; with colons `2` may be followed by a colour space, which is empty: `2::r:g:b`.
fn extended(codes: &mut impl Iterator<Item = u16>, with_colons: bool) -> Option<Color> {
    match codes.next()? {
        5 => Some(indexed(u8::try_from(codes.next()?).ok()?)),
        2 => {
            let rest: Vec<u16> = codes.take(if with_colons { 4 } else { 3 }).collect();
            let [.., red, green, blue] = rest.as_slice() else { return None };
            let part = |value: &u16| u8::try_from(*value).ok();
            Some(Color::Rgb(part(red)?, part(green)?, part(blue)?))
        }
        _ => None,
    }
}

fn indexed(index: u8) -> Color {
    SIXTEEN.get(usize::from(index)).copied().unwrap_or(Color::Indexed(index))
}

fn sixteen(index: u16) -> Option<Color> {
    SIXTEEN.get(usize::from(index)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sequences: &[&str], expected: Style) {
        let mut style = Style::new();
        for sequence in sequences {
            apply(sequence, &mut style);
        }
        assert_eq!(style, expected, "{sequences:?}");
    }

    #[test]
    fn colours_and_modifiers() {
        check(&["31"], Style::new().fg(Color::Red));
        check(&["1;31", "44"], Style::new().fg(Color::Red).bg(Color::Blue).add_modifier(Modifier::BOLD));
        check(&["1;2;31", "22;39"], Style::new());
        check(&["97;101"], Style::new().fg(Color::White).bg(Color::LightRed));
        check(&["90"], Style::new().add_modifier(Modifier::DIM));
        check(&["38;5;208;1"], Style::new().fg(Color::Indexed(208)).add_modifier(Modifier::BOLD));
        check(&["38;5;1"], Style::new().fg(Color::Red));
        check(&["48;2;1;2;3;4"], Style::new().bg(Color::Rgb(1, 2, 3)).add_modifier(Modifier::UNDERLINED));
        check(&["38:2:0:1:2:3"], Style::new().fg(Color::Rgb(1, 2, 3)));
        check(&["31", ""], Style::new());
        check(&["31", "0"], Style::new());
    }

    #[test]
    fn what_hides_or_makes_no_sense_is_left_out() {
        for sequence in
            ["8", "5", "6", "38", "38;5", "38;2;1", "38;2;300;1;1", "38;9", "999", ";;;", "99999999"]
        {
            check(&[sequence], Style::new());
        }
    }
}
