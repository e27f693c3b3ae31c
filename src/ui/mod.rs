//! Draws the screen from `&App`. It changes nothing and waits for nothing.
