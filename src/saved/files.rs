//! The names of kept results: a folder stands for all of its documents.

use super::{foreign, unreadable};
use crate::cli::parse::Complaint;
use crate::render::paint::tame;
use std::path::{Path, PathBuf};

/// The files themselves, those of a folder sorted by their names.
///
/// # Errors
/// When a folder cannot be read, or holds no document.
pub fn expanded(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Complaint> {
    let mut files = Vec::new();
    for path in paths {
        if path.as_os_str() != "-" && path.is_dir() {
            files.extend(documents(path)?);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn documents(folder: &Path) -> Result<Vec<PathBuf>, Complaint> {
    let name = format!("'{}'", tame(&folder.display().to_string()));
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(&name, &error))?;
    let is_document =
        |path: &PathBuf| path.extension().is_some_and(|suffix| suffix == "json") && !path.is_dir();
    let mut files: Vec<_> =
        entries.flatten().map(|entry| entry.path()).filter(is_document).collect();
    files.sort();
    if files.is_empty() {
        return Err(foreign(&name, "is a folder without any *.json"));
    }
    Ok(files)
}
