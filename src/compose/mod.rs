//! Compose files → spanned tree → passes → canonical tree → typed project, with diagnostics. Pure: files come in through
//! [`source::Files`], and nothing here opens, waits or prints.

pub mod diagnostic;
pub mod dotenv;
pub mod interpolate;
pub mod model;
mod nearest;
pub mod path;
pub mod positions;
pub mod scalar;
pub mod shape;
pub mod source;
pub mod table;
pub mod template;
pub mod tree;
pub mod units;
pub mod variables;
pub mod yaml;

pub use nearest::nearest;
