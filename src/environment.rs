//! What machine this is: kernel, CPU, governor, mitigations, container, loopback and sysctls, read
//! from files below a root, so that a test can lay out another machine. No system call is named
//! here: what only a call can tell is handed over in `Machine`.

mod cpu;
mod facts;
mod files;
mod loopback;
mod pressure;
mod sandbox;
mod sentence;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

pub use cpu::{Cpu, choose_one, choose_pair, topology, topology_below};
pub use facts::Fact;
pub(crate) use facts::word;
use files::Root;
pub use pressure::Pressure;

/// What only system calls can tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// The release that `uname(2)` gives.
    pub kernel: String,
    /// The machine that `uname(2)` gives.
    pub arch: String,
    /// The CPUs that `sched_getaffinity(2)` allows, by the kernel's numbers.
    pub cpus: Vec<usize>,
    /// The loopback's MTU as a socket has it, which is right in any network namespace.
    pub lo_mtu: Option<u32>,
}

/// All that decides whether two results are comparable. A fact that cannot be read is `None` or
/// absent from its map, never an empty word and never -1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Environment {
    /// The whole kernel release.
    pub kernel: String,
    /// The machine's instruction set, as `uname(2)` writes it.
    pub arch: String,
    /// The CPU's model name, as the kernel writes it.
    pub cpu: Option<String>,
    /// How many CPUs this process may use.
    pub cpus: usize,
    /// The frequency governor of the allowed CPUs; several are joined by a comma.
    pub governor: Option<String>,
    /// Do two hardware threads share a core?
    pub smt: Option<bool>,
    /// What the kernel says of each CPU flaw that this CPU has.
    pub mitigations: BTreeMap<String, String>,
    /// The hypervisor or the kernel in between; `vm` where only its presence is known.
    pub virtualization: Option<String>,
    /// The container's maker.
    pub container: Option<String>,
    /// Runnable tasks, averaged over the last minute.
    pub load1: Option<f64>,
    /// Percent of the last ten seconds in which a task waited for a CPU.
    pub psi_cpu_some_avg10: Option<f64>,
    /// What the kernel reads the time from.
    pub clocksource: Option<String>,
    /// The median cost of one `Instant::now`.
    pub clock_cost_ns: u64,
    /// The largest packet of the loopback interface, in bytes.
    pub lo_mtu: Option<u32>,
    /// Is the loopback interface up in this network namespace?
    pub lo_up: Option<bool>,
    /// Has the loopback interface the address `::1`?
    pub ipv6_loopback: Option<bool>,
    /// The sysctls that change what sockets do, under the names that sysctl(8) uses.
    pub sysctl: BTreeMap<String, String>,
}

/// The sysctls that are read one by one; `kernel.sched_*` joins them.
const SYSCTLS: &[&str] = &[
    "net.core.busy_poll",
    "net.core.busy_read",
    "net.core.default_qdisc",
    "net.core.netdev_max_backlog",
    "net.core.optmem_max",
    "net.core.rmem_default",
    "net.core.rmem_max",
    "net.core.somaxconn",
    "net.core.wmem_default",
    "net.core.wmem_max",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_autocorking",
    "net.ipv4.tcp_congestion_control",
    "net.ipv4.tcp_fastopen",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_timestamps",
    "net.ipv4.tcp_wmem",
    "net.ipv6.bindv6only",
    "net.ipv6.conf.all.disable_ipv6",
    "net.ipv6.conf.lo.disable_ipv6",
    "net.mptcp.enabled",
    "net.unix.max_dgram_qlen",
];

/// A governor is a policy of many CPUs, so that the first ones tell; each costs a file.
const GOVERNORS_READ: usize = 16;

/// Linux has at most 2^22 tasks (proc(5), `pid_max`).
const HIGHEST_LOAD: f64 = 4_194_304.0;

/// The clock is read this often, or for this long where it is slow.
const CLOCK_CALLS: usize = 300;
const CLOCK_PATIENCE: Duration = Duration::from_micros(60);

impl Environment {
    /// Is the kernel Linux itself, as far as one can see, and none that acts like it?
    #[must_use]
    pub fn is_linux(&self) -> bool {
        self.virtualization.as_deref() != Some(sandbox::GVISOR)
    }

