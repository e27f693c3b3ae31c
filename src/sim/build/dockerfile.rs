//! A Dockerfile as instructions, as the classic builder reads one. It runs nothing and looks at no file.

use std::collections::BTreeMap;

use super::super::answer::Refusal;

/// What the classic builder knows.
const KNOWN: &[&str] = &[
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instruction {
    /// In capitals.
    pub(super) name: String,
    /// `--from=one` as (`from`, `one`).
    pub(super) flags: Vec<(String, String)>,
    /// What follows the flags.
    pub(super) rest: String,
    /// All of it as the builder shows it.
    pub(super) shown: String,
}

/// A stage: what follows one `FROM`, with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stage {
    /// The name after `AS`; empty without.
    pub(super) name: String,
    /// The image or stage that it begins with.
    pub(super) base: String,
    pub(super) instructions: Vec<Instruction>,
}

/// A whole Dockerfile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Dockerfile {
    /// `ARG` before the first `FROM`.
    pub(super) arguments: Vec<Instruction>,
    pub(super) stages: Vec<Stage>,
}

impl Instruction {
    /// The value of a flag.
    pub(super) fn flag(&self, name: &str) -> Option<&str> {
        self.flags.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The words of a JSON array; none in the other form.
    pub(super) fn array(&self) -> Option<Vec<String>> {
        serde_json::from_str(&self.rest).ok()
    }

    /// `a=1 b="2 3"`, or the old form `a 1 2` of one.
    pub(super) fn pairs(&self) -> Vec<(String, String)> {
        let words = words(&self.rest);
        let pair =
            |word: &String| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        if words.first().is_some_and(|word| word.contains('=')) {
            return words.iter().filter_map(pair).collect();
        }
        let (name, value) = self.rest.split_once(char::is_whitespace).unwrap_or((&self.rest, ""));
        vec![(name.to_owned(), value.trim().to_owned())]
    }

    /// The words of the plain form, or those of the array.
    pub(super) fn list(&self) -> Vec<String> {
        self.array().unwrap_or_else(|| words(&self.rest))
    }

    fn new(text: &str) -> Self {
        let text = text.trim();
        let (name, mut rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let name = name.to_ascii_uppercase();
        let shown = format!("{name} {}", rest.trim()).trim_end().to_owned();
        let mut flags = Vec::new();
        if matches!(name.as_str(), "ADD" | "COPY" | "FROM" | "HEALTHCHECK" | "RUN") {
            while let Some(flag) = rest.trim_start().strip_prefix("--") {
                let (flag, after) = flag.split_once(char::is_whitespace).unwrap_or((flag, ""));
                let (key, value) = flag.split_once('=').unwrap_or((flag, ""));
                flags.push((key.to_owned(), value.to_owned()));
                rest = after;
            }
        }
        Self { name, flags, rest: rest.trim().to_owned(), shown }
    }
}

/// Reads a Dockerfile.
pub(super) fn parse(text: &str) -> Result<Dockerfile, Refusal> {
    let mut file = Dockerfile::default();
    let instructions = instructions(text);
    if instructions.is_empty() {
        return Err(Refusal::bad("failed to parse Dockerfile: file with no instructions"));
    }
    for (line, text) in instructions {
        let instruction = Instruction::new(&text);
        let name = &instruction.name;
        if !KNOWN.contains(&name.as_str()) {
            let message = format!("dockerfile parse error on line {line}: unknown instruction: {name}");
            return Err(Refusal::bad(message));
        }
        match (name.as_str(), file.stages.last_mut()) {
            ("FROM", _) => file.stages.push(stage(instruction)),
            (_, Some(stage)) => stage.instructions.push(instruction),
            ("ARG", None) => file.arguments.push(instruction),
            (_, None) => return Err(Refusal::bad("no build stage in current context")),
        }
    }
    Ok(file)
}

fn stage(from: Instruction) -> Stage {
    let words: Vec<&str> = from.rest.split_whitespace().collect();
    let base = words.first().copied().unwrap_or_default().to_owned();
    let name = match words.get(1..3) {
        Some([word, name]) if word.eq_ignore_ascii_case("as") => name.to_ascii_lowercase(),
        _ => String::new(),
    };
    Stage { name, base, instructions: vec![from] }
}

/// The instructions with the line that each begins on: remarks and empty lines left out, continued lines joined.
fn instructions(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with('#') || line.trim().is_empty() {
            continue;
        }
        let (begun, mut so_far) = open.take().unwrap_or((index + 1, String::new()));
        if let Some(part) = line.trim_end().strip_suffix('\\') {
            so_far.push_str(part);
            open = Some((begun, so_far));
        } else {
            so_far.push_str(line);
            found.push((begun, so_far));
        }
    }
    found.extend(open);
    found
}

/// Words apart from each other, quotes and backslashes undone.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quote, mut begun) = (String::new(), None, false);
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '"' | '\'') => (quote, begun) = (Some(character), true),
            (Some('"') | None, '\\') => {
                begun = true;
                word.extend(characters.next());
            }
            (None, _) if character.is_whitespace() => {
                if std::mem::take(&mut begun) {
                    words.push(std::mem::take(&mut word));
                }
            }
            _ => {
                begun = true;
                word.push(character);
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

/// The text with `$NAME`, `${NAME}`, `${NAME:-word}` and `${NAME:+word}` replaced.
pub(super) fn substituted(text: &str, variables: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        if let Some(before) = before.strip_suffix('\\') {
            out.push_str(before);
            out.push('$');
            rest = after;
            continue;
        }
        out.push_str(before);
        if let Some((inside, after)) = after.strip_prefix('{').and_then(|after| after.split_once('}')) {
            out.push_str(&braced(inside, variables));
            rest = after;
            continue;
        }
        let end = after.find(|one: char| !one.is_ascii_alphanumeric() && one != '_').unwrap_or(after.len());
        match &after[..end] {
            "" => out.push('$'),
            name => out.push_str(variables.get(name).map_or("", String::as_str)),
        }
        rest = &after[end..];
    }
    out + rest
}

