//! Reads floods in gulps. An engine writes each line by itself: whoever reads each as it comes is woken for each, and spends
//! more on that than on the lines. After a few bytes that came soon after others it is waited a moment, much shorter than a
//! frame, in which the socket gathers what comes. A line that comes alone is never held.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// What comes within this time after other bytes belongs to a flood; so long more is gathered.
const GATHERED: Duration = Duration::from_millis(5);
/// Where so many bytes came at once, more is there already.
const GULP: usize = 4 * 1024;

/// How bytes have come.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last: Option<Instant>,
    gathers: bool,
}

impl Pace {
    /// So many bytes came now.
    pub(super) fn came(&mut self, bytes: usize) {
        let now = Instant::now();
        let is_flood = self.last.is_some_and(|last| now.duration_since(last) < GATHERED);
        self.gathers = is_flood && bytes < GULP;
        self.last = Some(now);
    }

    /// Waits until the next bytes are to be read.
    pub(super) async fn wait(&mut self) {
        if std::mem::take(&mut self.gathers) {
            sleep(GATHERED).await;
            // What is gathered came within the flood.
            self.last = Some(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes come so many milliseconds after those before: how long the next reading waits, in milliseconds.
    async fn check(each: &[(u64, usize)], expected: &[u128]) {
        let mut pace = Pace::default();
        let mut waits = Vec::new();
        for (after, bytes) in each {
            tokio::time::advance(Duration::from_millis(*after)).await;
            pace.came(*bytes);
            let begin = Instant::now();
            pace.wait().await;
            waits.push(begin.elapsed().as_millis());
        }
        assert_eq!(waits, expected, "{each:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn floods_are_gathered_and_lines_alone_are_not() {
        check(&[(0, 100), (1000, 100), (1000, 100)], &[0, 0, 0]).await;
        check(&[(0, 100), (1, 100), (0, 3000), (1, 200)], &[0, 5, 5, 5]).await;
        check(&[(0, 100), (1, 100_000), (0, 100_000), (0, 10)], &[0, 0, 0, 5]).await;
        check(&[(0, 100), (1, 100), (20, 100)], &[0, 5, 0]).await;
    }
}
