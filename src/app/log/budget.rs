//! What lines may take of the memory, and which of them go first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::chunk::CHUNK_SIZE;
use super::store::{Reading, Store};
use super::{ContainerId, Logs};

/// What the stores may take, unless settings say otherwise.
pub const DEFAULT_BUDGET: Budget = Budget { all: 64 * 1024 * 1024, each: 48 * 1024 * 1024 };
/// The part of the budget that chunks which still grow may take together: one in so many.
const GROWING: usize = 16;
/// The smallest size that chunks grow to, in bytes.
const SMALLEST_CHUNK: usize = 4 * 1024;
/// When lines have to go, so many bytes more go with them, as a part of the budget: one in so many. Otherwise each batch
/// would look for the oldest chunk again.
const SLACK: usize = 64;

/// What lines may take, compressed as they are, with their index, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// All of them together.
    pub all: usize,
    /// Those of one container.
    pub each: usize,
}

impl Logs {
    /// How large chunks grow, in bytes: with many logs each has less, for what grows is not compressed yet.
    pub(super) fn chunk_size(&self) -> usize {
        (self.budget.all / GROWING / self.stores.len().max(1)).clamp(SMALLEST_CHUNK, CHUNK_SIZE)
    }

    /// Lets the oldest chunks go until all is within the budget: first of logs that are not being read.
    pub(super) fn keep_budget(&mut self) {
        if self.taken <= self.budget.all {
            return;
        }
        let enough = self.budget.all - self.budget.all / SLACK;
        let mut order: BinaryHeap<DropOrder> = self.stores.values().map(drop_order).collect();
        while self.taken > enough {
            let Some(Reverse((.., container))) = order.pop() else { return };
            let Some(store) = self.stores.get_mut(&container) else { continue };
            let before = store.size();
            if store.drop_oldest() {
                self.taken = self.taken + store.size() - before;
                order.push(drop_order(store));
            }
        }
    }
}

/// Which store loses its oldest chunk first.
type DropOrder = Reverse<(bool, Option<i64>, ContainerId)>;

fn drop_order(store: &Store) -> DropOrder {
    Reverse((matches!(store.reading(), Reading::Live(_)), store.first_time(), store.container().clone()))
}
