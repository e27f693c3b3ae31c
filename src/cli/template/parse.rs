//! Text to nodes.

use serde_json::Value;

use super::run::FUNCTIONS;
use super::{Node, Operand, Pipeline, Range, TemplateError};

/// A word within an action.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// `.A.B`
    Field(Vec<String>),
    /// `$x.A`
    Variable(String, Vec<String>),
    Word(String),
    Literal(Value),
    Open,
    /// `)` with the fields after it.
    Close(Vec<String>),
    Pipe,
    Comma,
    Set,
}

/// A piece of a template.
enum Piece {
    Text(String),
    Action(Vec<Token>),
}

/// What ended a list of nodes.
#[derive(PartialEq)]
enum Closer {
    Template,
    End,
    Else(Vec<Token>),
}

struct Reader {
    pieces: std::vec::IntoIter<Piece>,
}

pub(super) fn nodes(text: &str) -> Result<Vec<Node>, TemplateError> {
    let mut reader = Reader { pieces: pieces(text)?.into_iter() };
    match reader.nodes()? {
        (nodes, Closer::Template) => Ok(nodes),
        (_, Closer::End) => Err(fault("unexpected {{end}}")),
        (_, Closer::Else(_)) => Err(fault("unexpected {{else}}")),
    }
}

fn fault(what: impl AsRef<str>) -> TemplateError {
    TemplateError(format!(":1: {}", what.as_ref()))
}

fn pieces(text: &str) -> Result<Vec<Piece>, TemplateError> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut trims = false;
    while let Some(open) = rest.find("{{") {
        let (before, after) = (&rest[..open], &rest[open + 2..]);
        let action = after.strip_prefix("- ").or_else(|| after.strip_prefix("-\n"));
        let before = if trims { before.trim_start() } else { before };
        let before = if action.is_some() { before.trim_end() } else { before };
        pieces.push(Piece::Text(before.to_owned()));
        let action = action.unwrap_or(after);
        let close = closing(action).ok_or_else(|| fault("unclosed action"))?;
        rest = &action[close + 2..];
        let inner = action[..close].strip_suffix(" -");
        trims = inner.is_some();
        let inner = inner.unwrap_or(&action[..close]).trim();
        if !(inner.starts_with("/*") && inner.ends_with("*/")) {
            pieces.push(Piece::Action(tokens(inner)?));
        }
    }
    pieces.push(Piece::Text(if trims { rest.trim_start() } else { rest }.to_owned()));
    Ok(pieces)
}

/// Where the action ends; what stands in quotes ends nothing.
fn closing(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some('"') if character == '\\' => escaped = true,
            Some(open) if character == open => quote = None,
            None if character == '"' || character == '`' => quote = Some(character),
            None if text[at..].starts_with("}}") => return Some(at),
            _ => {}
        }
    }
    None
}

fn tokens(text: &str) -> Result<Vec<Token>, TemplateError> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '(' => (Token::Open, &rest[1..]),
            ')' => {
                let (path, after) = path(&rest[1..]);
                (Token::Close(path), after)
            }
            '|' => (Token::Pipe, &rest[1..]),
            ',' => (Token::Comma, &rest[1..]),
            ':' if rest.starts_with(":=") => (Token::Set, &rest[2..]),
            '=' => (Token::Set, &rest[1..]),
            '.' => dotted(rest),
            '$' => {
                let (name, after) = name(&rest[1..]);
                let (path, after) = path(after);
                (Token::Variable(name.to_owned(), path), after)
            }
            '"' | '`' => literal(rest, first)?,
            _ => word(rest)?,
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

/// A field of what the dot is, or the dot itself.
fn dotted(text: &str) -> (Token, &str) {
    match path(text) {
        (path, after) if path.is_empty() => (Token::Field(path), &after[1..]),
        (path, after) => (Token::Field(path), after),
    }
}

/// `.A.B` and what follows.
fn path(text: &str) -> (Vec<String>, &str) {
    let mut fields = Vec::new();
    let mut rest = text;
    while let Some((field, after)) = rest.strip_prefix('.').map(name).filter(|(field, _)| !field.is_empty()) {
        fields.push(field.to_owned());
        rest = after;
    }
    (fields, rest)
}

fn name(text: &str) -> (&str, &str) {
    let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len());
    text.split_at(end)
}

fn literal(text: &str, quote: char) -> Result<(Token, &str), TemplateError> {
    if quote == '`' {
        let end = text[1..].find('`').ok_or_else(|| fault("unterminated raw quoted string"))?;
        return Ok((Token::Literal(Value::from(&text[1..=end])), &text[end + 2..]));
    }
    // Go's escapes are JSON's, for all that anybody writes here.
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    match values.next() {
        Some(Ok(value)) => {
            let end = values.byte_offset();
            Ok((Token::Literal(value), &text[end..]))
        }
        _ => Err(fault("unterminated quoted string")),
    }
}

