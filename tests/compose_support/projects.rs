//! Random projects, by kind: a folder of files, an environment and what stands before `config`.

use dockside::compose::shape::{Field, Object, Shape};
use dockside::compose::table::{PROJECT, SERVICE};

use super::oracle::Form;
use super::random::Random;
use super::values;
use super::wild;

/// A project to be read.
pub struct Case {
    pub files: Vec<(String, String)>,
    pub arguments: Vec<String>,
    pub environment: Vec<(String, String)>,
    /// What stands behind `config`, where it is not the usual.
    pub options: Vec<(Vec<&'static str>, Form)>,
}

type Make = fn(&mut Random) -> Case;

/// Every kind of case.
pub const KINDS: [(&str, Make); 14] = [
    ("scalar", scalar),
    ("attribute", attribute),
    ("corner", corner),
    ("resource", resource),
    ("merge", merge),
    ("service", service),
    ("extends", extends),
    ("include", include),
    ("template", template),
    ("dotenv", dotenv),
    ("options", options),
    ("wild", wild::wild),
    ("yaml", wild::yaml),
    ("command", wild::command),
];

/// Sections that attributes may refer to.
pub const SECTIONS: &str = "networks: {n: , m: , default: }\nvolumes: {v: , w: {driver: local}}\n\
    secrets: {s: {file: ./s}, t: {environment: T}}\nconfigs: {s: {file: s}, t: {content: 't $$x'}}\nmodels: {m: {model: x}}\n";
const OTHERS: &str = "  b: {image: i, build: ./b}\n  c: {image: i}\n";

impl Case {
    pub fn new(compose: String) -> Case {
        let side = [
            ("x.env", "A=env\nE=1 # c\nexport F='q $A'\nG=\"$A-${NONE:-d}\\n\"\nHOME\n"),
            ("y.env", "Y=y\nA=later\n"),
        ];
        let mut files = vec![("compose.yaml".to_owned(), compose)];
        files.extend(side.map(|(name, text)| (name.to_owned(), text.to_owned())));
        let environment = [("V", "v1"), ("N", "3"), ("T", "true"), ("P", "8080"), ("E", ""), ("D", "./dd")];
        Case {
            files,
            arguments: Vec::new(),
            environment: environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            options: Vec::new(),
        }
    }

    pub fn and(mut self, name: &str, text: String) -> Case {
        self.files.push((name.to_owned(), text));
        self
    }
}

/// A file whose service `a` has these attributes.
fn with_service(attributes: &str) -> String {
    format!("name: p\nservices:\n  a:\n{attributes}{OTHERS}{SECTIONS}")
}

pub fn field(random: &mut Random) -> &'static Field {
    random.pick(SERVICE.fields)
}

pub fn line(random: &mut Random, field: &Field) -> String {
    let tag = if random.percent(3) { "!!str " } else { "" };
    let tag = if tag.is_empty() || !matches!(field.shape, Shape::Text) { "" } else { tag };
    format!("    {}: {tag}{}\n", field.name, values::value(random, field, 0))
}

pub fn image(field: &Field) -> &'static str {
    if field.name == "image" { "" } else { "    image: i\n" }
}

fn attribute(random: &mut Random) -> Case {
    let field = field(random);
    Case::new(with_service(&format!("{}{}", image(field), line(random, field))))
}

/// One attribute, wherever it stands, with a value that means something odd to YAML or to Go.
fn scalar(random: &mut Random) -> Case {
    random.wrong = 0;
    let field = field(random);
    let line = format!("    {}: {}\n", field.name, values::leaf(random, field));
    Case::new(with_service(&format!("{}{line}", image(field))))
}

/// Nothing, emptiness or the wrong kind at any place of an attribute: alone, over or under what fits there, extended, and
/// with a tag.
fn corner(random: &mut Random) -> Case {
    random.wrong = 0;
    let field = field(random);
    let place = values::Place::below(random, field);
    let odd = place.with(random.pick::<&str>(&values::CORNERS));
    let fitting = place.fitting(random);
    let fitting = place.with(&fitting);
    let line = |value: &str| format!("    {}: {value}\n", field.name);
    let alone = |value: &str| Case::new(with_service(&format!("{}{}", image(field), line(value))));
    let over = |value: &str| format!("services:\n  a:\n{}", line(value));
    let extended = |base: &str, own: &str| {
        let own = format!("    extends: {{service: base, file: other.yaml}}\n{own}");
        let base = format!("services:\n  base:\n{}{}", image(field), line(base));
        Case::new(with_service(&own)).and("other.yaml", base)
    };
    let tag = *random.pick(&["!reset ", "!override "]);
    match random.below(8) {
        0 | 1 => alone(&odd),
        2 => overridden(alone(&fitting), over(&odd)),
        3 => overridden(alone(&odd), over(&fitting)),
        4 if field.name != "extends" => extended(&odd, &line(&fitting)),
        5 if field.name != "extends" => extended(&fitting, &line(&odd)),
        6 => {
            overridden(alone(&fitting), over(&place.with(&format!("{tag}{}", random.pick(&values::CORNERS)))))
        }
        _ => alone(&fitting),
    }
}

