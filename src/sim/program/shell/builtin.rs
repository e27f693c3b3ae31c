//! The programs that the small shell knows, as a table. Each takes words and what it reads, and writes to its two streams.

use std::time::Duration;

use super::super::super::clock::Moment;
use super::super::super::random;
use super::super::super::world::signal;
use super::{Machine, files};

/// The status of what the kernel killed for its memory.
pub(super) const OUT_OF_MEMORY: i64 = 137;
/// How long a program takes that fills its memory.
const FILLING: Duration = Duration::from_millis(300);

/// What came of a command.
pub(super) enum Done {
    /// It ended.
    Status(i64),
    /// It takes so long.
    Sleep(Duration),
    /// It takes so long, and ends so.
    Slow(Duration, i64),
    /// It waits for what is in the background.
    Await,
    /// It ends only by a signal.
    Forever,
    /// There is nothing to read yet: it is to be run again.
    Read,
    /// The shell ends.
    Exit(i64),
    /// Another command takes the shell's place.
    Replace(Vec<String>),
    /// Another command runs, and then the shell goes on.
    Enter(Vec<String>),
    /// It uses up all memory, and is killed after so long.
    OutOfMemory(Duration),
}

/// Where a command reads and writes.
pub(super) struct Streams<'a> {
    /// What it reads in place of the shell's input.
    pub(super) input: Option<Vec<u8>>,
    pub(super) output: &'a mut Vec<u8>,
    pub(super) errors: &'a mut Vec<u8>,
}

/// A command under way.
pub(super) struct Call<'a> {
    pub(super) machine: &'a mut Machine,
    name: &'a str,
    pub(super) arguments: &'a [String],
    at: Moment,
    pub(super) streams: Streams<'a>,
}

type Program = fn(&mut Call<'_>) -> Done;

/// Every program and builtin.
const PROGRAMS: &[(&str, Program)] = &[
    (":", |_| Done::Status(0)),
    ("[", test),
    ("ash", enter),
    ("bash", missing),
    ("busybox", files::busybox),
    ("cat", files::cat),
    ("cd", |_| Done::Status(0)),
    ("command", command),
    ("date", date),
    ("dd", files::dd),
    ("echo", echo),
    ("env", environment),
    ("exec", exec),
    ("exit", |call| Done::Exit(call.number(0).unwrap_or(call.machine.status))),
    ("export", export),
    ("false", |_| Done::Status(1)),
    ("hostname", |call| call.say("HOSTNAME")),
    ("id", |call| call.line("uid=0(root) gid=0(root) groups=0(root)")),
    ("kill", kill),
    ("ls", files::list),
    ("mkdir", |_| Done::Status(0)),
    ("printenv", environment),
    ("printf", printf),
    ("ps", processes),
    ("pwd", |call| call.say("PWD")),
    ("read", read),
    ("read_script", read_script),
    ("rm", files::remove),
    ("seq", sequence),
    ("set", |_| Done::Status(0)),
    ("sh", enter),
    ("sleep", sleep),
    ("stty", files::stty),
    ("tail", tail),
    ("test", test),
    ("touch", files::touch),
    ("trap", trap),
    ("true", |_| Done::Status(0)),
    ("uname", |call| call.line("Linux")),
    ("wait", |_| Done::Await),
    ("whoami", |call| call.line("root")),
];

/// Whether there is such a program.
pub(super) fn is_program(name: &str) -> bool {
    name != "bash" && PROGRAMS.iter().any(|(known, _)| *known == name)
}

/// Runs a command.
pub(super) fn run(machine: &mut Machine, words: &[String], at: Moment, streams: Streams<'_>) -> Done {
    let Some((name, arguments)) = words.split_first() else { return Done::Status(0) };
    let short = name.rsplit('/').next().unwrap_or_default();
    let program =
        PROGRAMS.iter().find(|(known, _)| *known == short).map_or(missing as Program, |(_, run)| *run);
    let mut call = Call { machine, name, arguments, at, streams };
    program(&mut call)
}

impl Call<'_> {
    pub(super) fn line(&mut self, text: &str) -> Done {
        self.streams.output.extend_from_slice(text.as_bytes());
        self.streams.output.push(b'\n');
        Done::Status(0)
    }

    fn say(&mut self, variable: &str) -> Done {
        let text = self.machine.variables.get(variable).cloned().unwrap_or_default();
        self.line(&text)
    }

    pub(super) fn fail(&mut self, status: i64, text: &str) -> Done {
        let name = self.name.rsplit('/').next().unwrap_or_default();
        self.streams.errors.extend_from_slice(format!("{name}: {text}\n").as_bytes());
        Done::Status(status)
    }

    fn number(&self, index: usize) -> Option<i64> {
        self.arguments.get(index)?.parse().ok()
    }
}

