//! Random projects in which much comes together: several files, includes, anchors, tags, variables, env files, and what the
//! environment says of the files; scalars in every style of YAML; and the command's options in any company.

use super::oracle::Form;
use super::projects::{Case, OPTIONS, SECTIONS, field, image, line, several, soup};
use super::random::Random;

/// What is compared of a wild project, beside one of the options.
const ALWAYS: [(&[&str], Form); 4] = [
    (&["--format", "json"], Form::Json),
    (&[], Form::Bytes),
    (&["--hash", "*"], Form::Bytes),
    (&["--no-interpolate"], Form::Bytes),
];

/// Texts that a variable may stand for, and how it is written then, so that braces stay in quotes.
const FILLED: [(&str, &[&str]); 7] = [
    (": true", &[": \"${T}\"", ": \"${U:-true}\"", ": '${T:?no}'", ": $T"]),
    (": 3", &[": $N", ": \"${N}\"", ": \"${U-3}\"", ": '${N:+3}'"]),
    (": a", &[": \"${U:-a}\"", ": \"${V}-a\"", ": a$E", ": $V", ": '${V:+${U:-b}}'"]),
    ("/x", &["/$V", "/$V/$U"]),
    ("x y", &["$V y", "x $$y"]),
    (": local", &[": \"${U:-local}\""]),
    ("[a", &["[\"${V}\"", "[\"${U-a}\"", "[$V"]),
];

/// What the environment says of a project.
const SAID: [(&str, &str); 14] = [
    ("COMPOSE_PROFILES", "p"),
    ("COMPOSE_PROFILES", "p,q"),
    ("COMPOSE_PROFILES", "*"),
    ("COMPOSE_PROFILES", ",none"),
    ("COMPOSE_PROJECT_NAME", "said"),
    ("COMPOSE_PROJECT_NAME", "Not Normal"),
    ("COMPOSE_PROJECT_NAME", ""),
    ("COMPOSE_FILE", "compose.yaml:over.yaml"),
    ("COMPOSE_FILE", "over.yaml"),
    ("COMPOSE_ENV_FILES", "x.env"),
    ("COMPOSE_ENV_FILES", "x.env,y.env"),
    ("COMPOSE_ENV_FILES", "none.env"),
    ("COMPOSE_DISABLE_ENV_FILE", "1"),
    ("DOCKER_DEFAULT_PLATFORM", "linux/arm64"),
];

/// Several services over one or two files, one that is included and one that is extended.
pub fn wild(random: &mut Random) -> Case {
    random.wrong = usize::from(random.percent(20));
    let mut case = Case::new(main_file(random));
    if random.percent(60) {
        let over = over_file(random);
        case = case.and("over.yaml", over);
        if random.percent(60) {
            case.arguments = ["-f", "compose.yaml", "-f", "over.yaml"].map(str::to_owned).to_vec();
        }
    }
    let (inner, base) = (field(random), some(random));
    let inner = format!("services:\n  inc:\n    image: \"${{A:-none}}\"\n{}", other(random, inner.name));
    case = case.and("sub/inc.yaml", filled(random, inner));
    case = case.and("sub/base.yaml", filled(random, format!("services:\n  base:\n    image: base\n{base}")));
    case = case.and("sub/x.env", "A=sub\n".to_owned()).and("sub/y.env", "Y=sub\n".to_owned());
    if random.percent(60) {
        case = case.and(".env", "S=main\nV=dot\nK0='a $V'\n".to_owned());
    }
    surround(random, &mut case);
    case.options = ALWAYS.iter().map(|(words, form)| (words.to_vec(), *form)).collect();
    let (words, form) = random.pick(&OPTIONS);
    // Of several mentions of a variable Docker Compose shows any.
    if !words.contains(&"--variables") {
        case.options.push((words.to_vec(), *form));
    }
    case
}

/// A line with an attribute that is not this one.
fn other(random: &mut Random, name: &str) -> String {
    let chosen = field(random);
    if chosen.name == name || matches!(chosen.name, "image" | "extends") {
        return String::new();
    }
    line(random, chosen)
}