fn resource(random: &mut Random) -> Case {
    random.wrong = 1;
    let sections = [
        ("networks", "networks: [r]"),
        ("volumes", "volumes: [\"r:/r\", \"./l:/l\"]"),
        ("secrets", "secrets: [r]"),
        ("configs", "configs: [r]"),
        ("models", "models: [r]"),
    ];
    let (name, used) = *random.pick(&sections);
    let shape = PROJECT.field(name).map(|field| field.shape);
    let Some(Shape::Map(Field { shape: Shape::Object(object), .. })) = shape else {
        panic!("no map: {name}")
    };
    let null = random.percent(5);
    let value = if null { "null".to_owned() } else { with_source(random, name, object) };
    let over = random.percent(30).then(|| values::object(random, object, 0));
    let case = Case::new(format!("name: p\nservices:\n  a: {{image: i, {used}}}\n{name}:\n  r: {value}\n"));
    match over {
        Some(over) => overridden(case, format!("{name}:\n  r: {over}\n")),
        None => case,
    }
}

/// Configs and secrets mostly get one source.
fn with_source(random: &mut Random, name: &str, object: &Object) -> String {
    let value = values::object(random, object, 0);
    if !matches!(name, "secrets" | "configs") || value.contains("file") || value.contains("external") {
        return value;
    }
    if value == "{}" { "{file: ./r}".to_owned() } else { value.replacen('{', "{file: ./r, ", 1) }
}

fn overridden(case: Case, text: String) -> Case {
    let mut case = case.and("over.yaml", text);
    case.arguments = ["-f", "compose.yaml", "-f", "over.yaml"].map(str::to_owned).to_vec();
    case
}

fn merge(random: &mut Random) -> Case {
    let field = field(random);
    let base = with_service(&format!("{}{}", image(field), line(random, field)));
    let tag = *random.pick(&["", "", "", "", "", "", "!override ", "!reset "]);
    let value = if random.percent(8) { "null".to_owned() } else { values::value(random, field, 0) };
    let over = format!("    {}: {tag}{value}\n", field.name);
    if random.percent(25) {
        let mut case = Case::new(base);
        case.files[0].1.push_str(&format!("---\nservices:\n  a:\n{over}"));
        return case;
    }
    let name = if random.percent(10) { "name: other\n" } else { "" };
    overridden(Case::new(base), format!("{name}services:\n  a:\n{over}"))
}

fn service(random: &mut Random) -> Case {
    random.wrong = 1;
    Case::new(with_service(&format!("    image: i\n{}", several(random))))
}

/// Some attributes, each but once.
pub fn several(random: &mut Random) -> String {
    let mut fields: Vec<&Field> = Vec::new();
    for _ in 0..2 + random.below(5) {
        let field = field(random);
        if field.name != "image"
            && field.name != "extends"
            && !fields.iter().any(|other| other.name == field.name)
        {
            fields.push(field);
        }
    }
    fields.into_iter().map(|field| line(random, field)).collect()
}

fn extends(random: &mut Random) -> Case {
    random.wrong = 1;
    let field = field(random);
    let own = if random.percent(70) { line(random, field) } else { several(random) };
    let base = line(random, field) + if random.percent(30) { "    environment: [A=base, B]\n" } else { "" };
    let base = if field.name == "environment" { line(random, field) } else { base };
    let other = format!("services:\n  base:\n{}{base}  b: {{image: other}}\n", image(field));
    let (reference, file) = *random.pick(&[
        ("{service: base, file: sub/other.yaml}", true),
        ("{service: base, file: other.yaml}", true),
        ("base", false),
        ("{service: base}", false),
    ]);
    let own = format!("    extends: {reference}\n{own}");
    if field.name == "extends" {
        return attribute(random);
    }
    if !file {
        let text =
            format!("name: p\nservices:\n  a:\n{own}  base:\n{}{base}{OTHERS}{SECTIONS}", image(field));
        return Case::new(text);
    }
    let path = if reference.contains("sub/") { "sub/other.yaml" } else { "other.yaml" };
    let case = Case::new(with_service(&own)).and(path, other);
    case.and("sub/x.env", "A=sub\n".to_owned()).and("sub/y.env", "Y=sub\n".to_owned())
}

