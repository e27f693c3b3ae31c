//! The house's rules that no lint knows, checked on the text of the sources: which module may import which, what a pure
//! module never names, how long files and functions may be, what must be documented, and what stands at the top level.
//! Reads sources and the list of tracked files; changes nothing, and does not understand Rust beyond what rustfmt lays out.
#![allow(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, process::Command};

/// The modules from the lowest to the highest: each imports only itself and those before it.
const ORDER: &[&str] = &[
    "compose", "observed", "plan", "engine", "sim", "app", "ui", "settings", "disk", "terminal", "runtime",
    "cli", "main",
];

/// Who never imports whom, although the order would let them: they meet only in `runtime` and `cli`.
const APART: &[(&str, &str)] = &[("app", "engine"), ("app", "sim"), ("ui", "engine"), ("ui", "sim")];

/// The modules that are functions of their input.
const PURE: &[&str] = &["compose", "observed", "plan", "app", "ui"];

/// What a pure module never names, and what it would be.
const IMPURE: &[(&str, &str)] = &[
    ("std::fs", "input and output"),
    ("TcpStream", "input and output"),
    ("TcpListener", "input and output"),
    ("UdpSocket", "input and output"),
    ("UnixStream", "input and output"),
    ("std::process", "input and output"),
    ("std::io::", "input and output"),
    ("std::env", "input and output"),
    ("std::thread", "a spawn"),
    ("tokio::", "a runtime"),
    ("Instant::now", "a clock"),
    ("SystemTime::now", "a clock"),
    ("Timestamp::now", "a clock"),
    ("Zoned::now", "a clock"),
    ("Mutex<", "a lock"),
    ("RwLock<", "a lock"),
    ("RefCell<", "hidden state"),
];

/// What stands at the top of the repository; anything else belongs in one of these folders.
const TOP: &[&str] = &[
    ".ci",
    ".editorconfig",
    ".gitattributes",
    ".github",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "assets",
    "benches",
    "clippy.toml",
    "deny.toml",
    "examples",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "screenshots",
    "src",
    "tests",
];

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 60;

/// One source file: its path from the repository's top, and the lines before its tests.
struct Source {
    path: String,
    lines: Vec<String>,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), lines: without_tests(text).map(str::to_owned).collect() }
    }

    /// The module of the house that the file belongs to: `compose` for `src/compose/tree.rs` and for `src/compose.rs`.
    fn module(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        let first = inside.split('/').next()?;
        Some(first.strip_suffix(".rs").unwrap_or(first)).filter(|name| *name != "lib")
    }

    /// Whether the file is a module's tests, which may lie beside it and may read fixtures.
    fn is_tests(&self) -> bool {
        self.path.starts_with("src/") && self.path.ends_with("/tests.rs")
    }

    /// The lines with their numbers, counted from one, less what is only a comment.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let numbered = self.lines.iter().enumerate().map(|(index, line)| (index + 1, line.as_str()));
        numbered.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    fn fault(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}", self.path)
    }
}

/// A rule of the house: the faults of one file.
type Rule = fn(&Source) -> Vec<String>;

const RULES: &[(&str, Rule)] = &[
    ("imports", imports),
    ("bollard", bollard),
    ("purity", purity),
    ("length", length),
    ("functions", functions),
    ("flags", flags),
    ("docs", docs),
    ("leftovers", leftovers),
    ("reasons", reasons),
];

