//! Times as the engine writes them. Log lines have one each, so that it is written by hand: a date is worked out once a
//! second at most.

use super::clock::Moment;

/// Go's zero time, which stands for never.
pub(super) const NEVER: &str = "0001-01-01T00:00:00Z";

/// `2026-11-23T14:03:10.123456789Z`, with as many digits as are not zero, as Go writes it.
pub(super) fn rfc3339(moment: Moment) -> String {
    moment.timestamp().to_string()
}

/// The time or [`NEVER`].
pub(super) fn or_never(moment: Option<Moment>) -> String {
    moment.map_or_else(|| NEVER.to_owned(), rfc3339)
}

/// Writes times with nine digits after the point, as stand before log lines.
#[derive(Debug, Default)]
pub(super) struct Stamper {
    second: i64,
    text: String,
}

impl Stamper {
    /// Appends the time and a space.
    pub(super) fn write(&mut self, moment: Moment, out: &mut Vec<u8>) {
        let second = moment.seconds();
        if self.text.is_empty() || self.second != second {
            self.second = second;
            self.text = moment.timestamp().strftime("%Y-%m-%dT%H:%M:%S.").to_string();
        }
        out.extend_from_slice(self.text.as_bytes());
        let mut digits = *b"000000000Z ";
        let mut rest = moment.0.rem_euclid(1_000_000_000);
        for digit in digits[..9].iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        out.extend_from_slice(&digits);
    }

    /// How many bytes it writes.
    pub(super) const LENGTH: usize = "2026-11-23T14:03:10.123456789Z ".len();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_right() {
        let mut stamper = Stamper::default();
        let mut out = Vec::new();
        for nanos in [1_795_459_959_464_516_547, 1_795_459_959_000_000_001, 1_795_459_960_000_000_000] {
            stamper.write(Moment(nanos), &mut out);
        }
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "2026-11-23T18:52:39.464516547Z 2026-11-23T18:52:39.000000001Z 2026-11-23T18:52:40.000000000Z "
        );
        assert_eq!(rfc3339(Moment(1_795_459_959_500_000_000)), "2026-11-23T18:52:39.5Z");
    }
}
