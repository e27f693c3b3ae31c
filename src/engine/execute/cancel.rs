//! A cancel that many can await: set once, by whoever holds the [`Canceller`].

use tokio::sync::watch;

/// Sets the cancel. Dropping it cancels nothing.
#[derive(Clone, Debug)]
pub struct Canceller(watch::Sender<bool>);

/// Tells whether it was cancelled. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Cancel(watch::Receiver<bool>);

/// A new pair, not cancelled.
pub fn cancellation() -> (Canceller, Cancel) {
    let (sender, receiver) = watch::channel(false);
    (Canceller(sender), Cancel(receiver))
}

impl Canceller {
    /// Cancels, for good.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }
}

impl Cancel {
    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once it is cancelled; never, if nobody can cancel any more.
    pub async fn cancelled(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|cancelled| *cancelled).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