fn main_file(random: &mut Random) -> String {
    let name = *random.pick(&["name: p\n", "name: p\n", "name: ${V}\n", "", "name: \"\"\n"]);
    let include = if random.percent(25) { "include: [sub/inc.yaml]\n" } else { "" };
    let anchored = anchored(random);
    let mut text = format!("{name}{include}x-one: &one\n{anchored}x-two: &two {{tty: true}}\nservices:\n");
    for service in ["a", "b", "c"] {
        let head = *random.pick(&[
            "    image: i\n",
            "    image: i\n",
            "    image: i\n    <<: *one\n",
            "    <<: [*one, *two]\n    image: i\n",
            "    <<: *two\n    build: .\n",
            "    image: i\n    profiles: [p]\n",
            "    image: i\n    profiles: [q, r]\n",
            "    extends: {service: base, file: sub/base.yaml}\n",
        ]);
        text.push_str(&format!("  {service}:\n{head}{}", without_head(&some(random))));
    }
    text.push_str(SECTIONS);
    if random.percent(15) {
        text.push_str(&format!("---\nservices:\n  a:\n{}", other(random, "")));
    }
    filled(random, text)
}

/// Some attributes, below an anchor.
fn anchored(random: &mut Random) -> String {
    let lines: String = without_head(&some(random)).lines().map(|line| format!("{}\n", &line[2..])).collect();
    if lines.is_empty() { "  tty: true\n".to_owned() } else { lines }
}

/// No attribute, one, or several.
fn some(random: &mut Random) -> String {
    match random.below(6) {
        0 => several(random),
        1 | 2 => String::new(),
        _ => other(random, ""),
    }
}

/// What a head may have already is left out, for a key may stand there once.
fn without_head(lines: &str) -> String {
    let has_head = |line: &&str| {
        !["build:", "profiles:", "extends:", "image:"].iter().any(|key| line.trim_start().starts_with(key))
    };
    lines.lines().filter(has_head).map(|line| format!("{line}\n")).collect()
}

fn over_file(random: &mut Random) -> String {
    let mut text = "services:\n".to_owned();
    for service in ["a", "b", "d"] {
        let field = field(random);
        let tag = *random.pick(&["", "", "", "", "!override ", "!reset "]);
        let line = line(random, field).replacen(": ", &format!(": {tag}"), 1);
        let image = if service == "d" { image(field) } else { "" };
        text.push_str(&format!("  {service}:\n{image}{line}"));
    }
    let tail = *random.pick(&[
        "",
        "",
        "networks: {n: {driver: x}, z: {external: true}}\n",
        "volumes: {w: !reset null}\n",
        "secrets: {s: !override {environment: V}}\n",
        "name: over\n",
    ]);
    text.push_str(tail);
    filled(random, text)
}

/// Puts variables here and there.
fn filled(random: &mut Random, mut text: String) -> String {
    for (plain, forms) in FILLED {
        if random.percent(30) {
            let form = *random.pick(forms);
            text = text.replacen(plain, form, 1 + random.below(2));
        }
    }
    text
}

fn surround(random: &mut Random, case: &mut Case) {
    for _ in 0..2 {
        if random.percent(25) {
            let (name, value) = *random.pick(&SAID);
            case.environment.retain(|(other, _)| other != name);
            case.environment.push((name.to_owned(), value.to_owned()));
        }
    }
    let surroundings: [&[&str]; 10] = [
        &[],
        &[],
        &[],
        &["--profile", "p"],
        &["--profile", "q", "--profile", "p"],
        &["--env-file", "x.env"],
        &["--env-file", "x.env", "--env-file", "y.env"],
        &["-p", "mine"],
        &["--project-directory", "sub"],
        &["--all-resources"],
    ];
    let more = *random.pick(&surroundings);
    case.arguments.extend(more.iter().map(|word| (*word).to_owned()));
}

/// Pieces of texts. Docker Compose takes U+0085 and U+2028 for ends of lines, which YAML 1.2 does not.
const CHARACTERS: [&str; 45] = [
    "a",
    "b",
    "c",
    "word",
    " ",
    " ",
    "  ",
    "\t",
    ":",
    ": ",
    " #",
    "#",
    "-",
    "- ",
    "?",
    "? ",
    "&",
    "*",
    "!",
    "|",
    ">",
    "'",
    "\"",
    "%",
    "@",
    "`",
    "{",
    "}",
    "[",
    "]",
    ",",
    "=",
    "~",
    "null",
    "true",
    "1",
    "0x1",
    "1e3",
    "é",
    "漢",
    "\u{1f600}",
    "\u{a0}",
    "\u{7f}",
    "\\",
    "..",
];

