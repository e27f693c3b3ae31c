//! Draws the screen from `&App`. It changes nothing and waits for nothing.

pub mod frame;
pub mod pen;
pub mod symbols;
pub mod text;
pub mod theme;
