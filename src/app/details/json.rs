//! JSON as indented lines, with secret-looking values masked.

use serde_json::Value;

use super::Line;
use crate::plan;

/// Which values are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// All.
    All,
    /// None that is empty, `null`, `false` or 0: what was not given.
    Given,
}

/// The lines of a value.
pub(super) fn lines(value: &Value, keep: Keep) -> Vec<Line> {
    let mut out = Vec::new();
    write("", value, 0, keep, &mut out);
    out
}

/// Writes a value under its name, deeper by two columns a level, as YAML would stand.
fn write(name: &str, value: &Value, depth: usize, keep: Keep, out: &mut Vec<Line>) {
    if keep == Keep::Given && is_unset(value) {
        return;
    }
    let indent = "  ".repeat(depth.saturating_sub(1));
    let mut put = |text: String| out.push(Line::Text(format!("{indent}{text}")));
    match value {
        Value::Object(map) if !map.is_empty() => {
            if depth > 0 {
                put(format!("{name}:"));
            }
            for (key, inner) in map {
                write(key, inner, depth + 1, keep, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            put(format!("{name}:"));
            for item in items {
                write("-", item, depth + 1, keep, out);
            }
        }
        scalar => put(format!("{name}{} {}", if name == "-" { "" } else { ":" }, shown(name, scalar))),
    }
}

fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.values().all(is_unset),
        Value::Bool(true) => false,
    }
}

/// A scalar as text: masked by its name, or, in a list of `NAME=value`, by the name within.
fn shown(name: &str, value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.chars().filter(|c| !c.is_control()).collect(),
        other => other.to_string(),
    };
    match text.split_once('=') {
        Some((inner, rest)) if name == "-" => format!("{inner}={}", plan::masked(inner, rest)),
        _ => plan::masked(name, &text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_indented_and_secrets_masked() {
        let value = serde_json::json!({
            "Env": ["A=1", "DB_PASSWORD=x"], "Empty": {}, "Token": "abc", "Deep": {"Off": false, "On": true},
        });
        let text = |keep| {
            let lines = lines(&value, keep).into_iter();
            let texts = lines.map(|line| match line {
                Line::Text(text) => text,
                other => format!("{other:?}"),
            });
            texts.collect::<Vec<_>>().join("\n")
        };
        let mask = plan::MASK;
        let given = format!("Env:\n  - A=1\n  - DB_PASSWORD={mask}\nToken: {mask}\nDeep:\n  On: true");
        assert_eq!(text(Keep::Given), given);
        assert!(text(Keep::All).contains("Empty: {}\n"), "{}", text(Keep::All));
        assert!(text(Keep::All).contains("  Off: false"), "{}", text(Keep::All));
    }
}
