//! What lies between this process and the hardware: a hypervisor, another kernel, a container.
//! Only signs that their makers put there count; how fast something runs is no sign.

use super::files::Root;

/// The kernel that has Linux's calls and is another.
pub(super) const GVISOR: &str = "gvisor";

/// What the signs are looked for in; a text that cannot be read is empty.
struct Evidence {
    kernel: String,
    vendor: String,
    product: String,
    clocks: String,
    hypervisor: String,
    has_firecracker_tables: bool,
    has_hypervisor_flag: bool,
}

/// One thing to be inside of.
struct Layer {
    name: &'static str,
    label: &'static str,
    shows: fn(&Evidence) -> bool,
}

/// The first that shows is the answer, so that the innermost comes first.
const LAYERS: &[Layer] = &[
    // gVisor gives a fixed time of build, five minutes after Linux 4.4 was tagged; newer ones have
    // their name in the release.
    Layer {
        name: GVISOR,
        label: "gVisor",
        shows: |e| e.kernel.contains("gvisor") || e.kernel.contains("sun jan 10 15:06:54 pst 2016"),
    },
    Layer { name: "wsl", label: "WSL", shows: |e| e.kernel.contains("-microsoft") },
    Layer {
        name: "firecracker",
        label: "Firecracker VM",
        shows: |e| e.has_firecracker_tables || e.product == "Firecracker",
    },
    Layer {
        name: "xen",
        label: "Xen VM",
        shows: |e| e.hypervisor == "xen" || e.vendor == "Xen" || e.clocks.contains("xen"),
    },
    Layer { name: "vmware", label: "VMware VM", shows: |e| e.vendor.starts_with("VMware") },
    Layer { name: "virtualbox", label: "VirtualBox VM", shows: |e| e.product == "VirtualBox" },
    Layer {
        name: "hyperv",
        label: "Hyper-V VM",
        // The same vendor makes laptops.
        shows: |e| {
            e.clocks.contains("hyperv")
                || e.vendor == "Microsoft Corporation" && e.product == "Virtual Machine"
        },
    },
    Layer {
        name: "parallels",
        label: "Parallels VM",
        shows: |e| e.vendor.starts_with("Parallels"),
    },
    Layer { name: "bhyve", label: "bhyve VM", shows: |e| e.product == "BHYVE" },
    Layer {
        name: "apple",
        label: "Apple VM",
        shows: |e| e.product.starts_with("Apple Virtualization"),
    },
    Layer {
        name: "kvm",
        label: "KVM",
        shows: |e| {
            e.clocks.contains("kvm-clock")
                || e.product.contains("KVM")
                || e.product == "Google Compute Engine"
                || e.vendor == "Amazon EC2" && !e.product.contains("metal")
        },
    },
    Layer { name: "qemu", label: "QEMU", shows: |e| e.vendor == "QEMU" },
    Layer { name: "vm", label: "VM", shows: |e| e.has_hypervisor_flag },
];

/// The name of what this kernel runs in.
pub(super) fn virtualization(root: &Root, release: &str, cpuinfo: &str) -> Option<String> {
    let fact = |path: &str| root.fact(path).unwrap_or_default();
    let evidence = Evidence {
        kernel: format!("{release} {}", fact("proc/version")).to_lowercase(),
        vendor: fact("sys/class/dmi/id/sys_vendor"),
        product: fact("sys/class/dmi/id/product_name"),
        clocks: fact("sys/devices/system/clocksource/clocksource0/available_clocksource"),
        hypervisor: fact("sys/hypervisor/type"),
        has_firecracker_tables: has_firecracker_tables(root),
        has_hypervisor_flag: has_hypervisor_flag(root, cpuinfo),
    };
    LAYERS.iter().find(|layer| (layer.shows)(&evidence)).map(|layer| layer.name.to_owned())
}

/// How a reader is told of it.
pub(super) fn label(name: &str) -> &str {
    LAYERS.iter().find(|layer| layer.name == name).map_or(name, |layer| layer.label)
}

/// Firecracker has no DMI. Its generation counter has an ACPI name of its own, and the head of
/// each of its tables names it as their maker; those only root may read.
fn has_firecracker_tables(root: &Root) -> bool {
    const HEAD: usize = 36;
    let maker = || root.text("sys/firmware/acpi/tables/APIC")?.find("FIRECK");
    root.exists("sys/bus/acpi/devices/FCVMGID:00") || maker().is_some_and(|at| at < HEAD)
}

/// x86 shows the flag among the CPU's; an Arm machine of virtual parts says so in its device tree.
fn has_hypervisor_flag(root: &Root, cpuinfo: &str) -> bool {
    let flags = cpuinfo.lines().find(|line| line.starts_with("flags"));
    flags.is_some_and(|line| line.split_whitespace().any(|word| word == "hypervisor"))
        || root.fact("proc/device-tree/compatible").is_some_and(|text| text.contains("dummy-virt"))
}

/// Files in which a container's manager writes its name.
const NAMED_IN: &[&str] = &["run/host/container-manager", "run/systemd/container"];

/// Files that a container's engine leaves in its root.
const MARKS: &[(&str, &str)] = &[("run/.containerenv", "podman"), (".dockerenv", "docker")];

/// Words in the path of a control group or in the source of the root, and whose they are.
const HINTS: &[(&str, &str)] = &[
    ("kubepods", "kubernetes"),
    ("libpod", "podman"),
    ("docker", "docker"),
    ("containerd", "containerd"),
    ("crio", "cri-o"),
    ("/lxc", "lxc"),
];

/// The name of the container that this process runs in.
pub(super) fn container(root: &Root) -> Option<String> {
    let mounted = mounted_at_root(root).unwrap_or_default();
    let named = || NAMED_IN.iter().find_map(|path| word(&root.fact(path)?));
    let told = || {
        let environment = root.text("proc/1/environ")?;
        environment.split('\0').find_map(|variable| word(variable.strip_prefix("container=")?))
    };
    // A machine whose disk was filled from an image keeps the mark without being a container.
    let marked = || {
        let mark = MARKS.iter().find(|(path, _)| root.exists(path))?;
        (!is_whole_disk(&mounted)).then(|| mark.1.to_owned())
    };
    let hinted = || {
        let groups = root.text("proc/1/cgroup").unwrap_or_default();
        let has = |hint: &str| groups.contains(hint) || mounted.contains(hint);
        HINTS.iter().find(|(hint, _)| has(hint)).map(|(_, name)| (*name).to_owned())
    };
    named().or_else(told).or_else(marked).or_else(hinted)
}

/// The line of `proc_pid_mountinfo(5)` for `/`; the last one lies on top.
fn mounted_at_root(root: &Root) -> Option<String> {
    let mounts = root.text("proc/self/mountinfo")?;
    mounts.lines().rfind(|line| line.split(' ').nth(4) == Some("/")).map(str::to_owned)
}

/// Is all of a block device the root? An engine shows a container a part of one, or a stack.
fn is_whole_disk(mounted: &str) -> bool {
    let source = mounted.split_once(" - ").and_then(|(_, rest)| rest.split(' ').nth(1));
    mounted.split(' ').nth(3) == Some("/")
        && source.is_some_and(|source| source.starts_with("/dev/"))
}

/// A name of a few plain letters, or nothing.
fn word(text: &str) -> Option<String> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let fits = (1..=32).contains(&text.len()) && text.chars().all(plain);
    fits.then(|| text.to_owned())
}
