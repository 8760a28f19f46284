//! What the benchmarks share: their arguments, running the program, and the bare C loop.
#![allow(dead_code, reason = "each benchmark uses its own part")]

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The program that is benchmarked: built like a release.
pub(crate) const SOCKEYE: &str = env!("CARGO_BIN_EXE_sockeye");

/// The transports of a default run.
pub(crate) fn default_transports() -> Vec<&'static str> {
    sockeye::transport::ALL.iter().filter(|row| row.in_default).map(|row| row.name).collect()
}

/// The arguments of this benchmark, without the one that Cargo adds.
pub(crate) fn words() -> Vec<String> {
    std::env::args().skip(1).filter(|word| word != "--bench").collect()
}

/// The number that stands at that place of the arguments, or what is meant without one.
pub(crate) fn number(words: &[String], at: usize, without: usize) -> anyhow::Result<usize> {
    let Some(word) = words.get(at) else { return Ok(without) };
    let number = word.parse().with_context(|| format!("'{word}' is no count"))?;
    ensure!(number > 0, "'{word}' is no count: it starts at 1");
    Ok(number)
}

/// A command with nothing of the environment that would change what the program does.
pub(crate) fn clean(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SOCKEYE_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// Runs a command to its end and returns what it printed. What it complains of is part of the error.
pub(crate) fn printed(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    // 1: some transport failed, 3: none was there. The document says which.
    if !matches!(output.status.code(), Some(0 | 1 | 3)) || output.stdout.is_empty() {
        bail!("{command:?}: {}: {}", output.status, text(&output.stderr));
    }
    Ok(text(&output.stdout))
}

/// Runs the program to its end and returns its JSON document.
pub(crate) fn document(command: &mut Command) -> anyhow::Result<Value> {
    let text = printed(command.arg("--json"))?;
    serde_json::from_str(&text).with_context(|| format!("{command:?} printed no JSON"))
}

/// The results of a document, a case each.
pub(crate) fn results(document: &Value) -> &[Value] {
    document["results"].as_array().map_or(&[], Vec::as_slice)
}

/// A text in a document, empty where there is none.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// The median of some values; NaN of none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (sorted.len().saturating_sub(1) / 2, sorted.len() / 2);
    sorted.get(low).zip(sorted.get(high)).map_or(f64::NAN, |(low, high)| f64::midpoint(*low, *high))
}

/// The smallest and the largest of some values.
pub(crate) fn extremes(values: &[f64]) -> (f64, f64) {
    let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
    (smallest, values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}

/// Whether a goal is reached, as every benchmark says it.
pub(crate) fn reached(yes: bool) -> &'static str {
    if yes { "yes" } else { "NO" }
}

/// Is there such a program in one of the folders of PATH?
pub(crate) fn tool(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// A bare C loop, compiled into a folder of its own that goes with it.
pub(crate) struct Bare {
    folder: TempDir,
}

impl Bare {
    /// Compiles the two ends; None, with the reason printed, where that cannot be.
    pub(crate) fn compile() -> anyhow::Result<Option<Self>> {
        Self::compiled("bare.c")
    }

    /// Compiles the server of very many; None, with the reason printed, where that cannot be.
    pub(crate) fn compile_server() -> anyhow::Result<Option<Self>> {
        Self::compiled("epoll.c")
    }

    fn compiled(source: &str) -> anyhow::Result<Option<Self>> {
        let Some(compiler) = tool("cc") else {
            println!("skipped: there is no C compiler named cc for the bare loop");
            return Ok(None);
        };
        let bare = Self { folder: tempfile::Builder::new().prefix("sockeye-bench-").tempdir()? };
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches").join(source);
        let output = Command::new(compiler)
            .args(["-O2", "-o"])
            .args([bare.program(), source])
            .output()
            .context("cannot start cc")?;
        if output.status.success() {
            return Ok(Some(bare));
        }
        println!("skipped: cc cannot compile the bare loop:");
        println!("{}", String::from_utf8_lossy(&output.stderr));
        Ok(None)
    }

    /// The compiled program.
    pub(crate) fn program(&self) -> PathBuf {
        self.folder.path().join("bare")
    }

    /// A folder for files and sockets.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}
