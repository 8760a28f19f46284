//! Who has the address that we were refused: from the kernel's tables in /proc/net to the process.

use super::name::Name;
use super::process::command_of;
use crate::transport::{Protocol, Transport};
use std::fmt;
use std::fs;
use std::net::{IpAddr, SocketAddr};
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
        let text = fs::read_to_string(format!("/proc/net/{table}")).ok()?;
        text.lines().skip(1).find_map(|line| inet_line(line, address))
    })
}

/// The inode of a line of /proc/net/tcp and its like, if it is a server at that address.
fn inet_line(line: &str, wanted: SocketAddr) -> Option<u64> {
    let mut fields = line.split_ascii_whitespace();
    let local = fields.nth(1)?;
    let state = fields.nth(1)?;
    let inode = fields.nth(5)?.parse().ok()?;
    let (ip, port) = local.split_once(':')?;
    // 0A listens, 07 is a datagram socket that is not connected: others do not keep an address.
    let is_server = state == "0A" || state == "07";
    let same_port = u16::from_str_radix(port, 16).ok()? == wanted.port();
    let ip = parse_ip(ip)?.to_canonical();
    let same_ip =
        ip == wanted.ip().to_canonical() || ip.is_unspecified() || wanted.ip().is_unspecified();
    (is_server && same_port && same_ip && inode != 0).then_some(inode)
}

/// An address as /proc/net has it: words of 32 bits, each in the byte order of the machine.
fn parse_ip(text: &str) -> Option<IpAddr> {
    let word = |index: usize| {
        u32::from_str_radix(text.get(8 * index..8 * index + 8)?, 16).ok().map(u32::to_ne_bytes)
    };
    if text.len() == 8 {
        return word(0).map(IpAddr::from);
    }
    let bytes: Vec<u8> = [word(0)?, word(1)?, word(2)?, word(3)?].concat();
    <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from)
}

fn unix_inode(shown: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/net/unix").ok()?;
    text.lines().skip(1).find_map(|line| {
        // Num RefCount Protocol Flags Type St Inode Path; the path may have blanks in it.
        let inode = line.split_ascii_whitespace().nth(6)?;
        let (_, path) = line.split_once(&format!(" {inode} "))?;
        // A client that waits in the queue is there under the server's name, and has no inode yet.
        (path == shown && inode != "0").then(|| inode.parse().ok())?
    })
}

/// The process that has a socket of that inode among its descriptors.
fn owner(inode: u64) -> Option<i32> {
    let wanted = format!("socket:[{inode}]");
    let has = |folder: &Path| {
        fs::read_dir(folder.join("fd")).into_iter().flatten().flatten().any(|entry| {
            fs::read_link(entry.path()).is_ok_and(|target| target.as_os_str() == wanted.as_str())
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
            assert_eq!(inet_line(&line(&local, state), at(wanted)), found, "{local} {state}");
        }
    }
}
