//! What holds for every input of the compose loader. The seeds of what was once found stand in
//! `properties.proptest-regressions` beside this file and are tried first.
#![allow(clippy::unwrap_used, reason = "a test fails on the spot")]

use dockside::compose::diagnostic::{Colour, Diagnostic};
use dockside::compose::emit;
use dockside::compose::path::Path;
use dockside::compose::source::MemoryFiles;
use dockside::compose::tree::{FileId, Node, Span, Value, ValueSource};
use dockside::compose::variables::{Variable, Variables};
use dockside::compose::{LoadRequest, Loaded, dotenv, load, merge, table, template, yaml};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Pieces that mean something to one of the grammars, so that random texts of them go deep.
const PIECES: &[&str] = &[
    "services:\n",
    "  a:\n",
    "    image: x\n",
    "    ",
    "  ",
    "\n",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "\"",
    "'",
    "&a ",
    "*a",
    "<<: ",
    "!reset ",
    "!override ",
    "|\n",
    ">\n",
    "#",
    "---\n",
    "ports: [\"80:80\"]\n",
    "    environment: {A: b}\n",
    "${A}",
    "${A:-b}",
    "$$",
    "$",
    "${",
    "}",
    "A=b\n",
    "export ",
    "é",
    "\u{feff}",
    "\t",
    "\r\n",
    "\u{0}",
    "null",
    "1e3",
    "0x1f",
    "2020-01-01",
    "include: [b.yaml]\n",
    "    extends: a\n",
    "    extends: {file: b.yaml, service: a}\n",
    "x-a: ",
    "\\",
    "%",
    "    depends_on: [a]\n",
    "    volumes: [\"a:/b\"]\n",
    "volumes:\n  a:\n",
    "    build: .\n",
    "    command: a \"b\n",
    "~",
    "@",
];

