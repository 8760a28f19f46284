//! What a socket is called: the kernel's names, and how they come from and become addresses.

use super::socket::End;
use super::{CallError, Errno};
use crate::address::{Address, Place};
use crate::transport::{Family, Transport};
use nix::net::if_::if_nametoindex;
use nix::sys::socket::{
    SockaddrIn, SockaddrIn6, SockaddrLike, SockaddrStorage, UnixAddr, VsockAddr,
};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The context id of this machine itself (vsock(7)).
pub const VMADDR_CID_LOCAL: u32 = 1;
/// "Any port" for `bind`.
pub const VMADDR_PORT_ANY: u32 = u32::MAX;

/// A socket's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub enum Name {
    /// An IP address and a port; 0 lets the kernel pick, and is what raw sockets have.
    Inet(SocketAddr),
    /// A path or an abstract name.
    Unix(UnixAddr),
    /// A context id and a port.
    Vsock(VsockAddr),
}

/// What a name is made of, for the way between our own processes.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Parts {
    Inet(SocketAddr),
    Path(Vec<u8>),
    Abstract(Vec<u8>),
    Unnamed,
    Vsock(u32, u32),
}

impl From<Name> for Parts {
    fn from(name: Name) -> Self {
        match name {
            Name::Inet(address) => Self::Inet(address),
            Name::Unix(unix) => match (unix.path(), unix.as_abstract()) {
                (Some(path), _) => Self::Path(path.as_os_str().as_bytes().to_vec()),
                (None, Some(label)) => Self::Abstract(label.to_vec()),
                (None, None) => Self::Unnamed,
            },
            Name::Vsock(vsock) => Self::Vsock(vsock.cid(), vsock.port()),
        }
    }
}

impl TryFrom<Parts> for Name {
    type Error = CallError;

    fn try_from(parts: Parts) -> Result<Self, CallError> {
        Ok(match parts {
            Parts::Inet(address) => Self::Inet(address),
            Parts::Path(path) => Self::path(Path::new(std::ffi::OsStr::from_bytes(&path)))?,
            Parts::Abstract(label) => Self::abstract_name(&label)?,
            Parts::Unnamed => Self::autobind(),
            Parts::Vsock(cid, port) => Self::vsock(cid, port),
        })
    }
}

impl Name {
    /// An IP address and a port.
    #[must_use]
    pub fn inet(ip: impl Into<IpAddr>, port: u16) -> Self {
        Self::Inet(SocketAddr::new(ip.into(), port))
    }

    /// A path in the file system.
    ///
    /// # Errors
    /// `ENAMETOOLONG` when it is longer than the 107 bytes that fit.
    pub fn path(path: &Path) -> Result<Self, CallError> {
        let too_long = |errno| {
            let len = path.as_os_str().len();
            let front: String = path.display().to_string().chars().take(24).collect();
            CallError::new("sockaddr_un", format!("{front}…, {len} bytes"), errno)
        };
        UnixAddr::new(path).map(Self::Unix).map_err(too_long)
    }

    /// An abstract name, which no file stands for.
    ///
    /// # Errors
    /// `ENAMETOOLONG` when it is longer than the 107 bytes that fit.
    pub fn abstract_name(label: &[u8]) -> Result<Self, CallError> {
        let shown = || format!("@{}", String::from_utf8_lossy(label));
        UnixAddr::new_abstract(label)
            .map(Self::Unix)
            .map_err(|errno| CallError::new("sockaddr_un", shown(), errno))
    }

    /// A port of a VM socket context.
    #[must_use]
    pub fn vsock(cid: u32, port: u32) -> Self {
        Self::Vsock(VsockAddr::new(cid, port))
    }

