//! Chance that is a function of a seed: the same seed gives the same world.

/// A well-mixed number of the two (`splitmix64`).
pub(super) fn mix(seed: u64, number: u64) -> u64 {
    let mut word = seed.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// A number that stands for a text.
pub(super) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| mix(hash, u64::from(byte)))
}

/// So many hexadecimal digits.
pub(super) fn hex(seed: u64, digits: usize) -> String {
    let mut text: String =
        (0..digits.div_ceil(16) as u64).map(|part| format!("{:016x}", mix(seed, part))).collect();
    text.truncate(digits);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same() {
        assert_eq!(hex(7, 64), hex(7, 64));
        assert_ne!(hex(7, 64), hex(8, 64));
        assert_eq!(hex(7, 20).len(), 20);
    }
}
