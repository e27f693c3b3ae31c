//! `--format` as Docker's tools take it: `table`, `table TEMPLATE`, `json`, or a template for each row.
//!
//! Pure: rows in, text out.

use serde_json::{Map, Value};

use super::table::{DOCKER, lay_out};
use super::template::{Template, TemplateError};

/// What a list can be shown as.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// The template of the plain table.
    pub table: &'static str,
    /// The headers of its fields.
    pub headers: &'static [(&'static str, &'static str)],
}

/// The rows in a format; empty is the plain table.
///
/// # Errors
/// Where the format is no template, or names a field that rows do not have.
pub fn write(form: Form, format: &str, rows: &[Value]) -> Result<String, TemplateError> {
    let format = match format {
        "" | "table" => form.table,
        "json" => "{{json .}}",
        other => other,
    };
    let (is_table, template) = match format.strip_prefix("table") {
        Some(rest) => (true, rest),
        None => (false, format),
    };
    let template = Template::parse(&template.trim_matches(' ').replace("\\t", "\t").replace("\\n", "\n"))?;
    let mut text = String::new();
    if is_table {
        let headers: Map<String, Value> =
            form.headers.iter().map(|(name, header)| ((*name).to_owned(), Value::from(*header))).collect();
        text.push_str(&template.fill(&Value::Object(headers), true)?);
        text.push('\n');
    }
    for row in rows {
        text.push_str(&template.fill(row, false)?);
        text.push('\n');
    }
    Ok(if is_table { lay_out(&text, DOCKER) } else { text })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FORM: Form =
        Form { table: "table {{.Name}}\t{{.Ports}}", headers: &[("Name", "NAME"), ("Ports", "PORTS")] };

    fn check(format: &str, expected: &str) {
        let rows = [json!({ "Name": "web", "Ports": "1->2", "Label": { "a": "b" }, "N": 1 })];
        assert_eq!(
            write(FORM, format, &rows).unwrap_or_else(|error| error.to_string()),
            expected,
            "{format}"
        );
    }

    #[test]
    fn forms() {
        check("", "NAME      PORTS\nweb       1->2\n");
        check("table", "NAME      PORTS\nweb       1->2\n");
        check("table {{.Name}} {{.N}}", "NAME <no value>\nweb 1\n");
        check("table {{.Name}}\\t{{json .Ports}}", "NAME      PORTS\nweb       \"1->2\"\n");
        check("json", "{\"Name\":\"web\",\"Ports\":\"1-\\u003e2\",\"N\":1}\n");
        check("{{.Name}}\\t{{.Label \"a\"}}", "web\tb\n");
        check("pretty", "pretty\n");
    }
}