fn missing(call: &mut Call<'_>) -> Done {
    let text = format!("sh: {}: not found\n", call.name);
    call.streams.errors.extend_from_slice(text.as_bytes());
    Done::Status(127)
}

fn echo(call: &mut Call<'_>) -> Done {
    let mut words = call.arguments.iter().map(String::as_str).peekable();
    let (mut newline, mut escapes) = (true, false);
    while let Some(flags) = words.peek().and_then(|word| word.strip_prefix('-')) {
        if flags.is_empty() || !flags.chars().all(|flag| "neE".contains(flag)) {
            break;
        }
        newline &= !flags.contains('n');
        escapes |= flags.contains('e');
        words.next();
    }
    let text = words.collect::<Vec<_>>().join(" ");
    let text = if escapes { unescape(&text) } else { text.into_bytes() };
    call.streams.output.extend_from_slice(&text);
    if newline {
        call.streams.output.push(b'\n');
    }
    Done::Status(0)
}

fn printf(call: &mut Call<'_>) -> Done {
    let Some((format, mut words)) = call.arguments.split_first() else {
        return call.fail(1, "usage: printf FORMAT");
    };
    loop {
        let (mut rest, before) = (format.as_str(), words.len());
        while let Some((text, after)) = rest.split_once('%') {
            call.streams.output.extend_from_slice(&unescape(text));
            let end = after.find(|one: char| one.is_ascii_alphabetic() || one == '%').unwrap_or(after.len());
            let (width, kind) = after.split_at(end);
            rest = kind.get(1..).unwrap_or_default();
            if kind.starts_with('%') {
                call.streams.output.push(b'%');
                continue;
            }
            let word = words.split_first().map_or("", |(word, more)| {
                words = more;
                word
            });
            call.streams.output.extend_from_slice(padded(word, width).as_bytes());
        }
        call.streams.output.extend_from_slice(&unescape(rest));
        if words.is_empty() || words.len() == before {
            return Done::Status(0);
        }
    }
}

/// A word in the width of `%03d` or `%-5s`.
fn padded(word: &str, width: &str) -> String {
    let count: usize =
        width.trim_start_matches(['-', '0']).split('.').next().unwrap_or_default().parse().unwrap_or(0);
    match width.chars().next() {
        Some('-') => format!("{word:<count$}"),
        Some('0') => format!("{word:0>count$}"),
        _ => format!("{word:>count$}"),
    }
}

/// `\n`, `\t`, `\r`, `\\`, `\033`, `\e`, `\x1b` as the bytes that they stand for.
fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '\\' {
            out.extend_from_slice(character.to_string().as_bytes());
            continue;
        }
        match rest.next() {
            Some('n') => out.push(b'\n'),
            Some('t') => out.push(b'\t'),
            Some('r') => out.push(b'\r'),
            Some('e') => out.push(0x1b),
            Some('x') => out.push(digits(&mut rest, 16, 2, 0)),
            Some(first @ '0'..='7') => {
                // Three digits at most, the zero that may stand before them not counted.
                let most = if first == '0' { 3 } else { 2 };
                out.push(digits(&mut rest, 8, most, first.to_digit(8).unwrap_or(0)));
            }
            Some(other) => out.extend_from_slice(other.to_string().as_bytes()),
            None => out.push(b'\\'),
        }
    }
    out
}

