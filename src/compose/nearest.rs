//! The nearest known name to an unknown one, for "did you mean".

/// The longest name that can be a slip of the pen.
const LONGEST: usize = 100;

/// The candidate that differs from `name` by the fewest edits, if these are few enough to be a slip: a third of its
/// letters at most, and always at least one.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let limit = (name.chars().count() / 3).max(1);
    let fits = |candidate: &&str| candidate.len().abs_diff(name.len()) <= 4 * limit;
    candidates
        .into_iter()
        .filter(fits)
        .map(|candidate| (edits(name, candidate), candidate))
        .filter(|(edits, _)| *edits <= limit)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions, replacements and swaps of neighbours that lead from `a` to `b` (optimal string alignment).
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, right) in b.iter().enumerate() {
            let replaced = last[j] + usize::from(left != right);
            let mut least = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *left == b[j - 1] && a[i - 1] == *right {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_and_nothing_else() {
        let known = ["environment", "image", "volumes", "ports"];
        assert_eq!(nearest("enviroment", known), Some("environment"));
        assert_eq!(nearest("iamge", known), Some("image"));
        assert_eq!(nearest("port", known), Some("ports"));
        assert_eq!(nearest("wholly-other", known), None);
    }
}