fn include(random: &mut Random) -> Case {
    random.wrong = 1;
    let entry = *random.pick(&[
        "sub/inc.yaml",
        "{path: sub/inc.yaml}",
        "{path: [sub/inc.yaml, over.yaml]}",
        "{path: sub/inc.yaml, project_directory: .}",
        "{path: sub/inc.yaml, project_directory: ./elsewhere, env_file: x.env}",
        "{path: sub/inc.yaml, env_file: [x.env, y.env]}",
        "{path: sub/inc.yaml, env_file: none.env}",
        "{path: inc.yaml}",
        "{project_directory: x}",
        "[a]",
        "./sub/none.yaml",
    ]);
    let (first, second) = (field(random), field(random));
    let (first, second) = (line(random, first), line(random, second));
    let included = format!("services:\n  inc:\n    image: \"${{A:-none}}-${{S:-s}}\"\n{first}{SECTIONS}");
    let included = if first.contains("    image:") {
        included.replacen("    image: \"${A:-none}-${S:-s}\"\n", "", 1)
    } else {
        included
    };
    let clash = if random.percent(20) { "  inc: {image: mine}\n" } else { "" };
    let mine = if random.percent(50) { SECTIONS } else { "networks: {n: {driver: x}}\n" };
    let main = format!(
        "name: p\ninclude:\n  - {entry}\nservices:\n  b: {{image: i, depends_on: [inc]}}\n{clash}{mine}"
    );
    let main = if random.percent(70) { main.replace(mine, "") } else { main };
    Case::new(main)
        .and("sub/inc.yaml", included)
        .and("over.yaml", format!("services:\n  inc:\n{second}"))
        .and("sub/.env", "S=sub\nA=dot\n".to_owned())
        .and("sub/x.env", "A=sub\n".to_owned())
        .and(".env", "S=main\n".to_owned())
}

const PIECES: [&str; 30] = [
    "$",
    "$$",
    "{",
    "}",
    "${",
    "V",
    "U",
    "E",
    "_x1",
    ":-",
    "-",
    ":+",
    "+",
    ":?",
    "?",
    "a b",
    "é",
    "\n",
    "${V}",
    "$V",
    "${U:-d}",
    "${U-${V}}",
    "${E:-x}",
    "${V:+y}",
    "${U:?no}",
    "1",
    ":",
    "${v}",
    "/",
    ".",
];

pub fn soup(random: &mut Random, pieces: &[&str], most: usize) -> String {
    (0..=random.below(most)).map(|_| *random.pick(pieces)).collect()
}

fn template(random: &mut Random) -> Case {
    let quoted = |text: String| serde_json::Value::from(text).to_string();
    let texts: Vec<String> = (0..3).map(|_| quoted(soup(random, &PIECES, 6))).collect();
    let head = "name: p\nservices:\n  a:\n    image: i\n";
    // Of several texts Docker Compose lists the variables in random order.
    let only_variables = random.percent(40);
    let attributes = if only_variables {
        format!("    user: {}\n", texts[0])
    } else {
        format!("    environment: {{X: {}, Y: {}}}\n    labels: [{}]\n", texts[0], texts[1], texts[2])
    };
    let mut case = Case::new(format!("{head}{attributes}"));
    case.options = if only_variables {
        vec![(vec!["--variables", "--format", "yaml"], Form::Bytes)]
    } else {
        vec![(vec!["--format", "json"], Form::Json), (vec!["--no-interpolate"], Form::Bytes)]
    };
    case
}

const LINES: [&str; 44] = [
    "A", "B", "=", "=", ":", " ", "\t", "#", " #", "\"", "'", "\\n", "\\$", "\\\\", "\\\"", "\\", "\n", "\n",
    "\n", "export ", "x", "1", "$A", "${A}", "${U:-d}", "$$", "\r\n", "é", ".", "-", "[0]", ",", "a b",
    "\\t", "\\0101", "\\x41", "${", "OUT", "V", "\u{b}", "\u{a0}", "\u{feff}", "''", "\"\"",
];

