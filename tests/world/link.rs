//! Two hosts and what is between them: a cable that `tc netem` makes bad, or a third host that copies
//! every frame by its own rules, which any kernel can do.

use crate::network::Host;
use crate::running::{Running, json, lacks, python};
use crate::support::skip;
use serde_json::Value;

pub(crate) const NEAR: &str = "10.77.0.1";
pub(crate) const FAR: &str = "10.77.0.2";
pub(crate) const FAR_6: &str = "fd77::2";

/// Two hosts that can reach each other.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) near: Host,
    pub(crate) far: Host,
}

impl Link {
    /// With a cable between them. None where that is not possible.
    pub(crate) fn direct() -> Option<Self> {
        let link = Self::apart()?;
        link.near.does(&format!(
            "ip link add near address 02:00:00:00:00:01 type veth \
             peer name far address 02:00:00:00:00:02 netns {}",
            link.far.pid()
        ));
        link.address();
        Some(link)
    }

    /// With another host between them that does to packets what these rules of `wire.py` say.
    pub(crate) fn through(rules: &Value) -> Option<(Self, Wire)> {
        if lacks(&["python3"]) {
            return None;
        }
        let link = Self::apart()?;
        let middle = link.near.another();
        for (host, name, address) in [(&link.near, "near", "01"), (&link.far, "far", "02")] {
            host.does(&format!(
                "ip link add {name} address 02:00:00:00:00:{address} type veth \
                 peer name to-{name} netns {}",
                middle.pid()
            ));
            // It is a wire there, and no host that would say something of its own.
            middle.does(&format!(
                "echo 1 >/proc/sys/net/ipv6/conf/to-{name}/disable_ipv6; ip link set to-{name} up"
            ));
        }
        link.address();
        middle.awaits("to-near");
        middle.awaits("to-far");
        let words = python("wire.py", &["to-near", "to-far", &rules.to_string()]);
        let mut running = Running::start(&middle.run(&words));
        running.line_with("the wire is up");
        Some((link, Wire { running, _host: middle }))
    }

    fn apart() -> Option<Self> {
        let near = Host::alone()?;
        let far = near.another();
        Some(Self { near, far })
    }

    /// Gives both their addresses. Each knows the other for good: a question who has an address could
    /// be lost as well, and would be counted as a packet.
    fn address(&self) {
        for (host, name, own, other) in [(&self.near, "near", 1, 2), (&self.far, "far", 2, 1)] {
            host.does(&format!(
                "echo 0 >/proc/sys/net/ipv6/conf/{name}/router_solicitations
                 ip addr add 10.77.0.{own}/24 dev {name}
                 ip addr add fd77::{own}/64 dev {name} nodad
                 ip link set {name} up
                 ip neigh replace 10.77.0.{other} lladdr 02:00:00:00:00:0{other} dev {name}
                 ip neigh replace fd77::{other} lladdr 02:00:00:00:00:0{other} dev {name}"
            ));
        }
        self.near.awaits("near");
        self.far.awaits("far");
    }

    /// Makes what leaves the near host suffer. False, and said aloud, where the kernel has no netem.
    pub(crate) fn there(&self, netem: &str) -> bool {
        emulate(&self.near, "near", netem)
    }

    /// Makes what leaves the far host suffer.
    pub(crate) fn back(&self, netem: &str) -> bool {
        emulate(&self.far, "far", netem)
    }

    /// How many packets the queue of the far host has dropped.
    pub(crate) fn dropped_back(&self) -> u64 {
        let shown = self.far.does("tc -s qdisc show dev far");
        let count = shown.split("(dropped ").nth(1).and_then(|rest| rest.split(',').next());
        count.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("{shown}"))
    }
}

fn emulate(host: &Host, name: &str, netem: &str) -> bool {
    if lacks(&["tc"]) {
        return false;
    }
    // Other packets than the test's own would be counted too.
    host.does(&format!("echo 1 >/proc/sys/net/ipv6/conf/{name}/disable_ipv6"));
    let tried = host.tries(&format!("tc qdisc add dev {name} root netem {netem}"));
    if let Err(why) = &tried {
        skip(&format!("tc netem is not possible here: {}", why.trim()));
    }
    tried.is_ok()
}

/// The host in the middle.
#[derive(Debug)]
pub(crate) struct Wire {
    running: Running,
    _host: Host,
}

impl Wire {
    /// What it did.
    pub(crate) fn told(mut self) -> Value {
        self.running.finish();
        let line = self.running.line_with("wire: ");
        json(line.trim_start_matches("wire: "))
    }
}

/// An echo server on the far host that writes down what arrives.
#[derive(Debug)]
pub(crate) struct Recorder {
    running: Running,
    /// Its address.
    pub(crate) address: String,
}

impl Recorder {
    /// At this address of the far host.
    pub(crate) fn start(link: &Link, ip: &str) -> Option<Self> {
        if lacks(&["python3"]) {
            return None;
        }
        let mut running = Running::start(&link.far.run(&python("recorder.py", &[ip, "0"])));
        let said = running.line_with("receiving on port ");
        let port = said.rsplit(' ').next().expect("a word");
        let address = if ip.contains(':') {
            format!("udp6://[{ip}]:{port}")
        } else {
            format!("udp4://{ip}:{port}")
        };
        Some(Self { running, address })
    }

    /// The numbers of the echoes that arrived, in their order.
    pub(crate) fn arrived(mut self) -> Vec<u64> {
        self.running.finish();
        let line = self.running.line_with("arrived:");
        line.split(' ').skip(1).map(|word| word.parse().expect("a number")).collect()
    }
}
