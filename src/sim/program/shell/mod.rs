//! A small shell: enough for the commands that tests and people give to containers, stopped and gone on with as time
//! passes. It knows the signals' traps, an interactive prompt, and the few programs in [`builtin`].
//!
//! It is no shell to rely on: what it does not understand it refuses with a syntax error, and never guesses.

mod builtin;
mod expand;
mod files;
mod output;
mod parse;
mod prompt;
mod start;
mod word;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::super::clock::Moment;
use super::super::world::health::Outcome;
use super::super::world::log::Source;
use super::{Ending, Files, Print, Setting};
use builtin::Done;
use output::Sink;
use parse::{Command, Step, Target, Word, parse};
use prompt::Prompt;

/// How many steps a script takes at one moment. One that takes more goes on a little later, as a busy loop's time passes.
const STEPS: usize = 2000;
/// How much later.
const BUSY: Duration = Duration::from_millis(10);
const SIGINT: i32 = 2;
const SIGTERM: i32 = 15;

/// A shell, or one command, that runs.
#[derive(Clone)]
pub(crate) struct Machine {
    frames: Vec<Frame>,
    pub(super) variables: BTreeMap<String, String>,
    exported: Vec<String>,
    pub(super) status: i64,
    traps: BTreeMap<i32, String>,
    pending: VecDeque<i32>,
    wait: Wait,
    /// Until when a command in the background runs.
    background: Option<Moment>,
    pub(super) files: Files,
    argv: Vec<String>,
    has_init: bool,
    has_terminal: bool,
    memory_limit: Option<u64>,
    seed: u64,
    /// What it is sent and has not read; closed at its end.
    input: VecDeque<u8>,
    is_input_open: bool,
    prompt: Option<Prompt>,
    /// The rows and columns of its terminal.
    size: (u16, u16),
    /// Whether something in it was killed for its memory.
    ran_out: bool,
    /// What it runs in the foreground and waits for.
    child: String,
    /// The parameters of the script: `$1` and on.
    parameters: Vec<String>,
}

#[derive(Clone)]
struct Frame {
    steps: Arc<[Step]>,
    at: usize,
    /// The words that loops have left.
    lists: Vec<VecDeque<String>>,
    /// Whether `exit` leaves only this.
    is_shell: bool,
}

/// What it waits for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wait {
    /// Nothing, since then.
    Ready(Moment),
    /// A command in the foreground: a trap waits for its end.
    Busy(Moment),
    /// `wait`: a trap comes at once.
    Idle(Moment),
    /// Something to read.
    Input,
    /// A program that ends only by a signal.
    Forever,
}

impl Machine {
    /// Starts a command.
    ///
    /// # Errors
    /// What runc says when there is no such program.
    pub(crate) fn start(setting: Setting) -> Result<Self, String> {
        let mut machine = Self::new(setting);
        let argv = machine.argv.clone();
        machine.check(&argv)?;
        machine.enter(&argv);
        Ok(machine)
    }

    /// Whether there is such a program.
    fn check(&self, argv: &[String]) -> Result<(), String> {
        let program = argv.first().map_or("", String::as_str);
        let short = program.rsplit('/').next().unwrap_or_default();
        if !builtin::is_program(short) && !self.files.contains_key(program) {
            let inside = format!("{program}/");
            if program == "/tmp" || self.files.keys().any(|path| path.starts_with(&inside)) {
                return Err(format!("exec: \"{program}\": permission denied"));
            }
            return Err(if program.contains('/') {
                format!("exec: \"{program}\": stat {program}: no such file or directory")
            } else {
                format!("exec: \"{program}\": executable file not found in $PATH")
            });
        }
        Ok(())
    }

    /// One that runs nothing: what commands beside another program begin from.
    pub(super) fn idle(setting: Setting) -> Self {
        Self::new(setting)
    }

    fn new(setting: Setting) -> Self {
        let split =
            |entry: &String| entry.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut variables: BTreeMap<String, String> = setting.environment.iter().filter_map(split).collect();
        variables.entry("HOSTNAME".to_owned()).or_insert_with(|| setting.hostname.clone());
        variables.entry("PATH".to_owned()).or_insert_with(|| "/usr/local/bin:/usr/bin:/bin".to_owned());
        variables.entry("HOME".to_owned()).or_insert_with(|| "/root".to_owned());
        let exported = variables.keys().cloned().collect();
        let mut files = setting.files;
        files
            .entry("/etc/hostname".to_owned())
            .or_insert_with(|| format!("{}\n", setting.hostname).into_bytes().into());
        Self {
            frames: Vec::new(),
            variables,
            exported,
            status: 0,
            traps: BTreeMap::new(),
            pending: VecDeque::new(),
            wait: Wait::Ready(setting.started),
            background: None,
            files,
            argv: setting.argv,
            has_init: setting.has_init,
            has_terminal: setting.has_terminal,
            memory_limit: setting.memory_limit,
            seed: setting.seed,
            input: VecDeque::new(),
            is_input_open: false,
            prompt: None,
            size: (24, 80),
            ran_out: false,
            child: String::new(),
            parameters: Vec::new(),
        }
    }

