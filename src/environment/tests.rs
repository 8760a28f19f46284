//! Machines laid out as files.

use super::*;
use std::fs;
use tempfile::TempDir;

/// Paths below the root and what the files there hold.
type Files = [(&'static str, &'static str)];

fn lay_out(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let file = root.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    root
}

fn machine(kernel: &str, cpus: usize) -> Machine {
    Machine {
        kernel: kernel.to_owned(),
        arch: "x86_64".to_owned(),
        cpus: (0..cpus).collect(),
        lo_mtu: None,
    }
}

fn read(files: &[(&str, &str)], kernel: &str, cpus: usize) -> Environment {
    Environment::read_below(lay_out(files).path(), machine(kernel, cpus))
}

const CLOCKS: &str = "sys/devices/system/clocksource/clocksource0/available_clocksource";
const WHOLE_DISK: &str = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n";

const BARE_METAL: &[(&str, &str)] = &[
    (
        "proc/cpuinfo",
        "processor\t: 0\nmodel name\t: AMD Ryzen 9 5950X 16-Core Processor\nflags\t\t: fpu vme\n",
    ),
    ("proc/version", "Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org)\n"),
    ("proc/loadavg", "0.52 0.58 0.59 1/467 12345\n"),
    ("proc/pressure/cpu", "some avg10=1.25 avg60=0.00 avg300=0.00 total=7\n"),
    ("proc/net/dev", "Inter-|\n face |\n    lo: 100 2 0\n"),
    ("proc/net/igmp", "Idx\tDevice    : Count\n1\tlo        :     1      V3\n\t\t\t\t010000E0\n"),
    ("proc/net/if_inet6", "00000000000000000000000000000001 01 80 10 80       lo\n"),
    ("proc/sys/net/ipv4/tcp_rmem", "4096\t131072\t6291456\n"),
    ("proc/sys/net/unix/max_dgram_qlen", "512\n"),
    ("proc/sys/kernel/sched_rt_runtime_us", "950000\n"),
    ("proc/sys/kernel/pid_max", "4194304\n"),
    ("sys/class/dmi/id/sys_vendor", "ASUS\n"),
    ("sys/class/net/lo/mtu", "65536\n"),
    ("sys/class/net/lo/statistics/rx_bytes", "100\n"),
    ("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n"),
    ("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n"),
    ("sys/devices/system/cpu/smt/active", "1\n"),
    ("sys/devices/system/cpu/vulnerabilities/meltdown", "Not affected\n"),
    (
        "sys/devices/system/cpu/vulnerabilities/spectre_v2",
        "Mitigation: Retpolines; IBPB: conditional; STIBP: always-on\n",
    ),
    ("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n"),
    (CLOCKS, "tsc hpet acpi_pm \n"),
];

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_bare_machine_is_read_fact_by_fact() {
    let found = read(BARE_METAL, "6.1.0-18-amd64", 32);
    let expected = Environment {
        kernel: "6.1.0-18-amd64".to_owned(),
        arch: "x86_64".to_owned(),
        cpu: Some("AMD Ryzen 9 5950X 16-Core Processor".to_owned()),
        cpus: 32,
        governor: Some("powersave".to_owned()),
        smt: Some(true),
        mitigations: map(&[(
            "spectre_v2",
            "Mitigation: Retpolines; IBPB: conditional; STIBP: always-on",
        )]),
        virtualization: None,
        container: None,
        load1: Some(0.52),
        psi_cpu_some_avg10: Some(1.25),
        clocksource: Some("tsc".to_owned()),
        clock_cost_ns: found.clock_cost_ns,
        lo_mtu: Some(65_536),
        lo_up: Some(true),
        ipv6_loopback: Some(true),
        sysctl: map(&[
            ("kernel.sched_rt_runtime_us", "950000"),
            ("net.ipv4.tcp_rmem", "4096 131072 6291456"),
            ("net.unix.max_dgram_qlen", "512"),
        ]),
    };
    assert_eq!(found, expected);
}

