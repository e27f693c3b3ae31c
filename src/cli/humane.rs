//! Times and sizes in the words of Docker's tools (the units of `docker/go-units`).
//!
//! Pure: numbers in, text out.

/// A span in one word of time: `Less than a second`, `5 minutes`, `About an hour`, `3 weeks`.
pub fn duration(seconds: i64) -> String {
    let (minutes, hours) = (seconds / 60, (seconds + 1800) / 3600);
    match () {
        () if seconds < 1 => "Less than a second".to_owned(),
        () if seconds == 1 => "1 second".to_owned(),
        () if seconds < 60 => format!("{seconds} seconds"),
        () if minutes == 1 => "About a minute".to_owned(),
        () if minutes < 60 => format!("{minutes} minutes"),
        () if hours == 1 => "About an hour".to_owned(),
        () if hours < 48 => format!("{hours} hours"),
        () if hours < 24 * 14 => format!("{} days", hours / 24),
        () if hours < 24 * 60 => format!("{} weeks", hours / 24 / 7),
        () if hours < 24 * 365 * 2 => format!("{} months", hours / 24 / 30),
        () => format!("{} years", seconds / 3600 / 24 / 365),
    }
}

/// A size in thousands, three digits: `1.99MB`.
pub fn size(bytes: f64) -> String {
    scaled(bytes, 1000.0, &["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"], 3)
}

/// A size in powers of two, four digits: `23.54GiB`.
pub fn binary_size(bytes: f64) -> String {
    scaled(bytes, 1024.0, &["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"], 4)
}

fn scaled(mut value: f64, base: f64, units: &[&str], digits: usize) -> String {
    let mut unit = 0;
    while value >= base && unit + 1 < units.len() {
        value /= base;
        unit += 1;
    }
    format!("{}{}", significant(value, digits), units[unit])
}

/// A number with so many digits in all, and no zeros after the point (Go's `%.*g`, for what is below ten thousand).
fn significant(value: f64, digits: usize) -> String {
    let whole = if value >= 1.0 { value.log10().floor() as usize + 1 } else { 1 };
    let text = format!("{value:.*}", digits.saturating_sub(whole));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        let hour = 3600;
        for (seconds, expected) in [
            (0, "Less than a second"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "About a minute"),
            (119, "About a minute"),
            (120, "2 minutes"),
            (59 * 60 + 59, "59 minutes"),
            (hour, "About an hour"),
            (hour + 1799, "About an hour"),
            (hour + 1800, "2 hours"),
            (47 * hour, "47 hours"),
            (48 * hour, "2 days"),
            (14 * 24 * hour, "2 weeks"),
            (60 * 24 * hour, "2 months"),
            (2 * 365 * 24 * hour, "2 years"),
        ] {
            assert_eq!(duration(seconds), expected);
        }
    }

    #[test]
    fn sizes() {
        let thousands =
            [(0.0, "0B"), (999.0, "999B"), (1140.0, "1.14kB"), (1_985_472.0, "1.99MB"), (12_340.0, "12.3kB")];
        for (bytes, expected) in thousands {
            assert_eq!(size(bytes), expected);
        }
        let gigabytes = 23.54 * 1024.0 * 1024.0 * 1024.0;
        for (bytes, expected) in
            [(0.0, "0B"), (593_920.0, "580KiB"), (gigabytes, "23.54GiB"), (1023.0, "1023B")]
        {
            assert_eq!(binary_size(bytes), expected);
        }
    }
}
