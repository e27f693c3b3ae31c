//! Reading the arguments as Docker Compose's library does, and its words where they make no sense.
//!
//! Switches take a value (`--rm=false`), the last of a repeated option counts, a value may begin with a hyphen, and every
//! fault ends with code 1.

use std::ffi::OsString;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory, FromArgMatches};

use super::arguments::Arguments;
use super::global::truth;

/// Why there are no arguments to act on.
#[derive(Debug)]
pub enum Stop {
    /// Help or the version was asked for: print it and end well.
    Told(String),
    /// There is no such command: the help, and the fault in Docker Compose's words.
    Unknown {
        /// For standard output.
        help: String,
        /// For standard error.
        fault: String,
    },
    /// The fault, in Docker Compose's words.
    Fault(String),
}

/// Reads the arguments, the program's name first.
///
/// # Errors
/// What to print instead.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Arguments, Stop> {
    let words: Vec<OsString> = arguments.into_iter().collect();
    let mut command = lenient(Arguments::command());
    let read = command.try_get_matches_from_mut(&words);
    let read = read.and_then(|matches| Arguments::from_arg_matches(&matches));
    read.map_err(|error| stop(&error, &Given { words: &words, command: &command }))
}

/// What was given, for the words of a fault.
struct Given<'a> {
    words: &'a [OsString],
    command: &'a Command,
}

impl Given<'_> {
    /// The command among the words.
    fn verb(&self) -> Option<&Command> {
        self.words.iter().skip(1).find_map(|word| self.command.find_subcommand(word))
    }

    /// An option as Docker Compose's library names it: `-t, --timeout`.
    fn name(&self, flag: &str) -> String {
        let long = flag.trim_start_matches("--");
        let known = self.verb().into_iter().chain([self.command]).flat_map(Command::get_arguments);
        let found = known.into_iter().find(|known| known.get_long() == Some(long));
        found.map_or_else(|| flag.to_owned(), full_name)
    }

    /// An option that lacks its value, as it was written last: `'f' in -f`, or `--file`.
    fn last(&self, flag: &str) -> String {
        let last = self.words.last().map(|word| word.to_string_lossy()).unwrap_or_default();
        match last.chars().last() {
            Some(letter) if last.starts_with('-') && !last.starts_with("--") => {
                format!("'{letter}' in -{letter}")
            }
            _ => flag.to_owned(),
        }
    }
}

fn full_name(argument: &Arg) -> String {
    let long = argument.get_long().map(|long| format!("--{long}")).unwrap_or_default();
    match argument.get_short() {
        Some(short) => format!("-{short}, {long}"),
        None => long,
    }
}

/// The definition with the habits of Docker Compose's library.
pub(super) fn lenient(command: Command) -> Command {
    let command = command.args_override_self(true).mut_args(lenient_argument);
    command.mut_subcommands(lenient)
}

fn lenient_argument(argument: Arg) -> Arg {
    match argument.get_action() {
        ArgAction::SetTrue => argument
            .action(ArgAction::Set)
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .default_value("false")
            .hide_default_value(true)
            .hide_possible_values(true)
            .value_parser(Truth),
        ArgAction::Set | ArgAction::Append if !argument.is_positional() => argument.allow_hyphen_values(true),
        _ => argument,
    }
}

/// Go's truth values.
#[derive(Clone)]
struct Truth;

impl TypedValueParser for Truth {
    type Value = bool;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<bool, clap::Error> {
        let text = value.to_string_lossy();
        truth(&text).ok_or_else(|| {
            let name = argument.map(full_name).unwrap_or_default();
            let text = format!(
                "invalid argument {text:?} for {name:?} flag: strconv.ParseBool: parsing {text:?}: invalid syntax"
            );
            clap::Error::raw(ErrorKind::Io, text).with_cmd(command)
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        None
    }
}

fn stop(error: &clap::Error, given: &Given<'_>) -> Stop {
    let context = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(" "),
        _ => String::new(),
    };
    let argument = context(ContextKind::InvalidArg);
    let flag = argument.split([' ', '=']).next().unwrap_or_default().to_owned();
    let value = context(ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Stop::Told(error.render().to_string()),
        ErrorKind::UnknownArgument => Stop::Fault(unknown(&flag, given)),
        ErrorKind::InvalidSubcommand => {
            let word = context(ContextKind::InvalidSubcommand);
            let help = given.command.clone().render_help().to_string();
            Stop::Unknown { help, fault: format!("unknown docker command: \"compose {word}\"") }
        }
        ErrorKind::InvalidValue if value.is_empty() => {
            Stop::Fault(format!("flag needs an argument: {}", given.last(&flag)))
        }
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            let number = format!(
                "invalid argument {value:?} for {:?} flag: strconv.ParseInt: parsing {value:?}: invalid syntax",
                given.name(&flag)
            );
            // Our own parsers say all that there is to say.
            Stop::Fault(if why.contains("invalid digit") { number } else { why })
        }
        // Our own words ride in `Io`.
        _ => Stop::Fault(plain(&error.render().to_string())),
    }
}

