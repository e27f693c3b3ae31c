//! Nodes and a value to text, with Docker's functions.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::Value;

use super::{Node, Operand, Pipeline, Range, TemplateError};
use crate::compose::emit::json::compact;

/// The method of rows: `.Label "key"`. Its values stand in the row as an object of this name.
const METHOD: &str = "Label";

/// The functions that a template may name.
pub(super) const FUNCTIONS: &[&str] = &[
    "and", "eq", "ge", "gt", "index", "join", "json", "le", "len", "lower", "lt", "ne", "not", "or", "pad",
    "print", "printf", "println", "split", "title", "truncate", "upper",
];

struct Run<'a> {
    row: &'a Value,
    variables: BTreeMap<String, Value>,
    is_lenient: bool,
    out: String,
}

pub(super) fn fill(nodes: &[Node], row: &Value, is_lenient: bool) -> Result<String, TemplateError> {
    let mut run = Run { row, variables: BTreeMap::new(), is_lenient, out: String::new() };
    run.nodes(nodes, row)?;
    Ok(run.out)
}

fn fault(what: impl AsRef<str>) -> TemplateError {
    TemplateError(format!(":1: {}", what.as_ref()))
}

impl Run<'_> {
    fn nodes(&mut self, nodes: &[Node], dot: &Value) -> Result<(), TemplateError> {
        for node in nodes {
            match node {
                Node::Text(text) => self.out.push_str(text),
                Node::Print(pipeline) => {
                    let value = self.pipeline(pipeline, dot)?;
                    self.out.push_str(&shown(&value));
                }
                Node::Set(name, pipeline) => {
                    let value = self.pipeline(pipeline, dot)?;
                    self.variables.insert(name.clone(), value);
                }
                Node::If(pipeline, yes, no) => {
                    let chosen = if is_true(&self.pipeline(pipeline, dot)?) { yes } else { no };
                    self.nodes(chosen, dot)?;
                }
                Node::With(pipeline, yes, no) => {
                    let value = self.pipeline(pipeline, dot)?;
                    if is_true(&value) { self.nodes(yes, &value)? } else { self.nodes(no, dot)? }
                }
                Node::Range(range) => self.range(range, dot)?,
            }
        }
        Ok(())
    }

    fn range(&mut self, range: &Range, dot: &Value) -> Result<(), TemplateError> {
        let items: Vec<(Value, Value)> = match self.pipeline(&range.over, dot)? {
            Value::Array(list) => {
                list.into_iter().enumerate().map(|(at, item)| (Value::from(at), item)).collect()
            }
            Value::Object(map) => map.into_iter().map(|(key, item)| (Value::from(key), item)).collect(),
            Value::Null => Vec::new(),
            other => return Err(fault(format!("range can't iterate over {}", shown(&other)))),
        };
        if items.is_empty() {
            return self.nodes(&range.otherwise, dot);
        }
        for (key, item) in items {
            if let Some(name) = &range.key {
                self.variables.insert(name.clone(), key);
            }
            if let Some(name) = &range.value {
                self.variables.insert(name.clone(), item.clone());
            }
            self.nodes(&range.body, &item)?;
        }
        Ok(())
    }

    fn pipeline(&mut self, pipeline: &Pipeline, dot: &Value) -> Result<Value, TemplateError> {
        let mut last = None;
        for command in &pipeline.commands {
            last = Some(self.command(command, last, dot)?);
        }
        last.ok_or_else(|| fault("missing value for command"))
    }

    fn command(
        &mut self,
        command: &[Operand],
        last: Option<Value>,
        dot: &Value,
    ) -> Result<Value, TemplateError> {
        let Some((first, rest)) = command.split_first() else {
            return Err(fault("missing value for command"));
        };
        let mut arguments = rest.iter().map(|it| self.operand(it, dot)).collect::<Result<Vec<_>, _>>()?;
        arguments.extend(last);
        match first {
            Operand::Function(name) => call(name, &arguments, self.is_lenient),
            // The one method: `.Label "key"`.
            Operand::Field(path) if !arguments.is_empty() => {
                let map = field(dot, path, self.is_lenient)?;
                let key = arguments[0].as_str().unwrap_or_default();
                if self.is_lenient {
                    return Ok(Value::from(key));
                }
                Ok(map.get(key).cloned().unwrap_or_else(|| Value::from("")))
            }
            _ if arguments.is_empty() => self.operand(first, dot),
            _ => Err(fault("can't give argument to non-function")),
        }
    }

    fn operand(&mut self, operand: &Operand, dot: &Value) -> Result<Value, TemplateError> {
        match operand {
            Operand::Field(path) => field(dot, path, self.is_lenient),
            Operand::Variable(name, path) if name.is_empty() => field(self.row, path, self.is_lenient),
            Operand::Variable(name, path) => {
                let value = self
                    .variables
                    .get(name)
                    .ok_or_else(|| fault(format!("undefined variable \"${name}\"")))?;
                field(value, path, self.is_lenient)
            }
            Operand::Literal(value) => Ok(value.clone()),
            Operand::Function(name) => call(name, &[], self.is_lenient),
            Operand::Nested(pipeline, path) => {
                let value = self.pipeline(pipeline, dot)?;
                field(&value, path, self.is_lenient)
            }
        }
    }
}

fn field(value: &Value, path: &[String], is_lenient: bool) -> Result<Value, TemplateError> {
    let mut value = value;
    for name in path {
        match value.get(name) {
            Some(inner) => value = inner,
            None if is_lenient => return Ok(Value::from("<no value>")),
            None => {
                let whole = path.join(".");
                return Err(fault(format!("executing \"\" at <.{whole}>: can't evaluate field {name}")));
            }
        }
    }
    Ok(value.clone())
}

