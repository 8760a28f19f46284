//! Names for our own sockets, on loopback and in a folder of our own that is removed again.

use super::name::{Name, VMADDR_CID_LOCAL, VMADDR_PORT_ANY};
use super::remains::Remains;
use super::socket::End;
use super::{CallError, Errno, errno_of};
use crate::transport::{Family, Kind, Transport};
use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

const PREFIX: &str = "sockeye-";

/// Where fresh names come from. The folder is made when the first path is asked for, with mode
/// 0700, and removed with everything in it when this is dropped.
#[derive(Debug)]
pub struct Scratch {
    parent: PathBuf,
    mode: u32,
    folder: Option<(PathBuf, Remains)>,
    given: u32,
    addresses: u32,
    closed: bool,
}

impl Scratch {
    /// Names below this folder, usually `$TMPDIR`.
    #[must_use]
    pub fn below(parent: &Path) -> Self {
        Self {
            parent: parent.to_path_buf(),
            mode: 0o700,
            folder: None,
            given: 0,
            addresses: 0,
            closed: false,
        }
    }

    /// The same, in a folder that other users may pass through to a socket whose own mode lets them:
    /// for looking at what such a mode guards.
    #[must_use]
    pub fn passable_below(parent: &Path) -> Self {
        Self { mode: 0o711, ..Self::below(parent) }
    }

    /// A name that nobody else has, for one end of a transport.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn fresh(&mut self, transport: &Transport, end: End) -> Result<Name, CallError> {
        self.given = self.given.wrapping_add(1);
        Ok(match (transport.family, transport.kind) {
            (Family::Ipv4, Kind::Raw) => Name::inet(self.own_ipv4(), 0),
            (Family::Ipv4, _) => Name::inet(Ipv4Addr::LOCALHOST, 0),
            (Family::Ipv6, _) => Name::inet(Ipv6Addr::LOCALHOST, 0),
            (Family::Dual, _) => match end {
                End::Client => Name::inet(Ipv4Addr::LOCALHOST, 0),
                // Bound to the mapped address, it takes IPv4 clients without being reachable from
                // anywhere but this machine, as a socket bound to [::] would be.
                End::Server => Name::inet(Ipv4Addr::LOCALHOST.to_ipv6_mapped(), 0),
            },
            (Family::Unix, _) => self.fresh_path()?,
            (Family::Vsock, _) => Name::vsock(VMADDR_CID_LOCAL, VMADDR_PORT_ANY),
        })
    }

    /// Raw sockets have no ports: whoever listens on an address hears everybody. So each gets an
    /// address of its own from 127.0.0.0/8, made of our pid and a count.
    fn own_ipv4(&mut self) -> Ipv4Addr {
        let [_, _, high, low] = std::process::id().to_be_bytes();
        // Counted by themselves: between two addresses of one check others may take any number of
        // names, and whoever is kept waiting long enough would get the same address again.
        self.addresses = (self.addresses + 1) % 254;
        let [.., count] = self.addresses.to_be_bytes();
        // 0 and 255 are not for hosts.
        Ipv4Addr::new(127, 64 | (high & 63), low, 1 + count)
    }

    /// An abstract name that nobody else has.
    ///
    /// # Errors
    /// When it does not fit, which it does.
    pub fn fresh_abstract(&mut self) -> Result<Name, CallError> {
        self.given = self.given.wrapping_add(1);
        let space = pid_namespace().unwrap_or(0);
        let label = format!("{PREFIX}{space:x}-{}-{}", std::process::id(), self.given);
        Name::abstract_name(label.as_bytes())
    }

    /// Removes the folder for good: who asks for another path, late, gets none.
    pub fn close(&mut self) {
        self.closed = true;
        self.folder = None;
    }

    fn fresh_path(&mut self) -> Result<Name, CallError> {
        if self.closed {
            return Err(CallError::new("mkdir", self.parent.display(), Errno::ECANCELED));
        }
        if self.folder.is_none() {
            let folder = make_folder(&self.parent, self.mode)?;
            let remains = Remains::tree(&folder);
            self.folder = Some((folder, remains));
        }
        let folder = self.folder.as_ref().map_or(self.parent.as_path(), |(folder, _)| folder);
        // All are equally long, so that a folder whose path is just short enough for the first of
        // them is so for all.
        Name::path(&folder.join(format!("{:05}", self.given)))
    }

    /// Removes the file that a bound socket left, once nobody needs to find it any more.
    pub fn forget(&self, name: &Name) {
        if let (Name::Unix(unix), Some((folder, _))) = (name, &self.folder)
            && let Some(path) = unix.path().filter(|path| path.starts_with(folder))
        {
            // If it stays, dropping the folder takes it along.
            let _ = fs::remove_file(path);
        }
    }
}

fn make_folder(parent: &Path, mode: u32) -> Result<PathBuf, CallError> {
    let space = pid_namespace();
    if let Some(space) = space {
        remove_stale(parent, space);
    }
    let stem = format!("{PREFIX}{:x}-{}", space.unwrap_or(0), std::process::id());
    for attempt in 0..100 {
        let folder = parent.join(format!("{stem}-{attempt}"));
        match fs::DirBuilder::new().mode(mode).create(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(CallError::new("mkdir", folder.display(), errno_of(&error))),
        }
    }
    Err(CallError::new("mkdir", parent.display(), Errno::EEXIST))
}

/// Containers may share a folder but not their process numbers, so a number says nothing without
/// its namespace.
fn pid_namespace() -> Option<u64> {
    fs::metadata("/proc/self/ns/pid").ok().map(|about| about.ino())
}

/// Removes what a run of ours that was killed left behind: folders of ours whose maker is gone.
fn remove_stale(parent: &Path, space: u64) {
    let Ok(own) = fs::metadata("/proc/self") else { return };
    let prefix = format!("{PREFIX}{space:x}-");
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let maker = name
            .to_str()
            .and_then(|name| name.strip_prefix(&prefix))
            .and_then(|rest| rest.split_once('-'))
            .and_then(|(pid, _)| pid.parse::<u32>().ok());
        let Some(maker) = maker else { continue };
        // symlink_metadata: a link of that name is somebody else's trick and is left alone.
        let ours = fs::symlink_metadata(entry.path())
            .is_ok_and(|about| about.is_dir() && about.uid() == own.uid());
        if ours && !Path::new(&format!("/proc/{maker}")).exists() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_raw_addresses_of_a_check_differ_however_many_names_others_take_meanwhile() {
        for others in 0..600 {
            let mut names = Scratch::below(Path::new("/nowhere"));
            let mut fresh = |transport| {
                let transport = Transport::named(transport).expect("a transport");
                names.fresh(transport, End::Client).expect("a name")
            };
            let first = fresh("raw4");
            for _ in 0..others {
                fresh("tcp4");
            }
            assert_ne!(fresh("raw4"), first, "after {others} others");
        }
    }
}
