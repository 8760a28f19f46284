//! Raw sockets of other programs: by being there they take what was sent to nobody.

use crate::transport::{Family, Transport};
use std::collections::BTreeSet;
use std::fs;

/// Has anybody but this process a raw socket of that transport's family and protocol? Not where
/// `/proc` does not say.
#[must_use]
pub fn others_listen(transport: &Transport) -> bool {
    let six = transport.family == Family::Ipv6;
    let table = fs::read_to_string(if six { "/proc/net/raw6" } else { "/proc/net/raw" });
    let table = table.unwrap_or_default();
    let mut sockets = sockets(&table, transport.protocol.number());
    for entry in fs::read_dir("/proc/self/fd").into_iter().flatten().flatten() {
        let target = fs::read_link(entry.path()).unwrap_or_default();
        let target = target.to_string_lossy();
        if let Some(inode) = target.strip_prefix("socket:[").and_then(|it| it.strip_suffix(']')) {
            sockets.remove(inode);
        }
    }
    !sockets.is_empty()
}

/// The inodes of a table's sockets of that protocol, which stands where others have their port
/// (`raw_sock_seq_show()`). A socket that is being closed has none any more.
fn sockets(table: &str, protocol: u32) -> BTreeSet<&str> {
    table.lines().skip(1).filter_map(|line| socket(line, protocol)).collect()
}

fn socket(line: &str, protocol: u32) -> Option<&str> {
    let mut fields = line.split_whitespace();
    let (_, number) = fields.nth(1)?.rsplit_once(':')?;
    let inode = fields.nth(7)?;
    (u32::from_str_radix(number, 16) == Ok(protocol) && inode != "0").then_some(inode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_tells_whose_sockets_are_of_a_protocol() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   \
                     uid  timeout inode ref pointer drops\n \
                     140: CDE44D7F:00FD CCE44D7F:0000 01 00000000:00000000 00:00000000 00000000     \
                     0        0 22845996 2 000000005acb69db 0\n \
                     1: 00000000:0001 00000000:0000 07 00000000:00000000 00:00000000 00000000     \
                     0        0 77 2 000000005acb69db 0\n \
                     2: 00000000:00FD 00000000:0000 07 00000000:00000000 00:00000000 00000000     \
                     0        0 0 2 000000005acb69db 0\n nonsense\n\n";
        assert_eq!(Vec::from_iter(sockets(table, 253)), ["22845996"]);
        assert_eq!(Vec::from_iter(sockets(table, 1)), ["77"]);
        assert_eq!(Vec::from_iter(sockets("", 253)), [""; 0]);
    }
}
