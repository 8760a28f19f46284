//! Figures of which smaller is better, as github-action-benchmark reads them
//! (`tool: customSmallerIsBetter`).

use serde::Serialize;

/// A figure. Its name is what one build has in common with the next.
#[derive(Serialize)]
pub(crate) struct Figure {
    /// What it is of.
    pub name: String,
    /// Its unit.
    pub unit: &'static str,
    /// The number.
    pub value: u64,
    /// How far it may be off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
    /// More, for those who look closer.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub extra: String,
}

/// The document: what has no figure is not there.
pub(crate) fn render(figures: &[Figure]) -> String {
    super::document::text(&figures)
}
