//! What `sock_diag(7)` says of sockets, those of others too. Its answers are searched and never
//! trusted: what does not hold together is an error, and nothing else.

use super::tables::{InetSocket, UnixSocket};
use super::{Errno, errno};
use crate::transport::lesson::State;
use rustix::net::netlink::{SOCK_DIAG, SocketAddrNetlink};
use rustix::net::{self as rx, AddressFamily, SocketFlags, SocketType};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Messages as `linux/netlink.h` has them.
mod message {
    pub(super) const HEADER: usize = 16;
    pub(super) const ERROR: u16 = 2;
    pub(super) const DONE: u16 = 3;
    pub(super) const BY_FAMILY: u16 = 20;
    pub(super) const REQUEST: u16 = 1;
    pub(super) const MULTI: u16 = 2;
    pub(super) const DUMP: u16 = 0x300;
    pub(super) const ANY_COOKIE: [u8; 8] = [u8::MAX; 8];
}

/// What `linux/unix_diag.h` has.
mod unix {
    pub(super) const SHOW_NAME: u32 = 1;
    pub(super) const SHOW_QUEUE: u32 = 0x10;
    pub(super) const NAME: u16 = 0;
    pub(super) const QUEUE: u16 = 4;
    pub(super) const ANSWER: usize = 16;
}

/// What `linux/inet_diag.h` has.
mod inet {
    pub(super) const PROTOCOL: u16 = 3;
    pub(super) const MEMORY: u16 = 7;
    /// Ask for that attribute.
    pub(super) const SHOW_MEMORY: u8 = 1 << (MEMORY - 1);
    /// Where in it the dropped messages are counted (`linux/sock_diag.h`).
    pub(super) const DROPS: usize = 8 * 4;
    pub(super) const ANSWER: usize = 72;
    /// Every state that has a number in `net/tcp_states.h`, but `TCP_BOUND_INACTIVE`.
    pub(super) const STATES: u32 = 0x1fff;
}

/// The Unix socket of that inode.
///
/// # Errors
/// `ENOENT` where none has it; what the kernel said where there is no `sock_diag`.
pub(super) fn unix_socket(inode: u64) -> nix::Result<UnixSocket> {
    // Socket inodes are 32 bits wide, and the question has room for no more.
    let question = unix_question(u32::try_from(inode).map_err(|_| Errno::EOVERFLOW)?);
    let mut found = Err(Errno::ENODATA);
    ask(&question, |answer| found = unix_answer(answer))?;
    found
}

/// Which sockets over IP are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Wanted {
    /// Those of `AF_INET6`, or of `AF_INET`.
    pub(super) ipv6: bool,
    /// The protocol.
    pub(super) protocol: u32,
    /// Their own port; 0 is any.
    pub(super) own: u16,
    /// That of the other end.
    pub(super) other: u16,
    /// Those of TCP that are bound and do no more too, which Linux lists from 6.8 on and has to search
    /// long for.
    pub(super) bound: bool,
    /// Ask what was dropped, too.
    pub(super) drops: bool,
}

/// Those sockets; the kernel picks them, so that few of many cost little.
///
/// # Errors
/// What the kernel said.
pub(super) fn inet_sockets(wanted: Wanted) -> nix::Result<Vec<InetSocket>> {
    let mut found = Vec::new();
    let mut broken = Ok(());
    ask(&inet_question(wanted), |answer| match inet_answer(answer) {
        Some(socket) => found.push(socket),
        None => broken = Err(Errno::EBADMSG),
    })?;
    broken.map(|()| found)
}

/// Puts a question and hands over the body of each answer.
fn ask(question: &[u8], mut take: impl FnMut(&[u8])) -> nix::Result<()> {
    let flags = SocketFlags::CLOEXEC;
    let netlink = rx::socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, Some(SOCK_DIAG))
        .map_err(errno)?;
    let kernel = SocketAddrNetlink::new(0, 0);
    rx::sendto(&netlink, question, rx::SendFlags::empty(), &kernel).map_err(errno)?;
    let mut room = vec![0; 32 << 10];
    loop {
        // The kernel has answered before sendto returns, and goes on in each recv.
        let flags = rx::RecvFlags::DONTWAIT | rx::RecvFlags::TRUNC;
        let (n, whole) = rx::recv(&netlink, &mut room[..], flags).map_err(errno)?;
        if whole > n {
            return Err(Errno::EMSGSIZE);
        }
        if !answers(room.get(..n).unwrap_or_default(), &mut take)? {
            return Ok(());
        }
    }
}