fn unknown(flag: &str, given: &Given<'_>) -> String {
    if !flag.starts_with('-') {
        let verb = given.verb().map(Command::get_name).unwrap_or_default();
        return format!("unknown command {flag:?} for \"docker compose {verb}\"");
    }
    if flag.starts_with("--") {
        return format!("unknown flag: {flag}");
    }
    let letter = flag.chars().nth(1).unwrap_or('-');
    format!("unknown shorthand flag: '{letter}' in {flag}")
}

/// A message of the library without its heading and its advice.
fn plain(text: &str) -> String {
    let text = text.trim().trim_start_matches("error: ");
    text.split("\n\nUsage:").next().unwrap_or(text).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Arguments, String> {
        let words = std::iter::once("dockside").chain(line.split_whitespace()).map(OsString::from);
        parse(words).map_err(|stop| match stop {
            Stop::Told(text) | Stop::Fault(text) | Stop::Unknown { fault: text, .. } => text,
        })
    }

    #[test]
    fn the_definition_is_sound() {
        lenient(Arguments::command()).debug_assert();
    }

    #[test]
    fn options_stand_before_the_command_and_a_dry_run_anywhere() {
        let arguments = read("-f a.yaml -p shop config --dry-run").unwrap();
        assert_eq!(arguments.global.files, ["a.yaml"]);
        assert_eq!(arguments.global.project_name.as_deref(), Some("shop"));
        assert!(arguments.global.dry_run);
        assert!(!read("--dry-run --dry-run=false config").unwrap().global.dry_run);
    }

    #[test]
    fn the_version_names_docker_composes() {
        let expected = format!("Docker Compose version {}", crate::plan::COMPOSE_VERSION);
        for option in ["-v", "-V", "--version"] {
            assert!(read(option).unwrap_err().contains(&expected), "{option}");
        }
    }

    #[test]
    fn what_a_container_is_to_run_is_not_ours_to_read() {
        let words = |line: &str| match read(line).unwrap().command {
            Some(super::super::Command::Exec(args)) => args.words,
            Some(super::super::Command::Run(args)) => args.words,
            other => panic!("{other:?}"),
        };
        assert_eq!(words("exec -T -i=false web ls -i=false --nope"), ["web", "ls", "-i=false", "--nope"]);
        assert_eq!(words("run --rm -- web -T"), ["web", "-T"]);
        assert_eq!(words("run --rm -eA=b web -- -T"), ["web", "--", "-T"]);
        assert_eq!(words("exec -- web echo --dry-run"), ["web", "echo", "--dry-run"]);
    }

    #[test]
    fn faults_in_the_words_of_docker_compose() {
        let check = |line: &str, expected: &str| assert_eq!(read(line).unwrap_err(), expected, "{line}");
        check("config --nope", "unknown flag: --nope");
        check("config -x", "unknown shorthand flag: 'x' in -x");
        check("nope", "unknown docker command: \"compose nope\"");
        check("--env-file", "flag needs an argument: --env-file");
        check("ps -f", "unknown shorthand flag: 'f' in -f");
        check("-p", "flag needs an argument: 'p' in -p");
        check("up -dt", "flag needs an argument: 't' in -t");
        check("version x", "unknown command \"x\" for \"docker compose version\"");
        check("exec -Z web sh", "unknown shorthand flag: 'Z' in -Z");
        check("run --nope web", "unknown flag: --nope");
        let timeout = "invalid argument \"x\" for \"-t, --timeout\" flag: strconv.ParseInt: parsing \"x\": invalid syntax";
        check("up -t x", timeout);
        let detach = "invalid argument \"x\" for \"-d, --detach\" flag: strconv.ParseBool: parsing \"x\": invalid syntax";
        check("up -d=x", detach);
        check("--progress=foo keys", "unsupported --progress value \"foo\"");
        let number =
            "invalid argument \"x\" for \"--parallel\" flag: strconv.ParseInt: parsing \"x\": invalid syntax";
        check("--parallel x keys", number);
        let truth =
            "invalid argument \"x\" for \"--dry-run\" flag: strconv.ParseBool: parsing \"x\": invalid syntax";
        check("keys --dry-run=x", truth);
    }
}