fn call(name: &str, arguments: &[Value], is_header: bool) -> Result<Value, TemplateError> {
    let text = |at: usize| arguments.get(at).map(shown).unwrap_or_default();
    let number = |at: usize| arguments.get(at).and_then(Value::as_u64).unwrap_or(0) as usize;
    let spaces = |count: usize| " ".repeat(count);
    // A header is no value to be taken apart.
    if is_header && ["json", "join", "split", "truncate", "pad", "lower", "title"].contains(&name) {
        return Ok(Value::from(text(0)));
    }
    Ok(match name {
        "json" => Value::from(json(arguments.first().unwrap_or(&Value::Null))),
        "upper" => Value::from(text(0).to_uppercase()),
        "lower" => Value::from(text(0).to_lowercase()),
        "title" => Value::from(title(&text(0))),
        "split" => text(0).split(text(1).as_str()).map(Value::from).collect(),
        "join" => Value::from(elements(arguments.first()).map(shown).collect::<Vec<_>>().join(&text(1))),
        "pad" if text(0).is_empty() => Value::from(""),
        "pad" => Value::from(format!("{}{}{}", spaces(number(1)), text(0), spaces(number(2)))),
        "truncate" => Value::from(text(0).chars().take(number(1)).collect::<String>()),
        "print" => Value::from(arguments.iter().map(shown).collect::<String>()),
        "println" => Value::from(arguments.iter().map(shown).collect::<Vec<_>>().join(" ") + "\n"),
        "printf" => Value::from(formatted(&text(0), arguments.get(1..).unwrap_or_default())),
        "len" => Value::from(length(arguments.first().unwrap_or(&Value::Null))),
        "index" => index(arguments)?,
        "not" => Value::from(!is_true(arguments.first().unwrap_or(&Value::Null))),
        "and" => chosen(arguments, |value| !is_true(value)),
        "or" => chosen(arguments, is_true),
        _ => return compared(name, arguments),
    })
}

/// The first of the values that is so, else the last.
fn chosen(values: &[Value], is_so: impl Fn(&Value) -> bool) -> Value {
    values.iter().find(|value| is_so(value)).or(values.last()).cloned().unwrap_or_default()
}

fn compared(name: &str, arguments: &[Value]) -> Result<Value, TemplateError> {
    let [first, rest @ ..] = arguments else { return Err(fault(format!("not enough arguments for {name}"))) };
    let Some(second) = rest.first() else { return Err(fault(format!("not enough arguments for {name}"))) };
    let order = match (first.as_f64(), second.as_f64()) {
        (Some(one), Some(other)) => one.partial_cmp(&other).unwrap_or(Ordering::Equal),
        _ => shown(first).cmp(&shown(second)),
    };
    Ok(Value::from(match name {
        "eq" => rest.iter().any(|other| other == first),
        "ne" => first != second,
        "lt" => order == Ordering::Less,
        "le" => order != Ordering::Greater,
        "gt" => order == Ordering::Greater,
        _ => order != Ordering::Less,
    }))
}

fn index(arguments: &[Value]) -> Result<Value, TemplateError> {
    let mut value = arguments.first().cloned().unwrap_or_default();
    for key in arguments.get(1..).unwrap_or_default() {
        value = match key.as_u64() {
            Some(at) => {
                let out_of_range = || fault(format!("error calling index: index out of range: {at}"));
                value.get(at as usize).cloned().ok_or_else(out_of_range)?
            }
            None => value.get(shown(key)).cloned().unwrap_or_else(|| Value::from("")),
        };
    }
    Ok(value)
}

fn length(value: &Value) -> usize {
    match value {
        Value::Array(list) => list.len(),
        Value::Object(map) => map.len(),
        other => shown(other).len(),
    }
}

/// `%s`, `%d`, `%v`, `%q`, `%t`, with a width as in `%-10s`.
fn formatted(format: &str, arguments: &[Value]) -> String {
    let mut arguments = arguments.iter();
    let mut out = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let end = after.find(|letter: char| letter.is_ascii_alphabetic() || letter == '%').unwrap_or(0);
        let (width, verb) = (&after[..end], after[end..].chars().next().unwrap_or('%'));
        rest = after.get(end + verb.len_utf8()..).unwrap_or_default();
        if verb == '%' {
            out.push('%');
            continue;
        }
        let value = arguments.next().unwrap_or(&Value::Null);
        let text = if verb == 'q' { json(&Value::from(shown(value))) } else { shown(value) };
        let wide: usize = width.trim_start_matches('-').parse().unwrap_or(0);
        out.push_str(&if width.starts_with('-') {
            format!("{text:<wide$}")
        } else {
            format!("{text:>wide$}")
        });
    }
    out + rest
}

fn title(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// JSON without a space. A whole row is escaped as Go's own encoder does, and has no methods in it.
fn json(value: &Value) -> String {
    let Value::Object(map) = value else { return value.to_string() };
    let mut map = map.clone();
    map.shift_remove(METHOD);
    compact(&Value::Object(map))
}

fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}

/// A value as Go prints it.
fn shown(value: &Value) -> String {
    let inner = |values: Vec<String>| values.join(" ");
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(list) => format!("[{}]", inner(list.iter().map(shown).collect())),
        Value::Object(map) => format!("{{{}}}", inner(map.values().map(shown).collect())),
        other => other.to_string(),
    }
}

fn elements(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().iter()
}
