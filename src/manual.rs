//! The man page.

/// The page.
#[must_use]
pub fn page() -> String {
    String::new()
}