fn digits(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, radix: u32, most: usize, first: u32) -> u8 {
    let mut value = first;
    for _ in 0..most {
        let Some(digit) = rest.peek().and_then(|one| one.to_digit(radix)) else { break };
        value = value * radix + digit;
        rest.next();
    }
    value as u8
}

fn sleep(call: &mut Call<'_>) -> Done {
    let Some(text) = call.arguments.first() else { return call.fail(1, "missing operand") };
    if matches!(text.as_str(), "inf" | "infinity") {
        return Done::Forever;
    }
    let unit = text.chars().last().filter(char::is_ascii_alphabetic);
    let factor = match unit {
        Some('m') => 60.0,
        Some('h') => 3600.0,
        Some('d') => 86400.0,
        _ => 1.0,
    };
    match text.trim_end_matches(['s', 'm', 'h', 'd']).parse::<f64>() {
        Ok(number) if number >= 0.0 => Done::Sleep(Duration::from_secs_f64((number * factor).min(1e9))),
        _ => call.fail(1, &format!("invalid number '{text}'")),
    }
}

fn trap(call: &mut Call<'_>) -> Done {
    let Some((action, names)) = call.arguments.split_first() else { return Done::Status(0) };
    for name in names {
        let Some(number) = signal::number(name) else { continue };
        if action == "-" {
            call.machine.traps.remove(&number);
        } else {
            call.machine.traps.insert(number, action.clone());
        }
    }
    Done::Status(0)
}

fn kill(call: &mut Call<'_>) -> Done {
    let named = call.arguments.iter().find_map(|word| word.strip_prefix('-'));
    let number = signal::number(named.unwrap_or("TERM")).unwrap_or(15);
    let own = call.arguments.last().is_some_and(|target| target == "1");
    if own && number == 9 {
        return Done::Status(0);
    }
    if own && call.machine.traps.contains_key(&number) {
        call.machine.pending.push_back(number);
    }
    if !own {
        call.machine.background = None;
    }
    Done::Status(0)
}

fn exec(call: &mut Call<'_>) -> Done {
    let program = call.arguments.first().map_or("", String::as_str);
    let short = program.rsplit('/').next().unwrap_or_default();
    match short {
        "" => Done::Status(0),
        _ if is_program(short) => Done::Replace(call.arguments.to_vec()),
        _ => {
            let text = format!("sh: exec: {program}: not found\n");
            call.streams.errors.extend_from_slice(text.as_bytes());
            Done::Exit(127)
        }
    }
}

fn enter(call: &mut Call<'_>) -> Done {
    let words = std::iter::once(call.name.to_owned()).chain(call.arguments.iter().cloned());
    Done::Enter(words.collect())
}

fn command(call: &mut Call<'_>) -> Done {
    match call.arguments {
        [flag, name] if flag == "-v" && is_program(name) => {
            let path = format!("/bin/{name}");
            call.line(&path)
        }
        [flag, ..] if flag == "-v" => Done::Status(127),
        words => Done::Enter(words.to_vec()),
    }
}

fn tail(call: &mut Call<'_>) -> Done {
    match call.arguments.last().map(String::as_str) {
        Some("/dev/zero") if call.machine.memory_limit.is_some() => Done::OutOfMemory(FILLING),
        Some("/dev/null" | "/dev/zero") => Done::Forever,
        _ => files::cat(call),
    }
}

fn read(call: &mut Call<'_>) -> Done {
    let name = call.arguments.iter().find(|word| !word.starts_with('-')).cloned();
    let input = &mut call.machine.input;
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else {
        return if call.machine.is_input_open { Done::Read } else { Done::Status(1) };
    };
    let line: Vec<u8> = input.drain(..=end).collect();
    let line = String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned();
    call.machine.variables.insert(name.unwrap_or_else(|| "REPLY".to_owned()), line);
    Done::Status(0)
}

