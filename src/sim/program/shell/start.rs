//! How a command begins: a program by itself, or a shell with a script, a file, its input or a terminal.

use super::Machine;
use super::parse::{Command, Part, Step, Target, parse};
use super::prompt::Prompt;

impl Machine {
    /// Puts a command's steps on top.
    pub(super) fn enter(&mut self, argv: &[String]) {
        let program = argv.first().map_or("", String::as_str);
        let short = program.rsplit('/').next().unwrap_or_default().trim_start_matches('-');
        if matches!(short, "sh" | "ash" | "bash") {
            return self.enter_shell(&argv[1..]);
        }
        let words = argv.iter().map(|word| vec![Part::Text(word.clone())]).collect();
        let command = Command { words, ..Command::default() };
        self.push(vec![Step::Run(command)], true);
    }

    fn enter_shell(&mut self, arguments: &[String]) {
        let mut arguments = arguments.iter().skip_while(|word| word.starts_with('-') && !word.ends_with('c'));
        let text = match arguments.next().map(String::as_str) {
            Some("-c" | "-ec" | "-lc" | "-exc") => arguments.next().cloned(),
            Some(file) => match self.files.get(file) {
                Some(text) => Some(String::from_utf8_lossy(text).into_owned()),
                None => {
                    Some(format!("echo \"sh: can't open '{file}': No such file or directory\" >&2; exit 2"))
                }
            },
            None if self.has_terminal => {
                self.prompt = Some(Prompt::default());
                return;
            }
            None => Some(String::from("read_script")),
        };
        self.parameters = arguments.skip(1).cloned().collect();
        self.script(&text.unwrap_or_default());
    }

    /// Puts a script on top; one that is not understood ends as a shell ends that does not understand it.
    fn script(&mut self, text: &str) {
        match parse(text) {
            Ok(steps) => self.push(steps, true),
            Err(why) => {
                let word = |text: &str| vec![Part::Text(text.to_owned())];
                let told = Command {
                    words: vec![word("echo"), word(&format!("sh: {why}"))],
                    output: Target::Error,
                    ..Command::default()
                };
                let leave = Command { words: vec![word("exit"), word("2")], ..Command::default() };
                self.push(vec![Step::Run(told), Step::Run(leave)], true);
            }
        }
    }
}