    /// The place that an address means.
    ///
    /// # Errors
    /// When its zone is no interface here, its path does not fit, or it is a host name still: a name
    /// has to be resolved first.
    pub fn of(address: &Address) -> Result<Self, CallError> {
        Ok(match address.place() {
            Place::Ip { ip: IpAddr::V4(ip), port, .. } => Self::inet(*ip, port.unwrap_or(0)),
            Place::Ip { ip: IpAddr::V6(ip), scope, port } => {
                let zone = scope.as_deref().map_or(Ok(0), interface)?;
                Self::Inet(SocketAddrV6::new(*ip, port.unwrap_or(0), 0, zone).into())
            }
            Place::Host { name, .. } => {
                return Err(CallError::new("getaddrinfo", name, Errno::EINVAL));
            }
            Place::Path(path) => Self::path(Path::new(path))?,
            Place::Abstract(label) => Self::abstract_name(label.as_bytes())?,
            Place::Vsock { cid, port } => Self::vsock(*cid, *port),
        })
    }

    /// A name that the kernel picks, among the abstract ones, which no file stands for (unix(7)).
    #[must_use]
    pub fn autobind() -> Self {
        Self::Unix(UnixAddr::new_unnamed())
    }

    /// Can nobody beyond this machine reach it?
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::Inet(address) => address.ip().to_canonical().is_loopback(),
            Self::Unix(_) => true,
            Self::Vsock(vsock) => vsock.cid() == VMADDR_CID_LOCAL,
        }
    }

    /// Is it every address of its family, `0.0.0.0` or `::`?
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        matches!(self, Self::Inet(address) if address.ip().to_canonical().is_unspecified())
    }

    /// Is it the address of many, a group's or everybody's?
    #[must_use]
    pub fn is_group(&self) -> bool {
        match self {
            Self::Inet(address) => match address.ip().to_canonical() {
                IpAddr::V4(ip) => ip.is_multicast() || ip.is_broadcast(),
                IpAddr::V6(ip) => ip.is_multicast(),
            },
            Self::Unix(_) | Self::Vsock(_) => false,
        }
    }

    /// Is it an IPv4 address in the words of IPv6 (RFC 4291)?
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        matches!(self, Self::Inet(SocketAddr::V6(v6)) if v6.ip().to_ipv4_mapped().is_some())
    }

    /// Is it that of a Unix socket that has none?
    #[must_use]
    pub fn is_unnamed(&self) -> bool {
        matches!(self, Self::Unix(unix) if unix.path().is_none() && unix.as_abstract().is_none())
    }

    /// Its port over IP; 0 where it has none.
    #[must_use]
    pub const fn port(&self) -> u16 {
        match self {
            Self::Inet(address) => address.port(),
            Self::Unix(_) | Self::Vsock(_) => 0,
        }
    }

    /// The file that stands for it, if one does.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Unix(unix) => unix.path(),
            Self::Inet(_) | Self::Vsock(_) => None,
        }
    }

    /// The same place as a socket of the other IP version names it: IPv4 inside IPv6 (RFC 4291).
    #[must_use]
    pub fn mapped_for(&self, transport: &Transport, end: End) -> Self {
        match (self, transport.family, end) {
            (Self::Inet(SocketAddr::V4(v4)), Family::Dual, End::Server) => {
                Self::inet(v4.ip().to_ipv6_mapped(), v4.port())
            }
            (Self::Inet(SocketAddr::V6(v6)), Family::Dual, End::Client) => {
                let ip = v6.ip().to_ipv4_mapped().map_or(IpAddr::V6(*v6.ip()), IpAddr::V4);
                Self::inet(ip, v6.port())
            }
            _ => self.clone(),
        }
    }

    /// The same name as users write it.
    #[must_use]
    pub fn to_address(&self, transport: &'static Transport) -> Option<Address> {
        let place = match self {
            Self::Inet(address) => Place::Ip {
                ip: address.ip().to_canonical(),
                scope: zone_of(address),
                port: transport.kind.has_port().then(|| address.port()),
            },
            Self::Unix(unix) => match (unix.path(), unix.as_abstract()) {
                (Some(path), _) => Place::Path(path.to_str()?.to_owned()),
                (None, name) => Place::Abstract(String::from_utf8(name?.to_vec()).ok()?),
            },
            Self::Vsock(vsock) => Place::Vsock { cid: vsock.cid(), port: vsock.port() },
        };
        Address::new(transport, place).ok()
    }

    pub(super) fn from_storage(storage: &SockaddrStorage) -> Option<Self> {
        storage
            .as_sockaddr_in()
            .map(|sin| Self::inet(sin.ip(), sin.port()))
            .or_else(|| {
                storage.as_sockaddr_in6().map(|s| Self::Inet(SocketAddrV6::from(*s).into()))
            })
            .or_else(|| storage.as_unix_addr().map(|unix| Self::Unix(*unix)))
            .or_else(|| storage.as_vsock_addr().map(|vsock| Self::Vsock(*vsock)))
    }

    /// The same, as the other crate spells it; None for a Unix socket that has none, and for what is
    /// of no family of ours.
    pub(super) fn from_any(name: rustix::net::SocketAddrAny) -> Option<Self> {
        if let Ok(address) = SocketAddr::try_from(name.clone()) {
            return Some(Self::Inet(address));
        }
        // Of a socket without a name the kernel tells the family alone, and rustix would make the empty
        // abstract name of that.
        if name.addr_len() as usize <= size_of::<libc::sa_family_t>() {
            return None;
        }
        let unix = rustix::net::SocketAddrUnix::try_from(name).ok()?;
        match (unix.path_bytes(), unix.abstract_name()) {
            (Some(path), _) => Self::path(Path::new(std::ffi::OsStr::from_bytes(path))).ok(),
            (None, label) => Self::abstract_name(label?).ok(),
        }
    }

    pub(super) fn with<T>(&self, body: impl FnOnce(&dyn SockaddrLike) -> T) -> T {
        match self {
            Self::Inet(SocketAddr::V4(v4)) => body(&SockaddrIn::from(*v4)),
            Self::Inet(SocketAddr::V6(v6)) => body(&SockaddrIn6::from(*v6)),
            Self::Unix(unix) => body(unix),
            Self::Vsock(vsock) => body(vsock),
        }
    }
}

