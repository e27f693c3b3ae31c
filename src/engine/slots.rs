//! Which reads are under way: at most one for each key, a few in all, and one more after it if the key was asked for
//! again meanwhile, so that the last report is never older than the last event.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use super::read::AT_ONCE;

/// How a read that is under way goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Under {
    /// Its result counts.
    Way,
    /// Its result counts, and it is read again.
    WayAndAgain,
    /// What it reads is gone; its result does not count.
    Vain,
}

/// The reads that are waiting and under way.
pub(super) struct Slots<K> {
    waiting: VecDeque<K>,
    under: HashMap<K, Under>,
}

impl<K> Default for Slots<K> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), under: HashMap::new() }
    }
}

impl<K: Clone + Eq + Hash> Slots<K> {
    /// Asks for a read of `key`.
    pub(super) fn request(&mut self, key: K) {
        match self.under.get_mut(&key) {
            Some(under) if *under == Under::Way => *under = Under::WayAndAgain,
            Some(_) => {}
            None if self.waiting.contains(&key) => {}
            None => self.waiting.push_back(key),
        }
    }

    /// The next read to begin; none if nothing waits or enough are under way.
    pub(super) fn begin(&mut self) -> Option<K> {
        if self.under.len() >= AT_ONCE {
            return None;
        }
        let key = self.waiting.pop_front()?;
        self.under.insert(key.clone(), Under::Way);
        Some(key)
    }

    /// A read is back. Whether its result counts.
    pub(super) fn finish(&mut self, key: &K) -> bool {
        match self.under.remove(key) {
            Some(Under::Vain) => false,
            Some(Under::WayAndAgain) => {
                self.waiting.push_back(key.clone());
                true
            }
            Some(Under::Way) | None => true,
        }
    }

    /// What `key` names is gone for good.
    pub(super) fn forget(&mut self, key: &K) {
        self.waiting.retain(|other| other != key);
        if let Some(under) = self.under.get_mut(key) {
            *under = Under::Vain;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_once_at_a_time_and_again_if_asked_meanwhile() {
        let mut slots = Slots::default();
        slots.request("a");
        slots.request("a");
        assert_eq!(slots.begin(), Some("a"));
        assert_eq!(slots.begin(), None);
        slots.request("a");
        slots.request("a");
        assert_eq!(slots.begin(), None);
        assert!(slots.finish(&"a"));
        assert_eq!(slots.begin(), Some("a"));
        assert!(slots.finish(&"a"));
        assert_eq!(slots.begin(), None);
    }

    #[test]
    fn the_late_read_of_what_is_gone_does_not_count() {
        let mut slots = Slots::default();
        slots.request("a");
        slots.request("b");
        assert_eq!(slots.begin(), Some("a"));
        slots.forget(&"a");
        slots.forget(&"b");
        assert!(!slots.finish(&"a"));
        assert_eq!(slots.begin(), None);
    }

    #[test]
    fn a_few_are_read_at_once() {
        let mut slots = Slots::default();
        (0..20).for_each(|key| slots.request(key));
        let begun = std::iter::from_fn(|| slots.begin()).count();
        assert_eq!(begun, AT_ONCE);
    }
}
