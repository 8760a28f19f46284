//! Where an end is: reads every usual style of address and prints one, the URL form.
//! Pure text and numbers: nothing here resolves a name, opens a socket or looks at a file.

mod error;
mod names;
mod over;
mod read;
mod rules;

pub use error::AddressError;
pub use names::{ALIASES, Alias};
pub use rules::UNIX_NAME_MAX;

use crate::transport::Transport;
use error::escaped;
use over::Over;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// The port in examples, and where a server listens unless told otherwise.
pub const DEFAULT_PORT: u16 = 7777;

/// Where an end is, whatever carries the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// At an IP address.
    Ip {
        /// The address itself.
        ip: IpAddr,
        /// The zone of an IPv6 address as it was typed: an interface's name or number.
        scope: Option<String>,
        /// `None` where the transport has no ports; 0 lets the kernel pick one for a server.
        port: Option<u16>,
    },
    /// At whatever addresses a name turns out to have.
    Host {
        /// The name as it was typed.
        name: String,
        /// `None` where the transport has no ports; 0 lets the kernel pick one for a server.
        port: Option<u16>,
    },
    /// At a socket file. A name that begins with `@` is kept as `./@...`.
    Path(String),
    /// At an abstract Unix name, without the `@`. NUL is a byte like any other: unix(7).
    Abstract(String),
    /// At a virtual machine's socket.
    Vsock {
        /// The context id; 1 is this machine.
        cid: u32,
        /// The port, of 32 bits.
        port: u32,
    },
}

/// An end that a transport can reach. It prints as the URL form, and reads back as itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    over: Over,
    place: Place,
}

impl Address {
    /// The address of that place over that transport. The one over IP takes a host name too.
    ///
    /// # Errors
    /// If the transport has no such places, or the place breaks a rule of its family.
    pub fn new(transport: &'static Transport, place: Place) -> Result<Self, AddressError> {
        let text = Self { over: Over::One(transport), place: place.clone() }.to_string();
        rules::settle(Over::One(transport), place).map_err(|refusal| refusal.of(&text))
    }

    /// Where the end is.
    #[must_use]
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// The transport, unless a host name leaves the IP version open.
    #[must_use]
    pub const fn transport(&self) -> Option<&'static Transport> {
        match self.over {
            Over::One(row) => Some(row),
            Over::Either { .. } => None,
        }
    }

    /// Every transport that it may mean: one, or two where a host name leaves the IP version open.
    #[must_use]
    pub fn transports(&self) -> Vec<&'static Transport> {
        match self.over {
            Over::One(row) => vec![row],
            Over::Either { ipv4, ipv6 } => vec![ipv4, ipv6],
        }
    }

    /// The same end at an address that its host name resolved to: over the transport of that IP
    /// version and with this address's own port. `None` if the transport has the other version;
    /// an end that is no host name is already where it is, and returned as it stands.
    #[must_use]
    pub fn resolved(&self, found: SocketAddr) -> Option<Self> {
        let Place::Host { port, .. } = self.place else { return Some(self.clone()) };
        let scope = match found {
            SocketAddr::V6(six) if six.scope_id() != 0 => Some(six.scope_id().to_string()),
            SocketAddr::V4(_) | SocketAddr::V6(_) => None,
        };
        let row = self.over.taking(found.ip())?;
        Some(Self { over: Over::One(row), place: Place::Ip { ip: found.ip(), scope, port } })
    }

    /// The address, if a peer can be there.
    ///
    /// # Errors
    /// If it holds a number that lets the kernel pick, which only a server can mean.
    pub fn as_peer(&self) -> Result<&Self, AddressError> {
        let some = Some(DEFAULT_PORT);
        let (wild, place) = match self.place.clone() {
            Place::Ip { ip, scope, port: Some(0) } => {
                ("port 0", Place::Ip { ip, scope, port: some })
            }
            Place::Host { name, port: Some(0) } => ("port 0", Place::Host { name, port: some }),
            // vsock(7): VMADDR_CID_ANY and VMADDR_PORT_ANY are -1
            Place::Vsock { cid: u32::MAX, port } => {
                ("context id 4294967295", Place::Vsock { cid: 1, port: port.min(u32::MAX - 1) })
            }
            Place::Vsock { cid, port: u32::MAX } => {
                ("port 4294967295", Place::Vsock { cid, port: DEFAULT_PORT.into() })
            }
            Place::Ip { .. }
            | Place::Host { .. }
            | Place::Path(_)
            | Place::Abstract(_)
            | Place::Vsock { .. } => return Ok(self),
        };
        let what = format!("no peer is at {wild} in '{}'", escaped(&self.to_string()));
        Err(AddressError { what, hint: Self { over: self.over, place }.hint() })
    }

    /// The URL form, in single quotes if a shell would read it as anything but one plain word.
    #[must_use]
    pub fn quoted(&self) -> String {
        crate::shell::word(&self.to_string())
    }

    /// As an example in an error, where a control character could do harm.
    fn hint(&self) -> String {
        let quoted = self.quoted();
        if quoted.contains(char::is_control) { self.over.example(None).quoted() } else { quoted }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.over.name();
        let port = match &self.place {
            Place::Ip { ip: IpAddr::V4(four), scope, port } => {
                write!(f, "{name}://{four}")?;
                scope.iter().try_for_each(|zone| write!(f, "%{zone}"))?;
                port
            }
            Place::Ip { ip: IpAddr::V6(six), scope, port } => {
                write!(f, "{name}://[{six}")?;
                scope.iter().try_for_each(|zone| write!(f, "%{zone}"))?;
                f.write_str("]")?;
                port
            }
            Place::Host { name: host, port } => {
                write!(f, "{name}://{host}")?;
                port
            }
            Place::Path(path) if path.starts_with('/') => return write!(f, "{name}://{path}"),
            Place::Path(path) => return write!(f, "{name}:{path}"),
            Place::Abstract(label) => return write!(f, "{name}:@{label}"),
            Place::Vsock { cid, port } => return write!(f, "{name}://{cid}:{port}"),
        };
        port.iter().try_for_each(|port| write!(f, ":{port}"))
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        read::read(text).map_err(|refusal| refusal.of(text))
    }
}
