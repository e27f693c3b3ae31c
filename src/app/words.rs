//! Amounts in the words of the screen: ages, sizes, rates, lists of names. Nothing here knows the state.

use std::time::Duration;

use crate::observed::plain_reason;

/// An age in its largest unit: `12s`, `41m`, `3h`, `6d`.
pub fn age(age: Duration) -> String {
    match age.as_secs() {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds @ 60..3_600 => format!("{}m", seconds / 60),
        seconds @ 3_600..86_400 => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

/// An age in a sentence: `12 seconds`, `41 minutes`, `1 hour`.
pub fn long_age(age: Duration) -> String {
    let (count, unit) = match age.as_secs() {
        seconds @ 0..60 => (seconds, "second"),
        seconds @ 60..3_600 => (seconds / 60, "minute"),
        seconds @ 3_600..86_400 => (seconds / 3_600, "hour"),
        seconds => (seconds / 86_400, "day"),
    };
    counted(count as usize, unit)
}

/// How long something took: `4.1 s`, `12 s`, `2 m 5 s`.
pub fn span(span: Duration) -> String {
    let seconds = span.as_secs_f64();
    match span.as_secs() {
        0..10 => format!("{seconds:.1} s"),
        whole @ 10..60 => format!("{whole} s"),
        whole => format!("{} m {} s", whole / 60, whole % 60),
    }
}

/// Bytes in a column: `82M`, `1.1G`, `640K`, `12B`. Units are powers of 1024.
pub fn bytes(bytes: u64) -> String {
    scaled(bytes, ["B", "K", "M", "G", "T"])
}

/// Bytes in a sentence: `1.1 GiB`.
pub fn long_bytes(bytes: u64) -> String {
    scaled(bytes, [" B", " KiB", " MiB", " GiB", " TiB"])
}

fn scaled(bytes: u64, units: [&str; 5]) -> String {
    let mut value = bytes as f64;
    let mut place = 0;
    while value >= 1000.0 && place + 1 < units.len() {
        value /= 1024.0;
        place += 1;
    }
    // A whole number of megabytes is exact enough; of gigabytes one digit more tells something.
    let digits = usize::from(value < 10.0 && place > 2 || value < 1.0 && place > 0);
    format!("{value:.digits$}{}", units[place])
}

/// A share of one core: `9.8%`, `140%`.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent < 99.95 { format!("{percent:.1}%") } else { format!("{percent:.0}%") }
}

/// Bytes in a second, without saying "in a second": `9k`, `640`, `1.2M`. Units are powers of 1000, as networks count.
pub fn rate(bytes: f64) -> String {
    match bytes {
        b if b < 1e3 => format!("{b:.0}"),
        b if b < 1e6 => format!("{:.0}k", b / 1e3),
        b if b < 1e9 => format!("{:.1}M", b / 1e6),
        b => format!("{:.1}G", b / 1e9),
    }
}

/// `1 service`, `3 services`.
pub fn counted(count: usize, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

/// `web, db` or `web, db and 3 more`.
pub fn names<S: AsRef<str>>(names: &[S]) -> String {
    const SHOWN: usize = 3;
    let first: Vec<&str> = names.iter().take(SHOWN).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// The first line that says something, without control characters: it may come from inside a container.
pub fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    line.chars().filter(|c| !c.is_control()).collect()
}

/// The engine's reason in one line, without what it wraps it in.
pub fn reason(text: &str) -> String {
    first_line(plain_reason(text))
}

/// A line of a log as plain text, its colours taken off.
pub fn plain_line(bytes: &[u8]) -> String {
    let (mut text, mut offsets) = (Vec::new(), Vec::new());
    super::log::cells::strip(bytes, &mut text, &mut offsets);
    String::from_utf8_lossy(&text).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_short() {
        let ages = [0, 59, 60, 3_599, 3_600, 86_399, 86_400 * 6].map(|s| age(Duration::from_secs(s)));
        assert_eq!(ages.join(" "), "0s 59s 1m 59m 1h 23h 6d");
        assert_eq!(long_age(Duration::from_secs(125)), "2 minutes");
        let sizes = [0, 999, 82 << 20, 1_181_116_006, 1 << 40].map(bytes);
        assert_eq!(sizes.join(" "), "0B 999B 82M 1.1G 1.0T");
        assert_eq!(long_bytes(256 << 20), "256 MiB");
        let spans = [840, 4_120, 12_900, 125_000].map(|ms| span(Duration::from_millis(ms)));
        assert_eq!(spans.join(", "), "0.8 s, 4.1 s, 12 s, 2 m 5 s");
        assert_eq!([0.0, 0.098, 1.4].map(percent).join(" "), "0.0% 9.8% 140%");
        assert_eq!([0.0, 9_200.0, 1_250_000.0].map(rate).join(" "), "0 9k 1.2M");
    }

    #[test]
    fn long_lists_of_names_are_cut() {
        assert_eq!(names(&["web", "db"]), "web, db");
        assert_eq!(names(&["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
        assert_eq!(counted(1, "op"), "1 op");
    }
}