    /// When it next acts.
    pub(crate) fn next(&self) -> Option<Moment> {
        match self.wait {
            Wait::Ready(at) | Wait::Busy(at) | Wait::Idle(at) => Some(at),
            Wait::Input | Wait::Forever => None,
        }
    }

    /// Goes on as far as it can by now.
    pub(crate) fn act(&mut self, now: Moment, print: Print<'_>) -> Option<Ending> {
        let mut steps = 0;
        loop {
            let at = match self.wait {
                Wait::Ready(at) | Wait::Busy(at) | Wait::Idle(at) if at <= now => at,
                _ => return None,
            };
            self.wait = Wait::Ready(at);
            self.take_pending();
            if let Some(code) = self.step(at, print) {
                return Some(Ending { code, out_of_memory: self.ran_out });
            }
            steps += 1;
            if steps == STEPS {
                steps = 0;
                if self.wait == Wait::Ready(at) {
                    self.wait = Wait::Ready(at + BUSY);
                }
            }
        }
    }

    /// Takes a signal other than KILL. One that it does not handle is spared the first process of a container.
    pub(crate) fn signal(&mut self, number: i32, now: Moment, print: Print<'_>) -> Option<Ending> {
        match self.traps.get(&number) {
            Some(_) => {
                self.pending.push_back(number);
                if matches!(self.wait, Wait::Idle(_) | Wait::Ready(_) | Wait::Input) {
                    self.wait = Wait::Ready(now);
                }
                self.act(now, print)
            }
            None if self.has_init && (number == SIGINT || number == SIGTERM || number == 1) => {
                Some(Ending { code: 128 + i64::from(number), out_of_memory: false })
            }
            None => None,
        }
    }

    /// Time has stood still for so long.
    pub(crate) fn shift(&mut self, by: Duration) {
        self.wait = match self.wait {
            Wait::Ready(at) => Wait::Ready(at + by),
            Wait::Busy(at) => Wait::Busy(at + by),
            Wait::Idle(at) => Wait::Idle(at + by),
            other => other,
        };
        self.background = self.background.map(|at| at + by);
    }

    /// Runs a command beside it and gives what came of it; a command that waits takes the time that it waits.
    pub(crate) fn probe(&mut self, argv: &[String], now: Moment) -> Outcome {
        if let Err(why) = self.check(argv) {
            let output = super::super::world::exec::not_run_beside(&why);
            return Outcome { code: -1, output, took: Duration::ZERO };
        }
        let mut side = self.beside(argv, now);
        let mut output = Vec::new();
        let mut at = now;
        loop {
            let ending = side.act(at, &mut |_, _, bytes| output.extend_from_slice(bytes));
            let output = || String::from_utf8_lossy(&output).into_owned();
            match (ending, side.next()) {
                (Some(ending), _) => {
                    self.files = side.files.clone();
                    return Outcome { code: ending.code, output: output(), took: at.since(now) };
                }
                (None, Some(next)) if next.since(now) < Duration::from_hours(1) => at = next,
                _ => return Outcome { code: -1, output: output(), took: Duration::MAX },
            }
        }
    }

    /// The processes in its container.
    pub(crate) fn processes(&self) -> Vec<String> {
        let own = self.argv.join(" ");
        let is_shell = self.argv.first().is_some_and(|program| program.ends_with("sh"));
        match self.wait {
            Wait::Busy(_) | Wait::Forever if is_shell => vec![own, self.child.clone()],
            _ => vec![own],
        }
    }

    /// A command that somebody runs in the same container.
    ///
    /// # Errors
    /// What runc says of a program that is not there.
    pub(crate) fn command(
        &self,
        argv: &[String],
        environment: &[String],
        has_terminal: bool,
        now: Moment,
    ) -> Result<Self, String> {
        self.check(argv)?;
        let mut side = self.beside(&[], now);
        side.frames.clear();
        for entry in environment {
            if let Some((name, value)) = entry.split_once('=') {
                side.variables.insert(name.to_owned(), value.to_owned());
                side.exported.push(name.to_owned());
            }
        }
        side.has_terminal = has_terminal;
        side.argv = argv.to_vec();
        side.enter(argv);
        Ok(side)
    }

    /// Its terminal has this size from now on.
    pub(crate) fn resize(&mut self, rows: u16, columns: u16) {
        self.size = (rows, columns);
    }

    /// The files that it sees.
    pub(crate) fn files(&self) -> &Files {
        &self.files
    }

    /// It sees these files from now on.
    pub(crate) fn keep_files(&mut self, files: &Files) {
        self.files.clone_from(files);
    }

    /// Another command in the same container.
    fn beside(&self, argv: &[String], now: Moment) -> Self {
        let mut side = Self {
            frames: Vec::new(),
            traps: BTreeMap::new(),
            pending: VecDeque::new(),
            wait: Wait::Ready(now),
            background: None,
            argv: argv.to_vec(),
            input: VecDeque::new(),
            is_input_open: false,
            prompt: None,
            has_init: true,
            has_terminal: false,
            ..self.clone()
        };
        side.enter(argv);
        side
    }

