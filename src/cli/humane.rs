//! Sizes in the words of Docker's tools (the units of `docker/go-units`).
//!
//! Pure: numbers in, text out.

const THOUSANDS: &[&str] = &["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];

/// A size in thousands, three digits: `1.99MB`.
pub fn size(bytes: f64) -> String {
    scaled(bytes, 1000.0, THOUSANDS, 3)
}

/// A size in thousands, four digits: `1.535MB`.
pub fn four_digits(bytes: f64) -> String {
    scaled(bytes, 1000.0, THOUSANDS, 4)
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
