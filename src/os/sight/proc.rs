//! The tables below `/proc/net`, for where `sock_diag(7)` is not: older, slower, and they tell less.
//! Pure but for the reading.

use crate::os::diag::{InetSocket, UnixSocket};
use crate::transport::lesson::State;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What stands in a table of sockets over IP. None where there is none, or where it is no such table.
pub(super) fn inet_sockets(text: &str, drops: bool) -> Option<Vec<InetSocket>> {
    let mut lines = text.lines();
    lines.next().filter(|title| title.contains("local_address"))?;
    Some(lines.filter_map(|line| inet_socket(line, drops)).collect())
}

/// `sl local remote st tx:rx tr:when retrnsmt uid timeout inode ref pointer drops`; TCP has other
/// things behind the inode.
fn inet_socket(line: &str, drops: bool) -> Option<InetSocket> {
    let fields: Vec<_> = line.split_ascii_whitespace().collect();
    let field = |at: usize| fields.get(at).copied();
    let state = State::of_number(u8::from_str_radix(field(3)?, 16).ok()?);
    let (sent, received) = field(4)?.split_once(':')?;
    let queue = |text| u64::from_str_radix(text, 16).ok();
    // A listener's row does not tell how many may wait.
    let outgoing = (state != Some(State::Listen)).then(|| queue(sent)).flatten();
    Some(InetSocket {
        state,
        own: end(field(1)?)?,
        other: end(field(2)?)?,
        inode: field(9)?.parse().ok()?,
        incoming: queue(received)?,
        outgoing,
        dropped: drops.then(|| field(12)?.parse().ok()).flatten(),
    })
}

/// An address as the kernel prints it: words of the machine's own byte order, and the port.
fn end(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let word = |at: usize| {
        let digits = ip.get(at * 8..at * 8 + 8)?;
        u32::from_str_radix(digits, 16).ok().map(u32::to_ne_bytes)
    };
    let ip = match ip.len() {
        8 => IpAddr::from(Ipv4Addr::from(word(0)?)),
        32 => {
            let words = [word(0)?, word(1)?, word(2)?, word(3)?];
            IpAddr::from(Ipv6Addr::from(*words.as_flattened().first_chunk::<16>()?))
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

/// What `/proc/net/unix` says of the socket of that inode.
pub(super) fn unix_socket(text: &str, inode: u64) -> Option<UnixSocket> {
    text.lines().skip(1).find_map(|line| {
        let fields: Vec<_> = line.split_ascii_whitespace().collect();
        if fields.get(6)?.parse() != Ok(inode) {
            return None;
        }
        // __SO_ACCEPTCON (linux/net.h); else SS_CONNECTED or SS_UNCONNECTED.
        let flags = u32::from_str_radix(fields.get(3)?, 16).ok()?;
        let state = match *fields.get(5)? {
            _ if flags & (1 << 16) != 0 => Some(State::Listen),
            "03" => Some(State::Established),
            "01" => Some(State::Close),
            _ => None,
        };
        Some(UnixSocket { state, named: fields.len() > 7, queue: None })
    })
}
