//! The kernel's tables of sockets below `/proc/net`, line by line: what each row says, and which socket
//! of which process it is about.

use crate::transport::lesson::State;
use std::fs::{self, File};
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What is said of a socket over IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InetSocket {
    /// Its state; None is one that has no name here.
    pub(super) state: Option<State>,
    /// Its own name. Of a raw socket the port is its protocol (`raw_sock_seq_show()`).
    pub(super) own: SocketAddr,
    /// Whom it is connected to; port 0 is nobody.
    pub(super) other: SocketAddr,
    /// The inode; 0 is a connection that no process has, not yet or not any more.
    pub(super) inode: u64,
    /// What waits to be read; of a listener: how many clients wait.
    pub(super) incoming: u64,
    /// What was sent and is not acknowledged; of a listener: how many clients may wait. None where
    /// that is not told.
    pub(super) outgoing: Option<u64>,
    /// Messages that found no room.
    pub(super) dropped: Option<u64>,
}

/// What is said of a Unix socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UnixSocket {
    /// Its state; None is one that has no name here.
    pub(super) state: Option<State>,
    /// Has it a path or an abstract name?
    pub(super) named: bool,
    /// Of a listener: how many clients wait, and how many may. Of others: what waits to be read, and
    /// the memory of what was sent and waits elsewhere. None where that is not told.
    pub(super) queue: Option<(u32, u32)>,
}

