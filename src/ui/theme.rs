//! How things look, by what they mean. Panels ask for `theme.bad`, never for red; which colour that is stands in a theme
//! file (`assets/themes/*.toml`) in words such as `bold red` or `#ff7b72 on #161b22`.
//!
//! Reading a theme never fails: what cannot be understood is named as a fault and left as it was. Nothing here reads a
//! file or the environment.

use std::str::FromStr;

use ratatui::style::{Color, Modifier, Style};
use toml::{Table, Value};

use super::symbols::Symbols;

/// The themes that come with the program, by name.
pub const BUILT_IN: [(&str, &str); 4] = [
    ("default", include_str!("../../assets/themes/default.toml")),
    ("night", include_str!("../../assets/themes/night.toml")),
    ("day", include_str!("../../assets/themes/day.toml")),
    ("plain", include_str!("../../assets/themes/plain.toml")),
];

/// Makes [`Theme`] from the table of its styles, and the way from a name in a file to its style.
macro_rules! styles {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A style for every meaning, and a colour for every service.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Theme {
            $($(#[$doc])* pub $name: Style,)*
            /// The colours of services' tiles, in turn; empty where there is no colour.
            pub services: Vec<Style>,
            /// The shapes that go with the colours.
            pub symbols: Symbols,
        }

        impl Theme {
            /// The names of all styles, as theme files give them.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];

            fn slot(&mut self, name: &str) -> Option<&mut Style> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)*
                    _ => None,
                }
            }
        }
    };
}

styles! {
    /// What lies under everything: the background, if the theme has its own.
    base,
    /// Plain text.
    text,
    /// What is read first: titles, names under the cursor.
    strong,
    /// What is there but matters less.
    dim,
    /// The frame of a pane.
    border,
    /// The frame of the pane that has the keys.
    border_focused,
    /// The header and the footer.
    bar,
    /// The project's name in the header.
    badge,
    /// A key in a hint.
    key,
    /// The row under the cursor in the pane that has the keys; laid over the row's own styles.
    cursor,
    /// The row under the cursor in another pane.
    cursor_resting,
    /// The bar at the left of the row under the cursor.
    cursor_mark,
    /// A marked row.
    mark,
    /// Running, healthy, listening, done well.
    good,
    /// On its way: starting, a verb in progress, a warning.
    busy,
    /// Failed.
    bad,
    /// Paused.
    paused,
    /// A container that no service of the file accounts for.
    orphan,
    /// The file and the container differ.
    drift,
    /// An address that can be opened.
    link,
    /// A name within a sentence: an attribute, a volume, a profile.
    name,
    /// A value that comes.
    added,
    /// A value that goes.
    removed,
    /// The surface of a layer.
    layer,
    /// What lies behind a layer.
    behind,
    /// Text that is being typed.
    input,
    /// A match of a search.
    found,
    /// The match that `n` has reached.
    found_current,
    /// A line of a log that is selected.
    selected,
    /// The head of a tile.
    tile,
    /// The head of the tile that has the keys.
    tile_focused,
    /// The time of a log line.
    log_time,
    /// The level of an error or fatal line.
    log_error,
    /// The level of a warning.
    log_warn,
    /// The level of an information.
    log_info,
    /// The level of debug and trace lines.
    log_debug,
    /// `key=value` pairs and other small print of a log line.
    log_small,
    /// A line that Dockside put between the container's: restarted, ended.
    log_rule,
    /// The curve of processor use.
    graph_cpu,
    /// The curve of memory.
    graph_memory,
    /// The curve of network traffic.
    graph_network,
}

/// Something in a theme file that was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct Fault {
    /// Where: `styles.bad`.
    pub place: String,
    /// What is wrong and what would be right.
    pub what: String,
}

impl Fault {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}

impl Theme {
    /// A built-in theme by name.
    pub fn built_in(name: &str) -> Option<Self> {
        let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        Some(Self::default().with(text).0)
    }

    /// The theme of the terminal's own sixteen colours and background, light or dark.
    pub fn terminal() -> Self {
        Self::built_in("default").unwrap_or_default()
    }

    /// The theme without any colour, for `NO_COLOR`.
    pub fn plain() -> Self {
        Self::built_in("plain").unwrap_or_default()
    }

    /// The same theme with other symbols.
    #[must_use]
    pub fn symbols(mut self, symbols: Symbols) -> Self {
        self.symbols = symbols;
        self
    }

    /// Lays a theme file over this one. What the file does not name stays.
    #[must_use]
    pub fn with(mut self, text: &str) -> (Self, Vec<Fault>) {
        let mut faults = Vec::new();
        match text.parse::<Table>() {
            Ok(table) => self.read(&table, &mut faults),
            Err(error) => faults.push(Fault::new("theme", error.to_string().trim_end())),
        }
        (self, faults)
    }

    /// The style of the service that has place `index` in the file: of its tile's mark, its name among merged lines.
    pub fn service(&self, index: usize) -> Style {
        match self.services.len() {
            0 => self.strong,
            count => self.services[index % count],
        }
    }

