//! Random values of attributes, by the table: what fits, short and long, and now and then what does not.

use dockside::compose::shape::{Check, Field, Kinds, Object, Shape};

use super::random::Random;

/// Values that fit an attribute of this name better than what its shape tells.
const POOLS: &[(&str, &[&str])] = &[
    (
        "image",
        &["i", "nginx:1.2", "a/b@sha256:0123456789012345678901234567890123456789012345678901234567890123"],
    ),
    (
        "ports",
        &[
            "80",
            "\"80:80\"",
            "\"81:81/udp\"",
            "\"9000-9002:9000-9002\"",
            "\"127.0.0.1:80:80\"",
            "\"3000-3001\"",
            "\"[::1]:90:90\"",
            "\"127.0.0.1::53\"",
            "\"12400-12402:1240\"",
            "{target: 80, published: 80}",
            "{target: 80, published: \"8080\", host_ip: 127.0.0.1}",
            "{target: 53, protocol: udp, mode: host}",
            "{target: 80, published: \"80-82\", name: web, app_protocol: http}",
            "\"a:80\"",
            "\"80:80:80:80\"",
            "\"0:0\"",
            "\"${P}:80\"",
            "\"${P:-81}:80\"",
        ],
    ),
    ("expose", &["80", "\"80\"", "\"90-92\"", "\"80/udp\"", "8080.5"]),
    (
        "volumes",
        &[
            "./a:/x",
            "v:/y",
            "/anon",
            "v:/x:ro",
            "./b:/x:ro,z",
            "~/h:/h",
            "/etc:/e:rshared",
            "w:/a/../b:nocopy",
            "{type: volume, source: v, target: /x}",
            "{type: bind, source: ./c, target: /c, bind: {create_host_path: false}}",
            "{type: bind, source: ~, target: /c}",
            "{type: tmpfs, target: /z, tmpfs: {size: 1m, mode: 0777}}",
            "{type: volume, source: v, target: /v, volume: {nocopy: true, subpath: s, labels: [a=b]}}",
            "{type: image, source: img, target: /i, image: {subpath: s}}",
            "{type: bind, source: /s, target: /t, read_only: true, consistency: cached}",
            "\"C:\\\\a:/x\"",
            "a:b:c:d:e",
            "\":/x\"",
            "u:/x",
            "{type: npipe, source: p, target: q}",
            "{type: cluster, source: v, target: /q}",
            "\"${D}:/x\"",
            "./d/:/d/",
        ],
    ),
    ("networks", &["n", "m", "default", "o"]),
    ("depends_on", &["b", "c"]),
    ("devices", &["/a", "/a:/b", "/a:/b:r", "{source: /a, target: /b}", "vendor.com/c=d", "a:b:c:d"]),
    (
        "env_file",
        &[
            "x.env",
            "./y.env",
            "none.env",
            "{path: x.env}",
            "{path: none.env, required: false}",
            "{path: y.env, format: raw}",
            "{path: x.env, required: \"yes\"}",
        ],
    ),
    ("label_file", &["x.env", "./y.env", "none.env"]),
    (
        "secrets",
        &[
            "s",
            "t",
            "{source: s, target: x}",
            "{source: s, mode: 0440, uid: \"1\"}",
            "{source: t, target: /abs}",
            "u",
        ],
    ),
    ("configs", &["s", "t", "{source: s, target: /x}", "{source: t, mode: \"0444\"}", "u"]),
    ("models", &["m", "o"]),
    ("extra_hosts", &["\"a:1.1.1.1\"", "b=2.2.2.2", "\"c:[::1]\"", "\"a=1.1.1.1,2.2.2.2\"", "nothing"]),
    ("links", &["b", "\"b:x\"", "c"]),
    ("external_links", &["a", "\"b:c\""]),
    ("volumes_from", &["b", "\"c:ro\"", "\"container:x\"", "\"container:x:ro\""]),
    ("test", &["CMD", "CMD-SHELL", "NONE", "true"]),
    ("command", &["echo", "a b", "$$HOME", "'x y' z"]),
    ("entrypoint", &["echo", "a b"]),
    ("profiles", &["p", "q"]),
    (
        "pull_policy",
        &[
            "always",
            "missing",
            "if_not_present",
            "never",
            "build",
            "daily",
            "weekly",
            "every_1h",
            "every_x",
            "refresh",
        ],
    ),
    ("network_mode", &["host", "none", "bridge", "\"service:b\"", "\"container:x\""]),
    ("pid", &["host", "\"service:b\"", "\"container:x\""]),
    ("ipc", &["host", "shareable", "\"service:c\""]),
    ("context", &[".", "./x", "../y", "/abs", "https://a/b.git#c:d", "git@x:y/z", "github.com/a/b", "~/z"]),
    ("additional_contexts", &["a=./b", "b=service:c", "c=docker-image://x", "d=https://x/y"]),
    ("ssh", &["default", "k=./id", "x"]),
    ("tmpfs", &["/a", "/b:size=1m", "/a:ro"]),
    ("dns", &["1.1.1.1", "\"\"", "8.8.8.8"]),
    ("driver", &["local", "json-file", "bridge", "x"]),
    ("platform", &["linux/amd64", "linux/arm64"]),
    ("platforms", &["linux/amd64", "linux/arm64"]),
    ("restart", &["always", "\"no\"", "on-failure:3", "unless-stopped"]),
    ("subnet", &["10.0.0.0/8", "172.16.0.0/16"]),
    ("condition", &["service_started", "service_healthy", "service_completed_successfully", "any"]),
    ("action", &["rebuild", "sync", "restart", "sync+restart", "sync+exec"]),
    ("path", &["./w", ".", "/abs/w"]),
    ("file", &["./f", "/abs/f", "~/f"]),
    (
        "extends",
        &[
            "b",
            "{service: c}",
            "{service: base, file: other.yaml}",
            "{service: none}",
            "{service: b, file: null}",
        ],
    ),
    ("container_name", &["web-1", "x", "a.b_c"]),
    ("isolation", &["default"]),
    ("host_ip", &["127.0.0.1", "\"::1\"", "x"]),
    ("external", &["true", "false", "{name: e}"]),
];