/// The text of a table; a name in it need not be UTF-8.
pub(super) fn read(table: &str) -> Option<String> {
    // Whoever asks for little gets little, and the rows go on moving before the next read: in room for
    // a page of the kernel's a short table comes whole.
    let mut bytes = Vec::with_capacity(1 << 16);
    File::open(format!("/proc/net/{table}")).ok()?.read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The number by which the tables know a descriptor of a process, if it is a socket.
pub(super) fn inode(process: impl std::fmt::Display, descriptor: i32) -> Option<u64> {
    inode_in(fs::read_link(format!("/proc/{process}/fd/{descriptor}")).ok()?.to_str()?)
}

/// The number in what the link of a descriptor says, if that is a socket.
pub(super) fn inode_in(link: &str) -> Option<u64> {
    link.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

/// The rows of a table of sockets over IP.
pub(super) fn inet_sockets(text: &str) -> impl Iterator<Item = InetSocket> {
    text.lines().skip(1).filter_map(inet_socket)
}

/// `sl local remote st tx:rx tr:when retrnsmt uid timeout inode ref pointer drops`; TCP has other
/// things behind the pointer.
pub(super) fn inet_socket(line: &str) -> Option<InetSocket> {
    let fields: Vec<_> = line.split_ascii_whitespace().collect();
    let field = |at: usize| fields.get(at).copied();
    let state = State::of_number(u8::from_str_radix(field(3)?, 16).ok()?);
    let (sent, received) = field(4)?.split_once(':')?;
    let queue = |text| u64::from_str_radix(text, 16).ok();
    // A listener's row does not tell how many may wait.
    let outgoing = queue(sent).filter(|_| state != Some(State::Listen));
    let dropped = if fields.len() == 13 { field(12)?.parse().ok() } else { None };
    Some(InetSocket {
        state,
        own: end(field(1)?)?,
        other: end(field(2)?)?,
        inode: field(9)?.parse().ok()?,
        incoming: queue(received)?,
        outgoing,
        dropped,
    })
}

/// An address: words of 32 bits, each in the byte order of the machine, and the port.
fn end(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let word = |at: usize| {
        let digits = ip.get(8 * at..8 * at + 8)?;
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

/// The rows of `/proc/net/unix`: the inode, what is said, and the name if it has one. A client that
/// waits in the queue stands there under the server's name, and has inode 0 still.
pub(super) fn unix_sockets(text: &str) -> impl Iterator<Item = (u64, UnixSocket, Option<&str>)> {
    text.lines().skip(1).filter_map(unix_socket)
}

/// `Num RefCount Protocol Flags Type St Inode Path`; the path may have blanks in it.
fn unix_socket(line: &str) -> Option<(u64, UnixSocket, Option<&str>)> {
    let fields: Vec<_> = line.split_ascii_whitespace().take(7).collect();
    let inode = *fields.get(6)?;
    let flags = u32::from_str_radix(fields.get(3)?, 16).ok()?;
    // __SO_ACCEPTCON; else SS_CONNECTED or SS_UNCONNECTED (linux/net.h).
    let state = match *fields.get(5)? {
        _ if flags & (1 << 16) != 0 => Some(State::Listen),
        "03" => Some(State::Established),
        "01" => Some(State::Close),
        _ => None,
    };
    let name = line.split_once(&format!(" {inode} ")).map(|(_, name)| name);
    let name = name.filter(|name| !name.is_empty());
    Some((inode.parse().ok()?, UnixSocket { state, named: name.is_some(), queue: None }, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An address as this machine writes it.
    fn written(address: &str) -> String {
        let address: SocketAddr = address.parse().expect("an address");
        let octets = match address.ip() {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        };
        let word = |four: &[u8]| {
            format!("{:08X}", u32::from_ne_bytes(four.try_into().expect("four bytes")))
        };
        let ip: String = octets.chunks(4).map(word).collect();
        format!("{ip}:{:04X}", address.port())
    }

    fn row(own: &str, other: &str, rest: &str) -> String {
        format!("   0: {} {} {rest}", written(own), written(other))
    }

    #[test]
    fn rows_are_read_as_they_are_printed() {
        let listener = row(
            "127.0.0.1:443",
            "0.0.0.0:0",
            "0A 00000000:00000003 00:00000000 00000000     0        0 77 2 00000000fd1057b3 100 0 0 10 0",
        );
        let read = InetSocket {
            state: Some(State::Listen),
            own: "127.0.0.1:443".parse().expect("an address"),
            other: "0.0.0.0:0".parse().expect("an address"),
            inode: 77,
            incoming: 3,
            outgoing: None,
            dropped: None,
        };
        assert_eq!(inet_socket(&listener), Some(read));
        let fading = row(
            "[::ffff:127.0.0.1]:443",
            "[::1]:65535",
            "06 00000000:00000000 03:00001770 00000000     0        0 0 3 00000000fd1057b3",
        );
        let found = inet_socket(&fading).expect("a row");
        assert_eq!((found.state, found.inode), (Some(State::TimeWait), 0));
        assert_eq!(found.own.to_string(), "[::ffff:127.0.0.1]:443");
        assert_eq!(found.other.to_string(), "[::1]:65535");
        let messages = row(
            "127.0.0.1:443",
            "0.0.0.0:0",
            "07 00000010:00000680 00:00000000 00000000     0        0 88 2 00000000b77ccb28 98",
        );
        let found = inet_socket(&messages).expect("a row");
        assert_eq!((found.outgoing, found.incoming, found.dropped), (Some(16), 0x680, Some(98)));
    }

    #[test]
    fn what_is_no_row_is_none() {
        let whole = row(
            "[::1]:443",
            "[::1]:444",
            "01 00000000:00000000 00:00000000 00000000     0        0 77",
        );
        assert!(inet_socket(&whole).is_some());
        for len in 0..whole.len() - 3 {
            assert_eq!(inet_socket(&whole[..len]), None, "{}", &whole[..len]);
        }
        for (good, bad) in [("01 ", "1FF "), ("01 ", "é "), (":00000000 ", " "), ("77", "-7")] {
            assert_eq!(inet_socket(&whole.replacen(good, bad, 1)), None, "{good} is {bad}");
        }
        for ends in ["é0000000:0000", "0000007F00000:0000", "7F:0", ":", "0100007F:FFFFF"] {
            assert_eq!(end(ends), None, "{ends}");
        }
        assert_eq!(inet_sockets("").count(), 0);
        assert_eq!(inet_sockets("title\n\nnonsense\n").count(), 0);
    }

    #[test]
    fn unix_rows_may_have_blanks_in_their_names() {
        let table = "Num       RefCount Protocol Flags    Type St Inode Path\n\
            0000000005bd6d49: 00000003 00000000 00000000 0001 03 31696247\n\
            00000000a6a7e97c: 00000002 00000000 00010000 0001 01    6 /tmp/a name\n\
            000000000c6b4036: 00000003 00000000 00000000 0001 02     0 /tmp/a name\n\
            0000000000000000: 00000001 00000000 00000000 0002 01        7 @x 7 y\n\
            0000000000000000: 00000001 00000000 0000\n";
        let rows: Vec<_> = unix_sockets(table)
            .map(|(inode, socket, name)| (inode, socket.state, name.unwrap_or("-")))
            .collect();
        let expected = [
            (31_696_247, Some(State::Established), "-"),
            (6, Some(State::Listen), "/tmp/a name"),
            (0, None, "/tmp/a name"),
            (7, Some(State::Close), "@x 7 y"),
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_descriptor_is_known_by_its_number() {
        let numbers = ["socket:[7]", "socket:[]", "socket:7", "pipe:[7]", "socket:[7", ""];
        assert_eq!(numbers.map(inode_in), [Some(7), None, None, None, None, None]);
    }
}
