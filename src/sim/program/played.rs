//! A program played from data: what it prints and uses is worked out when somebody looks, and only its end and its stop
//! happen by themselves. Nobody's looking costs nothing.

use std::sync::Arc;
use std::time::Duration;

use super::super::clock::Moment;
use super::super::random;
use super::super::world::health::Outcome;
use super::super::world::log::Source;
use super::data::{End, Program};
use super::shell::Machine;
use super::template::{Context, Template, Times};
use super::{Ending, Print, Setting, Usage};

/// Who looks again after long is shown so many of the lines that came in between, of each kind.
const CAUGHT_UP: u64 = 2000;
/// The exit code of what the kernel kills.
const KILLED: i64 = 137;
const MEBIBYTE: f64 = 1024.0 * 1024.0;
/// The signals that end what does not handle them, and that this handles as a wish to stop.
const STOPPING: &[i32] = &[1, 2, 3, 15];

/// A program that is played.
pub(crate) struct Played {
    program: Arc<Program>,
    /// When it started, or would have, had it never been paused.
    started: Moment,
    seed: u64,
    hostname: String,
    environment: Vec<String>,
    /// Of each thing that is printed, how many were, and when the next is.
    printed: Vec<(u64, Option<Moment>)>,
    /// When it is to have stopped.
    stop_at: Option<Moment>,
    /// When its memory is used up.
    full_at: Option<Moment>,
    lives: u64,
    times: Times,
    /// What commands beside it begin from.
    shell: Machine,
}

impl Played {
    /// Starts it.
    pub(super) fn start(program: Arc<Program>, setting: Setting) -> Self {
        let started = setting.started;
        let limit = setting.memory_limit.map(|bytes| bytes as f64 / MEBIBYTE);
        let full_at = limit.filter(|_| program.memory.growth > 0.0).map(|limit| {
            let seconds = (limit - program.memory.base) / program.memory.growth;
            started + Duration::from_secs_f64(seconds.max(0.0))
        });
        let mut played = Self {
            started,
            seed: random::mix(setting.seed, setting.lives),
            hostname: setting.hostname.clone(),
            environment: setting.environment.clone(),
            printed: vec![(0, None); program.print.len()],
            stop_at: None,
            full_at,
            lives: setting.lives,
            times: Times::default(),
            shell: Machine::idle(setting),
            program,
        };
        for index in 0..played.printed.len() {
            played.printed[index].1 = played.time_of(index, 0);
        }
        played
    }

    /// When it ends by itself, or has stopped.
    pub(super) fn next(&self) -> Option<Moment> {
        [self.stop_at, self.end_at(), self.full_at].into_iter().flatten().min()
    }

    /// When it next prints.
    pub(super) fn next_line(&self) -> Option<Moment> {
        self.printed.iter().filter_map(|(_, next)| *next).min()
    }

    /// Ends, if its time has come.
    pub(super) fn act(&mut self, now: Moment, print: Print<'_>) -> Option<Ending> {
        let is_due = |at: Option<Moment>| at.is_some_and(|at| at <= now);
        if !is_due(self.next()) {
            return None;
        }
        self.catch_up(now, print);
        if is_due(self.stop_at) {
            return Some(Ending { code: self.program.stop.code, out_of_memory: false });
        }
        if is_due(self.full_at) {
            return Some(Ending { code: KILLED, out_of_memory: true });
        }
        let program = Arc::clone(&self.program);
        let end = self.end_of(&program)?;
        if let Some(text) = &end.text {
            self.say(text, source(end.error), now, print);
        }
        Some(Ending { code: end.code, out_of_memory: false })
    }

    /// Takes a signal: a wish to stop, or nothing to it.
    pub(super) fn signal(&mut self, number: i32, now: Moment, print: Print<'_>) -> Option<Ending> {
        let program = Arc::clone(&self.program);
        if program.stop.deaf || !STOPPING.contains(&number) || self.stop_at.is_some() {
            return None;
        }
        self.catch_up(now, print);
        if let Some(text) = &program.stop.text {
            self.say(text, Source::Output, now, print);
        }
        for (_, next) in &mut self.printed {
            *next = None;
        }
        self.stop_at = Some(now + seconds(program.stop.after));
        self.act(now, print)
    }