fn dotenv(random: &mut Random) -> Case {
    let most = 2 + random.below(9);
    let soup_text = soup(random, &LINES, most);
    let lines: Vec<String> = (0..random.below(4))
        .map(|index| {
            let value = *random.pick(&[
                "1",
                "\"q $V\"",
                "'s $V'",
                "x # c",
                "a#b",
                "\"two\nlines\" # c",
                "$V${U:-u}",
                "",
                " sp ",
                "\"\\n\\t\\\\\"",
                "`a`",
                "{\"j\": 1}",
                "a'b",
                "\"un",
                "$",
            ]);
            let name = format!(
                "{}{}{index}",
                random.pick(&["", "export ", " ", "\t"]),
                random.pick(&["K", "k.", "k-", "_"])
            );
            format!("{name}{}{value}\n", random.pick(&["=", "=", "=", ": ", " = ", "= "]))
        })
        .collect();
    let text = if random.percent(35) { soup_text } else { lines.concat() + &soup_text };
    let mut case = Case::new(
        "name: p\nservices:\n  a:\n    image: i\n    env_file: soup.env\n    environment: [K0, A]\n"
            .to_owned(),
    );
    let raw = random.percent(25);
    if raw {
        case.files[0].1 =
            case.files[0].1.replace("env_file: soup.env", "env_file: {path: soup.env, format: raw}");
    } else if random.percent(30) {
        "name: p\nservices: {a: {image: i, environment: [K0, K1, A, B, x, '${A-none}', \"Z=${K0-none}\"]}}\n"
            .clone_into(&mut case.files[0].1);
        case.arguments = ["--env-file", "soup.env"].map(str::to_owned).to_vec();
    }
    case.options = vec![(vec!["--format", "json"], Form::Json)];
    case.and("soup.env", text)
}

pub const OPTIONS: [(&[&str], Form); 30] = [
    (&["--services"], Form::Lines),
    (&["--volumes"], Form::Lines),
    (&["--networks"], Form::Lines),
    (&["--models"], Form::Lines),
    (&["--profiles"], Form::Bytes),
    (&["--images"], Form::Lines),
    (&["--environment"], Form::Bytes),
    (&["--variables"], Form::Lines),
    (&["--variables", "--format", "json"], Form::Bytes),
    (&["--hash", "a"], Form::Bytes),
    (&["--hash", "a,b"], Form::Bytes),
    (&["--no-interpolate"], Form::Bytes),
    (&["--no-interpolate", "--format", "json"], Form::Bytes),
    (&["--no-interpolate", "--no-normalize"], Form::Bytes),
    (&["--no-normalize"], Form::Bytes),
    (&["--no-normalize", "--format", "json"], Form::Bytes),
    (&["--no-path-resolution"], Form::Bytes),
    (&["--no-consistency"], Form::Bytes),
    (&["--no-env-resolution"], Form::Bytes),
    (&["--no-env-resolution", "--format", "json"], Form::Bytes),
    (&["--no-path-resolution", "--no-normalize", "--no-consistency"], Form::Bytes),
    (&["a"], Form::Bytes),
    (&["d"], Form::Bytes),
    (&["b", "c", "--format", "json"], Form::Bytes),
    (&["a", "--images"], Form::Lines),
    (&["d", "--networks"], Form::Lines),
    (&["d", "--volumes"], Form::Lines),
    (&["-q"], Form::Bytes),
    (&["--services", "--no-interpolate"], Form::Lines),
    (&["a", "--hash", "*"], Form::Bytes),
];

fn options(random: &mut Random) -> Case {
    random.wrong = 1;
    let many = several(random);
    let d = format!(
        "  d:\n    image: d:${{V}}\n    profiles: [p]\n    depends_on: [a]\n{}",
        line(random, field_named("volumes"))
    );
    let text = format!(
        "name: p\nx-top: {{k: '${{TOP:-x}}', e: []}}\nservices:\n  a:\n    image: i\n{many}{OTHERS}{d}{SECTIONS}"
    );
    let mut case = Case::new(text);
    if random.percent(30) {
        case.arguments = [["--profile", "p"], ["--profile", "*"], ["-p", "other"]][random.below(3)]
            .map(str::to_owned)
            .to_vec();
    }
    if random.percent(20) {
        case.arguments.push("--all-resources".to_owned());
    }
    case.options = (0..4)
        .map(|_| {
            let (words, form) = random.pick(&OPTIONS);
            (words.to_vec(), *form)
        })
        .collect();
    case
}

fn field_named(name: &str) -> &'static Field {
    SERVICE.field(name).unwrap_or(&SERVICE.fields[0])
}
