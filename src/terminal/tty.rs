//! The terminal's input as bytes, for a shell in a container, and the end of the program when its terminal is gone.
//!
//! A thread that blocks in a read would swallow the next key after the shell has ended. This one waits for input and for
//! the end of its reader at once, and reads only when there is something.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::{process, thread};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

/// The exit code of a program that its terminal's end has ended: 128 and the number of SIGHUP, as shells count.
const HUNG_UP: i32 = 129;

/// Ends the program when its terminal is gone: the window was closed, the line was cut. SIGHUP alone does not do it, for
/// crossterm reads a terminal that is gone for ever and never comes back to the loop. There is nothing left to restore.
///
/// # Errors
/// If the thread cannot be started.
pub(super) fn end_with_terminal() -> io::Result<()> {
    thread::Builder::new().name("hangup".to_owned()).spawn(|| {
        let output = rustix::stdio::stdout();
        loop {
            // Asked for nothing, poll tells of nothing but a hang-up and errors.
            match poll(&mut [PollFd::new(&output, PollFlags::empty())], None) {
                Ok(_) => process::exit(HUNG_UP),
                Err(Errno::INTR) => {}
                Err(_) => return,
            }
        }
    })?;
    Ok(())
}

/// Opens the terminal's input as a stream of bytes that ends, and takes nothing more, when the result is dropped. Drop
/// crossterm's event stream first, or it takes half of the bytes.
///
/// # Errors
/// If the terminal cannot be opened, or the stream or the thread cannot be made.
pub fn input() -> io::Result<tokio::net::UnixStream> {
    let (ours, theirs) = UnixStream::pair()?;
    let keys = keys()?;
    thread::Builder::new().name("tty".to_owned()).spawn(move || {
        // The reader is gone or the terminal is; either way the shell's end is told by the engine.
        drop(forward(&keys, theirs));
    })?;
    ours.set_nonblocking(true)?;
    tokio::net::UnixStream::from_std(ours)
}

/// Where keys come from: standard input, or the terminal itself where that is a pipe (`-f -`), as crossterm has it.
fn keys() -> io::Result<OwnedFd> {
    let input = io::stdin();
    if input.is_terminal() {
        return input.as_fd().try_clone_to_owned();
    }
    Ok(File::open("/dev/tty")?.into())
}

fn forward(input: &OwnedFd, mut reader: UnixStream) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let mut waited =
            [PollFd::new(input, PollFlags::IN), PollFd::from_borrowed_fd(reader.as_fd(), PollFlags::HUP)];
        match poll(&mut waited, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let (has_input, reader_left) = (!waited[0].revents().is_empty(), !waited[1].revents().is_empty());
        if reader_left {
            return Ok(());
        }
        if has_input {
            let count = rustix::io::read(input, &mut buffer)?;
            if count == 0 {
                return Ok(());
            }
            reader.write_all(&buffer[..count])?;
        }
    }
}