    /// Prints what was due until now, in the order of its times.
    pub(super) fn catch_up(&mut self, now: Moment, print: Print<'_>) {
        let program = Arc::clone(&self.program);
        self.skip_what_nobody_saw(&program, now);
        let mut line = Vec::new();
        while let Some((index, at)) = self.next_print().filter(|(_, at)| *at <= now) {
            let entry = &program.print[index];
            let number = self.printed[index].0;
            let word = random::mix(self.seed ^ (index as u64) << 48, number);
            let chosen = entry.choose.get(word as usize % entry.choose.len().max(1));
            if let Some(template) = chosen.or(entry.text.as_ref()) {
                line.clear();
                self.fill(template, at, number, word, &mut line);
                print(at, source(entry.error), &line);
            }
            self.printed[index] = (number + 1, self.time_of(index, number + 1));
        }
    }

    /// Time has stood still for so long.
    pub(super) fn shift(&mut self, by: Duration) {
        self.started = self.started + by;
        for at in self.printed.iter_mut().map(|(_, next)| next).chain([&mut self.stop_at, &mut self.full_at])
        {
            *at = at.map(|at| at + by);
        }
    }

    /// Its health check.
    pub(super) fn probe(&mut self, argv: &[String], now: Moment) -> Outcome {
        let Some(health) = &self.program.health else { return self.shell.probe(argv, now) };
        let is_well = now >= self.started + seconds(health.at);
        let text = if is_well { &health.good } else { &health.bad };
        let took = Duration::from_millis(20 + random::mix(self.seed, now.0 as u64) % 30);
        Outcome { code: i64::from(!is_well), output: format!("{text}\n"), took }
    }

    /// What commands beside it begin from.
    pub(super) fn shell(&self) -> &Machine {
        &self.shell
    }

    /// The same, to change its files.
    pub(super) fn shell_mut(&mut self) -> &mut Machine {
        &mut self.shell
    }

    /// What it has used and uses.
    pub(super) fn usage(&self, now: Moment) -> Usage {
        let elapsed = now.since(self.started).as_secs_f64();
        let phase = (self.seed % 628) as f64 / 100.0;
        Usage {
            cpu: seconds(self.program.cpu.sum(elapsed, phase)),
            memory: (self.program.memory.value(elapsed, phase) * MEBIBYTE) as u64,
            received: (self.program.network.received * elapsed) as u64,
            sent: (self.program.network.sent * elapsed) as u64,
        }
    }

    fn end_of<'a>(&self, program: &'a Program) -> Option<&'a End> {
        let count = program.end.len() as u64;
        program.end.get(self.lives.checked_rem(count)? as usize)
    }

    fn end_at(&self) -> Option<Moment> {
        Some(self.started + seconds(self.end_of(&self.program)?.at?))
    }

    fn next_print(&self) -> Option<(usize, Moment)> {
        let next = self.printed.iter().enumerate().filter_map(|(index, (_, at))| Some((index, (*at)?)));
        next.min_by_key(|(_, at)| *at)
    }

    /// When something is printed for the how-manieth time; none if it is not any more.
    fn time_of(&self, index: usize, number: u64) -> Option<Moment> {
        let entry = &self.program.print[index];
        let Some(every) = entry.every else {
            return (number == 0).then(|| self.started + seconds(entry.at));
        };
        let chance = random::mix(self.seed ^ (index as u64) << 40, number) as f64 / u64::MAX as f64;
        Some(self.started + seconds(entry.at + every * (number as f64 + chance * entry.spread.min(0.99))))
    }

    fn skip_what_nobody_saw(&mut self, program: &Program, now: Moment) {
        for index in 0..self.printed.len() {
            let (number, Some(next)) = self.printed[index] else { continue };
            let Some(every) = program.print[index].every.filter(|every| *every > 0.0) else { continue };
            let waiting = (now.since(next).as_secs_f64() / every) as u64;
            if waiting > CAUGHT_UP {
                let number = number + waiting - CAUGHT_UP;
                self.printed[index] = (number, self.time_of(index, number));
            }
        }
    }

    fn say(&mut self, text: &Template, source: Source, at: Moment, print: Print<'_>) {
        let mut line = Vec::new();
        self.fill(text, at, 0, random::mix(self.seed, at.0 as u64), &mut line);
        print(at, source, &line);
    }

    fn fill(&mut self, template: &Template, at: Moment, number: u64, word: u64, line: &mut Vec<u8>) {
        let mut context = Context {
            at,
            number,
            word,
            hostname: &self.hostname,
            environment: &self.environment,
            times: &mut self.times,
        };
        template.write(&mut context, line);
    }
}

fn source(is_error: bool) -> Source {
    if is_error { Source::Error } else { Source::Output }
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