/// Takes one portion of answers apart. Does another one follow?
fn answers(mut portion: &[u8], mut take: impl FnMut(&[u8])) -> nix::Result<bool> {
    let mut more = false;
    while !portion.is_empty() {
        let len = long(portion, 0).and_then(|len| usize::try_from(len).ok());
        let header = len.and_then(|len| Some((len, short(portion, 4)?, short(portion, 6)?)));
        let (len, kind, flags) = header.ok_or(Errno::EBADMSG)?;
        let body = portion.get(message::HEADER..len).ok_or(Errno::EBADMSG)?;
        match kind {
            message::ERROR | message::DONE => return said(body).map(|()| false),
            message::BY_FAMILY => take(body),
            _ => {}
        }
        more = flags & message::MULTI != 0;
        portion = portion.get(len.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(more)
}

/// The refusal at the end of answers, if it is one.
fn said(body: &[u8]) -> nix::Result<()> {
    match long(body, 0).unwrap_or(0).cast_signed() {
        0.. => Ok(()),
        errno => Err(Errno::from_raw(errno.wrapping_neg())),
    }
}

fn question(flags: u16, body: &[&[u8]]) -> Vec<u8> {
    let len = message::HEADER + body.iter().map(|part| part.len()).sum::<usize>();
    let mut bytes = u32::try_from(len).unwrap_or(0).to_ne_bytes().to_vec();
    bytes.extend(message::BY_FAMILY.to_ne_bytes());
    bytes.extend((message::REQUEST | flags).to_ne_bytes());
    // The sequence and port numbers matter to nobody here.
    bytes.extend([0; 8]);
    bytes.extend(body.concat());
    bytes
}

fn unix_question(inode: u32) -> Vec<u8> {
    let family = u8::try_from(AddressFamily::UNIX.as_raw()).unwrap_or(0);
    let show = unix::SHOW_NAME | unix::SHOW_QUEUE;
    let body: [&[u8]; 5] = [
        &[family, 0, 0, 0],
        &u32::MAX.to_ne_bytes(),
        &inode.to_ne_bytes(),
        &show.to_ne_bytes(),
        &message::ANY_COOKIE,
    ];
    question(0, &body)
}

fn unix_answer(answer: &[u8]) -> nix::Result<UnixSocket> {
    let state = State::of_number(*answer.get(2).ok_or(Errno::EBADMSG)?);
    let mut found = UnixSocket { state, named: false, queue: None };
    for (kind, value) in attributes(answer, unix::ANSWER) {
        match kind {
            unix::NAME => found.named = !value.is_empty(),
            unix::QUEUE => {
                let queue = long(value, 0).zip(long(value, 4));
                found.queue = Some(queue.ok_or(Errno::EBADMSG)?);
            }
            _ => {}
        }
    }
    Ok(found)
}

fn inet_question(wanted: Wanted) -> Vec<u8> {
    let family = if wanted.ipv6 { AddressFamily::INET6 } else { AddressFamily::INET };
    let family = u8::try_from(family.as_raw()).unwrap_or(0);
    let [low, ..] = wanted.protocol.to_le_bytes();
    let ports = [wanted.own.to_be_bytes(), wanted.other.to_be_bytes()].concat();
    let any_address = [0; 36];
    let states = if wanted.bound { u32::MAX } else { inet::STATES };
    // MPTCP's number has no room in a byte, so that it is told beside it.
    let attribute = [8_u16.to_ne_bytes(), inet::PROTOCOL.to_ne_bytes()].concat();
    let wide = [attribute, wanted.protocol.to_ne_bytes().to_vec()].concat();
    let beside = if u8::try_from(wanted.protocol).is_err() { wide.as_slice() } else { &[] };
    let body: [&[u8]; 6] = [
        &[family, low, if wanted.drops { inet::SHOW_MEMORY } else { 0 }, 0],
        &states.to_ne_bytes(),
        &ports,
        &any_address,
        &message::ANY_COOKIE,
        beside,
    ];
    question(message::DUMP, &body)
}

fn inet_answer(answer: &[u8]) -> Option<InetSocket> {
    let ipv6 = i32::from(*answer.first()?) == i32::from(AddressFamily::INET6.as_raw());
    let end = |port: usize, ip: usize| {
        let port = u16::from_be_bytes(*answer.get(port..)?.first_chunk()?);
        let ip = answer.get(ip..)?;
        let ip = if ipv6 {
            IpAddr::from(Ipv6Addr::from(*ip.first_chunk::<16>()?))
        } else {
            IpAddr::from(Ipv4Addr::from(*ip.first_chunk::<4>()?))
        };
        Some(SocketAddr::new(ip, port))
    };
    let number = |at| long(answer, at).map(u64::from);
    let mut found = InetSocket {
        state: State::of_number(*answer.get(1)?),
        own: end(4, 8)?,
        other: end(6, 24)?,
        incoming: number(56)?,
        outgoing: Some(number(60)?),
        inode: number(68)?,
        dropped: None,
    };
    for (kind, value) in attributes(answer, inet::ANSWER) {
        if kind == inet::MEMORY {
            found.dropped = long(value, inet::DROPS).map(u64::from);
        }
    }
    Some(found)
}

/// The attributes from that place on, as far as they hold together.
fn attributes(answer: &[u8], mut at: usize) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (len, kind) = (usize::from(short(answer, at)?), short(answer, at + 2)?);
        let value = answer.get(at + 4..at + len)?;
        // An attribute begins at a multiple of 4.
        at += len.next_multiple_of(4);
        Some((kind, value))
    })
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_ne_bytes(*bytes))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_ne_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let len = u16::try_from(4 + value.len()).expect("short");
        let mut bytes = [len.to_ne_bytes(), kind.to_ne_bytes()].concat();
        bytes.extend(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn message(kind: u16, flags: u16, body: &[u8]) -> Vec<u8> {
        let mut bytes = question(flags, &[body]);
        bytes[4..6].copy_from_slice(&kind.to_ne_bytes());
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn pair(first: u32, second: u32) -> Vec<u8> {
        [first.to_ne_bytes(), second.to_ne_bytes()].concat()
    }

    /// The bodies, or the error.
    fn taken(portion: &[u8]) -> (nix::Result<bool>, Vec<Vec<u8>>) {
        let mut bodies = Vec::new();
        let more = answers(portion, |body| bodies.push(body.to_vec()));
        (more, bodies)
    }

    /// A listener at port 443 of `[::1]` with inode 77, where 3 of 16 wait.
    fn listener() -> Vec<u8> {
        let mut body = vec![10, 10, 0, 0];
        body.extend(443_u16.to_be_bytes());
        body.extend(0_u16.to_be_bytes());
        body.extend(Ipv6Addr::LOCALHOST.octets());
        body.extend([0; 16]);
        body.extend([0; 16]);
        body.extend([pair(3, 16), pair(1000, 77)].concat());
        body
    }

    #[test]
    fn an_answer_about_a_unix_socket_is_searched_and_never_trusted() {
        let mut answer = vec![1, 1, 10, 0];
        answer.resize(unix::ANSWER, 0);
        let nameless = UnixSocket { state: Some(State::Listen), named: false, queue: None };
        assert_eq!(unix_answer(&answer), Ok(nameless));
        answer.extend(attribute(unix::NAME, b"x"));
        assert_eq!(unix_answer(&answer), Ok(UnixSocket { named: true, ..nameless }));
        let short = [answer.clone(), attribute(unix::QUEUE, &[0; 4])].concat();
        assert_eq!(unix_answer(&short), Err(Errno::EBADMSG));
        answer.extend(attribute(unix::QUEUE, &pair(3, 4096)));
        let whole = UnixSocket { named: true, queue: Some((3, 4096)), ..nameless };
        assert_eq!(unix_answer(&answer), Ok(whole));
        assert_eq!(unix_answer(&[1, 1]), Err(Errno::EBADMSG));
    }

    #[test]
    fn an_answer_about_a_socket_over_ip_is_searched_and_never_trusted() {
        let mut answer = listener();
        let read = InetSocket {
            state: Some(State::Listen),
            own: (Ipv6Addr::LOCALHOST, 443).into(),
            other: (Ipv6Addr::UNSPECIFIED, 0).into(),
            inode: 77,
            incoming: 3,
            outgoing: Some(16),
            dropped: None,
        };
        assert_eq!(inet_answer(&answer), Some(read));
        for len in 0..answer.len() {
            assert_eq!(inet_answer(&answer[..len]), None, "{len} bytes");
        }
        let mut memory = [0; 36];
        memory[32] = 9;
        answer.extend(attribute(2, b"more"));
        answer.extend(attribute(inet::MEMORY, &memory));
        let told = inet_answer(&answer).expect("an answer").dropped;
        assert_eq!(told, Some(u64::from(u32::from_ne_bytes([9, 0, 0, 0]))));
    }

    #[test]
    fn attributes_that_do_not_hold_together_end_the_search() {
        for len in [0_u16, 1, 3, 5, u16::MAX] {
            let broken = [len.to_ne_bytes(), [0; 2]].concat();
            assert_eq!(attributes(&broken, 0).count(), 0, "an attribute of {len} bytes");
        }
        assert_eq!(attributes(&attribute(1, b"x"), 0).count(), 1);
        assert_eq!(attributes(&attribute(1, b""), 4).count(), 0);
        assert_eq!(attributes(&[], usize::MAX).count(), 0);
    }

    #[test]
    fn portions_are_taken_apart_until_the_last() {
        let several = [message(20, message::MULTI, b"one!"), message(20, message::MULTI, b"2")];
        let bodies = vec![b"one!".to_vec(), b"2".to_vec()];
        assert_eq!(taken(&several.concat()), (Ok(true), bodies.clone()));
        let done = message(message::DONE, message::MULTI, &0_i32.to_ne_bytes());
        let last = [several.concat(), done, message(20, 0, b"never")].concat();
        assert_eq!(taken(&last), (Ok(false), bodies));
        assert_eq!(taken(&message(20, 0, b"x")), (Ok(false), vec![b"x".to_vec()]));
        assert_eq!(taken(&message(1, 0, b"x")), (Ok(false), vec![]));
        assert_eq!(taken(&[]), (Ok(false), vec![]));
    }

    #[test]
    fn a_refusal_is_told_and_what_is_cut_short_is_one() {
        for kind in [message::ERROR, message::DONE] {
            let refusal = message(kind, 0, &(-2_i32).to_ne_bytes());
            assert_eq!(taken(&refusal).0, Err(Errno::ENOENT));
        }
        let whole = message(20, message::MULTI, b"body");
        for len in 1..whole.len() {
            assert_eq!(taken(&whole[..len]).0, Err(Errno::EBADMSG), "{len} bytes");
        }
        for len in [0_u32, 15, u32::MAX] {
            let mut wrong = whole.clone();
            wrong[..4].copy_from_slice(&len.to_ne_bytes());
            assert_eq!(taken(&wrong).0, Err(Errno::EBADMSG), "a length of {len}");
        }
    }

    #[test]
    fn a_question_is_as_long_as_it_says() {
        let about = |ipv6, protocol| Wanted {
            ipv6,
            protocol,
            own: 443,
            other: 0,
            bound: true,
            drops: true,
        };
        let questions = [
            unix_question(7),
            inet_question(about(false, 6)),
            inet_question(about(true, 17)),
            inet_question(about(false, 262)),
        ];
        for (question, len) in questions.iter().zip([40, 72, 72, 80]) {
            assert_eq!((question.len(), long(question, 0)), (len, u32::try_from(len).ok()));
        }
    }

    #[test]
    fn a_socket_that_is_not_there_is_refused() {
        assert_eq!(unix_socket(u64::from(u32::MAX) + 1), Err(Errno::EOVERFLOW));
    }
}
