//! Why a transport could not be set up: from the call and the errno, and what is known of the
//! machine, to what it means and what helps. Rows of data, the first that fits speaks.

use super::{Problem, Status};
use crate::environment::Environment;
use crate::os::{CallError, Errno, errno_name};
use crate::transport::{Family, Kind, Protocol, Transport};

/// What is asked of a row.
struct Refusal<'a> {
    transport: &'a Transport,
    machine: &'a Environment,
}

/// One line of the table.
struct Cause {
    call: &'static str,
    errnos: &'static [Errno],
    fits: fn(&Refusal<'_>) -> bool,
    status: Status,
    meaning: &'static str,
    hint: &'static str,
}

const fn absent(
    call: &'static str,
    errnos: &'static [Errno],
    fits: fn(&Refusal<'_>) -> bool,
    meaning: &'static str,
    hint: &'static str,
) -> Cause {
    Cause { call, errnos, fits, status: Status::Unavailable, meaning, hint }
}

const fn broken(
    call: &'static str,
    errnos: &'static [Errno],
    meaning: &'static str,
    hint: &'static str,
) -> Cause {
    Cause { call, errnos, fits: any, status: Status::Fail, meaning, hint }
}

/// No port is left of those that the kernel picks from. A connection that was closed keeps its own for
/// as long as it is in `TIME_WAIT`.
const fn used_up(
    call: &'static str,
    errnos: &'static [Errno],
    fits: fn(&Refusal<'_>) -> bool,
) -> Cause {
    let (status, meaning) = (Status::Fail, "the kernel has no free port to pick");
    let hint = "ss -s; sysctl net.ipv4.ip_local_port_range  # TIME_WAIT holds a port for 60 s";
    Cause { call, errnos, fits, status, meaning, hint }
}

const NOT_BUILT: &[Errno] =
    &[Errno::EPROTONOSUPPORT, Errno::ESOCKTNOSUPPORT, Errno::EINVAL, Errno::EAFNOSUPPORT];
const FORBIDDEN: &[Errno] = &[Errno::EPERM, Errno::EACCES, Errno::ENOSYS];
/// What a filter says in the name of calls that never ask for rights.
const REFUSED: &[Errno] = &[Errno::EPERM, Errno::ENOSYS];
const NO_FOLDER: &[Errno] = &[
    Errno::EACCES,
    Errno::EPERM,
    Errno::EROFS,
    Errno::ENOENT,
    Errno::ENOTDIR,
    Errno::ENOSPC,
    Errno::EDQUOT,
    Errno::ENAMETOOLONG,
];
const USED_UP: &[Errno] = &[Errno::ENOMEM, Errno::ENOBUFS];
/// Stands for every call.
const ANY_CALL: &str = "";
/// Stands for every errno.
const ANY_ERRNO: &[Errno] = &[];

const MORE_FILES: &str = "ulimit -n 256";
const LOOPBACK_UP: &str = "sudo ip link set lo up";
const OTHER_FOLDER: &str = "TMPDIR=/dev/shm sockeye unix";
pub(super) const SANDBOX: &str =
    "grep Seccomp: /proc/self/status  # 2: a seccomp filter; 0: Landlock or another LSM";

#[rustfmt::skip]
const CAUSES: &[Cause] = &[
    absent("socket", NOT_BUILT, |c| is(c, Protocol::Sctp), "SCTP is not in this kernel", "sudo modprobe sctp  # CONFIG_IP_SCTP"),
    absent("socket", &[Errno::ENOPROTOOPT], |c| is(c, Protocol::Mptcp), "MPTCP is switched off", "sudo sysctl net.mptcp.enabled=1"),
    absent("socket", NOT_BUILT, |c| is(c, Protocol::Mptcp), "MPTCP is not in this kernel", "a kernel from 5.6 on with CONFIG_MPTCP has it"),
    absent("socket", NOT_BUILT, |c| is(c, Protocol::UdpLite), "UDP-Lite is not in this kernel", "newer kernels have dropped it, and nothing brings it back"),
    absent("socket", NOT_BUILT, |c| c.transport.family == Family::Vsock, "VM sockets are not in this kernel", "sudo modprobe vsock_loopback  # CONFIG_VSOCKETS_LOOPBACK"),
    absent("socket", &[Errno::EPERM, Errno::EACCES], |c| c.transport.kind == Kind::Raw, "raw sockets need CAP_NET_RAW", "sudo setcap cap_net_raw+ep \"$(command -v sockeye)\""),
    absent("socket", NOT_BUILT, |c| c.transport.kind == Kind::Raw, "raw sockets of that protocol are not in this kernel", "nothing but another kernel"),
    absent("socket", &[Errno::EAFNOSUPPORT], |c| c.transport.family.needs_ipv6(), "IPv6 is blocked or not in this kernel", "grep -o ipv6.disable=1 /proc/cmdline  # else systemd's RestrictAddressFamilies="),
    absent("socket", &[Errno::EAFNOSUPPORT], any, "its address family is blocked or not in this kernel", "systemctl show -p RestrictAddressFamilies  # with the unit's name"),
    absent("socket", FORBIDDEN, any, "a policy forbids such sockets", SANDBOX),
    absent("bind", &[Errno::EADDRNOTAVAIL], |c| c.transport.family == Family::Vsock, "there is no loopback for VM sockets", "sudo modprobe vsock_loopback  # CONFIG_VSOCKETS_LOOPBACK"),
    absent("bind", &[Errno::EADDRNOTAVAIL], |c| c.machine.lo_up == Some(false), "the loopback interface is down", LOOPBACK_UP),
    absent("bind", &[Errno::EADDRNOTAVAIL], |c| ipv6(c) && is_off(c, "all"), "IPv6 is switched off", "sudo sysctl net.ipv6.conf.all.disable_ipv6=0"),
    absent("bind", &[Errno::EADDRNOTAVAIL], |c| ipv6(c) && is_off(c, "lo"), "IPv6 is switched off on loopback", "sudo sysctl net.ipv6.conf.lo.disable_ipv6=0"),
    absent("bind", &[Errno::EADDRNOTAVAIL], |c| ipv6(c) && c.machine.lo_mtu.is_some_and(|mtu| mtu < 1280), "the loopback's MTU is too small for IPv6", "sudo ip link set lo mtu 65536 && sudo ip -6 addr add ::1/128 dev lo"),
    absent("bind", &[Errno::EADDRNOTAVAIL], ipv6, "the loopback interface has no ::1", "sudo ip -6 addr add ::1/128 dev lo"),
    // Raw sockets have no ports, and so each an address of its own.
    absent("bind", &[Errno::EADDRNOTAVAIL], |c| c.transport.kind == Kind::Raw, "the loopback interface has not all of 127.0.0.0/8", "sudo ip addr add 127.0.0.1/8 dev lo"),
    absent("bind", &[Errno::EADDRNOTAVAIL], any, "the loopback interface has no 127.0.0.1", "sudo ip addr add 127.0.0.1/8 dev lo"),
    absent("sockaddr_un", &[Errno::ENAMETOOLONG], any, "the path of its folder is too long for a socket", OTHER_FOLDER),
    // The folder was just made, so that its rights cannot be the reason.
    absent("bind", &[Errno::EACCES, Errno::ENOSYS], any, "a policy forbids binding it", SANDBOX),
    absent("bind", NO_FOLDER, |c| c.transport.family == Family::Unix, "there is no place for its socket files", OTHER_FOLDER),
    absent("mkdir", NO_FOLDER, any, "there is no place for its socket files", OTHER_FOLDER),
    absent("bind", FORBIDDEN, any, "a policy forbids binding it", SANDBOX),
    absent("listen", FORBIDDEN, any, "a policy forbids listening", SANDBOX),
    absent("connect", &[Errno::ENETUNREACH, Errno::EHOSTUNREACH], |c| c.machine.lo_up == Some(false), "the loopback interface is down", LOOPBACK_UP),
    absent("connect", &[Errno::ENETUNREACH, Errno::EHOSTUNREACH], any, "there is no route to the loopback interface", "ip route show table local"),
    absent("connect", &[Errno::EADDRNOTAVAIL], |c| ipv6(c) && c.machine.ipv6_loopback != Some(true), "the loopback interface has no ::1", "sudo ip -6 addr add ::1/128 dev lo"),
    used_up("connect", &[Errno::EADDRNOTAVAIL], |c| picks_port(c) && c.transport.kind.connects()),
    // inet_autobind() and __inet_bind() have words of their own for the same.
    used_up("connect", &[Errno::EAGAIN], |c| picks_port(c) && !c.transport.kind.connects()),
    used_up("bind", &[Errno::EADDRINUSE], picks_port),
    absent("connect", FORBIDDEN, |c| matches!(c.transport.family, Family::Ipv4 | Family::Ipv6 | Family::Dual), "a routing rule or a policy forbids reaching loopback (not file rights)", "ip rule; ip -6 rule; sudo nft list ruleset"),
    absent("connect", FORBIDDEN, any, "a policy forbids connecting", SANDBOX),
    broken("connect", &[Errno::ETIMEDOUT], "loopback swallows its packets", "sudo nft list ruleset  # a rule that drops on lo does this"),
    broken("connect", &[Errno::EINPROGRESS], "loopback swallows its packets", "sudo nft list ruleset  # a rule that drops on lo does this"),
    broken("recv", &[Errno::EAGAIN], "what is sent over it never arrives", "sudo nft list ruleset  # a rule that drops on lo does this"),
    broken("sched_setaffinity", FORBIDDEN, "a policy forbids pinning it to a CPU", "sockeye --place free"),
    broken("sched_setaffinity", ANY_ERRNO, "the CPU is not there any more", "taskset -p $$"),
    broken(ANY_CALL, &[Errno::EMFILE], "there are too few file descriptors", MORE_FILES),
    broken(ANY_CALL, &[Errno::ENFILE], "the machine is out of file descriptors", "sysctl fs.file-nr fs.file-max"),
    broken(ANY_CALL, USED_UP, "the kernel has no memory for it", "cat /proc/meminfo /proc/net/sockstat"),
    broken(ANY_CALL, REFUSED, "a policy forbids a call that it needs", SANDBOX),
    broken("clone", ANY_ERRNO, "no more processes may be started", "ulimit -u 4096"),
    broken("execve", ANY_ERRNO, "its processes could not be started", "ls -l /proc/self/exe"),
];

const fn any(_: &Refusal<'_>) -> bool {
    true
}

fn is(case: &Refusal<'_>, protocol: Protocol) -> bool {
    case.transport.protocol == protocol
}

fn ipv6(case: &Refusal<'_>) -> bool {
    case.transport.family == Family::Ipv6
}

fn picks_port(case: &Refusal<'_>) -> bool {
    let over_ip = matches!(case.transport.family, Family::Ipv4 | Family::Ipv6 | Family::Dual);
    over_ip && case.transport.kind.has_port()
}

fn is_off(case: &Refusal<'_>, interface: &str) -> bool {
    let name = format!("net.ipv6.conf.{interface}.disable_ipv6");
    case.machine.sysctl.get(&name).is_some_and(|value| value == "1")
}

/// What a refused call means for a transport on this machine, and whether it is the machine's way
/// (unavailable) or something broken (fail).
#[must_use]
pub fn diagnose(
    transport: &Transport,
    error: &CallError,
    machine: &Environment,
) -> (Status, Problem) {
    diagnose_in(transport, error, machine, &format!("{} -c 20", transport.name))
}

/// The same of what another command than `run` met: `again` are its words, to look at its calls.
#[must_use]
pub fn diagnose_in(
    transport: &Transport,
    error: &CallError,
    machine: &Environment,
    again: &str,
) -> (Status, Problem) {
    let refusal = Refusal { transport, machine };
    let cause = CAUSES.iter().find(|cause| {
        (cause.call == ANY_CALL || cause.call == error.call)
            && (cause.errnos.is_empty() || cause.errnos.contains(&error.errno))
            && (cause.fits)(&refusal)
    });
    let (status, meaning, hint) = match cause {
        Some(cause) => (cause.status, cause.meaning.to_owned(), cause.hint.to_owned()),
        None => (
            Status::Fail,
            format!("{} says {}", error.call, errno_name(error.errno)),
            format!("strace -f -e trace=%network sockeye {again}"),
        ),
    };
    let mut problem = Problem::of_call(error, &error.place, meaning, hint);
    if status == Status::Unavailable {
        "unavailable".clone_into(&mut problem.kind);
    }
    (status, problem)
}

/// What helps against a call of our own that failed, whatever the transport.
#[must_use]
pub fn remedy(error: &CallError) -> &'static str {
    let fits = |cause: &&Cause| {
        (cause.call == ANY_CALL || cause.call == error.call)
            && (cause.errnos.is_empty() || cause.errnos.contains(&error.errno))
            && cause.status == Status::Fail
    };
    CAUSES.iter().find(fits).map_or("strace -f sockeye -c 20", |cause| cause.hint)
}

/// When every transport is refused the same way at the same call, it is not each one's own trouble
/// but a policy: that is said once, instead of a reason for each.
pub fn find_policy<'a>(
    refusals: impl IntoIterator<Item = (&'static Transport, Option<&'a mut Problem>)>,
) {
    let mut refusals: Vec<_> = refusals.into_iter().collect();
    let of = |problem: &Option<&'a mut Problem>| {
        let problem = problem.as_ref()?;
        Some((problem.call.clone()?, problem.errno?, problem.errno_name.clone()?))
    };
    let Some((call, errno, name)) = refusals.first().and_then(|(_, problem)| of(problem)) else {
        return;
    };
    let families: std::collections::HashSet<_> =
        refusals.iter().map(|(transport, _)| transport.family).collect();
    let forbidden = FORBIDDEN.contains(&Errno::from_raw(errno));
    let same = |problem: &Option<&'a mut Problem>| {
        of(problem).is_some_and(|(c, e, _)| (c.as_str(), e) == (call.as_str(), errno))
    };
    if forbidden && families.len() > 1 && refusals.iter().all(|(_, problem)| same(problem)) {
        for problem in refusals.iter_mut().filter_map(|(_, problem)| problem.as_mut()) {
            problem.meaning =
                format!("a policy (seccomp, a sandbox) answers every {call}() with {name}");
            SANDBOX.clone_into(&mut problem.hint);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(name: &str, call: &'static str, errno: Errno, machine: &Environment) -> String {
        let transport = Transport::named(name).expect("in the catalogue");
        let error = CallError { call, place: String::new(), errno };
        diagnose(transport, &error, machine).1.meaning
    }

    fn machine(lo_up: bool, lo_mtu: u32, switches: &[(&str, &str)]) -> Environment {
        Environment {
            lo_up: Some(lo_up),
            lo_mtu: Some(lo_mtu),
            sysctl: switches.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            ..Environment::default()
        }
    }

    #[test]
    fn the_same_errno_means_what_the_machine_makes_of_it() {
        let none = machine(true, 65_536, &[]);
        let off = machine(true, 65_536, &[("net.ipv6.conf.lo.disable_ipv6", "1")]);
        let missing =
            |machine: &Environment| meaning("tcp6", "bind", Errno::EADDRNOTAVAIL, machine);
        assert_eq!(missing(&none), "the loopback interface has no ::1");
        assert_eq!(missing(&off), "IPv6 is switched off on loopback");
        assert_eq!(missing(&machine(false, 65_536, &[])), "the loopback interface is down");
        assert_eq!(missing(&machine(true, 1279, &[])), "the loopback's MTU is too small for IPv6");
        assert_eq!(
            meaning("tcp4", "bind", Errno::EADDRNOTAVAIL, &none),
            "the loopback interface has no 127.0.0.1"
        );
        assert_eq!(
            meaning("vsock-stream", "bind", Errno::EADDRNOTAVAIL, &none),
            "there is no loopback for VM sockets"
        );
    }

    #[test]
    fn a_client_without_a_port_is_not_told_that_its_address_is_missing() {
        let there = Environment { ipv6_loopback: Some(true), ..machine(true, 65_536, &[]) };
        let used_up = "the kernel has no free port to pick";
        for (name, call, errno) in [
            ("tcp6", "connect", Errno::EADDRNOTAVAIL),
            ("tcp4", "connect", Errno::EADDRNOTAVAIL),
            ("udp6", "connect", Errno::EAGAIN),
            ("udp4", "bind", Errno::EADDRINUSE),
        ] {
            assert_eq!(meaning(name, call, errno, &there), used_up, "{name} {call} {errno}");
        }
        let none = Environment { ipv6_loopback: Some(false), ..there };
        let said = meaning("tcp6", "connect", Errno::EADDRNOTAVAIL, &none);
        assert_eq!(said, "the loopback interface has no ::1");
        assert_ne!(meaning("unix-dgram", "bind", Errno::EADDRINUSE, &none), used_up);
    }

    #[test]
    fn absence_is_judged_by_stage_and_errno() {
        let none = machine(true, 65_536, &[]);
        for (name, call, errno, words) in [
            ("sctp4", "socket", Errno::EPROTONOSUPPORT, "SCTP is not in this kernel"),
            ("mptcp4", "socket", Errno::ENOPROTOOPT, "MPTCP is switched off"),
            ("mptcp4", "socket", Errno::EINVAL, "MPTCP is not in this kernel"),
            ("raw4", "socket", Errno::EPERM, "raw sockets need CAP_NET_RAW"),
            ("tcp4", "socket", Errno::EPERM, "a policy forbids such sockets"),
            ("tcp6", "socket", Errno::EAFNOSUPPORT, "IPv6 is blocked or not in this kernel"),
            ("unix-dgram", "mkdir", Errno::EROFS, "there is no place for its socket files"),
            ("udp4", "socket", Errno::EMFILE, "there are too few file descriptors"),
            (
                "udp4",
                "connect",
                Errno::EACCES,
                "a routing rule or a policy forbids reaching loopback (not file rights)",
            ),
            ("udp4", "listen", Errno::EDOM, "listen says EDOM"),
            (
                "raw4",
                "bind",
                Errno::EADDRNOTAVAIL,
                "the loopback interface has not all of 127.0.0.0/8",
            ),
        ] {
            assert_eq!(meaning(name, call, errno, &none), words, "{name} {call} {errno}");
        }
    }
}
