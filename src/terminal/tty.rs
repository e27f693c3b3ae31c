//! The terminal's input as bytes, for a shell in a container.
//!
//! A thread that blocks in a read would swallow the next key after the shell has ended. This one waits for input and for
//! the end of its reader at once, and reads only when there is something.

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

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
