//! JSON objects out of a stream of bytes that is cut anywhere: events, the progress of pulls and builds.
//!
//! Objects may be one to a line, several to a line, or spread over reads. What is no JSON is skipped to the end of its
//! line and never ends the stream.

use serde_json::{Deserializer, Value};

/// Keeps the bytes of the object that is not whole yet.
#[derive(Default)]
pub(super) struct JsonStream {
    rest: Vec<u8>,
}

impl JsonStream {
    /// Takes the next bytes and returns the values that are whole now.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<Value> {
        self.rest.extend_from_slice(bytes);
        let mut values = Vec::new();
        let mut start = 0;
        while let Some(used) = whole_values(&self.rest[start..], &mut values) {
            start += used;
        }
        self.rest.drain(..start);
        values
    }
}

/// Takes the whole values at the beginning of `bytes`; how many bytes are done with, or none if there is no progress.
fn whole_values(bytes: &[u8], values: &mut Vec<Value>) -> Option<usize> {
    let mut stream = Deserializer::from_slice(bytes).into_iter::<Value>();
    loop {
        let used = stream.byte_offset();
        let so_far = (used > 0).then_some(used);
        match stream.next() {
            Some(Ok(value)) => values.push(value),
            Some(Err(error)) if error.is_eof() => return so_far,
            Some(Err(_)) => {
                let newline = bytes[used..].iter().position(|byte| *byte == b'\n');
                return newline.map(|newline| used + newline + 1).or(so_far);
            }
            None => return (!bytes.is_empty()).then_some(bytes.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] =
        "{\"a\":1}{\"b\":\"\u{e4}}\"}\r\n\n{\"c\":\n{}}\nnot json {\n[2] {\"d\":3}\n".as_bytes();
    const WHOLE: &str = r#"[{"a":1},{"b":"ä}"},{"c":{}},[2],{"d":3}]"#;

    #[test]
    fn values_are_the_same_wherever_the_stream_is_cut() {
        for first in 0..TEXT.len() {
            for second in first..TEXT.len() {
                let mut stream = JsonStream::default();
                let mut values = stream.push(&TEXT[..first]);
                values.extend(stream.push(&TEXT[first..second]));
                values.extend(stream.push(&TEXT[second..]));
                assert_eq!(Value::from(values).to_string(), WHOLE, "cut at {first} and {second}");
            }
        }
    }

    #[test]
    fn what_is_whole_is_given_at_once() {
        let mut stream = JsonStream::default();
        assert_eq!(stream.push(b"{\"a\":1}").len(), 1);
        assert_eq!(stream.push(b"{\"a\":").len(), 0);
        assert_eq!(stream.push(b"2}").len(), 1);
    }
}