#[test]
fn an_empty_root_tells_nothing_and_an_environment_survives_json() {
    let found = Environment::read_below(lay_out(&[]).path(), Machine::default());
    let nothing = Environment { clock_cost_ns: found.clock_cost_ns, ..Environment::default() };
    assert_eq!(found, nothing);
    assert_eq!(found.sentence(), "Linux");
    for environment in [found, read(BARE_METAL, "6.1.0", 2)] {
        let text = serde_json::to_string(&environment).unwrap();
        assert_eq!(serde_json::from_str::<Environment>(&text).unwrap(), environment);
    }
}

#[test]
fn garbage_in_every_file_is_no_fact_and_no_panic() {
    let garbage =
        ["", "\n\n", "-1\n", "\u{0}\u{7}\u{1b}[2J", "NaN inf -inf\n", "99999999999999999999"];
    for text in garbage {
        let files: Vec<_> = BARE_METAL
            .iter()
            .map(|(path, _)| (*path, text))
            .chain([("proc/stat", text), ("proc/1/environ", text), ("proc/1/cgroup", text)])
            .chain([("run/host/container-manager", text), ("proc/self/mountinfo", text)])
            .chain([("sys/class/net/lo/flags", text)])
            .collect();
        let root = lay_out(&files);
        let found = Environment::read_below(root.path(), machine("?", 2));
        assert_eq!((found.smt, found.lo_mtu, found.lo_up), (None, None, None), "{text:?}");
        assert_eq!((found.cpu, found.load1, found.psi_cpu_some_avg10), (None, None, None));
        assert_eq!((found.virtualization, found.ipv6_loopback), (None, Some(false)));
        let values = found.mitigations.values().chain(found.sysctl.values());
        assert!(values.into_iter().all(|value| !value.is_empty() && !value.contains('\u{1b}')));
        assert_eq!(Pressure::read_below(root.path()), Pressure::default());
        assert_eq!(topology_below(root.path(), &[7])[0].core, None);
    }
}

#[test]
fn a_file_that_is_no_text_and_a_folder_in_the_place_of_a_file_are_no_facts() {
    let root = lay_out(&[("proc/loadavg/x", ""), ("sys/class/net/lo/mtu/x", "")]);
    fs::write(root.path().join("proc/cpuinfo"), [0xff, 0xfe, b'\n', 0x80]).unwrap();
    let found = Environment::read_below(root.path(), machine("6.1", 1));
    assert_eq!((found.cpu, found.load1, found.lo_mtu), (None, None, None));
}

#[test]
fn a_hypervisor_or_another_kernel_is_known_by_what_its_maker_put_there() {
    const VENDOR: &str = "sys/class/dmi/id/sys_vendor";
    const PRODUCT: &str = "sys/class/dmi/id/product_name";
    const GVISOR: &str = "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n";
    const FLAG: (&str, &str) = ("proc/cpuinfo", "flags\t\t: fpu hypervisor lahf_lm\n");
    const TABLE: &str = "APIC\u{48}\0\0\0\u{6}\u{80}FIRECKFCVMMADT";
    let cases: &[(&Files, &str, Option<&str>)] = &[
        (&[("proc/version", GVISOR), FLAG], "4.4.0", Some("gvisor")),
        (&[FLAG], "4.19.0-gvisor", Some("gvisor")),
        (&[FLAG], "5.15.167.4-microsoft-standard-WSL2", Some("wsl")),
        (
            &[("sys/firmware/acpi/tables/APIC", TABLE), (CLOCKS, "kvm-clock")],
            "6",
            Some("firecracker"),
        ),
        (&[("sys/bus/acpi/devices/FCVMGID:00/hid", "FCVMGID"), FLAG], "6", Some("firecracker")),
        (&[(CLOCKS, "tsc kvm-clock \n"), FLAG], "6", Some("kvm")),
        (&[("sys/hypervisor/type", "xen\n")], "6", Some("xen")),
        (&[(VENDOR, "VMware, Inc.\n"), FLAG], "6", Some("vmware")),
        (
            &[(VENDOR, "Microsoft Corporation\n"), (PRODUCT, "Virtual Machine\n")],
            "6",
            Some("hyperv"),
        ),
        (&[(VENDOR, "Microsoft Corporation\n"), (PRODUCT, "Surface Pro\n")], "6", None),
        (&[(VENDOR, "Amazon EC2\n"), (PRODUCT, "m6g.large\n")], "6", Some("kvm")),
        (&[(VENDOR, "Amazon EC2\n"), (PRODUCT, "c5.metal\n")], "6", None),
        (&[("proc/device-tree/compatible", "linux,dummy-virt\0")], "6", Some("vm")),
        (&[FLAG], "6", Some("vm")),
        (&[("proc/cpuinfo", "model name: hypervisor\n")], "6", None),
    ];
    for (files, kernel, expected) in cases {
        let found = read(files, kernel, 2).virtualization;
        assert_eq!(found.as_deref(), *expected, "{files:?} {kernel}");
    }
}

