//! Where results go: standard output, and files that are opened before anything is measured, written
//! beside their place and renamed, so that no reader ever sees half of one.

use crate::cli::parse::Complaint;
use crate::cli::value::{Format, Output};
use crate::os::remains::Remains;
use crate::shell;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

/// A file that will be whole or not there.
#[derive(Debug)]
pub struct Pending {
    /// Its form.
    pub format: Format,
    target: PathBuf,
    /// Where it is written first; None for what is no regular file, which is written as it stands.
    beside: Option<(PathBuf, Remains)>,
    file: File,
}

impl Pending {
    /// Opens a file for a result that is yet to come; `origin` says where its name came from, if not
    /// from a flag.
    ///
    /// # Errors
    /// When it could not be written.
    pub fn open(output: &Output, origin: &str) -> Result<Self, Complaint> {
        let target = &output.path;
        let failed = |error: &io::Error| cannot_write(target, origin, "open", error);
        // What is a link is written where it points to; the link stays.
        let target = if target.is_symlink() {
            std::fs::canonicalize(target).unwrap_or_else(|_| target.clone())
        } else {
            target.clone()
        };
        let about = std::fs::metadata(&target);
        if about.as_ref().is_ok_and(std::fs::Metadata::is_dir) {
            return Err(failed(&io::Error::from(io::ErrorKind::IsADirectory)));
        }
        if about.as_ref().is_ok_and(|a| a.file_type().is_char_device() || a.file_type().is_fifo()) {
            let file = OpenOptions::new().write(true).open(&target).map_err(|e| failed(&e))?;
            return Ok(Self { format: output.format, target, beside: None, file });
        }
        let (beside, file) = create_beside(&target).map_err(|error| failed(&error))?;
        let remains = Remains::file(&beside);
        Ok(Self { format: output.format, target, beside: Some((beside, remains)), file })
    }

    /// Would both be put in the same place, so that one of them is lost? A device or a pipe takes both.
    #[must_use]
    pub fn replaces_what(&self, other: &Self) -> bool {
        let place = |file: &Self| {
            let (beside, _) = file.beside.as_ref()?;
            let folder = std::fs::canonicalize(beside).ok()?.parent()?.to_owned();
            Some(folder.join(file.target.file_name()?))
        };
        place(self).is_some_and(|own| place(other) == Some(own))
    }

    /// The complaint that another one would be put in the same place.
    #[must_use]
    pub fn twice(&self) -> Complaint {
        let shown = crate::render::paint::tame(&self.target.display().to_string());
        Complaint::new(
            format!("'{shown}' is to be written twice: the second would replace the first"),
            "a file of its own for each -o",
        )
    }

    /// Writes it whole and puts it in its place.
    ///
    /// # Errors
    /// When the disk is full, or the like; then what stood there before still does.
    pub fn write(mut self, text: &str) -> Result<(), Complaint> {
        let result = self.file.write_all(text.as_bytes()).and_then(|()| match &self.beside {
            None => Ok(()),
            // On some file systems a full disk shows only here.
            Some((beside, _)) => self.file.sync_all().and_then(|()| {
                if let Ok(about) = std::fs::metadata(&self.target) {
                    std::fs::set_permissions(beside, about.permissions())?;
                }
                std::fs::rename(beside, &self.target)
            }),
        });
        match result {
            Ok(()) => {
                if let Some((_, remains)) = self.beside.take() {
                    remains.leave();
                }
                Ok(())
            }
            // The reader of a pipe has gone, as with standard output: there is nobody to tell.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(cannot_write(&self.target, "", "write", &error)),
        }
    }
}

/// A fresh file in the target's folder. A name may be taken by what a killed run left, or by another
/// file of this one.
fn create_beside(target: &Path) -> io::Result<(PathBuf, File)> {
    let name = target.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    for attempt in 0.. {
        let beside = target.with_file_name(format!(".{name}.{}-{attempt}", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&beside) {
            Ok(file) => return Ok((beside, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 1000 => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn cannot_write(path: &Path, origin: &str, call: &str, error: &io::Error) -> Complaint {
    let errno = crate::os::errno_of(error);
    let shown = crate::render::paint::tame(&path.display().to_string());
    let (name, words) = match error.kind() {
        io::ErrorKind::IsADirectory => ("EISDIR".to_owned(), "is a directory".to_owned()),
        _ => (crate::os::errno_name(errno), errno.desc().to_lowercase()),
    };
    let hint = match error.kind() {
        io::ErrorKind::NotFound => {
            format!("mkdir -p {}", shell::path(path.parent().unwrap_or(path)))
        }
        io::ErrorKind::IsADirectory => format!("-o {}", shell::path(&path.join("result.json"))),
        _ => "-o with a file in a folder that you may write to, for example -o /tmp/result.json"
            .to_owned(),
    };
    Complaint::new(format!("cannot write '{shown}'{origin}: {words} ({name}, {call})"), hint)
}

/// Writes to a stream whose reader may have gone: that is no error, there is just nobody to tell.
///
/// # Errors
/// What else the stream says.
pub fn print(out: &mut dyn Write, text: &str) -> io::Result<()> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
