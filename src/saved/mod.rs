//! Results that were kept: reading the documents that this program writes, of this version and of
//! those before. What cannot be read is refused with its name and the reason.

pub mod files;
pub mod run;

use crate::cli::parse::Complaint;
use crate::render::paint::tame;
use run::Run;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// More than any result of ours has: whatever is larger is something else.
const LARGEST: u64 = 256 << 20;

/// A file that holds a result.
#[derive(Debug)]
pub struct Document {
    /// Its name, as sentences have it.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    text: String,
}

/// The documents that we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What `run` found.
    Run,
    /// What `check` found.
    Check,
    /// What `ping` found.
    Ping,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Run, Self::Check, Self::Ping];

    /// The name of the schema, and the highest major version that we read.
    #[must_use]
    pub const fn schema(self) -> &'static str {
        match self {
            Self::Run => run::SCHEMA,
            Self::Check => "sockeye.check/1",
            Self::Ping => "sockeye.ping/1",
        }
    }

    /// The command that writes it.
    #[must_use]
    pub const fn command(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Check => "check",
            Self::Ping => "ping",
        }
    }
}

#[derive(Deserialize)]
struct Front<'a> {
    #[serde(borrow)]
    schema: Option<Cow<'a, str>>,
}

impl Document {
    /// Opens a file, `-` for standard input, and finds out what it holds.
    ///
    /// # Errors
    /// When it cannot be read, or is no result that we can read.
    pub fn open(path: &Path) -> Result<Self, Complaint> {
        let name = match path.as_os_str().as_encoded_bytes() {
            b"-" => "standard input".to_owned(),
            _ => format!("'{}'", tame(&path.display().to_string())),
        };
        let text = read(path).map_err(|error| unreadable(&name, &error))?;
        let mut text = String::from_utf8(text)
            .map_err(|_| foreign(&name, "is no text, and so no result of sockeye"))?;
        // Some editors put a byte order mark in front of what they save.
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        let kind = kind_of(&name, &text)?;
        Ok(Self { name, kind, text })
    }

    /// The run that it holds.
    ///
    /// # Errors
    /// When it holds something else.
    pub fn run(&self) -> Result<Run, Complaint> {
        if self.kind != Kind::Run {
            let what = format!("holds what sockeye {} found, not a run", self.kind.command());
            return Err(foreign(&self.name, &what));
        }
        let run: Run = self.parse()?;
        run.sane().map_err(|what| self.refused(&what))?;
        Ok(run)
    }

    /// The complaint that it holds what no sockeye can have written.
    #[must_use]
    pub fn refused(&self, what: &str) -> Complaint {
        foreign(&self.name, &format!("is no result that this sockeye knows: {}", tame(what)))
    }

    /// The document as some type.
    ///
    /// # Errors
    /// When it has not that form.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Complaint> {
        serde_json::from_str(&self.text).map_err(|error| {
            let what = format!("says it is {}, but is not: {error}", self.kind.schema());
            foreign(&self.name, &tame(&what))
        })
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if path.as_os_str() == "-" {
        io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes)
    } else {
        let file = File::open(path)?;
        if file.metadata()?.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        file.take(LARGEST + 1).read_to_end(&mut bytes)
    };
    match read {
        Ok(count) if count as u64 > LARGEST => Err(io::ErrorKind::FileTooLarge.into()),
        other => other.map(|_| bytes),
    }
}

fn kind_of(name: &str, text: &str) -> Result<Kind, Complaint> {
    if text.trim().is_empty() {
        return Err(foreign(name, "is empty"));
    }
    let front: Front<'_> = serde_json::from_str(text).map_err(|error| {
        let what = if error.is_eof() {
            format!("is cut off at line {}: it is not the whole document", error.line())
        } else if error.is_data() {
            "is JSON, but no result of sockeye".to_owned()
        } else {
            format!("is no JSON document: {error}")
        };
        foreign(name, &what)
    })?;
    let Some(schema) = front.schema else {
        return Err(foreign(name, "is JSON, but names no schema: it is no result of sockeye"));
    };
    if let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.schema() == schema) {
        return Ok(kind);
    }
    let schema = tame(&schema);
    let is_newer = |kind: &Kind| {
        let major = |text: &str| text.rsplit_once('/').and_then(|(_, n)| n.parse::<u32>().ok());
        let family = |text: &str| text.rsplit_once('/').map(|(name, _)| name.to_owned());
        family(kind.schema()) == family(&schema) && major(kind.schema()) < major(&schema)
    };
    Err(match Kind::ALL.iter().find(|kind| is_newer(kind)) {
        Some(kind) => Complaint::new(
            format!("{name} is {schema}, newer than this sockeye: it reads {}", kind.schema()),
            "a newer sockeye reads it; sockeye --version says which this is",
        ),
        None => foreign(name, &format!("is a document of schema '{schema}', which is not read")),
    })
}

fn unreadable(name: &str, error: &io::Error) -> Complaint {
    let (words, errno, call) = match error.kind() {
        io::ErrorKind::IsADirectory => {
            ("it is a directory".to_owned(), "EISDIR".to_owned(), "read")
        }
        io::ErrorKind::FileTooLarge => {
            return foreign(name, "is larger than 256 MB, and so no result of sockeye");
        }
        _ => {
            let errno = crate::os::errno_of(error);
            (errno.desc().to_lowercase(), crate::os::errno_name(errno), "open")
        }
    };
    Complaint::new(format!("cannot read {name}: {words} ({errno}, {call})"), HOW_TO_KEEP)
}

fn foreign(name: &str, what: &str) -> Complaint {
    Complaint::new(format!("{name} {what}"), HOW_TO_KEEP)
}

const HOW_TO_KEEP: &str = "results are kept by: sockeye -o result.json";