    fn push(&mut self, steps: Vec<Step>, is_shell: bool) {
        self.frames.push(Frame { steps: steps.into(), at: 0, lists: Vec::new(), is_shell });
    }

    fn take_pending(&mut self) {
        let Some(number) = self.pending.pop_front() else { return };
        let Some(action) = self.traps.get(&number).cloned() else { return };
        if let Ok(steps) = parse(&action)
            && !steps.is_empty()
        {
            self.push(steps, false);
        }
    }

    /// One step. The code, if that was the end.
    fn step(&mut self, at: Moment, print: Print<'_>) -> Option<i64> {
        let Some(frame) = self.frames.last_mut() else {
            return self.prompt_or_end(at, print);
        };
        let Some(step) = frame.steps.get(frame.at).cloned() else {
            self.frames.pop();
            return None;
        };
        frame.at += 1;
        let status = self.status;
        match step {
            Step::Run(command) => return self.run(&command, at, print),
            Step::Jump(to) => frame.at = to,
            Step::JumpIf(to) if status == 0 => frame.at = to,
            Step::JumpUnless(to) if status != 0 => frame.at = to,
            Step::JumpIf(_) | Step::JumpUnless(_) => {}
            Step::Negate => self.status = i64::from(status == 0),
            Step::Succeed => self.status = 0,
            Step::Each(words) => {
                let words = self.expand_all(&words, at);
                self.frames.last_mut()?.lists.push(words.into());
            }
            Step::Next(name, end) => {
                if let Some(word) = frame.lists.last_mut().and_then(VecDeque::pop_front) {
                    self.variables.insert(name, word);
                } else {
                    frame.lists.pop();
                    frame.at = end;
                }
            }
        }
        None
    }

    fn run(&mut self, command: &Command, at: Moment, print: Print<'_>) -> Option<i64> {
        for (name, value) in &command.assignments {
            let value = self.expand(value, at);
            self.variables.insert(name.clone(), value);
        }
        let words = self.expand_all(&command.words, at);
        if words.is_empty() {
            self.status = 0;
            return None;
        }
        let mut input = command.input.as_ref().map(|word| {
            let name = self.expand(word, at);
            self.files.get(&name).map(|content| content.to_vec()).unwrap_or_default()
        });
        let mut stage = Some(command);
        let mut done = Done::Status(0);
        let mut words = words;
        while let Some(current) = stage {
            let output = if current.pipe.is_some() {
                Sink::Keep
            } else {
                self.sink(&current.output, Source::Output, at)
            };
            let errors = self.sink(&current.errors, Source::Error, at);
            let errors = match (&current.errors, &output) {
                (Target::Output, Sink::Nothing) => Sink::Nothing,
                _ => errors,
            };
            let (mut kept, mut told) = (Vec::new(), Vec::new());
            done = builtin::run(
                self,
                &words,
                at,
                builtin::Streams { input: input.take(), output: &mut kept, errors: &mut told },
            );
            self.deliver(errors, &told, at, print);
            if let Sink::Keep = output {
                input = Some(kept);
            } else {
                self.deliver(output, &kept, at, print);
            }
            stage = current.pipe.as_deref();
            if let Some(next) = stage {
                words = self.expand_all(&next.words, at);
            }
        }
        if !command.in_background {
            self.child = words.join(" ");
        }
        self.settle(done, command.in_background, at)
    }

    /// What a command's end means for the script.
    fn settle(&mut self, done: Done, in_background: bool, at: Moment) -> Option<i64> {
        match done {
            Done::Status(status) => self.status = status,
            Done::Sleep(span) if in_background => self.background = Some(at + span),
            Done::Sleep(span) => (self.status, self.wait) = (0, Wait::Busy(at + span)),
            Done::Slow(span, status) => (self.status, self.wait) = (status, Wait::Busy(at + span)),
            Done::Await => {
                self.status = 0;
                if let Some(until) = self.background.take() {
                    self.wait = Wait::Idle(until);
                }
            }
            Done::Forever => self.wait = Wait::Forever,
            Done::Read => {
                // The step is taken again once there is something.
                if let Some(frame) = self.frames.last_mut() {
                    frame.at -= 1;
                }
                self.wait = Wait::Input;
            }
            Done::Exit(code) => return self.leave(code),
            Done::Replace(argv) => {
                self.frames.clear();
                self.traps.clear();
                self.enter(&argv);
            }
            Done::Enter(argv) => self.enter(&argv),
            Done::OutOfMemory(after) => {
                (self.status, self.ran_out) = (builtin::OUT_OF_MEMORY, true);
                self.wait = Wait::Busy(at + after);
                self.frames.clear();
            }
        }
        None
    }

    /// `exit`: leaves the shell on top. The code, if there is none below.
    fn leave(&mut self, code: i64) -> Option<i64> {
        let code = code & 0xff;
        self.status = code;
        while let Some(frame) = self.frames.pop() {
            if frame.is_shell {
                break;
            }
        }
        (self.frames.is_empty()).then_some(code)
    }

    fn expand_all(&mut self, words: &[Word], at: Moment) -> Vec<String> {
        words.iter().flat_map(|word| self.fields(word, at)).collect()
    }
}