fn word(text: &str) -> Result<(Token, &str), TemplateError> {
    let ends = |letter: char| letter.is_whitespace() || "()|,\"`".contains(letter);
    let (word, rest) = text.split_at(text.find(ends).unwrap_or(text.len()));
    let token = match word {
        "true" | "false" => Token::Literal(Value::from(word == "true")),
        "nil" => Token::Literal(Value::Null),
        _ if word.starts_with(|letter: char| letter.is_ascii_digit() || letter == '-') => {
            let number: Value =
                serde_json::from_str(word).map_err(|_| fault(format!("bad number syntax: {word:?}")))?;
            Token::Literal(number)
        }
        _ if word.chars().all(|letter| letter.is_alphanumeric() || letter == '_') => {
            Token::Word(word.to_owned())
        }
        _ => return Err(fault(format!("unexpected {word:?} in command"))),
    };
    Ok((token, rest))
}

impl Reader {
    /// Nodes up to an `end` or `else`, or to the end of the template.
    fn nodes(&mut self) -> Result<(Vec<Node>, Closer), TemplateError> {
        let mut nodes = Vec::new();
        while let Some(piece) = self.pieces.next() {
            let tokens = match piece {
                Piece::Text(text) if text.is_empty() => continue,
                Piece::Text(text) => {
                    nodes.push(Node::Text(text));
                    continue;
                }
                Piece::Action(tokens) => tokens,
            };
            match tokens.split_first() {
                Some((Token::Word(word), rest)) if word == "end" && rest.is_empty() => {
                    return Ok((nodes, Closer::End));
                }
                Some((Token::Word(word), rest)) if word == "else" => {
                    return Ok((nodes, Closer::Else(rest.to_vec())));
                }
                Some((Token::Word(word), rest)) if ["if", "with", "range"].contains(&word.as_str()) => {
                    nodes.push(self.block(word, rest)?);
                }
                Some((Token::Variable(name, path), rest))
                    if path.is_empty() && rest.first() == Some(&Token::Set) =>
                {
                    nodes.push(Node::Set(name.clone(), pipeline(&rest[1..])?));
                }
                Some(_) => nodes.push(Node::Print(pipeline(&tokens)?)),
                None => return Err(fault("missing value for command")),
            }
        }
        Ok((nodes, Closer::Template))
    }

    fn block(&mut self, word: &str, tokens: &[Token]) -> Result<Node, TemplateError> {
        let (body, end) = self.nodes()?;
        let otherwise = match end {
            Closer::Template => return Err(fault("unexpected EOF")),
            Closer::End => Vec::new(),
            Closer::Else(rest) => match rest.split_first() {
                Some((Token::Word(next), rest)) => vec![self.block(next, rest)?],
                _ => match self.nodes()? {
                    (nodes, Closer::End) => nodes,
                    _ => return Err(fault("unexpected EOF")),
                },
            },
        };
        Ok(match word {
            "if" => Node::If(pipeline(tokens)?, body, otherwise),
            "with" => Node::With(pipeline(tokens)?, body, otherwise),
            _ => Node::Range(range(tokens, body, otherwise)?),
        })
    }
}

fn range(tokens: &[Token], body: Vec<Node>, otherwise: Vec<Node>) -> Result<Range, TemplateError> {
    let (key, value, over) = match tokens {
        [Token::Variable(key, _), Token::Comma, Token::Variable(value, _), Token::Set, over @ ..] => {
            (Some(key.clone()), Some(value.clone()), over)
        }
        [Token::Variable(value, _), Token::Set, over @ ..] => (None, Some(value.clone()), over),
        over => (None, None, over),
    };
    Ok(Range { key, value, over: pipeline(over)?, body, otherwise })
}

fn pipeline(tokens: &[Token]) -> Result<Pipeline, TemplateError> {
    let mut commands = vec![Vec::new()];
    let mut rest = tokens;
    while let Some((token, after)) = rest.split_first() {
        rest = after;
        let operand = match token {
            Token::Pipe => {
                commands.push(Vec::new());
                continue;
            }
            Token::Field(path) => Operand::Field(path.clone()),
            Token::Variable(name, path) => Operand::Variable(name.clone(), path.clone()),
            Token::Literal(value) => Operand::Literal(value.clone()),
            Token::Word(name) if FUNCTIONS.contains(&name.as_str()) => Operand::Function(name.clone()),
            Token::Word(name) => return Err(fault(format!("function {name:?} not defined"))),
            Token::Open => {
                let close = matching(rest).ok_or_else(|| fault("unclosed left paren"))?;
                let Token::Close(path) = &rest[close] else { return Err(fault("unclosed left paren")) };
                let nested = Operand::Nested(pipeline(&rest[..close])?, path.clone());
                rest = &rest[close + 1..];
                nested
            }
            Token::Close(_) => return Err(fault("unexpected right paren")),
            Token::Comma | Token::Set => return Err(fault("unexpected token in command")),
        };
        if let Some(command) = commands.last_mut() {
            command.push(operand);
        }
    }
    if commands.iter().any(Vec::is_empty) {
        return Err(fault("missing value for command"));
    }
    Ok(Pipeline { commands })
}

/// The place of the parenthesis that closes the one just before these tokens.
fn matching(tokens: &[Token]) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Open => depth += 1,
            Token::Close(_) if depth == 0 => return Some(at),
            Token::Close(_) => depth -= 1,
            _ => {}
        }
    }
    None
}