    /// This machine, as it is now.
    #[must_use]
    pub fn read(machine: Machine) -> Self {
        Self::read_below(Path::new("/"), machine)
    }

    /// The machine whose `/proc`, `/sys` and `/run` lie below `root`. The cost of the clock is
    /// that of the clock here.
    #[must_use]
    pub fn read_below(root: &Path, machine: Machine) -> Self {
        let root = Root::new(root);
        let cpuinfo = root.text("proc/cpuinfo").unwrap_or_default();
        Self {
            cpu: cpu::model(&cpuinfo),
            cpus: machine.cpus.len(),
            governor: governor(&root, &machine.cpus),
            smt: flag(&root, "sys/devices/system/cpu/smt/active"),
            mitigations: mitigations(&root),
            virtualization: sandbox::virtualization(&root, &machine.kernel, &cpuinfo),
            container: sandbox::container(&root),
            load1: load1(&root),
            psi_cpu_some_avg10: pressure::avg10(&root),
            clocksource: root
                .fact("sys/devices/system/clocksource/clocksource0/current_clocksource"),
            clock_cost_ns: clock_cost_ns(),
            lo_mtu: machine.lo_mtu.or_else(|| loopback::mtu(&root)),
            lo_up: loopback::is_up(&root),
            ipv6_loopback: loopback::has_ipv6(&root),
            sysctl: sysctls(&root),
            kernel: machine.kernel,
            arch: machine.arch,
        }
    }

    /// A sysctl that is one number, if the kernel has it.
    #[must_use]
    pub fn number(&self, sysctl: &str) -> Option<u64> {
        self.sysctl.get(sysctl)?.parse().ok()
    }
}

fn flag(root: &Root, path: &str) -> Option<bool> {
    match root.number::<u8>(path)? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

/// A number from 0 to `most`, which no NaN is.
fn number_up_to(most: f64, text: &str) -> Option<f64> {
    text.parse().ok().filter(|number| (0.0..=most).contains(number))
}

fn load1(root: &Root) -> Option<f64> {
    number_up_to(HIGHEST_LOAD, root.fact("proc/loadavg")?.split(' ').next()?)
}

fn governor(root: &Root, cpus: &[usize]) -> Option<String> {
    let governors: BTreeSet<String> = cpus
        .iter()
        .take(GOVERNORS_READ)
        .filter_map(|id| {
            root.fact(&format!("sys/devices/system/cpu/cpu{id}/cpufreq/scaling_governor"))
        })
        .collect();
    (!governors.is_empty()).then(|| governors.into_iter().collect::<Vec<_>>().join(","))
}

fn mitigations(root: &Root) -> BTreeMap<String, String> {
    const FLAWS: &str = "sys/devices/system/cpu/vulnerabilities";
    let told = |flaw: String| root.fact(&format!("{FLAWS}/{flaw}")).map(|text| (flaw, text));
    let concerns = |(_, text): &(String, String)| text != "Not affected";
    root.names(FLAWS).into_iter().filter_map(told).filter(concerns).collect()
}

fn sysctls(root: &Root) -> BTreeMap<String, String> {
    let scheduler = root
        .names("proc/sys/kernel")
        .into_iter()
        .filter(|name| name.starts_with("sched_"))
        .map(|name| format!("kernel.{name}"));
    let told = |name: String| {
        root.fact(&format!("proc/sys/{}", name.replace('.', "/"))).map(|value| (name, value))
    };
    SYSCTLS.iter().map(ToString::to_string).chain(scheduler).filter_map(told).collect()
}

fn clock_cost_ns() -> u64 {
    let began = Instant::now();
    let mut last = began;
    let mut costs = Vec::with_capacity(CLOCK_CALLS);
    while costs.len() < CLOCK_CALLS && last.duration_since(began) < CLOCK_PATIENCE {
        let now = Instant::now();
        costs.push(now.duration_since(last));
        last = now;
    }
    costs.sort_unstable();
    costs.get(costs.len() / 2).map_or(0, |cost| u64::try_from(cost.as_nanos()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
