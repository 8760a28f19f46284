//! How an address says its transport: by a name before the colon, or by its first letters.
//! The rest of it is read elsewhere.

use super::over::Over;
use crate::suggest::slips;
use crate::transport::ALL;

/// A name that another tool has for a transport.
#[derive(Debug)]
pub struct Alias {
    /// What stands before the colon, in lower case.
    pub name: &'static str,
    /// The catalogue row, or the name without the IP version, that it stands for.
    pub means: &'static str,
    /// What the address after the colon lacks in front.
    pub before: &'static str,
}

const fn alias(name: &'static str, means: &'static str, before: &'static str) -> Alias {
    Alias { name, means, before }
}

/// Every name that is read beside the catalogue's own: those of socat, gRPC, nginx and systemd.
pub const ALIASES: &[Alias] = &[
    alias("tcp-connect", "tcp", ""),
    alias("tcp4-connect", "tcp4", ""),
    alias("tcp6-connect", "tcp6", ""),
    alias("udp-connect", "udp", ""),
    alias("udp4-connect", "udp4", ""),
    alias("udp6-connect", "udp6", ""),
    alias("udp-sendto", "udp", ""),
    alias("udp4-sendto", "udp4", ""),
    alias("udp6-sendto", "udp6", ""),
    alias("sctp-connect", "sctp", ""),
    alias("sctp4-connect", "sctp4", ""),
    alias("sctp6-connect", "sctp6", ""),
    alias("ipv4", "tcp4", ""),
    alias("ipv6", "tcp6", ""),
    alias("dns", "tcp", ""),
    alias("unix", "unix-stream", ""),
    alias("unix-connect", "unix-stream", ""),
    alias("unix-listen", "unix-stream", ""),
    alias("unix-sendto", "unix-dgram", ""),
    alias("unix-recvfrom", "unix-dgram", ""),
    alias("unix-abstract", "unix-stream", "@"),
    alias("abstract-connect", "unix-stream", "@"),
    alias("abstract-listen", "unix-stream", "@"),
    alias("abstract-sendto", "unix-dgram", "@"),
    alias("abstract-recvfrom", "unix-dgram", "@"),
    alias("vsock", "vsock-stream", ""),
    alias("vsock-connect", "vsock-stream", ""),
];

/// How an address without a transport begins, and what it then is. All else is `HOST:PORT`.
pub(super) const SHAPES: &[(&str, &str)] = &[
    ("/", "unix-stream"),
    ("./", "unix-stream"),
    ("../", "unix-stream"),
    ("@", "unix-stream"),
    ("[", "tcp"),
];

/// The transport of that name, and what its addresses lack in front.
pub(super) fn scheme(name: &str) -> Option<(Over, &'static str)> {
    let known = ALIASES.iter().find(|alias| alias.name.eq_ignore_ascii_case(name));
    known
        .map(|alias| (Over::listed(alias.means), alias.before))
        .or_else(|| Some((Over::named(name)?, "")))
}

/// The transport whose name is the fewest slips away, if they are at most half of its letters.
/// More is forgiven here than by `suggest::nearest`, and the slips are returned too: a word that
/// stands alone has to be nearer than one that an address follows.
pub(super) fn nearest(word: &str) -> Option<(Over, usize)> {
    let word = word.to_lowercase();
    ALL.iter()
        .map(Over::One)
        .chain(Over::pairs())
        .map(|over| (over, slips(word.as_bytes(), over.name().as_bytes())))
        .filter(|(over, distance)| distance * 2 <= over.name().len())
        .min_by_key(|(_, distance)| *distance)
}