/// The zone of an address that means something on one link only, as users write it.
fn zone_of(address: &SocketAddr) -> Option<String> {
    match address {
        SocketAddr::V6(six) if six.scope_id() != 0 => Some(six.scope_id().to_string()),
        SocketAddr::V4(_) | SocketAddr::V6(_) => None,
    }
}

/// The number of a network interface, by its name or its number.
fn interface(zone: &str) -> Result<u32, CallError> {
    zone.parse().or_else(|_| {
        if_nametoindex(zone).map_err(|errno| CallError::new("if_nametoindex", zone, errno))
    })
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(address) => write!(f, "{address}"),
            Self::Unix(unix) => match (unix.path(), unix.as_abstract()) {
                (Some(path), _) => write!(f, "{}", path.display()),
                (None, Some(name)) => write!(f, "@{}", String::from_utf8_lossy(name)),
                (None, None) => f.write_str("(unnamed)"),
            },
            Self::Vsock(vsock) if vsock.port() == VMADDR_PORT_ANY => {
                write!(f, "{}:any", vsock.cid())
            }
            Self::Vsock(vsock) => write!(f, "{}:{}", vsock.cid(), vsock.port()),
        }
    }
}

/// The addresses of a host, as the machine's resolver knows them; with port 0.
///
/// # Errors
/// The resolver's words.
pub fn resolve(host: &str) -> Result<Vec<SocketAddr>, String> {
    use std::net::ToSocketAddrs;
    let found = (host, 0).to_socket_addrs().map_err(|error| {
        let text = error.to_string();
        // The standard library puts its own words in front of the resolver's.
        let (_, reason) = text.rsplit_once(": ").unwrap_or(("", &text));
        reason.to_lowercase()
    })?;
    Ok(found.collect())
}