#[test]
fn a_container_is_known_by_its_marks_and_a_disk_made_from_an_image_is_none() {
    const STACK: &str = "9 8 0:50 / / rw - overlay overlay rw,lowerdir=/var/lib/containerd/1/fs\n";
    const PART: &str = "9 8 8:1 /var/lib/docker/vfs/dir/abc / rw - ext4 /dev/sda1 rw\n";
    let cases: &[(&Files, Option<&str>)] = &[
        (&[(".dockerenv", "")], Some("docker")),
        (&[(".dockerenv", ""), ("proc/self/mountinfo", PART)], Some("docker")),
        (&[(".dockerenv", ""), ("proc/self/mountinfo", WHOLE_DISK)], None),
        (&[("run/.containerenv", "engine=\"podman-4.9\"\n")], Some("podman")),
        (&[("proc/1/environ", "PATH=/bin\0container=lxc\0HOME=/")], Some("lxc")),
        (&[("run/host/container-manager", "systemd-nspawn\n")], Some("systemd-nspawn")),
        (&[("proc/1/cgroup", "0::/kubepods/burstable/pod1\n")], Some("kubernetes")),
        (&[("proc/1/cgroup", "0::/\n"), ("proc/self/mountinfo", STACK)], Some("containerd")),
        (&[("proc/1/cgroup", "0::/init.scope\n"), ("proc/self/mountinfo", WHOLE_DISK)], None),
        (&[("proc/1/environ", "container=\0")], None),
    ];
    for (files, expected) in cases {
        assert_eq!(read(files, "6", 2).container.as_deref(), *expected, "{files:?}");
    }
}

#[test]
fn the_loopback_is_that_of_this_namespace_whatever_sysfs_shows() {
    let other_sysfs = [
        ("sys/class/net/lo/flags", "0x9\n"),
        ("sys/class/net/lo/mtu", "65536\n"),
        ("sys/class/net/lo/statistics/rx_bytes", "337501017\n"),
        ("proc/net/dev", "    lo:       0       0\n"),
    ];
    let facts = |more: &[(&str, &str)]| {
        let found = read(&[&other_sysfs[..], more].concat(), "6", 2);
        (found.lo_up, found.lo_mtu, found.ipv6_loopback)
    };
    assert_eq!(facts(&[]), (None, None, Some(false)));
    let down = ("proc/net/igmp", "Idx\tDevice    : Count Querier\n");
    let small = ("proc/sys/net/ipv6/conf/lo/mtu", "1500\n");
    assert_eq!(facts(&[down, small]), (Some(false), Some(1500), Some(false)));
    let ours = ("proc/net/dev", "    lo:337501017       0\n");
    assert_eq!(facts(&[ours]), (Some(true), Some(65_536), Some(false)));
    let elsewhere = ("proc/net/if_inet6", "00000000000000000000000000000001 01 80 10 80 eth0\n");
    assert_eq!(facts(&[elsewhere]).2, Some(false));
}

