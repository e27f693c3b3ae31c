//! Which variables the files of a project name, and what they say about each. Nothing is looked up.

use std::collections::BTreeMap;

use super::template::{self, Operator};
use super::tree::{Mapping, Node, Value};

/// What a file says about a variable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// `${NAME:-default}`: the text that stands in where there is no value.
    pub default: String,
    /// `${NAME:+other}`: the text that takes the place of a value.
    pub presence: String,
    /// `${NAME:?message}`: there must be a value.
    pub is_required: bool,
}

/// The variables of every text in a tree, those in defaults included. Of several mentions the last counts.
pub fn variables(root: &Node) -> BTreeMap<String, Listed> {
    let mut found = BTreeMap::new();
    walk(root, &mut found);
    found
}

fn walk(node: &Node, found: &mut BTreeMap<String, Listed>) {
    match &node.value {
        Value::String(text) => in_text(text, found),
        Value::Sequence(items) => items.iter().for_each(|item| walk(item, found)),
        Value::Mapping(map) => Mapping::values(map).for_each(|value| walk(value, found)),
        _ => {}
    }
}

fn in_text(text: &str, found: &mut BTreeMap<String, Listed>) {
    let mut at = 0;
    while let Some((reference, end)) = template::next_reference(text, at) {
        at = end;
        // Compose takes what goes on from such a mention to the last brace of the line first, so that the mention wins.
        let line = text[end..].lines().next().unwrap_or_default();
        if let (Some(_), Some(last)) = (reference.word, line.rfind('}')) {
            in_text(&line[..=last], found);
            at += last + 1;
        }
        let mut listed = Listed::default();
        if let Some((operator, word)) = reference.word {
            match operator {
                Operator::Default => word.clone_into(&mut listed.default),
                Operator::Replacement => word.clone_into(&mut listed.presence),
                Operator::Required => listed.is_required = true,
            }
        }
        let inner = if listed.is_required { "" } else { reference.word.map_or("", |(_, word)| word) };
        found.insert(reference.name.to_owned(), listed);
        in_text(inner, found);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::Span;
    use super::*;

    #[test]
    fn every_mention_is_listed() {
        let text = "$A-${B:-b}${C:?c $X}${D+d}${E:-${F-f}}$$G ${1}";
        let found = variables(&Node::string(text, Span::default()));
        let shown: Vec<String> = found
            .iter()
            .map(|(name, it)| format!("{name} {:?} {:?} {}", it.default, it.presence, it.is_required))
            .collect();
        assert_eq!(
            shown,
            [
                r#" "" "" false"#,
                r#"A "" "" false"#,
                r#"B "b" "" false"#,
                r#"C "" "" true"#,
                r#"D "" "d" false"#,
                r#"E "${F-f}" "" false"#,
                r#"F "f" "" false"#,
            ]
        );
    }
}
