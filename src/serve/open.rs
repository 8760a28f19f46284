//! The sockets that a server listens on: made at addresses, or taken over from whoever started it. A
//! socket file that nobody listens at is taken over; nothing else is ever removed.

use crate::address::Address;
use crate::os::holder::Holder;
use crate::os::inherited::{self, Inherited};
use crate::os::letters::ask_for_destination;
use crate::os::name::Name;
use crate::os::pair::{Options, prepare};
use crate::os::remains::Remains;
use crate::os::socket::{End, Socket};
use crate::os::{CallError, Errno, errno_of, lock_folder};
use crate::transport::{Family, Limit, Transport};
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// A socket of the server.
#[derive(Debug)]
pub struct Opened {
    /// The socket: bound, listening where its kind connects, and never waiting.
    pub socket: Socket,
    /// Which row of the catalogue it is.
    pub transport: &'static Transport,
    /// Where it is.
    pub name: Name,
    /// Is it no listener but a client's connection already? A service manager may pass those.
    pub is_connection: bool,
    /// Its file, removed when this is dropped.
    pub file: Option<Remains>,
}

/// Why there is no socket.
#[derive(Debug)]
pub enum Refusal {
    /// A call failed.
    Call(CallError),
    /// Others beyond this machine could reach it, and nobody allowed that.
    Remote,
    /// The address is that of a group, or everybody's.
    Group,
    /// Somebody listens there.
    Taken(Option<Holder>),
    /// Somebody else is about to take a socket file in that folder.
    Busy,
    /// Something is there that is no socket.
    NoSocket(PathBuf),
}

impl From<CallError> for Refusal {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

/// Makes a server's socket at an address.
///
/// # Errors
/// Why there is none.
pub fn open(
    transport: &'static Transport,
    address: &Address,
    allow_remote: bool,
) -> Result<Opened, Refusal> {
    let wanted = Name::of(address)?.mapped_for(transport, End::Server);
    admit(&wanted, allow_remote)?;
    let options = Options { nodelay: true, buffer: None };
    let socket = prepare(transport, End::Server, options)?;
    if transport.family == Family::Ipv6 {
        socket.refuse_ipv4()?;
    }
    if transport.kind.connects() && transport.family != Family::Unix {
        socket.reuse_address()?;
    }
    if transport.limit() == Limit::SendBuffer {
        socket.enlarge_send_buffer();
    }
    if wanted.is_wildcard() && !transport.kind.connects() {
        ask_for_destination(&socket, transport)?;
    }
    let file = if let Some(path) = wanted.file() {
        Some(bind_file(&socket, transport, &wanted, path)?)
    } else {
        socket.bind(&wanted).map_err(|error| taken(error, transport, &wanted))?;
        None
    };
    finish(&socket, transport).map_err(|error| match error {
        // Two sockets may be bound to one port; the second that listens is refused (ip(7)).
        Refusal::Call(error) => taken(error, transport, &wanted),
        other => other,
    })?;
    let name = socket.local_name()?;
    Ok(Opened { socket, transport, name, is_connection: false, file })
}

/// Takes over the sockets that a service manager passed.
///
/// # Errors
/// Why one of them is of no use.
pub fn inherited(allow_remote: bool) -> Result<Vec<Opened>, Refusal> {
    let take = |Inherited { socket, transport, listens }| {
        let name = socket.local_name()?;
        admit(&name, allow_remote)?;
        let is_connection = transport.kind.connects() && !listens && socket.is_connected();
        if transport.kind.connects() && !listens && !is_connection {
            socket.listen_widely()?;
        }
        if name.is_wildcard() && !transport.kind.connects() {
            ask_for_destination(&socket, transport)?;
        }
        socket.set_nonblocking()?;
        Ok(Opened { socket, transport, name, is_connection, file: None })
    };
    inherited::sockets()?.into_iter().map(take).collect()
}

fn admit(name: &Name, allow_remote: bool) -> Result<(), Refusal> {
    if name.is_group() {
        return Err(Refusal::Group);
    }
    if !name.is_local() && !allow_remote {
        return Err(Refusal::Remote);
    }
    Ok(())
}

fn finish(socket: &Socket, transport: &Transport) -> Result<(), Refusal> {
    if transport.kind.connects() {
        socket.listen_widely()?;
    }
    Ok(socket.set_nonblocking()?)
}

fn taken(error: CallError, transport: &Transport, name: &Name) -> Refusal {
    match error.errno {
        Errno::EADDRINUSE => Refusal::Taken(Holder::of(name, transport)),
        _ => Refusal::Call(error),
    }
}

/// Binds a socket to a file, in whose place only a dead socket's file may have been. A lock on the
/// folder keeps two servers from finding the same dead one, of which the later would remove the file of
/// the earlier.
fn bind_file(
    socket: &Socket,
    transport: &Transport,
    name: &Name,
    path: &Path,
) -> Result<Remains, Refusal> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let lock = lock_folder(folder.unwrap_or(Path::new(".")));
    if matches!(&lock, Err(error) if error.errno == Errno::EAGAIN) {
        return Err(Refusal::Busy);
    }
    match socket.bind(name) {
        Err(CallError { errno: Errno::EADDRINUSE, .. }) => {
            remove_dead(transport, name, path)?;
            socket.bind(name)?;
        }
        other => other?,
    }
    let gone = |error| CallError::new("stat", path.display(), errno_of(&error)).into();
    Remains::socket(path).map_err(gone)
}

/// Removes a socket file if nobody listens at it.
fn remove_dead(transport: &Transport, name: &Name, path: &Path) -> Result<(), Refusal> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Ok(about) if about.file_type().is_socket() => {}
        _ => return Err(Refusal::NoSocket(path.to_path_buf())),
    }
    let probe = Socket::open(transport, End::Client)?;
    probe.set_nonblocking()?;
    match probe.start_connect(name) {
        Err(CallError { errno: Errno::ECONNREFUSED, .. }) => fs::remove_file(path)
            .map_err(|error| CallError::new("unlink", path.display(), errno_of(&error)).into()),
        Err(CallError { errno: Errno::ENOENT, .. }) => Ok(()),
        // It lives, or it cannot be told: another type of socket, a full queue, no right to ask.
        _ => Err(Refusal::Taken(
            probe.peer_process().map(Holder::numbered).or_else(|| Holder::of(name, transport)),
        )),
    }
}

/// Makes sure of the folder of socket files that no address names, with mode 0700. What comes back
/// removes it again, if it was made here and nobody has put anything into it. One that is there already
/// has to be ours alone, but if the user has chosen it.
///
/// # Errors
/// When it cannot be made, or is not ours alone (`EPERM`).
pub fn prepare_folder(path: &Path, chosen: bool) -> Result<Option<Remains>, CallError> {
    let failed = |call, errno| CallError::new(call, path.display(), errno);
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => return Ok(Some(Remains::folder(path))),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed("mkdir", errno_of(&error))),
    }
    let about = fs::symlink_metadata(path).map_err(|error| failed("stat", errno_of(&error)))?;
    let ours = about.is_dir()
        && about.uid() == crate::os::process::user_id()
        && about.permissions().mode() & 0o777 == 0o700;
    if chosen || ours { Ok(None) } else { Err(failed("mkdir", Errno::EPERM)) }
}