#[test]
fn pressure_is_the_difference_of_two_moments() {
    let at = |total: &str, cpu1: &str| {
        let waited =
            format!("some avg10=0.00 avg60=0.00 avg300=0.00 total={total}\nfull total=1\n");
        let stat =
            format!("cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 5 0 5 90 0 0 0 0 0 0\n{cpu1}\nintr 5 6\n");
        let root = lay_out(&[("proc/pressure/cpu", &waited), ("proc/stat", &stat)]);
        Pressure::read_below(root.path())
    };
    let share = |now: &Pressure, then: &Pressure| now.share_since(then, Duration::from_secs(1));
    let percent = |share: Option<f64>| share.map(|share| (share * 100.0).round());
    let first = at("1000000", "cpu1 10 0 10 100 0 0 0 0 0 0");
    let later = at("1250000", "cpu1 10 0 10 160 0 0 0 40 0 0");
    assert_eq!(percent(later.waiting_since(&first, Duration::from_secs(1))), Some(25.0));
    assert_eq!(percent(later.stolen_since(&first)), Some(40.0));
    assert_eq!(percent(share(&later, &first)), Some(40.0));
    assert_eq!(later.waiting_since(&first, Duration::ZERO), None);
    assert_eq!(share(&first, &later), None);
    assert_eq!(share(&later, &Pressure::default()), None);
    let silent = at("nothing", "cpu1 10 0 10 160 0 0 0 40 0 0");
    assert_eq!(percent(share(&silent, &first)), Some(40.0));
    assert_eq!(share(&at("9999999", "cpu1 x"), &at("0", "cpu1 x")), Some(1.0));
}

#[test]
fn the_topology_is_read_and_an_unknown_package_is_none() {
    let root = lay_out(&[
        ("sys/devices/system/cpu/cpu2/topology/physical_package_id", "1\n"),
        ("sys/devices/system/cpu/cpu2/topology/core_id", "5\n"),
        ("sys/devices/system/cpu/cpu2/cache/index3/id", "3\n"),
        ("sys/devices/system/cpu/cpu3/topology/physical_package_id", "-1\n"),
        ("sys/devices/system/cpu/cpu3/topology/core_id", "0\n"),
    ]);
    let expected =
        [Cpu { id: 2, core: Some((1, 5)), cache: Some(3) }, Cpu { id: 3, core: None, cache: None }];
    assert_eq!(topology_below(root.path(), &[2, 3]), expected);
}

/// CPUs numbered from 0, each with its package, core and cache.
fn cpus(shared: &[(u32, u32, u32)]) -> Vec<Cpu> {
    let cpu = |(id, (package, core, cache)): (usize, &(u32, u32, u32))| Cpu {
        id,
        core: Some((*package, *core)),
        cache: Some(*cache),
    };
    shared.iter().enumerate().map(cpu).collect()
}

#[test]
fn the_two_ends_run_on_two_cores_of_one_package_where_there_are_any() {
    let unknown = |count| (0..count).map(|id| Cpu { id, core: None, cache: None }).collect();
    let threads = [(0, 0, 0), (0, 0, 0), (0, 1, 0), (0, 1, 0), (0, 2, 0), (0, 2, 0), (0, 3, 0)];
    let cases: [(Vec<Cpu>, _); 10] = [
        (vec![], None),
        (cpus(&[(0, 0, 0)]), None),
        (cpus(&[(0, 0, 0), (0, 0, 0)]), Some((0, 1))),
        (cpus(&[(0, 0, 0), (0, 0, 0), (0, 1, 0), (0, 1, 0)]), Some((0, 2))),
        (cpus(&[(0, 0, 0), (1, 0, 1)]), Some((0, 1))),
        (cpus(&[(0, 0, 0), (0, 0, 0), (1, 0, 1), (1, 0, 1)]), Some((0, 2))),
        (cpus(&threads), Some((2, 4))),
        (cpus(&[(0, 0, 0), (0, 1, 0), (0, 2, 0), (0, 3, 1), (0, 4, 1)]), Some((1, 2))),
        (unknown(2), Some((0, 1))),
        (unknown(4), Some((1, 2))),
    ];
    for (cpus, expected) in cases {
        assert_eq!(choose_pair(&cpus), expected, "{cpus:?}");
        let client = expected.map(|pair| pair.0).or(cpus.first().map(|cpu| cpu.id));
        assert_eq!(choose_one(&cpus), client, "{cpus:?}");
    }
}

