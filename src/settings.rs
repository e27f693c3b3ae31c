//! The user's settings, laid over the defaults in `assets/default.toml`. All faults are told at once, each with its place.
//!
//! It reads text, never a file, and knows no screen. What the names and keys under `[keys]` mean is known to `app`'s keymap.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::app::keymap::KeyFault;
use crate::app::{Keymap, Symbols};
use crate::compose::units::Bytes;

/// The defaults, as a user would write them.
pub const DEFAULTS: &str = include_str!("../assets/default.toml");

/// The settings. What each means stands beside its default in `assets/default.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// A theme's name or the path of a theme file.
    pub theme: String,
    /// What states are drawn with.
    pub symbols: Symbols,
    /// Whether the mouse is used.
    pub mouse: bool,
    /// Whether verbs are off.
    pub read_only: bool,
    /// Ports that become http links.
    pub web_ports: Vec<u16>,
    /// How many of a log's last lines are read at once.
    pub log_tail: u32,
    /// Memory for log lines, in bytes.
    pub log_budget: usize,
    /// Memory for the log lines of one container, in bytes.
    pub container_log_budget: usize,
    /// Keys by action.
    pub keys: BTreeMap<String, Vec<String>>,
    /// Where the file names the keys of an action: line and column, from 1.
    pub key_places: BTreeMap<String, (usize, usize)>,
}

/// One thing wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsFault {
    /// Line and column, from 1.
    pub place: (usize, usize),
    /// What is wrong and what was expected.
    pub message: String,
}

impl fmt::Display for SettingsFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.place.0, self.place.1, self.message)
    }
}

/// One setting: its path and how its value is taken.
struct Entry {
    path: &'static str,
    set: fn(&mut Settings, &DeValue<'_>) -> Result<(), &'static str>,
}

/// Every setting but the keys. A setter says what it expected.
const ENTRIES: &[Entry] = &[
    Entry { path: "theme", set: |settings, value| text(value).map(|theme| settings.theme = theme) },
    Entry {
        path: "symbols",
        set: |settings, value| {
            settings.symbols = match text(value)?.as_str() {
                "unicode" => Symbols::Unicode,
                "ascii" => Symbols::Ascii,
                _ => return Err("\"unicode\" or \"ascii\""),
            };
            Ok(())
        },
    },
    Entry { path: "mouse", set: |settings, value| truth(value).map(|mouse| settings.mouse = mouse) },
    Entry { path: "read_only", set: |settings, value| truth(value).map(|only| settings.read_only = only) },
    Entry { path: "web_ports", set: |settings, value| ports(value).map(|ports| settings.web_ports = ports) },
    Entry { path: "logs.tail", set: |settings, value| number(value).map(|tail| settings.log_tail = tail) },
    Entry {
        path: "logs.budget",
        set: |settings, value| bytes(value).map(|budget| settings.log_budget = budget),
    },
    Entry {
        path: "logs.container_budget",
        set: |settings, value| bytes(value).map(|budget| settings.container_log_budget = budget),
    },
];

impl Settings {
    /// The defaults.
    pub fn defaults() -> Self {
        let mut settings = Self::default();
        settings.apply(DEFAULTS);
        settings
    }

    /// The defaults with a user's file over them, and every fault of the file in the order of their places. What a fault is
    /// about keeps its default.
    pub fn read(file: &str) -> (Self, Vec<SettingsFault>) {
        let mut settings = Self::defaults();
        let faults = settings.apply(file);
        (settings, faults)
    }

    /// The keymap that the keys give.
    ///
    /// # Errors
    /// Every fault of the keys, with the place of the action's name.
    pub fn keymap(&self) -> Result<Keymap, Vec<SettingsFault>> {
        let placed = |fault: &KeyFault| SettingsFault {
            place: self.key_places.get(fault.action()).copied().unwrap_or((1, 1)),
            message: fault.to_string(),
        };
        Keymap::with_overrides(&self.keys).map_err(|faults| faults.iter().map(placed).collect())
    }

    fn apply(&mut self, file: &str) -> Vec<SettingsFault> {
        let (table, errors) = DeTable::parse_recoverable(file);
        let mut faults: Vec<(Range<usize>, String)> = errors
            .iter()
            .map(|error| (error.span().unwrap_or_default(), error.message().to_owned()))
            .collect();
        self.apply_table("", table.get_ref(), &mut faults);
        if let Some(keys) = table.get_ref().get("keys").and_then(|keys| keys.get_ref().as_table()) {
            let places = keys.keys().map(|key| (key.get_ref().to_string(), place_of(file, key.span().start)));
            self.key_places = places.collect();
        }
        faults.sort_by_key(|(span, _)| span.start);
        faults
            .into_iter()
            .map(|(span, message)| SettingsFault { place: place_of(file, span.start), message })
            .collect()
    }

    fn apply_table(&mut self, prefix: &str, table: &DeTable<'_>, faults: &mut Vec<(Range<usize>, String)>) {
        for (key, value) in table {
            let path = format!("{prefix}{}", key.get_ref());
            let fault = match value.get_ref() {
                DeValue::Table(inner) if path == "keys" => {
                    self.apply_keys(inner, faults);
                    continue;
                }
                DeValue::Table(inner) if is_group(&path) => {
                    self.apply_table(&format!("{path}."), inner, faults);
                    continue;
                }
                plain => self.apply_value(&path, plain),
            };
            if let Err(message) = fault {
                faults.push((key.span(), message));
            }
        }
    }

