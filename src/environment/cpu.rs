//! The CPUs: what they are called, which of them share a core, and where the two ends run.

use std::collections::BTreeSet;
use std::path::Path;

use super::files::{Root, clean};

/// One CPU and what it shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cpu {
    /// The kernel's number.
    pub id: usize,
    /// The package and the core in it; CPUs with the same are hardware threads of one core.
    pub core: Option<(u32, u32)>,
    /// The third-level cache, by the kernel's number.
    pub cache: Option<u32>,
}

/// With fewer cores one cannot afford to leave out the one that takes the interrupts.
const CORES_TO_CHOOSE_FROM: usize = 4;

/// These CPUs of this machine.
#[must_use]
pub fn topology(cpus: &[usize]) -> Vec<Cpu> {
    topology_below(Path::new("/"), cpus)
}

/// These CPUs of the machine whose `/sys` lies below `root`.
#[must_use]
pub fn topology_below(root: &Path, cpus: &[usize]) -> Vec<Cpu> {
    let root = Root::new(root);
    cpus.iter().map(|id| describe(&root, *id)).collect()
}

fn describe(root: &Root, id: usize) -> Cpu {
    let folder = format!("sys/devices/system/cpu/cpu{id}");
    // A kernel that does not know the package says -1, which is no number here.
    let package = root.number(&format!("{folder}/topology/physical_package_id"));
    let core = root.number(&format!("{folder}/topology/core_id"));
    let cache = root.number(&format!("{folder}/cache/index3/id"));
    Cpu { id, core: package.zip(core), cache }
}

/// How far apart two CPUs are, the best place for two ends first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Distance {
    Cache,
    Package,
    Machine,
    Core,
}

fn distance(one: &Cpu, other: &Cpu) -> Distance {
    let same_package = one.core.map(|core| core.0) == other.core.map(|core| core.0);
    let same_cache = one.cache.is_some() && one.cache == other.cache;
    match (one.core.is_some() && one.core == other.core, same_package, same_cache) {
        (true, _, _) => Distance::Core,
        (false, true, true) => Distance::Cache,
        (false, true, false) => Distance::Package,
        (false, false, _) => Distance::Machine,
    }
}

/// Two CPUs for the client and the peer: on two cores of one package, if possible behind one
/// cache; else in two packages; else two threads of one core. The core of CPU 0, where interrupts
/// land, is left alone if there are four cores or more. The lowest numbers win. `None` if there
/// are not two CPUs.
#[must_use]
pub fn choose_pair(cpus: &[Cpu]) -> Option<(usize, usize)> {
    let first = cpus.iter().find(|cpu| cpu.id == 0 && has_cores_to_choose_from(cpus));
    let beside_first = |cpu: &Cpu| {
        first.is_some_and(|first| first.id == cpu.id || distance(first, cpu) == Distance::Core)
    };
    let ranked = |one: &Cpu, other: &Cpu| {
        (distance(one, other), beside_first(one) || beside_first(other), one.id, other.id)
    };
    let pairs = cpus.iter().flat_map(|one| {
        cpus.iter().filter(|other| other.id > one.id).map(move |other| (one, other))
    });
    pairs.map(|(one, other)| ranked(one, other)).min().map(|(_, _, one, other)| (one, other))
}

/// The CPU for both ends: the client's of `choose_pair`, so that both places share it, else the
/// only one.
#[must_use]
pub fn choose_one(cpus: &[Cpu]) -> Option<usize> {
    choose_pair(cpus).map(|(one, _)| one).or_else(|| cpus.first().map(|cpu| cpu.id))
}

/// A CPU whose core is unknown counts as one.
fn has_cores_to_choose_from(cpus: &[Cpu]) -> bool {
    let known: BTreeSet<(u32, u32)> = cpus.iter().filter_map(|cpu| cpu.core).collect();
    let unknown = cpus.iter().filter(|cpu| cpu.core.is_none()).count();
    known.len() + unknown >= CORES_TO_CHOOSE_FROM
}

/// Arm's own cores by the number in `CPU part`: arm64 prints no model name.
const ARM_PARTS: &[(&str, &str)] = &[
    ("0xd03", "Arm Cortex-A53"),
    ("0xd08", "Arm Cortex-A72"),
    ("0xd0b", "Arm Cortex-A76"),
    ("0xd0c", "Arm Neoverse-N1"),
    ("0xd40", "Arm Neoverse-V1"),
    ("0xd49", "Arm Neoverse-N2"),
    ("0xd4f", "Arm Neoverse-V2"),
];

/// The model's name in the text of `/proc/cpuinfo`; each architecture has its own word for it.
pub(super) fn model(cpuinfo: &str) -> Option<String> {
    let value = |key: &str| {
        cpuinfo.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            (name.trim() == key).then(|| clean(value)).flatten()
        })
    };
    ["model name", "cpu model", "cpu", "uarch"].into_iter().find_map(value).or_else(|| {
        let part =
            value("CPU part").filter(|_| value("CPU implementer").as_deref() == Some("0x41"));
        let row = ARM_PARTS.iter().find(|(number, _)| Some(*number) == part.as_deref())?;
        Some(row.1.to_owned())
    })
}