    fn read(&mut self, table: &Table, faults: &mut Vec<Fault>) {
        let empty = Table::new();
        let section = |name: &str| table.get(name).and_then(Value::as_table).unwrap_or(&empty);
        let palette = section("palette");
        for name in table.keys().filter(|name| !["palette", "styles", "services"].contains(&name.as_str())) {
            faults.push(Fault::new(name, "not a part of a theme: [palette], [styles] or services"));
        }
        for (name, value) in section("styles") {
            match (self.slot(name), parse_value(value, palette)) {
                (None, _) => faults.push(Fault::new(format!("styles.{name}"), "no style has this name")),
                (Some(_), Err(what)) => faults.push(Fault::new(format!("styles.{name}"), what)),
                (Some(slot), Ok(style)) => *slot = style,
            }
        }
        let Some(services) = table.get("services").and_then(Value::as_array) else { return };
        self.services.clear();
        for (index, value) in services.iter().enumerate() {
            match parse_value(value, palette) {
                Ok(style) => self.services.push(style),
                Err(what) => faults.push(Fault::new(format!("services[{index}]"), what)),
            }
        }
    }
}

fn parse_value(value: &Value, palette: &Table) -> Result<Style, String> {
    let text = value.as_str().ok_or("expected text such as \"bold red\"")?;
    parse_style(text, palette)
}

const MODIFIERS: [(&str, Modifier); 6] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underline", Modifier::UNDERLINED),
    ("reverse", Modifier::REVERSED),
    ("strike", Modifier::CROSSED_OUT),
];

/// Reads `[modifier…] [colour] [on colour]`, for example `bold #f0f6fc on #21405f`.
fn parse_style(text: &str, palette: &Table) -> Result<Style, String> {
    let mut style = Style::default();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        if let Some((_, modifier)) = MODIFIERS.iter().find(|(name, _)| *name == word) {
            style = style.add_modifier(*modifier);
        } else if word == "on" {
            style = style.bg(parse_colour(words.next().ok_or("a colour must follow \"on\"")?, palette)?);
        } else if word != "default" {
            style = style.fg(parse_text_colour(word, palette)?);
        }
    }
    Ok(style)
}

/// Colour 8 is close to the background of many terminals, so text in it would be lost.
fn parse_text_colour(word: &str, palette: &Table) -> Result<Color, String> {
    match parse_colour(word, palette)? {
        Color::DarkGray | Color::Indexed(8) => {
            Err(format!("`{word}` is unreadable on many terminals; write `dim` instead"))
        }
        colour => Ok(colour),
    }
}

fn parse_colour(word: &str, palette: &Table) -> Result<Color, String> {
    let named = palette.get(word).and_then(Value::as_str).unwrap_or(word);
    Color::from_str(named).map_err(|_| {
        format!("`{named}` is no colour: a name of the palette, `red`, `bright-red`, 0 to 255 or `#rrggbb`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> String {
        let (_, faults) = Theme::default().with(text);
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_built_in_themes_are_whole() {
        for (name, text) in BUILT_IN {
            assert_eq!(faults(text), "", "{name}");
            let table: Table = text.parse().unwrap();
            for style in Theme::NAMES {
                assert!(table["styles"].get(style).is_some(), "{name} has no {style}");
            }
        }
    }

    #[test]
    fn the_plain_theme_has_no_colour() {
        let mut theme = Theme::plain();
        for name in Theme::NAMES {
            let style = theme.slot(name).copied().unwrap();
            assert_eq!((style.fg, style.bg), (None, None), "{name}");
        }
        assert!(theme.services.is_empty());
    }

    #[test]
    fn the_terminal_theme_keeps_to_sixteen_colours_and_the_own_background() {
        let mut theme = Theme::terminal();
        for name in Theme::NAMES {
            let style = theme.slot(name).copied().unwrap();
            let is_basic =
                |colour: Option<Color>| !matches!(colour, Some(Color::Rgb(..) | Color::Indexed(_)));
            assert!(is_basic(style.fg) && is_basic(style.bg), "{name}");
        }
        assert_eq!(theme.base, Style::default());
    }

    #[test]
    fn words_make_a_style() {
        let (theme, faults) = Theme::default().with(
            "[palette]\nred = \"#ff0000\"\n[styles]\nbad = \"bold red on 17\"\ntext = \"default\"\ngood = \"bright-green\"",
        );
        assert_eq!(faults, []);
        let red = Style::default().fg(Color::Rgb(255, 0, 0)).bg(Color::Indexed(17));
        assert_eq!(theme.bad, red.add_modifier(Modifier::BOLD));
        assert_eq!(theme.text, Style::default());
        assert_eq!(theme.good, Style::default().fg(Color::LightGreen));
    }

    #[test]
    fn every_fault_is_named() {
        let text = "services = [\"oops\"]\nextra = 1\n[styles]\nbda = \"red\"\nbad = \"rde\"\ngood = 3\ndim = \"bright-black\"\nbar = \"on\"";
        insta::assert_snapshot!(faults(text), @r#"
        extra: not a part of a theme: [palette], [styles] or services
        styles.bad: `rde` is no colour: a name of the palette, `red`, `bright-red`, 0 to 255 or `#rrggbb`
        styles.bar: a colour must follow "on"
        styles.bda: no style has this name
        styles.dim: `bright-black` is unreadable on many terminals; write `dim` instead
        styles.good: expected text such as "bold red"
        services[0]: `oops` is no colour: a name of the palette, `red`, `bright-red`, 0 to 255 or `#rrggbb`
        "#);
        assert!(faults("[styles").contains("theme: "));
    }
}
