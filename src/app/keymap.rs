//! Keys in text form, and which of them mean which action.
//!
//! A key is written `j`, `G`, `ctrl-d`, `shift-tab`, `space`, `f5`; a sequence is keys with a blank between: `g g`.
//! Faults in the person's own bindings are all reported at once, and none of them is guessed around.

use std::collections::BTreeMap;
use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::action::{self, Action, Context, ENTRIES};

/// One key with what is held down beside it. Shift is part of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which.
    pub code: KeyCode,
    /// Of Ctrl, Alt and Shift.
    pub modifiers: KeyModifiers,
}

/// Keys with names.
const NAMED: [(&str, KeyCode); 17] = [
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("minus", KeyCode::Char('-')),
    ("plus", KeyCode::Char('+')),
];

const MODIFIERS: [(&str, KeyModifiers); 3] =
    [("ctrl", KeyModifiers::CONTROL), ("alt", KeyModifiers::ALT), ("shift", KeyModifiers::SHIFT)];

impl Key {
    /// Reads one key; none if the text names none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let mut modifiers = KeyModifiers::NONE;
        while let Some((word, after)) =
            rest.split_once('-').filter(|(word, after)| !word.is_empty() && !after.is_empty())
        {
            modifiers |= MODIFIERS.iter().find(|(name, _)| *name == word)?.1;
            rest = after;
        }
        let named = NAMED.iter().find(|(name, _)| *name == rest).map(|(_, code)| *code);
        let code = named.or_else(|| function_key(rest)).or_else(|| single(rest))?;
        Some(Self { code, modifiers }.normal())
    }

    /// The key of an event.
    pub fn of(event: &KeyEvent) -> Self {
        let known = KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT;
        Self { code: event.code, modifiers: event.modifiers & known }.normal()
    }

    /// The form that two ways of saying the same key share.
    fn normal(self) -> Self {
        let mut key = self;
        if key.code == KeyCode::BackTab {
            key = Self { code: KeyCode::Tab, modifiers: key.modifiers | KeyModifiers::SHIFT };
        }
        if let KeyCode::Char(c) = key.code {
            if key.modifiers.contains(KeyModifiers::SHIFT) {
                key.code = KeyCode::Char(c.to_ascii_uppercase());
                key.modifiers -= KeyModifiers::SHIFT;
            }
            // Ctrl and a letter is the same whether or not Shift is held: terminals cannot tell.
            if let (true, KeyCode::Char(c)) = (key.modifiers.contains(KeyModifiers::CONTROL), key.code) {
                key.code = KeyCode::Char(c.to_ascii_lowercase());
            }
        }
        key
    }
}

fn function_key(text: &str) -> Option<KeyCode> {
    let number: u8 = text.strip_prefix('f')?.parse().ok()?;
    (1..=24).contains(&number).then_some(KeyCode::F(number))
}

fn single(text: &str) -> Option<KeyCode> {
    let mut characters = text.chars();
    let first = characters.next().filter(|c| !c.is_control() && !c.is_whitespace())?;
    characters.next().is_none().then_some(KeyCode::Char(first))
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, modifier) in MODIFIERS {
            if self.modifiers.contains(modifier) {
                write!(out, "{name}-")?;
            }
        }
        match (NAMED.iter().find(|(_, code)| *code == self.code), self.code) {
            (_, KeyCode::Char(c @ ('-' | '+'))) if self.modifiers.is_empty() => write!(out, "{c}"),
            (Some((name, _)), _) => out.write_str(name),
            (None, KeyCode::Char(c)) => write!(out, "{c}"),
            (None, KeyCode::F(number)) => write!(out, "f{number}"),
            (None, _) => out.write_str("?"),
        }
    }
}

/// Reads a sequence of keys.
pub fn parse_sequence(text: &str) -> Option<Vec<Key>> {
    let keys: Option<Vec<Key>> = text.split_whitespace().map(Key::parse).collect();
    keys.filter(|keys| !keys.is_empty())
}

/// A sequence of keys as the help shows it: `gg`, `ctrl-d`.
pub fn show_sequence(keys: &[Key]) -> String {
    keys.iter().map(ToString::to_string).collect()
}

