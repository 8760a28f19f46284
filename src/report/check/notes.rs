//! Settings of the machine that make its sockets unlike those of most others: rows of data, each a
//! sentence with the way back to what is usual.

use super::State;
use crate::behaviour::column::{self, Who};
use crate::environment::Environment;

/// A setting that shows in what sockets do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What it is and does.
    pub text: String,
    /// The way back to what is usual.
    pub hint: String,
}

/// A setting that is watched.
struct Setting {
    /// Whom it concerns: it is silent if none of those is looked at.
    who: Who,
    read: fn(&Environment) -> Option<u64>,
    unusual: fn(u64) -> bool,
    text: fn(u64) -> String,
    hint: &'static str,
}

const SETTINGS: &[Setting] = &[
    Setting {
        who: column::inet,
        read: |machine| machine.lo_mtu.map(u64::from),
        // IP packets are no longer than 65535, so that this is all that a socket tells of 65536.
        unusual: |mtu| mtu < 65_535,
        text: |mtu| {
            format!(
                "the loopback's MTU is {mtu} and not 65536: smaller TCP segments, and UDP messages \
                 are cut into more packets"
            )
        },
        hint: "sudo ip link set lo mtu 65536",
    },
    Setting {
        who: column::connects,
        read: |machine| machine.number("net.core.somaxconn"),
        unusual: |most| most < 128,
        text: |most| {
            format!(
                "net.core.somaxconn is {most}: no listen queue holds more than {} clients, \
                 whatever a server asks for",
                most + 1
            )
        },
        hint: "sudo sysctl net.core.somaxconn=4096",
    },
    Setting {
        who: |column| column::unix(column) && column::connectionless(column),
        read: |machine| machine.number("net.unix.max_dgram_qlen"),
        unusual: |most| most < 10,
        text: |most| {
            format!(
                "net.unix.max_dgram_qlen is {most}: a Unix datagram socket queues {} messages and \
                 then blocks its senders",
                most + 1
            )
        },
        hint: "sudo sysctl net.unix.max_dgram_qlen=10",
    },
    Setting {
        who: |column| column::ports(column) && !column::ipv4(column),
        read: |machine| machine.number("net.ipv6.bindv6only"),
        unusual: |only| only != 0,
        text: |_| {
            "net.ipv6.bindv6only is 1: a server on [::] refuses IPv4 clients unless it asks for \
             them"
                .to_owned()
        },
        hint: "sudo sysctl net.ipv6.bindv6only=0",
    },
    Setting {
        who: column::ports,
        read: |machine| machine.number("net.ipv4.ip_unprivileged_port_start"),
        unusual: |first| first != 1024,
        text: |first| {
            format!(
                "net.ipv4.ip_unprivileged_port_start is {first}: ports from there on are open to \
                 every user"
            )
        },
        hint: "sudo sysctl net.ipv4.ip_unprivileged_port_start=1024",
    },
    Setting {
        who: column::acknowledges,
        read: |machine| machine.number("net.ipv4.tcp_fastopen"),
        unusual: |bits| bits & 2 != 0,
        text: |bits| {
            format!(
                "net.ipv4.tcp_fastopen is {bits}: TCP servers may take data with the first packet \
                 of a client"
            )
        },
        hint: "sudo sysctl net.ipv4.tcp_fastopen=1",
    },
];

/// What is unusual here, as far as a column that works is concerned.
pub(super) fn of(columns: &[State], machine: &Environment) -> Vec<Remark> {
    let remark = |setting: &Setting| {
        let value = (setting.read)(machine).filter(|value| (setting.unusual)(*value))?;
        let concerned = |state: &State| state.problem.is_none() && (setting.who)(&state.column);
        columns
            .iter()
            .any(concerned)
            .then(|| Remark { text: (setting.text)(value), hint: setting.hint.to_owned() })
    };
    SETTINGS.iter().filter_map(remark).collect()
}
