//! Raw sockets of other programs: by being there they take what was sent to nobody.

use super::tables::{self, InetSocket};
use crate::transport::{Family, Transport};
use std::collections::BTreeSet;
use std::fs;

/// Has anybody but this process a raw socket of that transport's family and protocol? Not where
/// `/proc` does not say.
#[must_use]
pub fn others_listen(transport: &Transport) -> bool {
    let six = transport.family == Family::Ipv6;
    let table = tables::read(if six { "raw6" } else { "raw" }).unwrap_or_default();
    let mut sockets = sockets(&table, transport.protocol.number());
    for entry in fs::read_dir("/proc/self/fd").into_iter().flatten().flatten() {
        let target = fs::read_link(entry.path()).unwrap_or_default();
        if let Some(inode) = target.to_str().and_then(tables::inode_in) {
            sockets.remove(&inode);
        }
    }
    !sockets.is_empty()
}

/// The inodes of a table's sockets of that protocol, which stands where others have their port. A
/// socket that is being closed has none any more.
fn sockets(table: &str, protocol: u32) -> BTreeSet<u64> {
    let of_it = |row: &InetSocket| u32::from(row.own.port()) == protocol && row.inode != 0;
    tables::inet_sockets(table).filter(of_it).map(|row| row.inode).collect()
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
        assert_eq!(Vec::from_iter(sockets(table, 253)), [22_845_996]);
        assert_eq!(Vec::from_iter(sockets(table, 1)), [77]);
        assert_eq!(Vec::from_iter(sockets("", 253)), [0; 0]);
    }
}
