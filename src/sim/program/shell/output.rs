//! Where commands' output goes: to a stream, into a file, on to the next command, or nowhere.

use super::super::super::clock::Moment;
use super::super::super::world::log::Source;
use super::super::Print;
use super::parse::Target;
use super::{Machine, prompt};

/// Where a command's output goes, settled.
pub(super) enum Sink {
    Stream(Source),
    Nothing,
    File { name: String, append: bool },
    Keep,
}

impl Machine {
    pub(super) fn sink(&mut self, target: &Target, own: Source, at: Moment) -> Sink {
        match target {
            Target::Own => Sink::Stream(own),
            Target::Output => Sink::Stream(Source::Output),
            Target::Error => Sink::Stream(Source::Error),
            Target::File { name, append } => match self.expand(name, at) {
                name if name == "/dev/null" => Sink::Nothing,
                name if name == "/dev/stdout" || name == "/proc/1/fd/1" => Sink::Stream(Source::Output),
                name if name == "/dev/stderr" => Sink::Stream(Source::Error),
                name => Sink::File { name, append: *append },
            },
        }
    }

    pub(super) fn deliver(&mut self, sink: Sink, bytes: &[u8], at: Moment, print: Print<'_>) {
        match sink {
            Sink::Stream(source) if !bytes.is_empty() => {
                if self.has_terminal {
                    print(at, Source::Output, &prompt::with_returns(bytes));
                } else {
                    print(at, source, bytes);
                }
            }
            Sink::File { name, append } => {
                let mut content = if append {
                    self.files.get(&name).map(|it| it.to_vec()).unwrap_or_default()
                } else {
                    Vec::new()
                };
                content.extend_from_slice(bytes);
                self.files.insert(name, content.into());
            }
            Sink::Stream(_) | Sink::Nothing | Sink::Keep => {}
        }
    }
}
