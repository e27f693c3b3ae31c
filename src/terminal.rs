//! The terminal: raw mode and what goes with it, its restoration whatever happens, whole frames, keys without split
//! escapes, and its loan to a shell.
//!
//! It knows no App and no engine. What it enables it disables: on drop, on panic and before a suspension.

mod escape;
mod frames;
#[cfg(unix)]
mod tty;

use std::io::{self, IsTerminal, Write, stdout};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::style::Print;
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};

pub use escape::EscapeJoiner;
pub use frames::Frames;
#[cfg(unix)]
pub use tty::input;

/// Whether the terminal is ours at the moment. The panic hook needs it where no value can be reached.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Puts the window's title aside and takes it from there again (xterm's window operations; others pass them over).
const KEEP_TITLE: &str = "\x1b[22;0t";
const GIVE_TITLE_BACK: &str = "\x1b[23;0t";

/// The exit code after a panic, as Rust's own.
const PANICKED: i32 = 101;

/// The terminal while it is ours. Dropping it gives it back.
#[derive(Debug)]
pub struct Guard {
    mouse: bool,
}

impl Guard {
    /// Takes the terminal: raw mode, the alternate screen, bracketed paste, and the mouse if wanted.
    ///
    /// # Errors
    /// If standard output is no terminal, there is none to read keys from, or it refuses.
    pub fn take(mouse: bool) -> io::Result<Self> {
        if !stdout().is_terminal() {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "standard output is not one"));
        }
        #[cfg(unix)]
        tty::end_with_terminal()?;
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let guard = Self { mouse };
        guard.enter()?;
        Ok(guard)
    }

    /// Gives the terminal back for a while: to a shell, or to the one that a suspension returns to.
    ///
    /// # Errors
    /// If the terminal refuses.
    pub fn release(&self) -> io::Result<()> {
        restore()
    }

    /// Takes the terminal back after [`release`](Self::release).
    ///
    /// # Errors
    /// If the terminal refuses.
    pub fn retake(&self) -> io::Result<()> {
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        self.enter()
    }

    fn enter(&self) -> io::Result<()> {
        let mut out = stdout().lock();
        queue!(
            out,
            EnterAlternateScreen,
            Hide,
            EnableBracketedPaste,
            Print(KEEP_TITLE),
            SetTitle("dockside")
        )?;
        if self.mouse {
            queue!(out, EnableMouseCapture)?;
        }
        out.flush()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Nobody is left to tell: the program is ending, and a terminal that is gone cannot be restored.
        drop(restore());
    }
}

/// Raw mode alone, for a shell that has the screen. Dropping it ends it.
#[derive(Debug)]
pub struct RawMode(());

impl RawMode {
    /// Begins it.
    ///
    /// # Errors
    /// If the terminal refuses.
    pub fn begin() -> io::Result<Self> {
        enable_raw_mode()?;
        Ok(Self(()))
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        // As in `Guard`: a terminal that is gone cannot be restored.
        drop(disable_raw_mode());
    }
}

/// Calls with columns and rows whenever the terminal's size changes, for as long as it is awaited.
#[cfg(unix)]
pub async fn report_sizes(tell: impl Fn(u16, u16)) {
    use tokio::signal::unix::{SignalKind, signal};
    // Where the signal cannot be caught, the shell keeps its first size.
    let Ok(mut changes) = signal(SignalKind::window_change()) else { return };
    while changes.recv().await.is_some() {
        if let Ok((columns, rows)) = crossterm::terminal::size() {
            tell(columns, rows);
        }
    }
}

/// Makes a panic give the terminal back before its report is printed. A task's panic ends the program too: the loop would
/// go on to draw onto a terminal that is no longer its own.
pub fn restore_on_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let was_taken = TAKEN.load(Ordering::SeqCst);
        // The report matters more than a terminal that refuses.
        drop(restore());
        report(panic);
        if was_taken && std::thread::current().name() != Some("main") {
            std::process::exit(PANICKED);
        }
    }));
}

/// Stops this process group as Ctrl-Z in a shell does, with the terminal given back meanwhile. Returns once it goes on.
///
/// # Errors
/// If the terminal refuses, or the signal cannot be sent.
#[cfg(unix)]
pub fn suspend(guard: &Guard) -> io::Result<()> {
    guard.release()?;
    rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?;
    guard.retake()
}

/// There is no job control outside Unix.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn suspend(_guard: &Guard) -> io::Result<()> {
    Ok(())
}

/// Undoes everything that a [`Guard`] does. Does nothing when the terminal is not ours.
fn restore() -> io::Result<()> {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    let mut out = stdout();
    let screen = execute!(out, DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let title = execute!(out, Print(GIVE_TITLE_BACK));
    disable_raw_mode()?;
    screen.and(title)
}
