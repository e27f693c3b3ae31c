//! A script as text: its parts, its steps, and what stands under each.

use std::fmt::Write as _;

/// A script.
pub struct Script {
    /// All before the steps: title and files, as they stand.
    head: String,
    /// The project's files: path and content.
    pub files: Vec<(String, String)>,
    /// The steps, each with what stands under it.
    pub steps: Vec<Step>,
}

/// A step.
pub struct Step {
    /// What is done.
    pub action: Action,
    line: String,
    under: String,
}

/// What a step does.
pub enum Action {
    /// A line for the shell.
    Shell(String),
    /// A request: method, path, body.
    Request(String, String, String),
    /// A wait: the container without the project's name, and its state.
    Wait(String, String),
}

const STEPS: &str = "== script\n";

impl Script {
    /// Reads a script.
    pub fn read(text: &str) -> Self {
        let (head, steps) = text.split_once(STEPS).expect("a script has a part `== script`");
        let mut parts = head.split("\n== ");
        let title = parts.next().unwrap_or_default();
        assert!(!title.trim().is_empty() && !title.starts_with("=="), "a script begins with a title");
        let files = parts.map(|part| {
            let (path, content) = part.split_once('\n').expect("a file has a path and content");
            (path.trim().to_owned(), format!("{content}\n"))
        });
        Self { files: files.collect(), head: head.to_owned(), steps: read_steps(steps) }
    }

    /// Whether its title says that Dockside means to do another thing.
    pub fn differs(&self) -> bool {
        let title = self.head.lines().next().unwrap_or_default();
        title.contains("(differs: ") && title.ends_with(')')
    }

    /// The script as it stands.
    pub fn text(&self) -> String {
        let under: Vec<String> = self.steps.iter().map(|step| step.under.clone()).collect();
        self.with(&under)
    }

    /// The script with other things seen under its steps.
    pub fn with(&self, under: &[String]) -> String {
        let mut text = format!("{}{STEPS}", self.head);
        for (step, under) in self.steps.iter().zip(under) {
            write!(text, "{}\n{under}", step.line).unwrap();
        }
        text
    }
}

fn read_steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in text.lines() {
        let (mark, rest) = line.split_at(line.len().min(2));
        let action = match mark {
            "$ " => Action::Shell(rest.to_owned()),
            "@ " => {
                let mut words = rest.splitn(3, ' ');
                let mut word = || words.next().unwrap_or_default().to_owned();
                Action::Request(word(), word(), word())
            }
            "~ " => {
                let (container, state) = rest.split_once(' ').expect("a wait has a container and a state");
                Action::Wait(container.to_owned(), state.to_owned())
            }
            _ => {
                let step = steps.last_mut().expect("the first line is a step");
                writeln!(step.under, "{line}").unwrap();
                continue;
            }
        };
        steps.push(Step { action, line: line.to_owned(), under: String::new() });
    }
    steps
}

/// Only what holds for every engine: which things there are, not what they are made of.
pub fn without_details(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with(":   ")).map(|line| format!("{line}\n")).collect()
}

/// The lines of one text that the other lacks, `-` and `+` before them, under the steps that they belong to.
pub fn differences(expected: &str, made: &str) -> Vec<String> {
    let (expected, made) = (by_step(expected), by_step(made));
    let mut lines = Vec::new();
    for ((step, expected), (_, made)) in expected.iter().zip(&made) {
        if expected == made {
            continue;
        }
        lines.push((*step).to_owned());
        lines.extend(changed(expected, made));
    }
    lines
}

fn by_step(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut steps = vec![("", Vec::new())];
    for line in text.lines() {
        match line.get(..2) {
            Some("$ " | "@ " | "~ ") => steps.push((line, Vec::new())),
            _ => steps.last_mut().unwrap().1.push(line),
        }
    }
    steps
}

/// A plain difference: what both have in the same order is left out where it begins and ends, and where lines agree.
fn changed(expected: &[&str], made: &[&str]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = made;
    for line in expected {
        if let Some(at) = rest.iter().position(|other| other == line) {
            lines.extend(rest[..at].iter().map(|line| format!("+{line}")));
            rest = &rest[at + 1..];
        } else {
            lines.push(format!("-{line}"));
        }
    }
    lines.extend(rest.iter().map(|line| format!("+{line}")));
    lines
}