const WRONG: &[&str] = &[
    "null",
    "true",
    "\"yes\"",
    "\"\"",
    "0",
    "3",
    "-1",
    "1.5",
    "x",
    "\"3\"",
    "10s",
    "1g",
    "[]",
    "{}",
    "[1]",
    "[a]",
    "[a, a]",
    "[a=b, c]",
    "{a: b}",
    "{a: 1, b: null, c: true, d: 1.5}",
    "[{}]",
    "{a: {}}",
    "{x-a: 1}",
    "{zz: 1}",
    "[null]",
    "2020-01-01",
    "[[a]]",
    "0x10",
    "1e3",
    "[a, 1, true]",
    "{x-a: {b: [1, c]}, k: v}",
    "!!str 3",
    "\"${V}\"",
    "${V:-4}",
    "${U:-}",
];

/// Scalars that YAML, Go's numbers or the casts see in their own way.
const ODD: &[&str] = &[
    "\"1\"",
    "\"0\"",
    "t",
    "T",
    "y",
    "n",
    "Y",
    "On",
    "OFF",
    "True",
    "TRUE",
    "\"True\"",
    "~",
    "Null",
    "\"null\"",
    "\"\"",
    "\" \"",
    "\" 1\"",
    "\"1 \"",
    "+1",
    "\"+1\"",
    "-0",
    "\"-1\"",
    "-1",
    "1_000",
    "\"1_000\"",
    "1__0",
    "0777",
    "\"0777\"",
    "0o17",
    "\"0o17\"",
    "0b11",
    "0x1F",
    "\"0x1F\"",
    "08",
    "1.",
    ".5",
    "\".5\"",
    "1.0",
    "\"1.0\"",
    "1.5",
    "1e3",
    "\"1e3\"",
    "1e400",
    "1e40",
    "\"1e40\"",
    "1e-3",
    "9223372036854775807",
    "9223372036854775808",
    "\"9223372036854775808\"",
    "18446744073709551616",
    "-9223372036854775808",
    ".inf",
    "-.inf",
    ".nan",
    "inf",
    "nan",
    "22:22",
    "2020-01-01",
    "\"2020-01-01\"",
    "1.2.3",
    "1e",
    "0x",
    "!!str 1",
    "!!int \"1\"",
    "!!float 1",
    "!!bool \"true\"",
    "!!null x",
    "! 1",
    "!!binary aGk=",
    "!custom 1",
    "é",
    "\"\\u00e9\\t\"",
    "\"a\\nb\"",
    "'a''b'",
    "\"<&>\"",
    "\"$$\"",
    "a$$b",
    "\"\\x7f\"",
    "=",
    "<<",
    "\"#\"",
    "10k",
    "10K",
    "10kb",
    "10KiB",
    "10 k",
    "-1k",
    "1h",
    "1H",
    "1m1m",
    "1.5h",
    "\"-1s\"",
    "1s1",
    "1us",
    "1µs",
    "0",
    "\"\\u2028\"",
    "[]",
    "{}",
    "100000000000000000000g",
    "a/../b",
    "./",
    "/",
    "~/x",
    "~x",
    "C:\\x",
    "\\\\x",
];

