//! Reading single facts from files below a root. Whatever a file holds, the answer is a clean fact
//! or none.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// No fact lies deeper in a file than this. It bounds `/proc/cpuinfo`, which grows with the CPUs
/// and is written only as far as it is read.
const DEEPEST: u64 = 65_536;

/// The longest fact, in characters.
const LONGEST: usize = 200;

/// Where `/` is taken to be.
pub(super) struct Root {
    path: PathBuf,
}

impl Root {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The first 64 KiB of a file as they are, but for bytes that are no UTF-8.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        let mut bytes = Vec::with_capacity(4096);
        File::open(self.path.join(path)).ok()?.take(DEEPEST).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The first line of a file as one fact.
    pub(super) fn fact(&self, path: &str) -> Option<String> {
        clean(self.text(path)?.lines().next()?)
    }

    /// The number that is all of a file's first line.
    pub(super) fn number<T: FromStr>(&self, path: &str) -> Option<T> {
        self.fact(path)?.parse().ok()
    }

    /// The names in a folder, in no order; none if there is no such folder.
    pub(super) fn names(&self, path: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path.join(path)) else { return Vec::new() };
        entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }

    pub(super) fn exists(&self, path: &str) -> bool {
        self.path.join(path).exists()
    }
}

/// A text without control characters, with single spaces, of bounded length; `None` if nothing is
/// left of it.
pub(super) fn clean(text: &str) -> Option<String> {
    let spaced: String =
        text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let joined = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    let fact: String = joined.chars().take(LONGEST).collect();
    (!fact.is_empty()).then_some(fact)
}
