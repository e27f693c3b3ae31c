//! The part of Go's templates that `--format` is used with: fields, pipelines, Docker's functions, `if`, `range`, `with`,
//! variables. Not: `define`, `template`, `block`.
//!
//! Pure: a template and a value in, text out.

mod parse;
mod run;

use serde_json::Value;

/// A template that is understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    nodes: Vec<Node>,
}

/// Why a template is of no use, in the words that follow `template parsing error: `.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("template parsing error: template: {0}")]
pub struct TemplateError(String);

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
enum Node {
    Text(String),
    Print(Pipeline),
    Set(String, Pipeline),
    If(Pipeline, Vec<Node>, Vec<Node>),
    With(Pipeline, Vec<Node>, Vec<Node>),
    Range(Range),
}

/// `range $key, $value := pipeline`.
#[derive(Clone, Debug, PartialEq)]
struct Range {
    key: Option<String>,
    value: Option<String>,
    over: Pipeline,
    body: Vec<Node>,
    otherwise: Vec<Node>,
}

/// Commands, each with the result of the one before as its last argument.
#[derive(Clone, Debug, PartialEq)]
struct Pipeline {
    commands: Vec<Vec<Operand>>,
}

/// A word of a command.
#[derive(Clone, Debug, PartialEq)]
enum Operand {
    /// `.A.B`; empty for the dot alone.
    Field(Vec<String>),
    /// `$x.A`; the empty name is `$`, the whole row.
    Variable(String, Vec<String>),
    Literal(Value),
    Function(String),
    Nested(Pipeline, Vec<String>),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// Where it is none.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        Ok(Self { nodes: parse::nodes(text)? })
    }

    /// The text for a value. A field that it does not have is an error, unless `is_lenient`: then it is `<no value>`, as in
    /// the header of a table.
    ///
    /// # Errors
    /// Where a field or function is unknown, or an argument is of no use to it.
    pub fn fill(&self, value: &Value, is_lenient: bool) -> Result<String, TemplateError> {
        run::fill(&self.nodes, value, is_lenient)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(template: &str) -> String {
        let value = json!({
            "Name": "shop-web-1",
            "Ports": "80/tcp, 0.0.0.0:1->2/tcp",
            "ExitCode": 3,
            "Empty": "",
            "Labels": "a=1,b=2",
            "Publishers": [{ "URL": "::", "PublishedPort": 1 }, { "URL": "", "PublishedPort": 0 }],
            "Label": { "a": "1" },
        });
        let made = Template::parse(template).and_then(|template| template.fill(&value, false));
        made.unwrap_or_else(|error| error.to_string())
    }

    #[test]
    fn what_people_write() {
        for (template, expected) in [
            ("{{.Name}}|{{ .ExitCode }}", "shop-web-1|3"),
            ("{{upper .Name}} {{ .Name | upper | lower }}", "SHOP-WEB-1 shop-web-1"),
            ("{{json .Ports}}", "\"80/tcp, 0.0.0.0:1->2/tcp\""),
            ("{{range .Publishers}}{{.PublishedPort}};{{end}}", "1;0;"),
            ("{{range $i, $p := .Publishers}}{{$i}}={{$p.URL}} {{end}}", "0=:: 1= "),
            ("{{if .Empty}}yes{{else if eq .ExitCode 3}}three{{else}}no{{end}}", "three"),
            ("{{with .Empty}}x{{else}}y{{end}}{{/* nothing */}}", "y"),
            ("{{- .Name -}}  x", "shop-web-1x"),
            ("{{join (split .Name \"-\") \"/\"}}", "shop/web/1"),
            ("{{.Label \"a\"}}-{{.Label `z`}}", "1-"),
            ("{{truncate .Name 4}}{{pad .Name 1 2}}.", "shop shop-web-1  ."),
            ("{{len .Publishers}} {{index .Publishers 0}}", "2 {:: 1}"),
            ("{{$n := .Name}}{{printf \"%s-%d\" $n 7}} {{println .ExitCode}}", "shop-web-1-7 3\n"),
            ("{{and .Name .Empty}}{{or .Empty .Name}} {{not .Empty}}", "shop-web-1 true"),
        ] {
            assert_eq!(said(template), expected, "{template}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (template, expected) in [
            ("{{.Name", "unclosed action"),
            ("{{.Nope}}", "executing \"\" at <.Nope>: can't evaluate field Nope"),
            ("{{nope .Name}}", "function \"nope\" not defined"),
            ("{{if .Name}}", "unexpected EOF"),
            ("{{end}}", "unexpected {{end}}"),
            ("{{.Name.X}}", "executing \"\" at <.Name.X>: can't evaluate field X"),
        ] {
            assert_eq!(
                said(template),
                format!("template parsing error: template: :1: {expected}"),
                "{template}"
            );
        }
    }
}
