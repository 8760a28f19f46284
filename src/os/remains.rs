//! What this process has put into the file system and takes away again however it ends: when the one
//! who made it is done with it, and when a bug ends the process on the spot.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Everything that is there now, each with its number.
static ALL: Mutex<(u64, Vec<(u64, Thing)>)> = Mutex::new((0, Vec::new()));

/// Something in the file system that is ours.
#[derive(Clone, Debug)]
enum Thing {
    /// A file.
    File(PathBuf),
    /// A folder with whatever is in it.
    Tree(PathBuf),
    /// A folder, once it is empty: others may have put something into it.
    Folder(PathBuf),
    /// The file of a socket, by its device and inode.
    Socket(PathBuf, (u64, u64)),
}

impl Thing {
    fn remove(&self) {
        // What is gone already needs no removing.
        let _ = match self {
            Self::File(path) => fs::remove_file(path),
            Self::Tree(path) => remove_tree(path),
            Self::Folder(path) => fs::remove_dir(path),
            // Somebody may have put something else in its place meanwhile: that is theirs.
            Self::Socket(path, identity) if identity_of(path).ok() == Some(*identity) => {
                fs::remove_file(path)
            }
            Self::Socket(..) => Ok(()),
        };
    }
}

/// A step that was given up may still put something in while the folder is emptied; it does so once
/// or twice, and not for ever.
fn remove_tree(path: &Path) -> io::Result<()> {
    const ATTEMPTS: usize = 100;
    let is_final = |result: &io::Result<()>| {
        result.as_ref().err().map(io::Error::kind) != Some(io::ErrorKind::DirectoryNotEmpty)
    };
    let mut attempts = std::iter::repeat_with(|| fs::remove_dir_all(path)).take(ATTEMPTS);
    attempts.find(is_final).unwrap_or(Ok(()))
}

fn identity_of(path: &Path) -> io::Result<(u64, u64)> {
    let about = fs::symlink_metadata(path)?;
    if about.file_type().is_socket() {
        Ok((about.dev(), about.ino()))
    } else {
        Err(io::ErrorKind::InvalidInput.into())
    }
}

/// Something of ours that is removed when this is dropped.
#[derive(Debug)]
pub struct Remains {
    number: u64,
}

impl Remains {
    fn of(thing: Thing) -> Self {
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        all.0 += 1;
        let number = all.0;
        all.1.push((number, thing));
        Self { number }
    }

    /// A file.
    #[must_use]
    pub fn file(path: &Path) -> Self {
        Self::of(Thing::File(path.to_path_buf()))
    }

    /// A folder with whatever is in it.
    #[must_use]
    pub fn tree(path: &Path) -> Self {
        Self::of(Thing::Tree(path.to_path_buf()))
    }

    /// A folder, once it is empty.
    #[must_use]
    pub fn folder(path: &Path) -> Self {
        Self::of(Thing::Folder(path.to_path_buf()))
    }

    /// The file of a socket that was just bound there.
    ///
    /// # Errors
    /// When no socket is there any more.
    pub fn socket(path: &Path) -> io::Result<Self> {
        Ok(Self::of(Thing::Socket(path.to_path_buf(), identity_of(path)?)))
    }

    /// Leaves it where it is.
    pub fn leave(self) {
        drop(self.take());
    }

    fn take(&self) -> Option<Thing> {
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        let place = all.1.iter().position(|(number, _)| *number == self.number)?;
        Some(all.1.swap_remove(place).1)
    }
}

impl Drop for Remains {
    fn drop(&mut self) {
        if let Some(thing) = self.take() {
            thing.remove();
        }
    }
}

/// Removes everything, the latest first. For an end without return: what is held elsewhere is not told.
pub fn remove_all() {
    // If the lock is held, the bug is in here.
    let Ok(mut all) = ALL.try_lock() else { return };
    for (_, thing) in all.1.drain(..).rev() {
        thing.remove();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    #[test]
    fn what_is_ours_goes_and_what_is_not_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("tree/inside")).expect("made");
        fs::create_dir(at("used")).expect("made");
        fs::write(at("used/theirs"), "").expect("written");
        fs::write(at("file"), "").expect("written");
        fs::write(at("kept"), "").expect("written");
        let _ours = UnixListener::bind(at("ours")).expect("bound");
        let _gone = UnixListener::bind(at("gone")).expect("bound");
        let sockets =
            [at("ours"), at("gone")].map(|path| Remains::socket(&path).expect("a socket"));
        fs::remove_file(at("gone")).expect("removed");
        let _theirs = UnixListener::bind(at("gone")).expect("bound");
        let others =
            [Remains::tree(&at("tree")), Remains::folder(&at("used")), Remains::file(&at("file"))];
        Remains::file(&at("kept")).leave();
        assert!(Remains::socket(&at("kept")).is_err());
        drop((sockets, others));
        let mut left: Vec<_> = fs::read_dir(folder.path())
            .expect("read")
            .map(|entry| entry.expect("read").file_name().into_string().expect("a name"))
            .collect();
        left.sort();
        assert_eq!(left, ["gone", "kept", "used"]);
    }
}
