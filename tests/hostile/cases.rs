//! Projects that mean harm, made here rather than kept as files: each file has less than a megabyte.

use std::fmt::Write as _;

/// One project and what loading it has to come to.
pub struct Case {
    pub name: &'static str,
    /// Names and contents, the compose file first.
    pub files: Vec<(String, Vec<u8>)>,
    pub verdict: Verdict,
}

/// What has to come of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is loaded without an error.
    Accepted,
    /// Its first error holds these words.
    Refused(&'static str),
}

use Verdict::{Accepted, Refused};

const SERVICE: &str = "services: {a: {image: x}}\n";

fn one(name: &'static str, text: impl Into<Vec<u8>>, verdict: Verdict) -> Case {
    Case { name, files: vec![("compose.yaml".to_owned(), text.into())], verdict }
}

fn with(mut case: Case, name: &str, text: impl Into<Vec<u8>>) -> Case {
    case.files.push((name.to_owned(), text.into()));
    case
}

/// `count` times what comes of each number.
fn many(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

/// A service `a` with this line in it.
fn service(line: &str) -> String {
    format!("services:\n  a:\n    image: x\n    {line}\n")
}

pub fn all() -> Vec<Case> {
    [texts(), nesting(), aliases(), circles(), amounts(), crowds(), variables(), env_files(), floods()]
        .into_iter()
        .flatten()
        .collect()
}

/// Bytes that are no text, and text that is written unusually.
fn texts() -> Vec<Case> {
    vec![
        one("invalid UTF-8", b"services: {a: {image: \"\xff\xfe\"}}\n", Refused("UTF-8")),
        one("cut UTF-8", b"services: {a: {image: \"\xc3\"}}\n", Refused("UTF-8")),
        one("NUL", "services: {a: {image: \"a\0b\"}}\n", Refused("unexpected character")),
        one("bell", "services: {a: {image: \"a\u{7}b\"}}\n", Refused("unexpected character")),
        one("byte order mark", format!("\u{feff}{SERVICE}"), Accepted),
        one("CRLF", "services:\r\n  a:\r\n    image: x\r\n", Accepted),
        one("CR", "services:\r  a:\r    image: x\r", Accepted),
        one("tabs after values", "services:\n  a:\n    image:\tx\t\n    command: a\tb\n", Accepted),
        one("tab in the indentation", "services:\n  a: {image: x}\n  b:\n\timage: x\n", Refused("YAML")),
        one("nothing", "", Refused("empty")),
        one("blanks", " ".repeat(900_000), Refused("empty")),
        one("line breaks", "\n".repeat(900_000), Refused("empty")),
        one("a comment", "#".repeat(900_000), Refused("empty")),
        one("commas", ",".repeat(900_000), Refused("YAML")),
        one("quotes", "\"".repeat(900_000), Refused("YAML")),
        one("question marks", "? ".repeat(400_000), Refused("")),
        one("a scalar", "x".repeat(900_000), Refused("map at its top")),
        one("a huge image", service(&format!("hostname: {}", "x".repeat(900_000))), Accepted),
        one(
            "a huge block",
            service(&format!("command: |\n      {}", "x y\n      ".repeat(90_000))),
            Accepted,
        ),
        one(
            "a huge key",
            service(&format!("? {}\n    : x", "k".repeat(900_000))),
            Refused("is no attribute"),
        ),
        one("many documents", "---\n".repeat(200_000) + SERVICE, Accepted),
    ]
}

fn nesting() -> Vec<Case> {
    let depth = 100_000;
    let staircase = many(1_200, |level| format!("{}a:\n", " ".repeat(level)));
    vec![
        one(
            "lists in lists",
            format!("x-a: {}{}\n{SERVICE}", "[".repeat(depth), "]".repeat(depth)),
            Refused(""),
        ),
        one("open lists", "[".repeat(900_000), Refused("")),
        one("open maps", "{".repeat(900_000), Refused("")),
        one(
            "maps in maps",
            format!("x-a: {}x{}\n{SERVICE}", "{a: ".repeat(depth), "}".repeat(depth)),
            Refused(""),
        ),
        one("dashes", format!("x-a:\n{}x\n{SERVICE}", "- ".repeat(depth)), Refused("")),
        one(
            "a staircase",
            format!("x-a:\n{}{SERVICE}", staircase.replace('\n', "\n ").trim_end().to_owned() + "\n"),
            Refused(""),
        ),
        one("many levels", format!("x-a: {}{}\n{SERVICE}", "[".repeat(490), "]".repeat(490)), Accepted),
        one(
            "many levels of maps",
            format!("x-a: {}x{}\n{SERVICE}", "{a: ".repeat(490), "}".repeat(490)),
            Accepted,
        ),
    ]
}

fn aliases() -> Vec<Case> {
    let mut lists = "x-a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    let mut maps = "x-a0: &a0 {a: x, b: x, c: x, d: x}\n".to_owned();
    for level in 1..9 {
        let names = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(lists, "x-a{level}: &a{level} [{names}]").unwrap();
        let keys = many(8, |key| format!("  k{key}: *a{}\n", level - 1));
        write!(maps, "x-a{level}: &a{level}\n{keys}").unwrap();
    }
    let wide = many(1_000, |key| format!("    k{key}: v\n"));
    let merged = many(2_000, |number| format!("  s{number}:\n    image: x\n    labels:\n      <<: *wide\n"));
    let few = many(1_000, |number| format!("  s{number}:\n    <<: *base\n    image: x\n"));
    vec![
        one("a bomb of lists", lists + SERVICE, Refused("aliases")),
        one("a bomb of maps", maps + SERVICE, Refused("aliases")),
        one("a bomb of merges", format!("x-w: &wide\n{wide}services:\n{merged}"), Refused("aliases")),
        one(
            "an anchor for many",
            format!("x-b: &base {{restart: always, labels: {{a: b}}}}\nservices:\n{few}"),
            Accepted,
        ),
        one(
            "many merges",
            format!("x-b: &b {{a: b}}\nx-c: {{<<: [{}]}}\n{SERVICE}", "*b, ".repeat(100_000)),
            Accepted,
        ),
        one(
            "many anchors",
            format!("x-a: [{}]\n{SERVICE}", many(80_000, |number| format!("&a{number} x, "))),
            Accepted,
        ),
        one(
            "many unknown aliases",
            format!("x-a: [{}]\n{SERVICE}", many(80_000, |number| format!("*a{number}, "))),
            Refused("anchor"),
        ),
        one("an alias to itself", "services:\n  a: &a {image: x, x-a: *a}\n", Refused("alias")),
        one("a merge of itself", "services:\n  a: &a {image: x, <<: *a}\n", Refused("alias")),
    ]
}

fn circles() -> Vec<Case> {
    let chain = many(10_000, |number| {
        let next =
            if number + 1 < 10_000 { format!(", depends_on: [s{}]", number + 1) } else { String::new() };
        format!("  s{number}: {{image: x{next}}}\n")
    });
    let extends = |count: usize, line: &str| {
        let links = many(count, |number| {
            let next = if number + 1 < count { format!(", extends: s{}", number + 1) } else { String::new() };
            format!("  s{number}: {{image: x{}{next}}}\n", line.replace('#', &number.to_string()))
        });
        format!("services:\n{links}")
    };
    let mut includes = one(
        "files that include one another",
        "include: [f0.yaml]\n".to_owned() + SERVICE,
        Refused("include"),
    );
    let mut extended = one(
        "files that extend one another",
        "services: {a: {extends: {file: f0.yaml, service: a}}}\n",
        Refused("extend"),
    );
    for number in 0..1_000 {
        let name = format!("f{number}.yaml");
        includes = with(includes, &name, format!("include: [f{}.yaml]\n", number + 1));
        let text =
            format!("services: {{a: {{image: x, extends: {{file: f{}.yaml, service: a}}}}}}\n", number + 1);
        extended = with(extended, &name, text);
    }
    vec![
        one("dependency on itself", service("depends_on: [a]"), Refused("circle")),
        one(
            "dependencies in a circle",
            "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [a]}\n",
            Refused("circle"),
        ),
        one("a long chain of dependencies", format!("services:\n{chain}"), Accepted),
        one("a service that extends itself", service("extends: a"), Refused("circle")),
        one("a long chain of extends", extends(10_000, ""), Accepted),
        one("a growing chain of extends", extends(8_000, ", labels: {l#: x}"), Refused("extends")),
        one(
            "a file that includes itself",
            "include: [compose.yaml]\n".to_owned() + SERVICE,
            Refused("circle"),
        ),
        one(
            "many includes of what is not there",
            format!("include:\n{}", many(40_000, |number| format!("- f{number}.yaml\n"))),
            Refused("no such file"),
        ),
        includes,
        extended,
    ]
}

/// Numbers, sizes and ranges beyond all reason.
fn amounts() -> Vec<Case> {
    let addresses = many(250, |number| format!("\"127.0.0.{number}:1-65535:1-65535\", "));
    vec![
        one("all ports", service("ports: [\"1-65535\"]"), Accepted),
        one("all ports on all ports", service("ports: [\"1-65535:1-65535\"]"), Accepted),
        one("all ports on many addresses", service(&format!("ports: [{addresses}]")), Refused("ports")),
        one("a port too many", service("ports: [\"1-65536\"]"), Refused("no port")),
        one("a huge port", service("ports: [99999999999999999999]"), Refused("")),
        one("a long number", service(&format!("mem_limit: {}", "9".repeat(900_000))), Refused("no size")),
        one("an infinite number", service("cpus: 1e999999999"), Refused("is a number")),
        one("a huge duration", service("stop_grace_period: 99999999999h"), Refused("no duration")),
        one("a long duration", service(&format!("stop_grace_period: {}", "1s".repeat(200_000))), Accepted),
    ]
}

/// Very many of one thing.
fn crowds() -> Vec<Case> {
    let named = |count: usize, line: &str| many(count, |number| line.replace('#', &number.to_string()));
    vec![
        one("many services", format!("services:\n{}", named(10_000, "  s#: {image: x}\n")), Accepted),
        one("many networks", format!("{SERVICE}networks:\n{}", named(50_000, "  n#:\n")), Accepted),
        one("many volumes", format!("{SERVICE}volumes:\n{}", named(50_000, "  v#:\n")), Accepted),
        one("many secrets", format!("{SERVICE}secrets:\n{}", named(20_000, "  s#: {file: f#}\n")), Accepted),
        one("many mounts", service(&format!("volumes: [{}]", named(40_000, "/a#:/b#, "))), Accepted),
        one("many ports", service(&format!("ports: [{}]", named(5_000, "\"1#\", "))), Accepted),
        one(
            "many variables",
            service(&format!("environment:\n{}", named(60_000, "      A#: x\n"))),
            Accepted,
        ),
        one(
            "many listed variables",
            service(&format!("environment: [{}]", named(60_000, "A#=x, "))),
            Accepted,
        ),
        one("many hosts", service(&format!("extra_hosts: [{}]", named(40_000, "h#=1.1.1.1, "))), Accepted),
        one(
            "many networks of a service",
            service(&format!("networks: [{}]", named(80_000, "n#, "))),
            Refused("names the network"),
        ),
        one(
            "many dependencies on nobody",
            service(&format!("depends_on: [{}]", named(80_000, "n#, "))),
            Refused("names the service"),
        ),
        one(
            "many secrets that are not there",
            service(&format!("secrets: [{}]", named(80_000, "n#, "))),
            Refused("names the secret"),
        ),
        one(
            "many env files that are not there",
            service(&format!("env_file: [{}]", named(80_000, "f#, "))),
            Refused("cannot be read"),
        ),
        one("one item often", service(&format!("cap_add: [{}]", named(40_000, "C#, "))), Accepted),
    ]
}

fn variables() -> Vec<Case> {
    let nested =
        |depth: usize| service(&format!("hostname: \"{}x{}\"", "${A:-".repeat(depth), "}".repeat(depth)));
    vec![
        one("defaults in defaults", nested(30), Accepted),
        one("too many defaults in defaults", nested(100_000), Refused("nested")),
        one(
            "open references",
            service(&format!("hostname: \"{}\"", "${A".repeat(200_000))),
            Refused("nested"),
        ),
        one("many dollars", service(&format!("hostname: \"{}\"", "$".repeat(900_000))), Accepted),
        one("many unset variables", service(&format!("hostname: \"{}\"", "$A".repeat(300_000))), Accepted),
        one(
            "many values with unset variables",
            format!("x-a: [{}]\n{SERVICE}", "\"$A\", ".repeat(100_000)),
            Accepted,
        ),
    ]
}

fn env_files() -> Vec<Case> {
    let doubling = many(60, |number| format!("A{}=$A{number}$A{number}\n", number + 1));
    let big = format!("A={}\n", "x".repeat(900_000));
    vec![
        with(
            one("a large env file", service("hostname: $A9"), Accepted),
            ".env",
            many(60_000, |number| format!("A{number}=x\n")),
        ),
        with(
            one("a large faulty env file", SERVICE, Refused("variable")),
            ".env",
            many(60_000, |number| format!("A {number}=x\n")),
        ),
        with(
            one("an env file that doubles", service("hostname: $A60"), Refused("too much")),
            ".env",
            format!("A0=x\n{doubling}"),
        ),
        with(
            one(
                "a large variable often",
                service(&format!("hostname: \"{}\"", "$A".repeat(300_000))),
                Refused("too much"),
            ),
            ".env",
            big.clone(),
        ),
        with(
            one(
                "a large variable in many values",
                format!("x-a: [{}]\n{SERVICE}", "\"$A\", ".repeat(20_000)),
                Refused("too much"),
            ),
            ".env",
            big,
        ),
        with(one("an env file of quotes", SERVICE, Refused("")), ".env", "\"'".repeat(400_000)),
        with(
            one("an env file of open quotes", SERVICE, Refused("cannot stand")),
            ".env",
            many(80_000, |number| format!("A{number}=\"\\\"x\n")),
        ),
        with(one("an env file that is no text", SERVICE, Refused("")), ".env", vec![0xff; 900_000]),
        with(
            one("a large env file of a service", service("env_file: x.env"), Accepted),
            "x.env",
            many(60_000, |number| format!("A{number}=x\n")),
        ),
    ]
}

/// Very many faults.
fn floods() -> Vec<Case> {
    let named = |count: usize, line: &str| many(count, |number| line.replace('#', &number.to_string()));
    vec![
        one("one key often", service(&named(50_000, "hostname: x\n    ")), Refused("twice")),
        one("unknown attributes", service(&named(45_000, "imag#: x\n    ")), Refused("is no attribute")),
        one(
            "unknown attributes at the top",
            format!("{SERVICE}{}", named(60_000, "a#: x\n")),
            Refused("is no attribute"),
        ),
        one(
            "keys that are numbers",
            format!("{SERVICE}x-a:\n{}", named(80_000, "  #: x\n")),
            Refused("keys must be text"),
        ),
        one("faulty ports", service(&format!("ports: [{}]", named(60_000, "\"x#\", "))), Refused("no port")),
        one("faulty lists", service(&format!("dns: [{}]", named(80_000, "[#], "))), Refused("must be")),
        one("an item often", service(&format!("cap_add: [{}]", "A, ".repeat(200_000))), Accepted),
        one("resets", format!("{SERVICE}x-a: [{}]\n", "!reset null, ".repeat(60_000)), Accepted),
        one(
            "includes that are no files",
            format!("include: [{}]\n", "1, ".repeat(200_000)),
            Refused("must be"),
        ),
    ]
}
