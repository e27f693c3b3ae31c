//! Signals by name and number.

use super::super::answer::Refusal;

/// The signals of Linux on x86, by number; those that a container is sent in practice.
const SIGNALS: &[(&str, i32)] = &[
    ("HUP", 1),
    ("INT", 2),
    ("QUIT", 3),
    ("ILL", 4),
    ("TRAP", 5),
    ("ABRT", 6),
    ("BUS", 7),
    ("FPE", 8),
    ("KILL", 9),
    ("USR1", 10),
    ("SEGV", 11),
    ("USR2", 12),
    ("PIPE", 13),
    ("ALRM", 14),
    ("TERM", 15),
    ("CHLD", 17),
    ("CONT", 18),
    ("STOP", 19),
    ("TSTP", 20),
    ("TTIN", 21),
    ("TTOU", 22),
    ("URG", 23),
    ("XCPU", 24),
    ("XFSZ", 25),
    ("VTALRM", 26),
    ("PROF", 27),
    ("WINCH", 28),
    ("IO", 29),
    ("PWR", 30),
    ("SYS", 31),
];

/// The last number that Linux has a signal for.
const LAST: i32 = 64;

/// A signal that is asked for by name or number.
///
/// # Errors
/// What the engine says of one that is none.
pub(crate) fn checked(text: &str) -> Result<i32, Refusal> {
    let is_beyond = text.parse::<i32>().is_ok_and(|number| number > LAST);
    let why = if is_beyond { "the linux daemon does not support signal " } else { "invalid signal: " };
    number(text).ok_or_else(|| Refusal::bad(format!("{why}{text}")))
}

/// `SIGTERM`, `term` or `15` as a number; none if it is no signal.
pub(crate) fn number(text: &str) -> Option<i32> {
    if let Ok(number) = text.parse() {
        return SIGNALS.iter().any(|(_, known)| *known == number).then_some(number);
    }
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    SIGNALS.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers() {
        assert_eq!(
            ["SIGTERM", "kill", "1", "nope", "99"].map(number),
            [Some(15), Some(9), Some(1), None, None]
        );
    }
}