fn braced(inside: &str, variables: &BTreeMap<String, String>) -> String {
    let set = |name: &str| variables.get(name).filter(|value| !value.is_empty()).cloned();
    if let Some((name, word)) = inside.split_once(":-") {
        return set(name).unwrap_or_else(|| word.to_owned());
    }
    if let Some((name, word)) = inside.split_once(":+") {
        return set(name).map(|_| word.to_owned()).unwrap_or_default();
    }
    variables.get(inside).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match parse(text) {
            Ok(file) => {
                let stage = |stage: &Stage| {
                    let lines: Vec<&str> = stage.instructions.iter().map(|one| one.shown.as_str()).collect();
                    format!("[{} from {}] {}", stage.name, stage.base, lines.join("; "))
                };
                file.stages.iter().map(stage).collect::<Vec<_>>().join("\n")
            }
            Err(refusal) => refusal.message,
        }
    }

    #[test]
    fn stages_continued_lines_and_remarks() {
        let text = "# one\nARG V=1\nFROM a:$V AS One\nrun x \\\n  # within\n  && y\n\nFROM --platform=linux/amd64 one\n";
        assert_eq!(
            shown(text),
            "[one from a:$V] FROM a:$V AS One; RUN x   && y\n[ from one] FROM --platform=linux/amd64 one"
        );
        assert_eq!(
            shown("FROM a\n\nMAKE b\n"),
            "dockerfile parse error on line 3: unknown instruction: MAKE"
        );
        assert_eq!(shown("RUN b\n"), "no build stage in current context");
        assert_eq!(shown("# b\n"), "failed to parse Dockerfile: file with no instructions");
    }

    #[test]
    fn flags_arrays_and_pairs() {
        let copy = Instruction::new("COPY --from=one --chown=1:1 [\"a b\", \"c\"]");
        assert_eq!((copy.flag("from"), copy.list()), (Some("one"), vec!["a b".to_owned(), "c".to_owned()]));
        let pairs = |text: &str| {
            let pairs = Instruction::new(text).pairs().into_iter();
            pairs.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>()
        };
        assert_eq!(pairs("ENV a=1 b=\"2 3\" c=4\\ 5"), ["a=1", "b=2 3", "c=4 5"]);
        assert_eq!(pairs("ENV a 1 2"), ["a=1 2"]);
    }

    #[test]
    fn variables() {
        let variables = [("A", "1"), ("EMPTY", "")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let variables = BTreeMap::from(variables);
        let text = "$A ${A}2 ${B:-no} ${EMPTY:-none} ${A:+yes} \\$A $ $B.";
        assert_eq!(substituted(text, &variables), "1 12 no none yes $A $ .");
    }
}
