//! The terminal's input as bytes, for a shell in a container; and its end.
//!
//! A thread that blocks in a read would swallow the next key after the shell has ended. This one waits for input and for
//! the end of its reader at once, and reads only when there is something.

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use tokio::sync::oneshot;

/// Opens standard input as a stream of bytes that ends, and takes nothing more, when the result is dropped. Drop
/// crossterm's event stream first, or it takes half of the bytes.
///
/// # Errors
/// If the stream or the thread cannot be made.
pub fn input() -> io::Result<tokio::net::UnixStream> {
    let (ours, theirs) = UnixStream::pair()?;
    thread::Builder::new().name("tty".to_owned()).spawn(move || {
        // The reader is gone or the terminal is; either way the shell's end is told by the engine.
        drop(forward(theirs));
    })?;
    ours.set_nonblocking(true)?;
    tokio::net::UnixStream::from_std(ours)
}

/// Tells once when the terminal is gone.
///
/// crossterm takes the end of input for no input and reads it for ever, in the loop's own thread. So standard input is
/// replaced by one on which there is never anything to read.
///
/// # Errors
/// If the thread cannot be made.
pub fn hangup() -> io::Result<oneshot::Receiver<()>> {
    let (sender, gone) = oneshot::channel();
    thread::Builder::new().name("hangup".to_owned()).spawn(move || {
        let Ok(()) = until_hangup() else { return };
        let Ok((silent, peer)) = UnixStream::pair() else { return };
        let replaced = silent.set_nonblocking(true).is_ok() && rustix::stdio::dup2_stdin(&silent).is_ok();
        if replaced && sender.send(()).is_ok() {
            // Its end would be the end of input again.
            std::mem::forget(peer);
        }
    })?;
    Ok(gone)
}

fn until_hangup() -> Result<(), Errno> {
    let input = rustix::stdio::stdin();
    loop {
        let mut waited = [PollFd::new(&input, PollFlags::empty())];
        match poll(&mut waited, None) {
            Ok(_) if waited[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) => return Ok(()),
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}

fn forward(mut reader: UnixStream) -> io::Result<()> {
    let input = rustix::stdio::stdin();
    let mut buffer = [0; 4096];
    loop {
        let mut waited =
            [PollFd::new(&input, PollFlags::IN), PollFd::from_borrowed_fd(reader.as_fd(), PollFlags::HUP)];
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
