//! A connection that is kept open while a case goes on: a thread reads it, the case waits for what it wants to see.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use super::http::{Connection, Opened, PATIENCE};

/// The stream, open until it is dropped.
pub struct Stream {
    connection: Connection,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    ended: bool,
}

impl Stream {
    /// Reads on from where the answer's head ended.
    pub fn new(opened: Opened) -> Self {
        let shared = Arc::new(Shared::default());
        shared.state.lock().unwrap().bytes = opened.rest;
        let (mut reading, theirs) = (opened.connection.twin(), Arc::clone(&shared));
        thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            loop {
                let count = reading.read(&mut buffer).unwrap_or(0);
                let mut state = theirs.state.lock().unwrap();
                state.bytes.extend_from_slice(&buffer[..count]);
                state.ended |= count == 0;
                theirs.changed.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        Self { connection: opened.connection, shared }
    }

    pub fn send(&mut self, text: &str) {
        self.connection.write_all(text.as_bytes()).unwrap();
    }

    /// Nothing more is sent.
    pub fn close(&self) {
        self.connection.shut(Shutdown::Write);
    }

    /// Waits until what has come is as wanted, or the stream has ended; gives it, and whether it was reached.
    pub fn wait(&self, reached: impl Fn(&[u8]) -> bool) -> (Vec<u8>, bool) {
        let state = self.shared.state.lock().unwrap();
        let going_on = |state: &mut State| !state.ended && !reached(&state.bytes);
        let (state, _) = self.shared.changed.wait_timeout_while(state, PATIENCE, going_on).unwrap();
        (state.bytes.clone(), reached(&state.bytes))
    }

    /// Waits for the end; gives all that came, and whether the end did.
    pub fn end(&self) -> (Vec<u8>, bool) {
        let bytes = self.wait(|_| false).0;
        (bytes, self.shared.state.lock().unwrap().ended)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.connection.shut(Shutdown::Both);
    }
}
