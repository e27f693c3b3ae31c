//! Mounts in their short form: `[source:]target[:options]`.

use super::super::tree::{Mapping, Node, Span, Value};
use super::Fault;

/// The form, for those who miss it.
const MOUNT: &str = "`[SOURCE:]TARGET[:OPTIONS]`";

/// What a short form says.
#[derive(Default)]
struct Spec {
    source: String,
    target: String,
    read_only: bool,
    nocopy: bool,
    propagation: Option<String>,
    selinux: Option<String>,
}

/// Reads a short form into the long one. One letter before a colon is a Windows drive, so `v:/v` is one path.
pub fn parse(text: &str, span: Span) -> Result<Node, Fault> {
    if text.is_empty() {
        return Err(Fault::new("a mount cannot be empty", MOUNT));
    }
    // Compose does not look into one or two characters, and so gives no options there either.
    if text.len() <= 2 {
        let fields = [("type", "volume"), ("target", text)];
        return Ok(Node::mapping(fields.map(|(key, value)| (key, Node::string(value, span))), span));
    }
    let mut spec = Spec::default();
    let sections = sections(text);
    let count = sections.len();
    for (position, section) in sections.into_iter().enumerate() {
        let last = position + 1 == count;
        add(&mut spec, section, last).map_err(|fault| Fault::new(format!("`{text}` has {fault}"), MOUNT))?;
    }
    Ok(long_form(&spec, span))
}

/// The parts between colons; a colon after a lone letter belongs to its part, and so does one in `${…}`.
pub fn sections(text: &str) -> Vec<&str> {
    if text.len() <= 2 {
        return vec![text];
    }
    let (mut sections, mut start, mut open) = (Vec::new(), 0, 0_usize);
    for (at, character) in text.char_indices() {
        match character {
            '$' if text[at + 1..].starts_with('{') => open += 1,
            '}' => open = open.saturating_sub(1),
            ':' if open == 0 && !is_drive(&text[start..at]) => {
                sections.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    sections.push(&text[start..]);
    sections
}

fn is_drive(part: &str) -> bool {
    let mut characters = part.chars();
    characters.next().is_some_and(char::is_alphabetic) && characters.next().is_none()
}

fn add(spec: &mut Spec, section: &str, last: bool) -> Result<(), &'static str> {
    if section.is_empty() {
        return Err("nothing between two colons");
    }
    if spec.source.is_empty() && last {
        section.clone_into(&mut spec.target);
    } else if spec.source.is_empty() {
        section.clone_into(&mut spec.source);
    } else if spec.target.is_empty() {
        section.clone_into(&mut spec.target);
    } else if last {
        section.split(',').for_each(|option| add_option(spec, option));
    } else {
        return Err("too many colons");
    }
    Ok(())
}

/// Options that are not known are ignored.
fn add_option(spec: &mut Spec, option: &str) {
    match option {
        "ro" => spec.read_only = true,
        "rw" => spec.read_only = false,
        "nocopy" => spec.nocopy = true,
        "z" | "Z" => spec.selinux = Some(option.to_owned()),
        "rprivate" | "private" | "rshared" | "shared" | "rslave" | "slave" => {
            spec.propagation = Some(option.to_owned());
        }
        _ => {}
    }
}

fn long_form(spec: &Spec, span: Span) -> Node {
    let text = |text: &str| Node::string(text, span);
    let yes = || Node::new(Value::Bool(true), span);
    let is_path = is_path(&spec.source);
    let mut map = Mapping::default();
    map.set("type", text(if is_path { "bind" } else { "volume" }));
    if !spec.source.is_empty() {
        map.set("source", text(&spec.source));
    }
    map.set("target", text(&clean(&spec.target)));
    if spec.read_only {
        map.set("read_only", yes());
    }
    let mut bind = Mapping::default();
    if let Some(selinux) = &spec.selinux {
        bind.set("selinux", text(selinux));
    }
    if let Some(propagation) = &spec.propagation {
        bind.set("propagation", text(propagation));
    }
    if is_path {
        bind.set("create_host_path", yes());
    }
    if !bind.is_empty() {
        map.set("bind", Node::new(Value::Mapping(bind), span));
    }
    if !is_path || spec.nocopy {
        let nocopy = spec.nocopy.then(|| ("nocopy", yes()));
        map.set("volume", Node::mapping(nocopy, span));
    }
    Node::new(Value::Mapping(map), span)
}

/// Whether a source is a path of the host and not a volume's name.
fn is_path(source: &str) -> bool {
    let second = source.char_indices().nth(1).map(|(at, _)| at);
    source.starts_with(['.', '/', '~'])
        || source.starts_with(r"\\")
        || second.is_some_and(|at| is_drive(&source[..at]) && source[at..].starts_with(':'))
}

/// A path of a container without `.`, `..` and doubled slashes, by its text alone.
pub fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            ".." if rooted => {}
            other => parts.push(other),
        }
    }
    match (rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms() {
        let check = |text: &str, expected: &str| {
            let found = parse(text, Span::default())
                .map_or_else(|fault| fault.what, |node| node.to_json().to_string());
            assert_eq!(found, expected, "{text}");
        };
        check("ab", r#"{"type":"volume","target":"ab"}"#);
        check("/anon", r#"{"type":"volume","target":"/anon","volume":{}}"#);
        check("v:/x", r#"{"type":"volume","target":"v:/x","volume":{}}"#);
        check("v:/x:ro", r#"{"type":"bind","source":"v:/x","target":"ro","bind":{"create_host_path":true}}"#);
        check(
            "db:/d:nocopy,ro",
            r#"{"type":"volume","source":"db","target":"/d","read_only":true,"volume":{"nocopy":true}}"#,
        );
        check(
            "db:/d:z",
            r#"{"type":"volume","source":"db","target":"/d","bind":{"selinux":"z"},"volume":{}}"#,
        );
        check(
            "./a:/b/../c/:rshared",
            r#"{"type":"bind","source":"./a","target":"/c","bind":{"propagation":"rshared","create_host_path":true}}"#,
        );
        check("${A:-x}:/y", r#"{"type":"volume","source":"${A:-x}","target":"/y","volume":{}}"#);
        check("aa::b", "`aa::b` has nothing between two colons");
        check("aa:bb:cc:dd", "`aa:bb:cc:dd` has too many colons");
    }
}