/// Which keys mean which action.
#[derive(Clone, Debug, PartialEq)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

/// A sequence of keys and what it means.
#[derive(Clone, Debug, PartialEq)]
struct Binding {
    keys: Vec<Key>,
    action: Action,
    context: Context,
}

/// What keys mean so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing.
    Nothing,
    /// The beginning of something.
    Prefix,
    /// This.
    Act(Action),
}

/// What is wrong with one of the person's bindings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// There is no such action.
    #[error("keys: there is no action `{action}`{}", suggestion(.nearest.as_deref()))]
    UnknownAction {
        /// The name that was given.
        action: String,
        /// The name that is most like it.
        nearest: Option<String>,
    },
    /// The text names no key.
    #[error("keys: `{action}`: `{key}` is no key; write `j`, `ctrl-d`, `shift-tab`, `space`, `f5`, `g g`")]
    UnknownKey {
        /// The action.
        action: String,
        /// The text.
        key: String,
    },
    /// The keys mean two things in one place, or begin something longer.
    #[error("keys: `{key}` means both `{action}` and `{other}`")]
    Clash {
        /// One action.
        action: String,
        /// The other.
        other: String,
        /// The keys that both begin with.
        key: String,
    },
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

impl Default for Keymap {
    fn default() -> Self {
        let of_entry = |entry: &action::Entry| {
            let sequences: Vec<_> = entry.keys.iter().filter_map(|keys| parse_sequence(keys)).collect();
            sequences
                .into_iter()
                .map(|keys| Binding { keys, action: entry.action, context: entry.context })
                .collect::<Vec<_>>()
        };
        Self { bindings: ENTRIES.iter().flat_map(of_entry).collect() }
    }
}

impl KeyFault {
    /// The name of the action whose binding it is about.
    pub fn action(&self) -> &str {
        match self {
            Self::UnknownAction { action, .. }
            | Self::UnknownKey { action, .. }
            | Self::Clash { action, .. } => action,
        }
    }
}

impl Keymap {
    /// The default keys with some actions bound anew: name of the action → its keys, in place of the default ones; none
    /// takes them away. A default key that somebody else's new key clashes with gives way.
    pub fn with_overrides(overrides: &BTreeMap<String, Vec<String>>) -> Result<Self, Vec<KeyFault>> {
        let mut faults = Vec::new();
        let mut own = Vec::new();
        let mut rebound = Vec::new();
        for (name, keys) in overrides {
            let Some(entry) = action::by_name(name) else {
                faults.push(KeyFault::UnknownAction { action: name.clone(), nearest: nearest_name(name) });
                continue;
            };
            rebound.push(entry.action);
            for text in keys {
                match parse_sequence(text) {
                    Some(keys) => own.push(Binding { keys, action: entry.action, context: entry.context }),
                    None => faults.push(KeyFault::UnknownKey { action: name.clone(), key: text.clone() }),
                }
            }
        }
        faults.extend(clashes(&own));
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut bindings = Self::default().bindings;
        bindings.retain(|default| {
            !rebound.contains(&default.action) && !own.iter().any(|binding| binding.clashes_with(default))
        });
        bindings.extend(own);
        Ok(Self { bindings })
    }

    /// What keys mean where these contexts hold.
    pub fn meaning(&self, contexts: &[Context], keys: &[Key]) -> Meaning {
        let here = || self.bindings.iter().filter(|binding| contexts.contains(&binding.context));
        if let Some(binding) = here().find(|binding| binding.keys == keys) {
            return Meaning::Act(binding.action);
        }
        if here().any(|binding| binding.keys.starts_with(keys)) { Meaning::Prefix } else { Meaning::Nothing }
    }

    /// The keys of an action, as shown.
    pub fn keys_of(&self, action: Action) -> Vec<String> {
        let of_action = self.bindings.iter().filter(|binding| binding.action == action);
        of_action.map(|binding| show_sequence(&binding.keys)).collect()
    }