/// A value in which all is left out but what leads to one odd scalar, and what must be there.
pub fn leaf(random: &mut Random, field: &Field) -> String {
    match field.shape {
        Shape::Object(object) if random.percent(90) => {
            let chosen = random.pick(object.fields).name;
            let needed = |field: &&Field| field.name == chosen || object.required.contains(&field.name);
            let fields: Vec<&Field> = object.fields.iter().filter(needed).collect();
            let entry = |field: &Field, random: &mut Random| {
                let value = if field.name == chosen { leaf(random, field) } else { value(random, field, 1) };
                format!("{}: {value}", field.name)
            };
            let entries: Vec<String> = fields.into_iter().map(|field| entry(field, random)).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Shape::List(item) if random.percent(90) => format!("[{}]", leaf(random, item)),
        Shape::Map(_) if field.accepts.has(Kinds::LIST) && random.percent(20) => {
            format!("[{}]", random.pick(ODD))
        }
        Shape::Map(item) if random.percent(90) => format!("{{K: {}}}", leaf(random, item)),
        Shape::Ulimit(_) if random.percent(50) => {
            format!("{{soft: {}, hard: 1}}", random.pick(ODD))
        }
        _ => (*random.pick(ODD)).to_owned(),
    }
}

/// What may stand anywhere and is seldom right: nothing, emptiness, and every kind of value.
pub const CORNERS: [&str; 20] = [
    "null",
    "\"\"",
    "[]",
    "{}",
    "true",
    "x",
    "3",
    "\"3\"",
    "1.5",
    "[a]",
    "[null]",
    "[3]",
    "[{}]",
    "[a=b, c]",
    "[a, a]",
    "{a: b}",
    "{a: null}",
    "{a: {}}",
    "{a: [b]}",
    "2020-01-01",
];

/// A place somewhere below an attribute: what stands before and after the value there.
pub struct Place {
    before: String,
    after: String,
    field: &'static Field,
}

impl Place {
    /// A random place below this attribute, with what must stand beside it.
    pub fn below(random: &mut Random, field: &'static Field) -> Place {
        let mut place = Place { before: String::new(), after: String::new(), field };
        while random.percent(75) {
            let (before, after, field) = match place.field.shape {
                Shape::Object(object) | Shape::Ulimit(object) => {
                    let chosen: &'static Field = random.pick(object.fields);
                    let beside = object
                        .fields
                        .iter()
                        .filter(|field| field.name != chosen.name && object.required.contains(&field.name));
                    let beside: String = beside
                        .map(|field| format!("{}: {}, ", field.name, value(random, field, 1)))
                        .collect();
                    (format!("{{{beside}{}: ", chosen.name), "}", chosen)
                }
                Shape::List(item) => ("[".to_owned(), "]", item),
                Shape::Map(item) => (format!("{{{}: ", random.pick(&["k", "K", "b", "n"])), "}", item),
                _ => break,
            };
            place.before.push_str(&before);
            place.after.insert_str(0, after);
            place.field = field;
        }
        place
    }

    /// The attribute's value with this one at the place.
    pub fn with(&self, value: &str) -> String {
        format!("{}{value}{}", self.before, self.after)
    }

    /// A value that fits the place.
    pub fn fitting(&self, random: &mut Random) -> String {
        value(random, self.field, 1)
    }
}

/// The value of an attribute, in flow style.
pub fn value(random: &mut Random, field: &Field, depth: usize) -> String {
    if random.percent(if depth == 0 { random.wrong } else { random.wrong / 3 }) {
        return (*random.pick(WRONG)).to_owned();
    }
    let pool = POOLS.iter().find(|(name, _)| *name == field.name).map(|(_, pool)| *pool);
    if random.percent(4) && field.accepts.has(Kinds::NULL) {
        return "null".to_owned();
    }
    match (field.shape, pool) {
        (Shape::List(_), Some(pool)) => list(random, field, &mut |random| (*random.pick(pool)).to_owned()),
        (Shape::Map(item), Some(pool)) if field.accepts.has(Kinds::LIST) && random.percent(50) => {
            let _ = item;
            list(random, field, &mut |random| (*random.pick(pool)).to_owned())
        }
        (Shape::Map(item), Some(pool)) => map(random, item, depth, &mut |random| {
            random.pick(pool).split('=').next().unwrap_or_default().to_owned()
        }),
        (Shape::Object(_), Some(pool)) if random.percent(50) => (*random.pick(pool)).to_owned(),
        (Shape::Text | Shape::External(_), Some(pool)) => (*random.pick(pool)).to_owned(),
        _ => shaped(random, field, depth),
    }
}

fn shaped(random: &mut Random, field: &Field, depth: usize) -> String {
    let one = |random: &mut Random, items: &[&str]| (*random.pick(items)).to_owned();
    if let Check::Word(words) = field.check
        && random.percent(80)
    {
        return one(random, words);
    }
    match field.shape {
        Shape::Text => one(
            random,
            &[
                "a",
                "x y",
                "\"3\"",
                "\"\"",
                "a=b",
                "/p",
                "$$x",
                "\"${V}\"",
                "\"${U:-d}\"",
                "é",
                "\"a: b\"",
                "'it''s'",
            ],
        ),
        Shape::Flag | Shape::External(_) => {
            one(random, &["true", "false", "true", "\"true\"", "yes", "\"off\"", "\"${T}\""])
        }
        Shape::Integer | Shape::Unsigned(_) => {
            one(random, &["0", "1", "3", "\"5\"", "-1", "7.0", "\"${N}\"", "2.5"])
        }
        Shape::Float => one(random, &["0.5", "1", "\"0.25\"", "1.50", "\"${N}\"", "0"]),
        Shape::Bytes => one(
            random,
            &["0", "1024", "1g", "64mb", "1.5k", "\"100\"", "-1", "64MiB", "\"1 g\"", "1gg", "2G"],
        ),
        Shape::Duration => {
            one(random, &["10s", "1m30s", "1d", "0s", "500ms", "1h2m", "1w2d", "90", "1.5h", "100us"])
        }
        Shape::Mode => one(random, &["0440", "\"0440\"", "\"440\"", "288", "0o444", "9"]),
        Shape::Count => one(random, &["1", "all", "\"2\"", "-1"]),
        Shape::Any => one(random, &["a", "1", "[a]", "{a: b}"]),
        Shape::List(item) => list(random, field, &mut |random| value(random, item, depth + 1)),
        Shape::Map(item) if field.accepts.has(Kinds::LIST) && random.percent(50) => {
            let _ = item;
            list(random, field, &mut |random| {
                (*random.pick(&["A=1", "B", "C=", "A=2", "D=x=y", "HOME", "V", "x-k=1"])).to_owned()
            })
        }
        Shape::Map(item) => map(random, item, depth, &mut |random| {
            (*random.pick(&["A", "B", "c.d", "e-f", "HOME", "x-o", "V", "nofile"])).to_owned()
        }),
        Shape::Ulimit(inner) if random.percent(50) => object(random, inner, depth),
        Shape::Ulimit(_) => one(random, &["3", "\"4\"", "-1", "0"]),
        Shape::Object(inner) => object(random, inner, depth),
    }
}

fn list(random: &mut Random, field: &Field, item: &mut dyn FnMut(&mut Random) -> String) -> String {
    if field.accepts.has(Kinds::STRING) && random.percent(30) {
        return item(random);
    }
    let items: Vec<String> = (0..random.below(4)).map(|_| item(random)).collect();
    format!("[{}]", items.join(", "))
}

fn map(
    random: &mut Random,
    item: &Field,
    depth: usize,
    key: &mut dyn FnMut(&mut Random) -> String,
) -> String {
    let mut keys: Vec<String> = (0..random.below(4)).map(|_| key(random)).collect();
    keys.sort();
    keys.dedup();
    let entries: Vec<String> =
        keys.iter().map(|key| format!("{key}: {}", value(random, item, depth + 1))).collect();
    format!("{{{}}}", entries.join(", "))
}

/// An object with some of its fields, those that must be there nearly always.
pub fn object(random: &mut Random, object: &Object, depth: usize) -> String {
    let chance = if object.fields.len() > 8 { 15 } else { 45 };
    let mut entries = Vec::new();
    for field in object.fields {
        let chance = if object.required.contains(&field.name) { 100 - random.wrong / 4 } else { chance };
        if random.percent(chance) {
            entries.push(format!("{}: {}", field.name, value(random, field, depth + 1)));
        }
    }
    if random.percent(6) {
        entries.push("x-own: {b: 1, a: [1.5, ~]}".to_owned());
    }
    format!("{{{}}}", entries.join(", "))
}
