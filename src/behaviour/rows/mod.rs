//! The rows, a file for each part of a socket's life.

mod basics;

use super::Group;

/// Every group, by rank.
pub const GROUPS: &[&Group] = &[&basics::WORKS, &basics::SEPARATE];
