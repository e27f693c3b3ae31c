//! The shell at a terminal: a prompt, an echo of what is typed, and a line at a time.

use super::super::super::clock::Moment;
use super::super::super::world::log::Source;
use super::super::Print;
use super::parse::parse;
use super::{Machine, Wait};

const CTRL_C: u8 = 3;
const CTRL_D: u8 = 4;
const BACKSPACE: u8 = 8;
const CTRL_L: u8 = 12;
const CTRL_U: u8 = 21;
const DELETE: u8 = 127;

/// What is typed and not yet entered.
#[derive(Clone, Debug, Default)]
pub(super) struct Prompt {
    line: String,
    /// Whether the prompt stands there already.
    is_shown: bool,
}

impl Machine {
    /// Takes what is typed or sent.
    pub(crate) fn feed(&mut self, bytes: &[u8], now: Moment, print: Print<'_>) -> Option<super::Ending> {
        let interrupts = self.has_terminal && self.wait != Wait::Input && bytes.contains(&CTRL_C);
        if interrupts && self.prompt.is_some() {
            self.frames.clear();
            (self.status, self.wait) = (130, Wait::Ready(now));
            print(now, Source::Output, b"^C\r\n");
            return self.act(now, print);
        }
        if interrupts {
            return Some(super::Ending { code: 130, out_of_memory: false });
        }
        if self.has_terminal && self.prompt.is_none() {
            self.type_in(bytes, now, print);
        } else {
            self.input.extend(bytes);
        }
        if self.wait == Wait::Input {
            self.wait = Wait::Ready(now);
        }
        self.act(now, print)
    }

    /// What the terminal itself does: an echo, line ends, and the end of the input.
    fn type_in(&mut self, bytes: &[u8], now: Moment, print: Print<'_>) {
        let end = bytes.iter().position(|byte| *byte == CTRL_D);
        let typed = bytes[..end.unwrap_or(bytes.len())].iter();
        let typed: Vec<u8> = typed.map(|byte| if *byte == b'\r' { b'\n' } else { *byte }).collect();
        if !typed.is_empty() {
            print(now, Source::Output, &with_returns(&typed));
        }
        self.input.extend(typed);
        self.is_input_open &= end.is_none();
    }

    /// `PS1`, or what stands there without it.
    fn prompt_text(&self) -> String {
        let folder = self.variables.get("PWD").map_or("/", String::as_str);
        self.variables.get("PS1").cloned().unwrap_or_else(|| format!("{folder} # "))
    }

    /// From now on there is something to read, until [`Machine::close_input`].
    pub(crate) fn open_input(&mut self) {
        self.is_input_open = true;
    }

    /// Nothing more is sent.
    pub(crate) fn close_input(&mut self, now: Moment, print: Print<'_>) -> Option<super::Ending> {
        self.is_input_open = false;
        if self.wait == Wait::Input {
            self.wait = Wait::Ready(now);
        }
        self.act(now, print)
    }

    /// Nothing is left to run: the prompt takes what was typed, or that was the end.
    pub(super) fn prompt_or_end(&mut self, at: Moment, print: Print<'_>) -> Option<i64> {
        let text = self.prompt_text();
        let Some(prompt) = &mut self.prompt else { return Some(self.status) };
        if !prompt.is_shown {
            prompt.is_shown = true;
            print(at, Source::Output, text.as_bytes());
        }
        let Some(byte) = self.input.pop_front() else {
            if !self.is_input_open {
                return Some(self.status);
            }
            self.wait = Wait::Input;
            return None;
        };
        let mut echo = Vec::new();
        let entered = match byte {
            b'\r' | b'\n' => true,
            CTRL_D if prompt.line.is_empty() => {
                print(at, Source::Output, b"exit\r\n");
                return Some(self.status);
            }
            CTRL_C => {
                prompt.line.clear();
                echo.extend_from_slice(b"^C");
                true
            }
            CTRL_L => {
                echo.extend_from_slice(b"\x1b[H\x1b[J");
                echo.extend_from_slice(format!("{text}{}", prompt.line).as_bytes());
                false
            }
            CTRL_U => {
                echo = b"\x08 \x08".repeat(prompt.line.chars().count());
                prompt.line.clear();
                false
            }
            BACKSPACE | DELETE => {
                if prompt.line.pop().is_some() {
                    echo.extend_from_slice(b"\x08 \x08");
                }
                false
            }
            0x20..=0x7e | 0x80.. => {
                prompt.line.push(char::from(byte));
                echo.push(byte);
                false
            }
            _ => false,
        };
        if entered {
            echo.extend_from_slice(b"\r\n");
            prompt.is_shown = false;
            let line = std::mem::take(&mut prompt.line);
            print(at, Source::Output, &echo);
            self.enter_line(&line, at, print);
            return None;
        }
        print(at, Source::Output, &echo);
        None
    }

    fn enter_line(&mut self, line: &str, at: Moment, print: Print<'_>) {
        match parse(line) {
            Ok(steps) if steps.is_empty() => {}
            Ok(steps) => self.push(steps, true),
            Err(why) => {
                self.status = 2;
                print(at, Source::Output, format!("sh: {why}\r\n").as_bytes());
            }
        }
    }
}

/// What a terminal makes of newlines.
pub(super) fn with_returns(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 8);
    for (index, byte) in bytes.iter().enumerate() {
        if *byte == b'\n' && index.checked_sub(1).is_none_or(|before| bytes[before] != b'\r') {
            out.push(b'\r');
        }
        out.push(*byte);
    }
    out
}
