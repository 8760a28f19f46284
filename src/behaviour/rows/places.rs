//! Where an address leads: what localhost means, what another network namespace reaches, and what
//! an address of another family is good for.

use crate::behaviour::addresses::ipv4_server;
use crate::behaviour::column::{
    abstract_name, any, connectionless, connects, inet, ipv4, ipv6, one_version, path, ports, tcp,
    unix,
};
use crate::behaviour::expectation::shows;
use crate::behaviour::fact::said;
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group, Need};
use crate::os::name::Name;
use crate::os::option;
use crate::os::privilege::{Right, leave_network};
use crate::os::probe::{Probe, Recorder};
use crate::os::socket::End;
use crate::os::{CallError, errno_name, errno_of};
use crate::transport::Transport;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(super) const LOCALHOST: Group = Group {
    rank: 29,
    title: "localhost is there",
    why: "where localhost means ::1 and there is no ::1, every client tries it first and fails",
    checks: &[Check {
        name: "localhost",
        title: "localhost in /etc/hosts",
        claim: "/etc/hosts lists localhost for this IP version, and bind() takes that address",
        promise: "hosts(5); RFC 6761, section 6.3: localhost is the loopback address of both IP \
                  versions",
        matters: "a client of localhost misses a server that serves this IP version only, or fails \
                  at its first try",
        applies: |c| tcp(c) && one_version(c),
        body: localhost,
        rules: &[shows(any, "listed, works").cell("listed")],
        ..Check::ROW
    }],
};

pub(super) const NAMESPACE: Group = Group {
    rank: 30,
    title: "Another network namespace",
    why: "a container without a network reaches docker.sock, but no abstract socket such as X11's",
    checks: &[Check {
        name: "netns",
        title: "from another namespace",
        claim: "a client in a fresh network namespace reaches a server outside by a file only",
        promise: "network_namespaces(7): network addresses and abstract names belong to a \
                  namespace; files do not",
        matters: "a namespace shuts out less than it should, or more than a program can do without",
        by_design: "with loopback down Linux has no route to 127.0.0.1 (ENETUNREACH); for ::1 it \
                    wants a source address first and finds none (EADDRNOTAVAIL)",
        needs: Some(Need::Right(Right::SysAdmin)),
        body: from_another_namespace,
        rules: &[
            shows(path, "ok"),
            shows(abstract_name, "ECONNREFUSED"),
            shows(ipv6, "EADDRNOTAVAIL").cell("EADDRNOTAV"),
            shows(inet, "ENETUNREACH"),
        ],
        ..Check::ROW
    }],
};

pub(super) const WRONG_FAMILY: Group = Group {
    rank: 42,
    title: "An address of another family",
    why: "a socket bound to 0.0.0.0 cannot send to [::1]: EAFNOSUPPORT, os error 97",
    checks: &[Check {
        name: "wrongfam",
        needs: Some(Need::Ipv4Loopback),
        title: "other family's address",
        claim: "connect() to an address of another family is refused, but a UDP socket of IPv6 \
                takes one of IPv4",
        promise: "connect(2), EAFNOSUPPORT; unix(7), EINVAL: not AF_UNIX; tcp_v6_connect() checks \
                  the length first, __ip6_datagram_connect() takes AF_INET",
        matters: "a program that mixes addresses and sockets fails with another error than \
                  expected",
        by_design: "an IPv6 socket may speak IPv4 (RFC 3493, section 3.7), and a UDP one takes \
                    even a plain IPv4 address; tcp_v6_connect() finds that too short (EINVAL)",
        applies: |c| ports(c) && one_version(c) || unix(c),
        body: other_family,
        rules: &[
            shows(unix, "EINVAL"),
            shows(ipv4, "EAFNOSUPPORT").cell("EAFNOSUPP"),
            shows(|c| ipv6(c) && connects(c), "EINVAL"),
            shows(|c| ipv6(c) && connectionless(c), "ok, reaches IPv4").cell("ok, IPv4"),
        ],
        ..Check::ROW
    }],
};

