//! A program in a real pseudo-terminal, with an emulator that reads its screen.
//!
//! Nothing here sleeps: whoever waits for the screen is woken by the next bytes of the program.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::expect_used, clippy::panic, reason = "a helper of tests fails the test")]

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// A running program and its screen.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    input: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    modes: String,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    parser: vt100::Parser,
    raw: Vec<u8>,
    ended: bool,
}

impl State {
    /// Whether no frame is half drawn: the last synchronised update that began has ended.
    fn is_whole(&self) -> bool {
        let last = |mark: &[u8]| self.raw.windows(mark.len()).rposition(|bytes| bytes == mark);
        last(b"\x1b[?2026h") <= last(b"\x1b[?2026l")
    }
}

impl Terminal {
    /// Starts a program on a terminal of this many columns and rows.
    pub fn start(
        program: &Path,
        arguments: &[&str],
        folder: &Path,
        variables: &[(&str, &str)],
        size: (u16, u16),
    ) -> Self {
        let (columns, rows) = size;
        let pair = native_pty_system()
            .openpty(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 })
            .expect("a pseudo-terminal");
        let modes = format!("{:?}", pair.master.get_termios());
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(folder);
        command.env("TERM", "xterm-256color");
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                parser: vt100::Parser::new(rows, columns, 0),
                raw: Vec::new(),
                ended: false,
            }),
            changed: Condvar::new(),
        });
        let reader = pair.master.try_clone_reader().expect("the terminal's output");
        let input = pair.master.take_writer().expect("the terminal's input");
        let filled = Arc::clone(&shared);
        thread::spawn(move || read_all(reader, &filled));
        Self { child, input, master: pair.master, modes, shared }
    }

    /// Types these bytes.
    pub fn press(&mut self, keys: &str) {
        self.input.write_all(keys.as_bytes()).expect("the program reads");
        self.input.flush().expect("the program reads");
    }

    /// Gives the terminal another size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.shared
            .state
            .lock()
            .expect("no test thread panics here")
            .parser
            .screen_mut()
            .set_size(rows, columns);
        self.master.resize(size).expect("the terminal can be resized");
    }

    /// The screen as text.
    pub fn screen(&self) -> String {
        self.shared.state.lock().expect("no test thread panics here").parser.screen().contents()
    }

    /// Looks at the emulator's screen, colours included.
    pub fn with_screen<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.shared.state.lock().expect("no test thread panics here").parser.screen())
    }

    /// Waits until the screen is as wanted, and gives it.
    pub fn wait_for(&self, what: &str, limit: Duration, wanted: impl Fn(&str) -> bool) -> String {
        let (screen, reached) = self.wait(limit, |state| wanted(&state.parser.screen().contents()));
        assert!(reached, "never saw {what} within {limit:?}; the screen was:\n{screen}");
        screen
    }

    /// Whether the screen becomes as wanted within this time.
    pub fn has_become(&self, limit: Duration, wanted: impl Fn(&str) -> bool) -> bool {
        self.wait(limit, |state| wanted(&state.parser.screen().contents())).1
    }

    /// Presses keys until the screen is as wanted: again whenever a while passes without it, for what takes no keys at once.
    pub fn press_until(&mut self, keys: &str, what: &str, wanted: impl Fn(&str) -> bool) {
        for _ in 0..20 {
            self.press(keys);
            if self.has_become(Duration::from_secs(1), &wanted) {
                return;
            }
        }
        panic!("never saw {what}; the screen was:\n{}", self.screen());
    }

    /// Waits until the program has ended. Gives its exit code and all that it ever wrote.
    pub fn wait_for_end(&mut self, limit: Duration) -> (u32, Vec<u8>) {
        let (screen, ended) = self.wait(limit, |state| state.ended);
        assert!(ended, "did not end within {limit:?}; the screen was:\n{screen}");
        let code = self.child.wait().expect("the program was started").exit_code();
        (code, self.shared.state.lock().expect("no test thread panics here").raw.clone())
    }

    /// How many frames the program has drawn.
    pub fn frames(&self) -> usize {
        let state = self.shared.state.lock().expect("no test thread panics here");
        let end = b"\x1b[?2026l";
        state.raw.windows(end.len()).filter(|bytes| bytes == end).count()
    }

    /// Whether the terminal's modes (echo, line editing, signals) are those that it began with.
    pub fn is_restored(&self) -> bool {
        format!("{:?}", self.master.get_termios()) == self.modes
    }

    /// The program's process id.
    pub fn process_id(&self) -> u32 {
        self.child.process_id().expect("the program was started")
    }

    fn wait(&self, limit: Duration, reached: impl Fn(&State) -> bool) -> (String, bool) {
        let end = Instant::now() + limit;
        let mut state = self.shared.state.lock().expect("no test thread panics here");
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let is_reached = (state.is_whole() || state.ended) && reached(&state);
            if is_reached || left.is_zero() {
                return (state.parser.screen().contents(), is_reached);
            }
            state = self.shared.changed.wait_timeout(state, left).expect("no test thread panics here").0;
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that failed must not leave the program behind.
        drop(self.child.kill());
    }
}

fn read_all(mut reader: Box<dyn Read + Send>, shared: &Shared) {
    let mut buffer = vec![0; 65536];
    loop {
        let count = reader.read(&mut buffer).unwrap_or(0);
        let mut state = shared.state.lock().expect("no test thread panics here");
        if count == 0 {
            state.ended = true;
            shared.changed.notify_all();
            return;
        }
        state.parser.process(&buffer[..count]);
        state.raw.extend_from_slice(&buffer[..count]);
        shared.changed.notify_all();
    }
}