    fn apply_value(&mut self, path: &str, value: &DeValue<'_>) -> Result<(), String> {
        let Some(entry) = ENTRIES.iter().find(|entry| entry.path == path) else {
            return Err(unknown(path));
        };
        (entry.set)(self, value).map_err(|expected| format!("`{path}` should be {expected}"))
    }

    fn apply_keys(&mut self, table: &DeTable<'_>, faults: &mut Vec<(Range<usize>, String)>) {
        for (action, value) in table {
            match keys(value) {
                Some(keys) => drop(self.keys.insert(action.get_ref().to_string(), keys)),
                None => faults.push((
                    action.span(),
                    format!(
                        "`keys.{}` should be a key or a list of keys, such as [\"r\", \"ctrl-r\"]",
                        action.get_ref()
                    ),
                )),
            }
        }
    }
}

fn is_group(path: &str) -> bool {
    ENTRIES.iter().any(|entry| entry.path.starts_with(&format!("{path}.")))
}

fn unknown(path: &str) -> String {
    let known = ENTRIES.iter().map(|entry| entry.path);
    match crate::compose::nearest(path, known) {
        Some(near) => format!("there is no setting `{path}`: did you mean `{near}`?"),
        None => format!("there is no setting `{path}`"),
    }
}

fn text(value: &DeValue<'_>) -> Result<String, &'static str> {
    value.as_str().map(str::to_owned).ok_or("a text in quotes")
}

fn truth(value: &DeValue<'_>) -> Result<bool, &'static str> {
    value.as_bool().ok_or("true or false")
}

fn number<T: std::str::FromStr>(value: &DeValue<'_>) -> Result<T, &'static str> {
    const EXPECTED: &str = "a whole number";
    let DeValue::Integer(number) = value else { return Err(EXPECTED) };
    number.as_str().parse().map_err(|_| EXPECTED)
}

fn ports(value: &DeValue<'_>) -> Result<Vec<u16>, &'static str> {
    const EXPECTED: &str = "a list of port numbers";
    let DeValue::Array(ports) = value else { return Err(EXPECTED) };
    ports.iter().map(|port| number(port.get_ref()).map_err(|_| EXPECTED)).collect()
}

fn bytes(value: &DeValue<'_>) -> Result<usize, &'static str> {
    const EXPECTED: &str = "an amount such as \"64MiB\"";
    let Bytes(amount) = Bytes::parse(value.as_str().ok_or(EXPECTED)?).map_err(|_| EXPECTED)?;
    usize::try_from(amount).map_err(|_| EXPECTED)
}

fn keys(value: &Spanned<DeValue<'_>>) -> Option<Vec<String>> {
    match value.get_ref() {
        DeValue::String(key) => Some(vec![key.to_string()]),
        DeValue::Array(keys) => keys.iter().map(|key| key.get_ref().as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

fn place_of(file: &str, offset: usize) -> (usize, usize) {
    let before = file.get(..offset).unwrap_or(file);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_sound() {
        assert_eq!(Settings::default().apply(DEFAULTS), []);
        let settings = Settings::defaults();
        assert_eq!((settings.log_tail, settings.log_budget), (1000, 64 << 20));
        assert!(settings.mouse && !settings.read_only);
    }

    #[test]
    fn a_file_changes_only_what_it_names() {
        let settings = Settings::read("symbols = \"ascii\"\n[keys]\nstop = \"x\"\n").0;
        assert_eq!(settings.symbols, Symbols::Ascii);
        assert_eq!(settings.keys["stop"], ["x"]);
        assert_eq!(settings.log_tail, 1000);
    }

    #[test]
    fn all_faults_are_told_with_their_places() {
        let file =
            "theem = \"night\"\nmouse = 1\n[logs]\ntail = \"all\"\nbudget = \"some\"\n[keys]\nstop = 3\n";
        let (settings, faults) = Settings::read(file);
        assert_eq!(settings, Settings { key_places: settings.key_places.clone(), ..Settings::defaults() });
        let text: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            text,
            [
                "1:1: there is no setting `theem`: did you mean `theme`?",
                "2:1: `mouse` should be true or false",
                "4:1: `logs.tail` should be a whole number",
                "5:1: `logs.budget` should be an amount such as \"64MiB\"",
                "7:1: `keys.stop` should be a key or a list of keys, such as [\"r\", \"ctrl-r\"]",
            ]
        );
    }

    #[test]
    fn faults_of_keys_have_places_too() {
        let (settings, faults) = Settings::read("[keys]\nstop = \"nokey\"\n\nrestrat = \"r\"\n");
        assert_eq!(faults, []);
        let faults = settings.keymap().unwrap_err();
        let places: Vec<_> = faults.iter().map(|fault| fault.place).collect();
        assert_eq!(places, [(4, 1), (2, 1)]);
        assert!(faults[0].message.contains("restart"), "{}", faults[0]);
    }
}
