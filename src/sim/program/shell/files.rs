//! Programs that touch files, memory and the terminal.

use std::time::Duration;

use super::builtin::{Call, Done};

/// How long a program takes that fills its memory.
const FILLING: Duration = Duration::from_millis(100);
const KILLED: i64 = 137;

pub(super) fn cat(call: &mut Call<'_>) -> Done {
    if let Some(input) = call.streams.input.take() {
        call.streams.output.extend_from_slice(&input);
        return Done::Status(0);
    }
    if call.arguments.is_empty() {
        let input: Vec<u8> = call.machine.input.drain(..).collect();
        let is_over = input.is_empty() && !call.machine.is_input_open;
        call.streams.output.extend_from_slice(&input);
        return if is_over { Done::Status(0) } else { Done::Read };
    }
    let mut status = 0;
    for name in call.arguments {
        if let Some(content) = call.machine.files.get(name) {
            call.streams.output.extend_from_slice(content);
        } else {
            call.fail(1, &format!("can't open '{name}': No such file or directory"));
            status = 1;
        }
    }
    Done::Status(status)
}

pub(super) fn list(call: &mut Call<'_>) -> Done {
    let folder = call.arguments.iter().find(|word| !word.starts_with('-')).map_or("/", String::as_str);
    let prefix = format!("{}/", folder.trim_end_matches('/'));
    let mut names: Vec<String> = call
        .machine
        .files
        .keys()
        .filter_map(|path| path.strip_prefix(&prefix)?.split('/').next().map(str::to_owned))
        .collect();
    if folder == "/" {
        names.extend(["bin", "dev", "etc", "proc", "sys", "tmp", "usr", "var"].map(str::to_owned));
    }
    names.sort();
    names.dedup();
    if names.is_empty() && !call.machine.files.contains_key(folder) {
        return call.fail(1, &format!("{folder}: No such file or directory"));
    }
    let text = if names.is_empty() { folder.to_owned() } else { names.join("\n") };
    call.line(&text)
}

pub(super) fn remove(call: &mut Call<'_>) -> Done {
    for name in call.arguments {
        call.machine.files.remove(name);
    }
    Done::Status(0)
}

pub(super) fn touch(call: &mut Call<'_>) -> Done {
    for name in call.arguments {
        call.machine.files.entry(name.clone()).or_insert_with(|| Vec::new().into());
    }
    Done::Status(0)
}

/// Copies from nowhere to nowhere, with a buffer that may be more than there is memory.
pub(super) fn dd(call: &mut Call<'_>) -> Done {
    let size = call.arguments.iter().find_map(|word| word.strip_prefix("bs=")).and_then(bytes).unwrap_or(512);
    if call.machine.memory_limit.is_some_and(|limit| size > limit) {
        call.machine.ran_out = true;
        return Done::Slow(FILLING, KILLED);
    }
    Done::Status(0)
}

/// `64M` in bytes.
fn bytes(text: &str) -> Option<u64> {
    let (number, scale) = match text.chars().last()? {
        'k' | 'K' => (&text[..text.len() - 1], 1 << 10),
        'm' | 'M' => (&text[..text.len() - 1], 1 << 20),
        'g' | 'G' => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1),
    };
    number.parse::<u64>().ok()?.checked_mul(scale)
}

/// `busybox PROGRAM`, and `busybox --install`, after which its programs are there as they were before.
pub(super) fn busybox(call: &mut Call<'_>) -> Done {
    match call.arguments.first().map(String::as_str) {
        Some("--install") | None => Done::Status(0),
        Some(_) => Done::Enter(call.arguments.to_vec()),
    }
}

/// The size of the terminal.
pub(super) fn stty(call: &mut Call<'_>) -> Done {
    let (rows, columns) = call.machine.size;
    match call.arguments.first().map(String::as_str) {
        Some("size") => call.line(&format!("{rows} {columns}")),
        _ => Done::Status(0),
    }
}
