//! Addresses that a check names itself: all of a machine at once, and those of its loopback.

use super::column::Column;
use super::stand::Stand;
use crate::os::CallError;
use crate::os::name::Name;
use crate::os::probe::Probe;
use crate::os::socket::End;
use crate::transport::Family;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Another of IPv4's loopback addresses (RFC 1122, section 3.2.1.3).
pub const OTHER_LOOPBACK: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);

/// Is a socket of this end opened with `AF_INET6`?
fn six(column: &Column, end: End) -> bool {
    match column.transport.family {
        Family::Ipv6 => true,
        Family::Dual => end == End::Server,
        Family::Ipv4 | Family::Unix | Family::Vsock => false,
    }
}

/// Every address of the machine, `0.0.0.0` or `::`, as that end names it.
#[must_use]
pub fn wildcard(column: &Column, end: End, port: u16) -> Name {
    if six(column, end) {
        Name::inet(Ipv6Addr::UNSPECIFIED, port)
    } else {
        Name::inet(Ipv4Addr::UNSPECIFIED, port)
    }
}

/// A loopback address that a client reaches but that replies do not leave from by themselves: IPv4
/// has many, IPv6 has one.
#[must_use]
pub fn farther(column: &Column, port: u16) -> Name {
    if six(column, End::Client) {
        Name::inet(Ipv6Addr::LOCALHOST, port)
    } else {
        Name::inet(OTHER_LOOPBACK, port)
    }
}

/// The IP address and port of a name that has them.
#[must_use]
pub const fn inet_of(name: &Name) -> Option<SocketAddr> {
    match name {
        Name::Inet(address) => Some(*address),
        Name::Unix(_) | Name::Vsock(_) => None,
    }
}

/// The IP address of a name, IPv4 inside IPv6 as IPv4.
#[must_use]
pub fn ip_of(name: &Name) -> Option<IpAddr> {
    inet_of(name).map(|address| address.ip().to_canonical())
}

/// The port of a name; 0 where it has none.
#[must_use]
pub fn port_of(name: &Name) -> u16 {
    inet_of(name).map_or(0, |address| address.port())
}

/// The same address with another port.
#[must_use]
pub fn at_port(name: &Name, port: u16) -> Name {
    inet_of(name).map_or_else(|| name.clone(), |address| Name::inet(address.ip(), port))
}

/// An IPv4 socket of the same kind and protocol.
///
/// # Errors
/// The kernel's refusal.
pub fn ipv4_twin(stand: &Stand<'_>, end: End) -> Result<Probe, CallError> {
    let column = &stand.column;
    stand.recorder.open(column.transport.ipv4_twin().unwrap_or(column.transport), end)
}

/// An IPv4 server of the same kind and protocol at 127.0.0.1, which clients can reach.
///
/// # Errors
/// The kernel's refusal.
pub fn ipv4_server(stand: &Stand<'_>) -> Result<Probe, CallError> {
    let server = ipv4_twin(stand, End::Server)?;
    server.bind(&Name::inet(Ipv4Addr::LOCALHOST, 0))?;
    stand.open_to_clients(&server)?;
    Ok(server)
}

/// A server's socket that takes what comes to any address of loopback, and its port.
///
/// # Errors
/// The kernel's refusal.
pub fn bound_to_all(stand: &Stand<'_>) -> Result<(Probe, u16), CallError> {
    let server = stand.server()?;
    let port = bind_to_all(stand, &server, 0)?;
    Ok((server, port))
}

/// Binds a server's socket to every address, of loopback alone, and says the port.
///
/// # Errors
/// The kernel's refusal.
pub fn bind_to_all(stand: &Stand<'_>, server: &Probe, port: u16) -> Result<u16, CallError> {
    // Nobody beyond this machine is to reach it, not even for a moment.
    server.pin_to_loopback()?;
    server.bind(&wildcard(&stand.column, End::Server, port))?;
    Ok(port_of(&server.name()?))
}