/// A text of such pieces and of any characters.
fn text() -> impl Strategy<Value = String> {
    let piece =
        prop_oneof![8 => proptest::sample::select(PIECES).prop_map(str::to_owned), 1 => any::<String>()];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// A small project, of which parts may be left out.
fn project() -> impl Strategy<Value = String> {
    let line = proptest::sample::select(vec![
        "    command: echo a\n",
        "    environment: [A=1, B]\n",
        "    environment: {A: \"${A:-x}\", C: 3}\n",
        "    ports: [\"8080:80\", \"90-91\"]\n",
        "    volumes: [\"./a:/b:ro\", \"data:/c\"]\n",
        "    depends_on: {b: {condition: service_started}}\n",
        "    labels: {x: y, z: \"$$1\"}\n",
        "    deploy: {replicas: 2, resources: {limits: {pids: 3}}}\n",
        "    healthcheck: {test: curl x, interval: 1m30s}\n",
        "    networks: {default: {aliases: [q]}}\n",
        "    cap_add: [A, B]\n",
        "    mem_limit: 64m\n",
        "    stop_grace_period: 1d\n",
        "    ulimits: {nofile: {soft: 1, hard: 2}, nproc: 3}\n",
        "    extra_hosts: {h: 1.1.1.1}\n",
        "    x-own: {a: [1, null, true]}\n",
    ]);
    vec(line, 0..6).prop_map(|lines| {
        // One key may not stand twice.
        let mut seen = std::collections::HashSet::new();
        let own = |line: &&&str| seen.insert(line.trim().split(':').next().unwrap().to_owned());
        let lines: String = lines.iter().filter(own).copied().collect();
        format!("name: p\nservices:\n  a:\n    image: x\n{lines}  b: {{image: y}}\nvolumes: {{data: {{}}}}\n")
    })
}

fn loaded(files: &[(&str, &str)]) -> Loaded {
    let files =
        MemoryFiles::new(files.iter().map(|(name, text)| (format!("/p/{name}"), text.as_bytes().to_vec())));
    load(&LoadRequest { working_directory: "/p".into(), ..LoadRequest::default() }, &files)
}

fn variable(name: &str) -> Option<Variable> {
    let value = if name == "A" { "a" } else { return None };
    Some(Variable { value: value.to_owned(), from: ValueSource::Environment })
}

/// Whether a place is one of the text: its bytes and its line.
fn is_inside(span: Span, text: &str) -> bool {
    let lines = text.split('\n').count() as u32;
    span.start <= span.end
        && text.get(span.range().start..).is_some()
        && span.range().end <= text.len()
        && span.line <= lines
}

fn check_places(findings: &[Diagnostic], text: &str) {
    for finding in findings {
        let places = finding.span.into_iter().chain(finding.related.iter().map(|other| other.span));
        for span in places {
            assert!(is_inside(span, text), "{} {span:?}", finding.message);
        }
    }
}

fn check_nodes(node: &Node, text: &str) {
    assert!(is_inside(node.span, text), "{:?}", node.span);
    match &node.value {
        Value::Sequence(items) => items.iter().for_each(|item| check_nodes(item, text)),
        Value::Mapping(map) => map.entries().for_each(|(_, span, value)| {
            assert!(is_inside(span, text), "{span:?}");
            check_nodes(value, text);
        }),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, rng_seed: RngSeed::Fixed(2026), ..ProptestConfig::default() })]

    #[test]
    fn yaml_is_read_and_every_place_is_in_the_text(text in text()) {
        let parsed = yaml::parse(&text, FileId(0));
        check_places(&parsed.diagnostics, &text);
        parsed.documents.iter().for_each(|document| check_nodes(document, &text));
        prop_assert!(parsed.complete || !parsed.diagnostics.is_empty());
    }

    #[test]
    fn templates_are_filled_in_or_refused_at_a_place(text in text()) {
        match template::substitute(&text, &variable) {
            Ok(filled) => prop_assert!(filled.unset.iter().all(|(name, at)| text[at.clone()].contains(name.as_str()))),
            Err(error) => prop_assert!(text.get(error.at().clone()).is_some_and(|part| part.starts_with('$'))),
        }
    }

    #[test]
    fn doubled_dollars_are_that_text(text in any::<String>()) {
        let filled = template::substitute(&text.replace('$', "$$"), &variable).unwrap();
        prop_assert_eq!(filled.text, text);
    }

    #[test]
    fn env_files_are_read_and_every_place_is_in_the_text(text in text()) {
        for parsed in [dotenv::parse(&text, FileId(0), &variable, &Variables::default()), dotenv::parse_raw(&text, FileId(0), &variable)] {
            check_places(&parsed.diagnostics, &text);
            for (_, variable) in parsed.variables.iter() {
                if let ValueSource::File(span) = variable.from {
                    prop_assert!(is_inside(span, &text), "{:?}", span);
                }
            }
        }
    }

    #[test]
    fn a_literal_in_single_quotes_stays(value in "[^'\\\\\r\n]*") {
        let parsed = dotenv::parse(&format!("A='{value}'"), FileId(0), &variable, &Variables::default());
        prop_assert_eq!(parsed.variables.value("A"), Some(value.as_str()));
    }

    #[test]
    fn merging_with_nothing_changes_nothing(text in project()) {
        let node = yaml::parse(&text, FileId(0)).documents.remove(0);
        let empty = Node::mapping::<String>([], Span::default());
        for (mut base, over) in [(node.clone(), empty.clone()), (empty, node.clone())] {
            let mut findings = Vec::new();
            merge::merge(&mut base, over, &table::PROJECT, &Path::root(), &mut findings);
            prop_assert!(base.same_data(&node));
            prop_assert!(findings.is_empty());
        }
    }

    #[test]
    fn nodes_of_the_same_data_have_the_same_key(one in text(), two in text()) {
        let read = |text: &str| yaml::parse(text, FileId(0)).documents.into_iter().next().unwrap_or_default();
        let (one, two) = (read(&one), read(&two));
        prop_assert_eq!(one.same_data(&two), one.data_key() == two.data_key());
        prop_assert_eq!(one.data_key(), one.clone().data_key());
    }

    #[test]
    fn any_files_are_loaded(compose in text(), other in text(), env in text()) {
        let loaded = loaded(&[("compose.yaml", &compose), ("b.yaml", &other), (".env", &env)]);
        for finding in &loaded.diagnostics {
            let places = finding.span.into_iter().chain(finding.related.iter().map(|other| other.span));
            for span in places {
                let text = loaded.sources.get(span.file).map_or("", |source| &source.text);
                prop_assert!(is_inside(span, text), "{} {:?}", finding.message, span);
            }
        }
        prop_assert_eq!(loaded.sources.render(&loaded.diagnostics, Colour::Plain).contains('\u{1b}'), false);
        prop_assert!(loaded.project.is_some() || loaded.error.is_some());
    }

    #[test]
    fn what_is_printed_is_loaded_as_the_same(text in project()) {
        // Two limits that differ are refused, as by Docker Compose.
        prop_assume!(!(text.contains("mem_limit") && text.contains("limits:")));
        let first = loaded(&[("compose.yaml", &text)]);
        prop_assert!(first.is_sound(), "{}", first.sources.render(&first.diagnostics, Colour::Plain));
        let printed = emit::project(first.project.as_ref().unwrap());
        let again = printed.to_string().replace('$', "$$");
        let second = loaded(&[("compose.yaml", &again)]);
        prop_assert!(second.is_sound(), "{}", second.sources.render(&second.diagnostics, Colour::Plain));
        prop_assert_eq!(emit::project(second.project.as_ref().unwrap()), printed);
    }
}