/// A shell without a terminal: the next line of its input is the next command.
fn read_script(call: &mut Call<'_>) -> Done {
    let input = &mut call.machine.input;
    let line: Vec<u8> = match input.iter().position(|byte| *byte == b'\n') {
        Some(end) => input.drain(..=end).collect(),
        None if call.machine.is_input_open => return Done::Read,
        None if input.is_empty() => return Done::Exit(call.machine.status),
        None => input.drain(..).collect(),
    };
    let line = String::from_utf8_lossy(&line).into_owned();
    // It comes here again after the line.
    if let Some(frame) = call.machine.frames.last_mut() {
        frame.at = 0;
    }
    match super::parse(&line) {
        Ok(steps) => call.machine.push(steps, false),
        Err(why) => return call.fail(2, &why),
    }
    Done::Status(call.machine.status)
}

fn environment(call: &mut Call<'_>) -> Done {
    if let Some(name) = call.arguments.first().cloned() {
        return call.say(&name);
    }
    for name in call.machine.exported.clone() {
        let value = call.machine.variables.get(&name).cloned().unwrap_or_default();
        call.line(&format!("{name}={value}"));
    }
    Done::Status(0)
}

fn export(call: &mut Call<'_>) -> Done {
    for word in call.arguments {
        let (name, value) =
            word.split_once('=').map_or((word.as_str(), None), |(name, value)| (name, Some(value)));
        if let Some(value) = value {
            call.machine.variables.insert(name.to_owned(), value.to_owned());
        }
        call.machine.exported.push(name.to_owned());
    }
    Done::Status(0)
}

fn sequence(call: &mut Call<'_>) -> Done {
    let (first, last) = match call.arguments.len() {
        1 => (1, call.number(0).unwrap_or(0)),
        _ => (call.number(0).unwrap_or(1), call.number(1).unwrap_or(0)),
    };
    let lines: String = (first..=last.min(first + 100_000)).map(|number| format!("{number}\n")).collect();
    call.streams.output.extend_from_slice(lines.as_bytes());
    Done::Status(0)
}

fn processes(call: &mut Call<'_>) -> Done {
    call.line("PID   USER     TIME  COMMAND");
    let own = call.machine.argv.join(" ");
    call.line(&format!("    1 root      0:00 {own}"));
    let other = random::mix(call.machine.seed, call.at.0 as u64) % 90 + 10;
    call.line(&format!("   {other} root      0:00 ps"))
}

fn date(call: &mut Call<'_>) -> Done {
    let format =
        call.arguments.iter().find_map(|word| word.strip_prefix('+')).unwrap_or("%a %b %e %H:%M:%S UTC %Y");
    let text = call.at.timestamp().strftime(format).to_string();
    call.line(&text)
}

fn test(call: &mut Call<'_>) -> Done {
    let words: Vec<&str> = call.arguments.iter().map(String::as_str).filter(|word| *word != "]").collect();
    let has = |name: &str| call.machine.files.contains_key(name);
    let number = |text: &str| text.trim().parse::<i64>().unwrap_or(0);
    let (negated, words) = match words.split_first() {
        Some((&"!", rest)) => (true, rest.to_vec()),
        _ => (false, words),
    };
    let holds = match words.as_slice() {
        ["-n", text] | [text] => !text.is_empty(),
        ["-z", text] => text.is_empty(),
        ["-e" | "-f" | "-r" | "-s", name] => has(name),
        ["-d", name] => call.machine.files.keys().any(|path| path.starts_with(&format!("{name}/"))),
        [left, "=" | "==", right] => left == right,
        [left, "!=", right] => left != right,
        [left, "-eq", right] => number(left) == number(right),
        [left, "-ne", right] => number(left) != number(right),
        [left, "-lt", right] => number(left) < number(right),
        [left, "-le", right] => number(left) <= number(right),
        [left, "-gt", right] => number(left) > number(right),
        [left, "-ge", right] => number(left) >= number(right),
        _ => false,
    };
    Done::Status(i64::from(holds == negated))
}
