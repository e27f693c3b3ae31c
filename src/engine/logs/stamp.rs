//! The time that the engine writes before each message with `timestamps=1`: RFC 3339 with nanoseconds and a space after
//! it. Read by hand: it stands before every line, and a general parser would cost more than all the rest.

use jiff::Timestamp;

/// The longest stamp with its space: `2026-11-23T14:03:10.123456789+02:00 `.
pub const LONGEST: usize = 36;
/// The shortest: `2026-11-23T14:03:10Z `.
const SHORTEST: usize = 21;
const SECONDS_OF_DAY: i64 = 86_400;

/// Reads the stamp at the beginning of these bytes. Gives it and how many bytes it takes with the space after it; none
/// where no stamp stands there.
pub fn parse(bytes: &[u8]) -> Option<(Timestamp, usize)> {
    if bytes.len() < SHORTEST {
        return None;
    }
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2] =
        bytes.first_chunk::<19>()?
    else {
        return None;
    };
    let year = number(&[y1, y2, y3, y4])?;
    let (month, day) = (number(&[m1, m2])?, number(&[d1, d2])?);
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[n1, n2])?, number(&[s1, s2])?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (nanosecond, after) = fraction(bytes, 19)?;
    let (offset, after) = zone(bytes, after)?;
    if bytes.get(after) != Some(&b' ') {
        return None;
    }
    let seconds =
        days_since_1970(year, month, day) * SECONDS_OF_DAY + hour * 3600 + minute * 60 + second - offset;
    let stamp = Timestamp::new(seconds, nanosecond).ok()?;
    Some((stamp, after + 1))
}

/// The fraction at this index as nanoseconds, and the index after it.
fn fraction(bytes: &[u8], index: usize) -> Option<(i32, usize)> {
    if bytes.get(index) != Some(&b'.') {
        return Some((0, index));
    }
    let (mut value, mut digits, mut index) = (0, 0, index + 1);
    while let Some(digit) = bytes.get(index).filter(|byte| byte.is_ascii_digit()) {
        if digits < 9 {
            value = value * 10 + i32::from(digit - b'0');
            digits += 1;
        }
        index += 1;
    }
    (digits > 0).then(|| (value * 10_i32.pow(9 - digits), index))
}

/// The offset at this index in seconds, and the index after it.
fn zone(bytes: &[u8], index: usize) -> Option<(i64, usize)> {
    match bytes.get(index)? {
        b'Z' => Some((0, index + 1)),
        sign @ (b'+' | b'-') => {
            let &[h1, h2, b':', m1, m2] = bytes.get(index + 1..)?.first_chunk::<5>()? else { return None };
            let seconds = number(&[h1, h2])? * 3600 + number(&[m1, m2])? * 60;
            Some((if *sign == b'-' { -seconds } else { seconds }, index + 6))
        }
        _ => None,
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    digits
        .iter()
        .try_fold(0, |value, digit| digit.is_ascii_digit().then(|| value * 10 + i64::from(digit - b'0')))
}

/// Days from 1970-01-01 in the Gregorian calendar, counted in years that begin in March, eras of 400 years.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_general_parser_reads() {
        for text in [
            "2026-11-23T14:03:10.123456789Z",
            "2026-11-23T14:03:10Z",
            "2024-02-29T23:59:59.5Z",
            "2000-03-01T00:00:00.000000001Z",
            "1970-01-01T00:00:00Z",
            "1969-12-31T23:59:59.5Z",
            "2026-11-23T14:03:10.123456789+02:30",
            "2026-11-23T14:03:10.12-11:00",
            "2100-02-28T10:00:00.000000000Z",
        ] {
            let expected: Timestamp = text.parse().unwrap();
            assert_eq!(
                parse(format!("{text} rest of the line").as_bytes()),
                Some((expected, text.len() + 1)),
                "{text}"
            );
        }
    }

    #[test]
    fn refuses_what_is_no_stamp() {
        for text in [
            "",
            "2026-11-23T14:03:10Z",
            "2026-13-23T14:03:10Z x",
            "2026-11-23 14:03:10Z x",
            "2026-11-23T14:03:10.Z x",
            "2026-11-23T14:03:10.1 x and more",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
