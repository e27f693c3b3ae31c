//! The shell's language: text → steps with jumps, so that a script can stop at any step and go on later.
//!
//! Lists, `&&`, `||`, `!`, pipes of plain commands, `if`, `while`, `until`, `for`, `{ }`, `( )`, quotes, variables, `$(( ))`,
//! `$( )`, redirections. No functions, no `case`, no patterns: what is not understood is a syntax error, as in a shell.

/// One step of a script.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Runs a command; its status is the status.
    Run(Command),
    /// Goes on there.
    Jump(usize),
    /// Goes on there if the status is 0.
    JumpIf(usize),
    /// Goes on there if the status is not 0.
    JumpUnless(usize),
    /// Turns the status around.
    Negate,
    /// The status becomes 0.
    Succeed,
    /// Begins to go through words.
    Each(Vec<Word>),
    /// Puts the next word into a variable, or goes on there if none is left.
    Next(String, usize),
}

/// A simple command.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Command {
    pub(super) assignments: Vec<(String, Word)>,
    pub(super) words: Vec<Word>,
    pub(super) output: Target,
    pub(super) errors: Target,
    /// A file that is read in place of the input.
    pub(super) input: Option<Word>,
    /// What its output goes into.
    pub(super) pipe: Option<Box<Command>>,
    /// Whether it is not waited for.
    pub(super) in_background: bool,
}

/// Where output goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Target {
    /// Where it goes by itself.
    #[default]
    Own,
    /// Standard output.
    Output,
    /// Standard error.
    Error,
    /// Into a file; to its end, if `append`.
    File {
        /// The file.
        name: Word,
        /// Whether what is there stays.
        append: bool,
    },
}

/// A word: its parts stand one after the other.
pub(super) type Word = Vec<Part>;

/// A part of a word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    /// Text as it is.
    Text(String),
    /// `$NAME`, `${NAME:-word}`; with its quotes, or split into words at blanks.
    Variable { name: String, default: Option<Word>, quoted: bool },
    /// `$((…))`.
    Arithmetic(String),
    /// `$(…)`.
    Output { steps: Vec<Step>, quoted: bool },
}

/// Words that a command cannot begin with.
const NOT_UNDERSTOOD: &[&str] = &["case", "do", "done", "elif", "else", "esac", "fi", "function", "then"];

/// Reads a script.
///
/// # Errors
/// What is not understood, as a shell says it.
pub(super) fn parse(text: &str) -> Result<Vec<Step>, String> {
    let mut parser = Parser { text: text.chars().collect(), at: 0, loops: Vec::new() };
    let mut steps = Vec::new();
    parser.list(&mut steps, &[])?;
    match parser.peek() {
        None => Ok(steps),
        Some(character) => Err(format!("syntax error: unexpected \"{character}\"")),
    }
}

pub(super) struct Parser {
    pub(super) text: Vec<char>,
    pub(super) at: usize,
    /// The loops that are open: where each begins, and the steps that leave it.
    loops: Vec<(usize, Vec<usize>)>,
}

impl Parser {
    pub(super) fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    pub(super) fn take(&mut self, expected: &str) -> bool {
        let there = self.text[self.at..].iter().copied().take(expected.len()).eq(expected.chars());
        if there {
            self.at += expected.len();
        }
        there
    }