fn localhost(stand: &Stand<'_>) -> Result<String, CallError> {
    const HOSTS: &str = "/etc/hosts";
    let hosts =
        std::fs::read(HOSTS).map_err(|error| CallError::new("open", HOSTS, errno_of(&error)))?;
    let listed: Vec<_> = addresses_of("localhost", &String::from_utf8_lossy(&hosts))
        .into_iter()
        .filter(|ip| ip.is_ipv4() == ipv4(&stand.column))
        .collect();
    // Nothing is bound that others could reach.
    if let Some(elsewhere) = listed.iter().find(|ip| !ip.is_loopback()) {
        return Ok(format!("listed as {elsewhere}"));
    }
    let usual = if ipv4(&stand.column) {
        IpAddr::V4(Ipv4Addr::LOCALHOST)
    } else {
        IpAddr::V6(Ipv6Addr::LOCALHOST)
    };
    let word = if listed.is_empty() { "not listed" } else { "listed" };
    let tried = if listed.is_empty() { vec![usual] } else { listed };
    for ip in tried {
        if let Err(error) = stand.server()?.bind(&Name::inet(ip, 0)) {
            return Ok(format!("{word}, {}", errno_name(error.errno)));
        }
    }
    Ok(format!("{word}, works"))
}

/// The addresses that a hosts file has for a host, in its order (hosts(5)).
fn addresses_of(host: &str, hosts: &str) -> Vec<IpAddr> {
    let address = |line: &str| {
        let (fields, _) = line.split_once('#').unwrap_or((line, ""));
        let mut fields = fields.split_whitespace();
        let ip = fields.next()?.parse().ok()?;
        fields.any(|name| name.eq_ignore_ascii_case(host)).then_some(ip)
    };
    hosts.lines().filter_map(address).collect()
}

fn from_another_namespace(stand: &Stand<'_>) -> Result<String, CallError> {
    let (server, name) = stand.ready_server()?;
    let (recorder, transport) = (stand.recorder.clone(), stand.column.transport);
    // The namespace goes with the thread and the socket that it opened.
    let aside = stand.aside(move || {
        leave_network()?;
        reach(&recorder, transport, &name)
    })?;
    let client = match aside.wait(stand.times().sure) {
        // No call of it waits that long: a connect is given up sooner. It is the namespace that takes
        // its time, for which the kernel has one lock (`pernet_ops_rwsem`).
        None => return Err(stand.too_late("unshare(CLONE_NEWNET)")),
        Some(Err(error)) if error.call == "unshare" => return Err(error),
        Some(Err(error)) => return Ok(errno_name(error.errno)),
        Some(Ok(client)) => client,
    };
    let heard = stand.came(&stand.first_message(&server));
    client.close();
    Ok(if heard == "hello" { "ok".to_owned() } else { format!("connected, {heard} arrives") })
}

/// A client that has sent a greeting.
fn reach(recorder: &Recorder, transport: &Transport, name: &Name) -> Result<Probe, CallError> {
    let client = recorder.open(transport, End::Client)?;
    client.connect(name)?;
    client.send(b"hello")?;
    Ok(client)
}

fn other_family(stand: &Stand<'_>) -> Result<String, CallError> {
    if stand.column.transport.ipv4_twin().is_none() {
        let elsewhere: IpAddr = if inet(&stand.column) {
            Ipv6Addr::LOCALHOST.into()
        } else {
            Ipv4Addr::LOCALHOST.into()
        };
        // Port 9 discards (RFC 863), should it be taken after all.
        let name = Name::inet(elsewhere, 9);
        return Ok(said(&stand.client()?.connect(&name)));
    }
    let server = ipv4_server(stand)?;
    let client = stand.client()?;
    // net.ipv6.bindv6only would decide it otherwise.
    client.set(option::IPV6_V6ONLY, 0)?;
    if let Err(error) = client.connect(&server.name()?) {
        return Ok(errno_name(error.errno));
    }
    client.send(b"hello")?;
    let heard = stand.first_message(&server);
    Ok(format!("ok, reaches {}", if heard.is_ok() { "IPv4" } else { "nobody" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hosts_file_gives_every_address_of_a_name() {
        let hosts = "# localhost\n127.0.0.1\tlocalhost here\n  ::1 ip6 LOCALHOST # and so on\n\
                     127.0.0.2 localhost.example #localhost\nfe80::1%lo localhost\nnonsense\n\n\
                     127.0.0.3 a b localhost\n::1";
        let found = addresses_of("localhost", hosts);
        let expected: Vec<IpAddr> =
            ["127.0.0.1", "::1", "127.0.0.3"].iter().filter_map(|ip| ip.parse().ok()).collect();
        assert_eq!(found, expected);
        assert_eq!(addresses_of("nobody", hosts), Vec::<IpAddr>::new());
    }
}
