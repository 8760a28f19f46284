//! Who has the address that we were refused: from the kernel's tables in /proc/net to the process.

use super::name::Name;
use super::process::command_of;
use super::tables::{self, InetSocket, UnixSocket};
use crate::transport::lesson::State;
use crate::transport::{Protocol, Transport};
use std::fmt;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

/// A process that has a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its number.
    pub pid: i32,
    /// Its name, as `ps` shows it.
    pub command: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, pid {}", self.command, self.pid)
    }
}

impl Holder {
    /// The process of that number.
    #[must_use]
    pub fn numbered(pid: i32) -> Self {
        Self { pid, command: command_of(pid).unwrap_or_else(|| "a process".to_owned()) }
    }

    /// Who has this address now. Another user's processes can be seen by root alone.
    #[must_use]
    pub fn of(name: &Name, transport: &Transport) -> Option<Self> {
        let inode = match name {
            Name::Inet(address) => inet_inode(*address, transport),
            Name::Unix(_) => unix_inode(&name.to_string()),
            Name::Vsock(_) => None,
        };
        inode.and_then(owner).map(Self::numbered)
    }
}

fn inet_inode(address: SocketAddr, transport: &Transport) -> Option<u64> {
    let table = match transport.protocol {
        Protocol::Udp => "udp",
        Protocol::UdpLite => "udplite",
        Protocol::Tcp | Protocol::Mptcp => "tcp",
        Protocol::Default | Protocol::Sctp | Protocol::Experiment => return None,
    };
    [table.to_owned(), format!("{table}6")].iter().find_map(|table| {
        let text = tables::read(table)?;
        tables::inet_sockets(&text).find(|row| serves(row, address)).map(|row| row.inode)
    })
}

/// Is it a server at that address?
fn serves(row: &InetSocket, wanted: SocketAddr) -> bool {
    // A datagram socket that is not connected has CLOSE: others do not keep an address.
    let is_server = matches!(row.state, Some(State::Listen | State::Close));
    let (ip, wanted_ip) = (row.own.ip().to_canonical(), wanted.ip().to_canonical());
    let same_ip = ip == wanted_ip || ip.is_unspecified() || wanted_ip.is_unspecified();
    is_server && row.own.port() == wanted.port() && same_ip && row.inode != 0
}

fn unix_inode(shown: &str) -> Option<u64> {
    let text = tables::read("unix")?;
    let is_it =
        |(inode, _, name): &(u64, UnixSocket, Option<&str>)| *inode != 0 && *name == Some(shown);
    tables::unix_sockets(&text).find(is_it).map(|(inode, ..)| inode)
}

/// The process that has a socket of that inode among its descriptors.
fn owner(inode: u64) -> Option<i32> {
    let has = |folder: &Path| {
        fs::read_dir(folder.join("fd")).into_iter().flatten().flatten().any(|entry| {
            let target = fs::read_link(entry.path()).unwrap_or_default();
            target.to_str().and_then(tables::inode_in) == Some(inode)
        })
    };
    fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        has(&entry.path()).then_some(pid)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_found_in_a_line_by_address_port_and_state() {
        let line = |local: &str, state: &str| {
            format!("  0: {local} 00000000:0000 {state} 0:0 00:0 0 1000 0 4711 1 0 0")
        };
        let at = |text: &str| text.parse::<SocketAddr>().expect("an address");
        // 127.0.0.1 and ::1 as a little-endian machine writes them.
        let loopback4 = format!("{:08X}", u32::from_ne_bytes([127, 0, 0, 1]));
        let loopback6 = format!("{:024}{:08X}", 0, u32::from_ne_bytes([0, 0, 0, 1]));
        for (local, state, wanted, found) in [
            (format!("{loopback4}:1E61"), "0A", "127.0.0.1:7777", Some(4711)),
            (format!("{loopback4}:1E61"), "01", "127.0.0.1:7777", None),
            (format!("{loopback4}:1E61"), "07", "127.0.0.1:7777", Some(4711)),
            (format!("{loopback4}:1E62"), "0A", "127.0.0.1:7777", None),
            ("00000000:1E61".to_owned(), "0A", "127.0.0.1:7777", Some(4711)),
            (format!("{loopback6}:1E61"), "0A", "[::1]:7777", Some(4711)),
            (format!("{loopback6}:1E61"), "0A", "127.0.0.1:7777", None),
        ] {
            let row = tables::inet_socket(&line(&local, state)).expect("a row");
            let inode = serves(&row, at(wanted)).then_some(row.inode);
            assert_eq!(inode, found, "{local} {state}");
        }
    }
}
