//! The rows.

mod opening;

use super::Lesson;

pub(super) const ALL: [&[Lesson]; 1] = [opening::ROWS];
