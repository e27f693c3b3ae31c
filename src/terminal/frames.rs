//! Whole frames, written beside the loop.
//!
//! A frame is drawn into memory and handed to a thread that writes it between the marks of synchronised output. While one
//! is being written no other is drawn: over a slow line frames are fewer, and keys are never behind.

use std::io::{self, Write};
use std::mem;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Rect, Size};
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};
use tokio::sync::Notify;

/// Draws frames and writes them.
pub struct Frames {
    terminal: Terminal<CrosstermBackend<Memory>>,
    memory: Memory,
    writer: mpsc::Sender<Vec<u8>>,
    written: Arc<Written>,
}

/// What the writing thread tells.
#[derive(Default)]
struct Written {
    state: Mutex<WriterState>,
    changed: Notify,
}

#[derive(Default)]
struct WriterState {
    busy: bool,
    failed: Option<io::ErrorKind>,
}

impl Frames {
    /// Begins to draw for a terminal of this size, onto standard output.
    ///
    /// # Errors
    /// If the thread cannot be started.
    pub fn new(size: Size) -> io::Result<Self> {
        let memory = Memory::default();
        let viewport = Viewport::Fixed(Rect::new(0, 0, size.width, size.height));
        let terminal =
            Terminal::with_options(CrosstermBackend::new(memory.clone()), TerminalOptions { viewport })?;
        let written = Arc::new(Written::default());
        let (writer, frames) = mpsc::channel::<Vec<u8>>();
        let told = Arc::clone(&written);
        thread::Builder::new().name("frames".to_owned()).spawn(move || write_all(&frames, &told))?;
        Ok(Self { terminal, memory, writer, written })
    }

    /// Whether the last frame is out, so that another may be drawn.
    ///
    /// # Errors
    /// If the terminal could not be written to: it is gone.
    pub fn is_ready(&self) -> io::Result<bool> {
        let state = self.written.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.failed {
            Some(kind) => Err(io::Error::new(kind, "the terminal cannot be written to")),
            None => Ok(!state.busy),
        }
    }

    /// Waits until the writer has told something new.
    pub async fn written(&self) {
        self.written.changed.notified().await;
    }

    /// Draws a frame of this size and hands it to the writer.
    ///
    /// # Errors
    /// If it cannot be drawn.
    pub fn draw(&mut self, size: Size, paint: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        let area = Rect::new(0, 0, size.width, size.height);
        queue!(self.memory, BeginSynchronizedUpdate)?;
        if self.terminal.get_frame().area() != area {
            self.terminal.resize(area)?;
        }
        self.terminal.draw(paint)?;
        queue!(self.memory, EndSynchronizedUpdate)?;
        self.hand_over();
        Ok(())
    }

    /// Forgets what is on the screen: the next frame is written in full. ratatui's own `clear` would ask the terminal where
    /// its cursor is, and wait for the answer among the keys.
    ///
    /// # Errors
    /// If the terminal cannot be cleared.
    pub fn forget(&mut self) -> io::Result<()> {
        let area = self.terminal.get_frame().area();
        self.terminal.resize(area)
    }

    /// Writes something besides frames, in turn with them: a clipboard sequence.
    pub fn write(&mut self, bytes: &[u8]) {
        self.memory.bytes().extend_from_slice(bytes);
        self.hand_over();
    }

    fn hand_over(&mut self) {
        let bytes = mem::take(&mut *self.memory.bytes());
        self.written.state.lock().unwrap_or_else(PoisonError::into_inner).busy = true;
        if self.writer.send(bytes).is_err() {
            let mut state = self.written.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.failed = Some(io::ErrorKind::BrokenPipe);
        }
    }
}

fn write_all(frames: &mpsc::Receiver<Vec<u8>>, written: &Written) {
    while let Ok(mut bytes) = frames.recv() {
        while let Ok(more) = frames.try_recv() {
            bytes.extend(more);
        }
        let mut out = io::stdout().lock();
        let result = out.write_all(&bytes).and_then(|()| out.flush());
        let mut state = written.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.busy = false;
        state.failed = result.err().map(|error| error.kind());
        drop(state);
        written.changed.notify_one();
    }
}

/// Bytes in memory, shared between the backend that fills and the one that hands them over.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Memory {
    fn bytes(&self) -> std::sync::MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