#[test]
fn the_house_is_tidy() {
    let faults: Vec<String> =
        sources().iter().flat_map(|source| RULES.iter().flat_map(move |(_, rule)| rule(source))).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn nothing_lies_about_at_the_top() {
    let Ok(tracked) = Command::new("git").arg("ls-files").current_dir(top()).output() else { return };
    let tracked = String::from_utf8(tracked.stdout).unwrap();
    let strays: Vec<&str> =
        tracked.lines().filter(|path| !TOP.contains(&path.split('/').next().unwrap())).collect();
    assert!(strays.is_empty(), "not among the files of the top level: {}", strays.join(", "));
}

fn imports(source: &Source) -> Vec<String> {
    let Some(own) = source.module() else { return Vec::new() };
    let Some(rank) = ORDER.iter().position(|name| *name == own) else {
        return vec![source.fault(1, &format!("`{own}` is no module of the house"))];
    };
    let mut faults = Vec::new();
    for (line, name) in imported(source) {
        let above = ORDER.iter().position(|other| *other == name).is_some_and(|other| other > rank);
        if above || APART.contains(&(own, name.as_str())) {
            faults.push(source.fault(line, &format!("`{own}` imports `{name}`")));
        }
    }
    faults
}

/// The modules of this crate that the code names, each with the line: `crate::plan::Op`, `crate::{app, ui::draw}`.
fn imported(source: &Source) -> Vec<(usize, String)> {
    let mut text = String::new();
    let mut starts = Vec::new();
    for (line, code) in source.code() {
        starts.push((text.len(), line));
        text.push_str(code);
        text.push('\n');
    }
    let line_of =
        |at: usize| starts.iter().rev().find(|(start, _)| *start <= at).map_or(1, |(_, line)| *line);
    let mut names = Vec::new();
    for root in ["crate::", "dockside::"] {
        for (at, _) in text.match_indices(root) {
            let rest = &text[at + root.len()..];
            names.extend(heads(rest).into_iter().map(|name| (line_of(at), name)));
        }
    }
    names
}

/// The first name of each path in what follows `crate::`: one name, or those of a braced group.
fn heads(rest: &str) -> Vec<String> {
    let Some(group) = rest.strip_prefix('{') else { return vec![word(rest)] };
    let (mut depth, mut start, mut names) = (0_usize, 0, Vec::new());
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.push(word(&group[start..at]));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(word(&group[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    names
}

fn word(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn bollard(source: &Source) -> Vec<String> {
    if !source.path.starts_with("src/") || source.module() == Some("engine") {
        return Vec::new();
    }
    let named = source.code().filter(|(_, code)| code.contains("bollard::"));
    named.map(|(line, _)| source.fault(line, "only `engine` uses bollard")).collect()
}

fn purity(source: &Source) -> Vec<String> {
    let Some(own) = source.module().filter(|own| PURE.contains(own)) else { return Vec::new() };
    if source.is_tests() {
        return Vec::new();
    }
    let mut faults = Vec::new();
    for (line, code) in source.code() {
        for (name, what) in IMPURE.iter().filter(|(name, _)| code.contains(name)) {
            let name = name.trim_end_matches(['<', ':']);
            faults.push(source.fault(line, &format!("`{own}` is pure, and `{name}` is {what}")));
        }
    }
    faults
}

fn length(source: &Source) -> Vec<String> {
    let lines = source.lines.len();
    if lines <= FILE_LINES || !source.path.starts_with("src/") {
        return Vec::new();
    }
    vec![source.fault(lines, &format!("{lines} lines without tests; {FILE_LINES} at most"))]
}

/// A function as rustfmt lays it out: where it begins, its name, its signature, and how many lines it has.
struct Function {
    line: usize,
    name: String,
    signature: String,
    lines: usize,
}

fn functions_of(source: &Source) -> Vec<Function> {
    let mut found = Vec::new();
    for (index, line) in source.lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let rest = &source.lines[index..];
        let signed = rest.iter().position(|line| line.contains('{') || line.ends_with(';')).unwrap_or(0);
        let indent = &line[..line.len() - line.trim_start().len()];
        let closing = format!("{indent}}}");
        let open = !rest[signed].ends_with(['}', ';']);
        let last =
            if open { rest.iter().position(|line| *line == closing).unwrap_or(signed) } else { signed };
        found.push(Function { line: index + 1, name, signature: rest[..=signed].join(" "), lines: last + 1 });
    }
    found
}

/// The name of the function that begins on this line.
fn function_name(line: &str) -> Option<String> {
    let (before, after) = line.split_once("fn ")?;
    let known =
        |word: &str| word.starts_with("pub") || ["const", "async", "in", "crate)", "super)"].contains(&word);
    before.split_whitespace().all(known).then(|| word(after)).filter(|name| !name.is_empty())
}

fn functions(source: &Source) -> Vec<String> {
    let long = functions_of(source).into_iter().filter(|function| function.lines > FUNCTION_LINES);
    let fault = |Function { line, name, lines, .. }: Function| {
        source.fault(line, &format!("`{name}` has {lines} lines; {FUNCTION_LINES} at most"))
    };
    long.map(fault).collect()
}

fn flags(source: &Source) -> Vec<String> {
    let two = |signature: &str| {
        let booleans: Vec<bool> = signature
            .split(',')
            .map(|part| part.split(')').next().unwrap_or(part).ends_with(": bool"))
            .collect();
        booleans.windows(2).any(|pair| pair == [true, true])
    };
    let flagged = functions_of(source).into_iter().filter(|function| two(&function.signature));
    let fault = |Function { line, name, .. }: Function| {
        source.fault(line, &format!("`{name}` takes booleans in a row: use a struct or an enum"))
    };
    flagged.map(fault).collect()
}

fn docs(source: &Source) -> Vec<String> {
    let opening = source.lines.iter().find(|line| !line.trim().is_empty());
    if source.is_tests() || opening.is_some_and(|line| line.starts_with("//!")) {
        return Vec::new();
    }
    vec![source.fault(1, "begins without `//!`: what it does, and what it never does")]
}

fn leftovers(source: &Source) -> Vec<String> {
    // Put together here, so that this file has none of them.
    let words = [
        ["to", "do!("],
        ["unimple", "mented!("],
        ["db", "g!("],
        ["FIX", "ME"],
        ["XX", "X"],
        ["// --", "--"],
        ["// ==", "=="],
    ];
    let mut faults = Vec::new();
    for (index, line) in source.lines.iter().enumerate() {
        for word in words.iter().map(|parts| parts.concat()).filter(|word| line.contains(word.as_str())) {
            faults.push(source.fault(index + 1, &format!("`{word}` left behind")));
        }
    }
    faults
}

fn reasons(source: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    for (line, code) in source
        .code()
        .filter(|(_, code)| code.trim_start().trim_start_matches(['#', '!']).starts_with("[allow("))
    {
        let attribute: String = source.lines[line - 1..]
            .iter()
            .take_while(|text| !text.trim().is_empty())
            .take(4)
            .cloned()
            .collect();
        let ends = attribute.find(")]").unwrap_or(attribute.len());
        if !attribute[..ends].contains("reason") && !code.contains("//") {
            faults.push(source.fault(line, "an `allow` without its reason"));
        }
    }
    faults
}

/// The text before the tests at its end.
fn without_tests(text: &str) -> impl Iterator<Item = &str> {
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines
        .windows(2)
        .position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{'));
    let end = tests.unwrap_or(lines.len());
    lines.into_iter().take(end)
}

fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below `src`, `tests`, `benches` and `examples`, in a settled order.
fn sources() -> Vec<Source> {
    let mut paths = Vec::new();
    for folder in ["src", "tests", "benches", "examples"] {
        gather(&top().join(folder), &mut paths);
    }
    paths.sort();
    paths.iter().map(|path| Source::new(&relative(path), &fs::read_to_string(path).unwrap())).collect()
}

fn relative(path: &Path) -> String {
    let inside = path.strip_prefix(top()).unwrap();
    inside.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn gather(folder: &Path, paths: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            gather(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// What all rules say to one file.
#[track_caller]
fn check(path: &str, text: &str, expected: &str) {
    let source = Source::new(path, text);
    let mut said = String::new();
    for (name, rule) in RULES {
        for fault in rule(&source) {
            writeln!(said, "{name}: {fault}").unwrap();
        }
    }
    assert_eq!(said.trim_end(), expected);
}

#[test]
fn a_module_imports_only_those_before_it() {
    let text =
        "//! One.\nuse crate::compose::Project;\nuse crate::{observed, engine::{logs, stats}, app::App};\n";
    check(
        "src/plan/up.rs",
        text,
        "imports: src/plan/up.rs:3: `plan` imports `engine`\nimports: src/plan/up.rs:3: `plan` imports `app`",
    );
    check(
        "src/ui/mod.rs",
        "//! Two.\nuse crate::engine::Host;\n",
        "imports: src/ui/mod.rs:2: `ui` imports `engine`",
    );
    check("src/main.rs", "//! Three.\nuse dockside::{cli, runtime};\n", "");
    check("src/odds.rs", "//! Four.\n", "imports: src/odds.rs:1: `odds` is no module of the house");
}

#[test]
fn a_pure_module_has_no_clock_and_only_the_engine_has_bollard() {
    let text = "//! One.\nuse std::fs;\n// std::thread is named in a comment only.\nlet now = Instant::now();\nuse bollard::Docker;\n";
    check(
        "src/app/update.rs",
        text,
        "bollard: src/app/update.rs:5: only `engine` uses bollard\n\
         purity: src/app/update.rs:2: `app` is pure, and `std::fs` is input and output\n\
         purity: src/app/update.rs:4: `app` is pure, and `Instant::now` is a clock",
    );
    check("src/engine/mod.rs", "//! Two.\nuse bollard::Docker;\nuse std::fs;\n", "");
}

#[test]
fn files_and_functions_are_short() {
    let body = "    step();\n".repeat(59);
    check(
        "src/cli/up.rs",
        &format!("//! One.\n\npub async fn up() {{\n{body}}}\n"),
        "functions: src/cli/up.rs:3: `up` has 61 lines; 60 at most",
    );
    check(
        "src/cli/up.rs",
        &format!("//! Two.\n\ntrait Up {{\n    fn up(&self);\n}}\n\nfn one() {{}}\n{body}"),
        "",
    );
    let tests = format!("#[cfg(test)]\nmod tests {{\n{body}}}\n").repeat(9);
    check("src/cli/up.rs", &format!("//! Three.\n{tests}"), "");
    check(
        "src/cli/up.rs",
        &format!("//! Four.\n{}", body.repeat(9)),
        "length: src/cli/up.rs:532: 532 lines without tests; 500 at most",
    );
}

#[test]
fn flags_docs_leftovers_and_reasons() {
    check(
        "src/cli/up.rs",
        "fn up(force: bool, quiet: bool) {}\n",
        "flags: src/cli/up.rs:1: `up` takes booleans in a row: use a struct or an enum\ndocs: src/cli/up.rs:1: begins without `//!`: what it does, and what it never does",
    );
    check("src/cli/up.rs", "//! One.\nfn up(force: bool, tail: usize, quiet: bool) -> bool {}\n", "");
    let left = ["//! Two.\n// FIX", "ME: later\n    to", "do!()\n"].concat();
    let said = [
        "leftovers: src/cli/up.rs:2: `FIX",
        "ME` left behind\nleftovers: src/cli/up.rs:3: `to",
        "do!(` left behind",
    ]
    .concat();
    check("src/cli/up.rs", &left, &said);
    check(
        "src/cli/up.rs",
        "//! Three.\n#[allow(dead_code)]\nfn up() {}\n",
        "reasons: src/cli/up.rs:2: an `allow` without its reason",
    );
    check("src/cli/up.rs", "//! Four.\n#[allow(\n    dead_code,\n    reason = \"why\"\n)]\nfn up() {}\n", "");
}