    pub(super) fn skip_blanks(&mut self) {
        while let Some(character) = self.peek() {
            match character {
                ' ' | '\t' => self.at += 1,
                '\\' if self.text.get(self.at + 1) == Some(&'\n') => self.at += 2,
                '#' => {
                    while self.peek().is_some_and(|character| character != '\n') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    fn skip_separators(&mut self) {
        self.skip_blanks();
        while matches!(self.peek(), Some(';' | '\n')) {
            self.at += 1;
            self.skip_blanks();
        }
    }

    /// Takes this word if it stands here as a word of its own.
    fn keyword(&mut self, word: &str) -> bool {
        let end = self.at + word.len();
        let ends = self.text.get(end).is_none_or(|next| next.is_whitespace() || ";&|()".contains(*next));
        ends && self.take(word)
    }

    fn is_at(&mut self, words: &[&str]) -> bool {
        let start = self.at;
        let found = words.iter().any(|word| self.keyword(word));
        self.at = start;
        found
    }

    fn expect(&mut self, word: &str) -> Result<(), String> {
        self.skip_separators();
        if self.keyword(word) { Ok(()) } else { Err(format!("syntax error: expecting \"{word}\"")) }
    }

    pub(super) fn list(&mut self, steps: &mut Vec<Step>, until: &[&str]) -> Result<(), String> {
        loop {
            self.skip_separators();
            if matches!(self.peek(), None | Some(')' | '}')) || self.is_at(until) {
                return Ok(());
            }
            self.and_or(steps)?;
            self.skip_blanks();
            match self.peek() {
                Some('&') => {
                    self.at += 1;
                    if let Some(Step::Run(command)) = steps.last_mut() {
                        command.in_background = true;
                    }
                }
                Some(';' | '\n' | ')' | '}') | None => {}
                Some(character) => return Err(format!("syntax error: unexpected \"{character}\"")),
            }
        }
    }

    fn and_or(&mut self, steps: &mut Vec<Step>) -> Result<(), String> {
        self.pipeline(steps)?;
        loop {
            self.skip_blanks();
            let jump: fn(usize) -> Step = if self.take("&&") {
                Step::JumpUnless
            } else if self.take("||") {
                Step::JumpIf
            } else {
                return Ok(());
            };
            self.skip_separators();
            let from = steps.len();
            steps.push(jump(0));
            self.pipeline(steps)?;
            steps[from] = jump(steps.len());
        }
    }

    fn pipeline(&mut self, steps: &mut Vec<Step>) -> Result<(), String> {
        self.skip_blanks();
        let negated = self.keyword("!");
        self.skip_blanks();
        self.command(steps)?;
        let mut chain = Vec::new();
        self.skip_blanks();
        while self.peek() == Some('|') && self.text.get(self.at + 1) != Some(&'|') {
            self.at += 1;
            self.skip_separators();
            chain.push(self.simple()?);
            self.skip_blanks();
        }
        let into =
            chain.into_iter().rev().reduce(|last, before| Command { pipe: Some(Box::new(last)), ..before });
        if let Some(into) = into {
            match steps.last_mut() {
                Some(Step::Run(command)) => command.pipe = Some(Box::new(into)),
                _ => return Err("syntax error: unexpected \"|\"".to_owned()),
            }
        }
        if negated {
            steps.push(Step::Negate);
        }
        Ok(())
    }

    fn command(&mut self, steps: &mut Vec<Step>) -> Result<(), String> {
        if self.keyword("while") {
            return self.repeat(steps, Step::JumpUnless);
        }
        if self.keyword("until") {
            return self.repeat(steps, Step::JumpIf);
        }
        if self.keyword("for") {
            return self.each(steps);
        }
        if self.keyword("if") {
            return self.choose(steps);
        }
        for (open, close) in [("{", "}"), ("(", ")")] {
            if self.peek() == open.chars().next() {
                self.at += 1;
                self.list(steps, &[])?;
                return if self.take(close) {
                    Ok(())
                } else {
                    Err(format!("syntax error: expecting \"{close}\""))
                };
            }
        }
        if self.is_at(NOT_UNDERSTOOD) {
            return Err(format!("syntax error: unexpected \"{}\"", self.name()));
        }
        for (word, leaves) in [("break", true), ("continue", false)] {
            if self.is_at(&[word])
                && let Some((start, exits)) = self.loops.last_mut()
            {
                if leaves {
                    exits.push(steps.len());
                }
                steps.push(Step::Jump(*start));
                self.at += word.len();
                return Ok(());
            }
        }
        let command = self.simple()?;
        steps.push(Step::Run(command));
        Ok(())
    }

    fn repeat(&mut self, steps: &mut Vec<Step>, leave: fn(usize) -> Step) -> Result<(), String> {
        let start = steps.len();
        self.list(steps, &["do"])?;
        self.expect("do")?;
        self.body(steps, start, leave)
    }

    fn each(&mut self, steps: &mut Vec<Step>) -> Result<(), String> {
        self.skip_blanks();
        let name = self.name();
        self.expect("in")?;
        let mut words = Vec::new();
        loop {
            self.skip_blanks();
            if matches!(self.peek(), None | Some(';' | '\n')) {
                break;
            }
            words.push(self.word()?);
        }
        self.expect("do")?;
        steps.push(Step::Each(words));
        let start = steps.len();
        self.body(steps, start, |end| Step::Next(name.clone(), end))
    }

    /// The body of a loop up to `done`; `leave` is the step before it that goes to its end.
    fn body(
        &mut self,
        steps: &mut Vec<Step>,
        start: usize,
        leave: impl Fn(usize) -> Step,
    ) -> Result<(), String> {
        let test = steps.len();
        steps.push(leave(0));
        self.loops.push((start, Vec::new()));
        self.list(steps, &["done"])?;
        self.expect("done")?;
        steps.push(Step::Jump(start));
        let end = steps.len();
        steps[test] = leave(end);
        for exit in self.loops.pop().map(|(_, exits)| exits).unwrap_or_default() {
            steps[exit] = Step::Jump(end);
        }
        steps.push(Step::Succeed);
        Ok(())
    }

    fn choose(&mut self, steps: &mut Vec<Step>) -> Result<(), String> {
        self.list(steps, &["then"])?;
        self.expect("then")?;
        let test = steps.len();
        steps.push(Step::JumpUnless(0));
        self.list(steps, &["elif", "else", "fi"])?;
        let leave = steps.len();
        steps.push(Step::Jump(0));
        steps[test] = Step::JumpUnless(steps.len());
        if self.keyword("elif") {
            self.choose(steps)?;
        } else if self.keyword("else") {
            self.list(steps, &["fi"])?;
            self.expect("fi")?;
        } else {
            self.expect("fi")?;
            steps.push(Step::Succeed);
        }
        steps[leave] = Step::Jump(steps.len());
        Ok(())
    }

    fn simple(&mut self) -> Result<Command, String> {
        let mut command = Command::default();
        loop {
            self.skip_blanks();
            let start = self.at;
            match self.peek() {
                None | Some(';' | '\n' | '|' | '(' | ')' | '&') => break,
                Some('}') if command.words.is_empty() => break,
                Some('>' | '<') => self.redirect(&mut command, 1)?,
                Some('1') if self.take("1>") => {
                    self.at -= 1;
                    self.redirect(&mut command, 1)?;
                }
                Some('2') if self.take("2>") => {
                    self.at -= 1;
                    self.redirect(&mut command, 2)?;
                }
                Some(_) => {
                    let name = self.name();
                    if !name.is_empty() && command.words.is_empty() && self.take("=") {
                        let value = self.word()?;
                        command.assignments.push((name, value));
                        continue;
                    }
                    self.at = start;
                    let word = self.word()?;
                    command.words.push(word);
                }
            }
        }
        if command == Command::default() {
            let found = self.peek().map_or("end of file".to_owned(), |character| format!("\"{character}\""));
            return Err(format!("syntax error: unexpected {found}"));
        }
        Ok(command)
    }

    fn redirect(&mut self, command: &mut Command, stream: u8) -> Result<(), String> {
        if self.take("<") {
            self.skip_blanks();
            command.input = Some(self.word()?);
            return Ok(());
        }
        let append = self.take(">>");
        if !append {
            self.take(">");
        }
        let target = if self.take("&1") {
            Target::Output
        } else if self.take("&2") {
            Target::Error
        } else {
            self.skip_blanks();
            Target::File { name: self.word()?, append }
        };
        if stream == 2 {
            command.errors = target;
        } else {
            command.output = target;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_understood_is_told() {
        for text in ["if true; then", "echo 'x", "case x in esac", "f() { :; }", "echo ${x%y}", "while :; do"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