#[test]
fn the_sentence_is_short_and_leaves_out_what_matters_least() {
    let mut machine = Environment {
        kernel: "6.18.44-fc".to_owned(),
        arch: "x86_64".to_owned(),
        cpu: Some("AMD EPYC".to_owned()),
        cpus: 2,
        load1: Some(1.7),
        ..Environment::default()
    };
    assert_eq!(machine.sentence(), "Linux 6.18.44 x86_64 · AMD EPYC, 2 CPUs · load 1.7");
    machine.virtualization = Some("firecracker".to_owned());
    machine.mitigations = map(&[("spectre_v2", "Mitigation: Retpolines; STIBP: disabled")]);
    let expected = "Linux 6.18.44 x86_64 · AMD EPYC, 2 CPUs, VM · retpolines · load 1.7";
    assert_eq!(machine.sentence(), expected);
    machine.cpu = Some("Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz".to_owned());
    machine.governor = Some("performance".to_owned());
    let expected = "Linux 6.18.44 x86_64 · Intel Xeon Platinum 8375C, 2 CPUs, VM · load 1.7";
    assert_eq!(machine.sentence(), expected);
    machine.kernel = "é".repeat(300);
    assert_eq!(machine.sentence().chars().count(), 76);
}

#[test]
fn names_lose_what_tells_nothing() {
    let sentence = |cpu: &str, spectre: &str| {
        let environment = Environment {
            kernel: "6.6".to_owned(),
            cpu: Some(cpu.to_owned()),
            mitigations: map(&[("spectre_v2", spectre)]),
            ..Environment::default()
        };
        environment.sentence()
    };
    let cases = [
        ("Intel(R) Xeon(R) Processor", "Vulnerable", "Intel Xeon · spectre_v2 vulnerable"),
        (
            "Intel(R) Core(TM) i7-9700 CPU @ 3.00GHz",
            "Mitigation: Enhanced / Automatic IBRS; IBPB: conditional",
            "Intel Core i7-9700 · spectre_v2 enhanced / automatic IBRS",
        ),
        (
            "AMD Ryzen 7 5700G with Radeon Graphics",
            "Mitigation: Retpolines",
            "AMD Ryzen 7 5700G · spectre_v2 retpolines",
        ),
        ("Processor", "Vulnerable", "spectre_v2 vulnerable"),
    ];
    for (cpu, spectre, expected) in cases {
        assert_eq!(sentence(cpu, spectre), format!("Linux 6.6 · {expected}"));
    }
}

#[test]
fn a_model_is_named_in_the_words_of_each_architecture() {
    let neoverse = "CPU implementer\t: 0x41\nCPU part\t: 0xd0c\n";
    let cases = [
        ("model name\t: AMD EPYC 7R13 Processor\n", Some("AMD EPYC 7R13 Processor")),
        ("cpu\t\t: POWER9, altivec supported\n", Some("POWER9, altivec supported")),
        (neoverse, Some("Arm Neoverse-N1")),
        ("CPU implementer\t: 0x61\nCPU part\t: 0xd0c\n", None),
        ("model name\t:\n", None),
    ];
    for (cpuinfo, expected) in cases {
        assert_eq!(cpu::model(cpuinfo).as_deref(), expected);
    }
}

#[test]
fn this_machine_is_read_without_a_panic() {
    let found = Environment::read(machine("6.1", 2));
    assert!(found.sentence().chars().count() <= 76);
    let now = Pressure::read();
    assert_eq!(now.waiting_since(&now, Duration::ZERO), None);
    assert_eq!(topology(&[0, 1]).len(), 2);
}
