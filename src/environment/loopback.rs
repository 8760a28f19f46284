//! The loopback interface of this process's own network namespace.
//!
//! `/proc/net` and `/proc/sys/net` follow the reader's namespace, `/sys/class/net` shows the one
//! that it was mounted in: after `unshare -n` it still tells of the old one.

use super::files::Root;

/// The largest packet, from sysfs if that is of this namespace, else from IPv6's view of it.
pub(super) fn mtu(root: &Root) -> Option<u32> {
    let shown = || root.number("sys/class/net/lo/mtu");
    let here = || root.number("proc/sys/net/ipv6/conf/lo/mtu");
    if sysfs_is_ours(root) { shown().or_else(here) } else { here() }
}

/// Linux joins the all-hosts group on every interface that goes up and leaves it when it goes
/// down, so that the list of groups names the interfaces that are up.
pub(super) fn is_up(root: &Root) -> Option<bool> {
    if let Some(groups) = root.text("proc/net/igmp").filter(|text| text.starts_with("Idx")) {
        return Some(groups.lines().any(|line| line.split_whitespace().nth(1) == Some("lo")));
    }
    if !sysfs_is_ours(root) {
        return None;
    }
    flags(root).map(|flags| flags & 1 == 1).or_else(|| {
        match root.fact("sys/class/net/lo/operstate")?.as_str() {
            "up" => Some(true),
            "down" => Some(false),
            _ => None, // a loopback that is up says "unknown"
        }
    })
}

/// A kernel that lists interfaces but has no list of IPv6 addresses has no IPv6.
pub(super) fn has_ipv6(root: &Root) -> Option<bool> {
    const LOCALHOST: &str = "00000000000000000000000000000001";
    match root.text("proc/net/if_inet6") {
        Some(addresses) => Some(addresses.lines().any(|line| {
            line.split_whitespace().next() == Some(LOCALHOST) && line.trim_end().ends_with(" lo")
        })),
        None => root.exists("proc/net/dev").then_some(false),
    }
}

/// `IFF_UP` is the lowest bit (netdevice(7)).
fn flags(root: &Root) -> Option<u32> {
    u32::from_str_radix(root.fact("sys/class/net/lo/flags")?.strip_prefix("0x")?, 16).ok()
}

/// Two namespaces seldom received the same number of bytes. Where a count is missing, nothing
/// speaks against sysfs.
fn sysfs_is_ours(root: &Root) -> bool {
    let shown = || root.number::<u64>("sys/class/net/lo/statistics/rx_bytes");
    let (before, here, after) = (shown(), bytes_received(root), shown());
    match (before, here, after) {
        (Some(before), Some(here), Some(after)) => before <= here && here <= after,
        _ => true,
    }
}

fn bytes_received(root: &Root) -> Option<u64> {
    let devices = root.text("proc/net/dev")?;
    let counts = devices.lines().find_map(|line| line.trim_start().strip_prefix("lo:"))?;
    counts.split_whitespace().next()?.parse().ok()
}