    /// The first key of an action, as shown; empty if it has none.
    pub fn key_of(&self, action: Action) -> String {
        self.keys_of(action).into_iter().next().unwrap_or_default()
    }
}

impl Binding {
    /// Whether both can be meant at once: the same keys, or one the beginning of the other.
    fn clashes_with(&self, other: &Self) -> bool {
        self.action != other.action
            && self.context.overlaps(other.context)
            && (self.keys.starts_with(&other.keys) || other.keys.starts_with(&self.keys))
    }
}

fn clashes(bindings: &[Binding]) -> Vec<KeyFault> {
    let name = |action| action::entry(action).map_or_else(String::new, |entry| entry.name.to_owned());
    let mut faults = Vec::new();
    for (place, one) in bindings.iter().enumerate() {
        for other in bindings[place + 1..].iter().filter(|other| one.clashes_with(other)) {
            let shorter = if one.keys.len() <= other.keys.len() { &one.keys } else { &other.keys };
            let key = shorter.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            faults.push(KeyFault::Clash { action: name(one.action), other: name(other.action), key });
        }
    }
    faults
}

/// The action's name that shares the longest beginning with this text, if that is more than a letter.
fn nearest_name(text: &str) -> Option<String> {
    let shared = |name: &str| name.bytes().zip(text.bytes()).take_while(|(one, other)| one == other).count();
    let nearest = ENTRIES.iter().max_by_key(|entry| shared(entry.name))?;
    (shared(nearest.name) > 1).then(|| nearest.name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_and_shown_alike() {
        for text in
            ["j", "G", "ctrl-d", "shift-tab", "space", "f5", "]", "-", "alt-x", "#", "pgdn", "ctrl-minus"]
        {
            assert_eq!(Key::parse(text).map(|key| key.to_string()).as_deref(), Some(text));
        }
        for text in ["", "hyper-x", "ctrl-", "f99", "ab", " "] {
            assert_eq!(Key::parse(text), None, "{text:?}");
        }
        assert_eq!(Key::parse("shift-g"), Key::parse("G"));
        let back_tab = KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT);
        assert_eq!(Key::of(&back_tab).to_string(), "shift-tab");
    }

    #[test]
    fn the_default_keys_are_all_read_and_do_not_clash() {
        let texts: usize = ENTRIES.iter().map(|entry| entry.keys.len()).sum();
        assert_eq!(Keymap::default().bindings.len(), texts);
        assert_eq!(clashes(&Keymap::default().bindings), []);
    }

    fn overrides(list: &[(&str, &[&str])]) -> Result<Keymap, Vec<KeyFault>> {
        let keys = |keys: &[&str]| keys.iter().map(ToString::to_string).collect();
        Keymap::with_overrides(&list.iter().map(|(name, list)| ((*name).to_owned(), keys(list))).collect())
    }

    #[test]
    fn a_new_key_takes_the_place_of_the_old_one_and_of_whoever_had_it() {
        let keymap = overrides(&[("restart", &["t", "z r"]), ("zoom", &[])]).unwrap();
        let home = [Context::Everywhere, Context::Home, Context::Lists];
        let meaning = |text: &str| keymap.meaning(&home, &parse_sequence(text).unwrap());
        assert_eq!(meaning("t"), Meaning::Act(Action::Restart));
        assert_eq!(meaning("r"), Meaning::Nothing);
        assert_eq!(meaning("z"), Meaning::Prefix);
        assert_eq!(meaning("z r"), Meaning::Act(Action::Restart));
        assert_eq!(meaning("g g"), Meaning::Act(Action::First));
        assert_eq!(keymap.keys_of(Action::Zoom), Vec::<String>::new());
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let faults =
            overrides(&[("restrat", &["r"]), ("stop", &["hyper-s", "z"]), ("start", &["z z"])]).unwrap_err();
        let texts: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "keys: there is no action `restrat`; did you mean `restart`?",
                "keys: `stop`: `hyper-s` is no key; write `j`, `ctrl-d`, `shift-tab`, `space`, `f5`, `g g`",
                "keys: `z` means both `start` and `stop`",
            ]
        );
    }
}