/// Scalars in every style, as values and as keys, read and written out again.
pub fn yaml(random: &mut Random) -> Case {
    let mut text = "name: p\nservices:\n  a:\n    image: i\n    environment:\n".to_owned();
    text.push_str(&format!("      K: {}\n", styled(random, 8)));
    let key = serde_json::Value::from(soup(random, &CHARACTERS, 4)).to_string();
    text.push_str(&format!(
        "    labels:\n      {key}: {}\n      z: {}\n",
        styled(random, 8),
        styled(random, 8)
    ));
    let places = ["    command:\n      - ", "    x-own:\n      k: ", "    user: ", "    entrypoint: ["];
    let place = *random.pick(&places);
    let end = if place.ends_with('[') { "]" } else { "" };
    text.push_str(&format!("{place}{}{end}\n", styled(random, 8)));
    let mut case = Case::new(text);
    let wanted =
        [ALWAYS[0], ALWAYS[1], ALWAYS[2], ALWAYS[3], (&["--no-interpolate", "--format", "json"], Form::Json)];
    case.options = wanted.map(|(words, form)| (words.to_vec(), form)).to_vec();
    case
}

/// A scalar after its key; lines that follow stand this far in.
fn styled(random: &mut Random, depth: usize) -> String {
    let text: Vec<String> = (0..=random.below(4)).map(|_| soup(random, &CHARACTERS, 4)).collect();
    let text = text.join(if random.percent(20) { "\n\n" } else { "\n" });
    let pad = " ".repeat(depth);
    let lines = |text: &str| text.split('\n').collect::<Vec<_>>().join(&format!("\n{pad}"));
    match random.below(7) {
        0 | 1 => serde_json::Value::from(text).to_string(),
        2 => format!("'{}'", lines(&text.replace('\'', "''"))),
        3 => format!("\"{}\"", lines(&text.replace('\\', "\\\\").replace('"', "\\\""))),
        4 | 5 => {
            let head = *random.pick(&["|", "|-", "|+", ">", ">-", ">+", "|2", ">2-", "| # c"]);
            format!("{head}\n{pad}{}", lines(&text))
        }
        _ => lines(text.trim()),
    }
}

/// Words that may stand behind `config`.
const WORDS: [&[&str]; 26] = [
    &["--services"],
    &["--volumes"],
    &["--networks"],
    &["--models"],
    &["--profiles"],
    &["--images"],
    &["--environment"],
    &["--variables"],
    &["--hash", "*"],
    &["--hash", "a"],
    &["--hash", "a,d"],
    &["--hash="],
    &["--no-interpolate"],
    &["--no-normalize"],
    &["--no-path-resolution"],
    &["--no-consistency"],
    &["--no-env-resolution"],
    &["--format", "json"],
    &["--format=yaml"],
    &["--format", "xml"],
    &["-q"],
    &["--quiet"],
    &["a"],
    &["b", "a"],
    &["d"],
    &["none"],
];

/// Options in any company.
pub fn command(random: &mut Random) -> Case {
    random.wrong = 0;
    let consistent = random.percent(80);
    let d = if consistent { "networks: [n]" } else { "networks: [gone], depends_on: [nobody]" };
    let text = format!(
        "name: \"${{NAME:-p}}\"\nservices:\n  a:\n    image: \"i:${{TAG:-1}}\"\n{}  b: {{build: ./b, links: [a]}}\n  \
         c: {{image: c, profiles: [q]}}\n  d: {{image: d, profiles: [p], depends_on: [a], volumes: [\"v:/v\"], {d}}}\n{SECTIONS}",
        other(random, "")
    );
    let text = if consistent { text } else { text.replace("depends_on: [a], ", "") };
    let mut case = Case::new(text).and("over.yaml", "services: {a: {tty: true}, e: {image: e}}\n".to_owned());
    if random.percent(20) {
        case.arguments = ["-f", "compose.yaml", "-f", "over.yaml"].map(str::to_owned).to_vec();
    }
    surround(random, &mut case);
    let mut words = Vec::new();
    for _ in 0..=random.below(3) {
        words.extend_from_slice(random.pick::<&[&str]>(&WORDS));
    }
    case.options = vec![(words, Form::Lines)];
    case
}
