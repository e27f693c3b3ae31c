//! The text of a topic: cases, each opened by `=== title`; their steps, a line each; what was answered, indented by two
//! spaces, and where 20.10 answers otherwise a second time after `[20.10]`. A line that begins with `#` is a remark.
//!
//! A word in braces, `{a}`, is a name that the runner makes up and writes back as it stands here; `{busybox}` is the tests'
//! image. The steps are
//!
//! - `GET /path?query BODY | SELECTOR...`: a request (any method). The query is written plainly. The body is JSON, or
//!   `tar {"file": "content"}`, or `raw "text"`. Without a selector the answer is shown whole; a selector is a JSON pointer
//!   in which `*` stands for every element and `~` for every element in sorted order, `?/pointer` for the kind of value
//!   alone, or `@name` for a header;
//! - `create NAME COMMAND MORE`: makes a container from the image; a command that is a text is one for the shell. `MORE` is
//!   laid over the body. `{NAME.id}` is its id from then on. Without a network, unless `MORE` names one;
//! - `run NAME COMMAND MORE`: and starts it;
//! - `let NAME POINTER`: `{NAME}` is from then on what the last answer holds there;
//! - `state NAME`: status, exit code and error of a container;
//! - `ended NAME`: waits until a container has ended, and shows its code;
//! - `time NAME`: the engine's time now;
//! - `await GET /path POINTER JSON`: asks until the answer holds that;
//! - `events FILTERS` and `events FILTERS until ACTION, ACTION`: the events since the case began, to this moment or until
//!   each
//!   of these actions has been seen, one that stands twice twice;
//! - `frames GET /path`: a log, a line for each frame;
//! - `open NAME METHOD /path BODY`: a request whose connection is kept; a POST that attaches or
//!   starts an exec asks for both its directions. Then
//!   `send NAME "text"`, `close NAME` for the end of what is sent, `seen NAME "text"` to wait for a text,
//!   and `end NAME` to wait for the end and show all that came.

/// A case: a title, and its lines in order.
pub struct Case {
    pub title: String,
    pub items: Vec<Item>,
}

/// A line of a case, with what belongs to it.
pub enum Item {
    /// Something to do.
    Step(Step),
    /// A remark or an empty line.
    Remark(String),
}

/// Something to do, and what was answered.
pub struct Step {
    pub line: String,
    pub newest: Vec<String>,
    pub oldest: Option<Vec<String>>,
}

const OLDEST: &str = "[20.10] ";

/// Reads a topic's file.
pub fn parse(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("=== ") {
            cases.push(Case { title: title.to_owned(), items: Vec::new() });
            continue;
        }
        let items = &mut cases.last_mut().unwrap().items;
        if let Some(answer) = line.strip_prefix("  ") {
            let Some(Item::Step(step)) = items.last_mut() else { panic!("an answer to nothing: {line}") };
            match answer.strip_prefix(OLDEST) {
                Some(answer) => step.oldest.get_or_insert_default().push(answer.to_owned()),
                None => step.newest.push(answer.to_owned()),
            }
        } else if line.is_empty() || line.starts_with('#') {
            items.push(Item::Remark(line.to_owned()));
        } else {
            items.push(Item::Step(Step { line: line.to_owned(), newest: Vec::new(), oldest: None }));
        }
    }
    cases
}

/// Writes it back.
pub fn write(cases: &[Case]) -> String {
    let mut text = String::new();
    for case in cases {
        text.push_str(&format!("=== {}\n", case.title));
        for item in &case.items {
            match item {
                Item::Remark(line) => text.push_str(&format!("{line}\n")),
                Item::Step(step) => {
                    text.push_str(&format!("{}\n", step.line));
                    step.newest.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
                    for line in step.oldest.iter().flatten() {
                        text.push_str(&format!("  {OLDEST}{line}\n"));
                    }
                }
            }
        }
    }
    text
}
