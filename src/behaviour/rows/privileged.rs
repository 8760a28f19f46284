//! What only some may do, and what everybody may.

use crate::behaviour::column::{Column, any, inet, raw};
use crate::behaviour::expectation::{shows, works_out};
use crate::behaviour::fact::said;
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group, Need};
use crate::environment::Environment;
use crate::os::name::Name;
use crate::os::option::{self, IntOption};
use crate::os::privilege::{Right, drop_all_rights};
use crate::os::probe::Recorder;
use crate::os::socket::End;
use crate::os::{CallError, errno_name};
use crate::transport::Transport;
use std::net::SocketAddr;

pub(super) const RIGHTS: Group = Group {
    rank: 56,
    title: "Privileged settings",
    why: "a service starts in a container, where low ports are open to all, and fails on a plain \
          machine",
    checks: &[
        Check {
            name: "lowport",
            title: "port 1 as plain user",
            claim: "a thread without rights can bind port 1 only where the machine allows it, and \
                    cannot open a raw socket",
            promise: "ip(7): ports below ip_unprivileged_port_start need CAP_NET_BIND_SERVICE; \
                      raw(7): CAP_NET_RAW",
            matters: "a server on a port below 1024 starts here and not elsewhere, or anybody may \
                      take its port",
            applies: inet,
            body: low_port,
            rules: &[shows(raw, "EPERM"), works_out(inet, low_port_allowed)],
            ..Check::ROW
        },
        Check {
            name: "mark",
            title: "SO_MARK is kept",
            claim: "SO_MARK is taken, and reads back as it was written",
            promise: "socket(7), SO_MARK: needs CAP_NET_ADMIN, or since Linux 5.17 CAP_NET_RAW",
            matters: "policy routing and firewall rules that go by marks do nothing",
            needs: Some(Need::Right(Right::NetAdmin)),
            body: |stand| kept(stand, option::SO_MARK, "ok"),
            rules: &[shows(any, "ok")],
            ..Check::ROW
        },
        Check {
            name: "bindtodev",
            title: "SO_BINDTODEVICE to lo",
            claim: "SO_BINDTODEVICE ties a socket to lo, and needs no right as long as it is tied \
                    to nothing",
            promise: "socket(7), SO_BINDTODEVICE; since Linux 5.7 only a change of the device \
                      needs a right",
            matters: "a program that means to stay on one interface is refused, or is heard on all \
                      of them",
            body: bind_to_device,
            rules: &[shows(any, "ok")],
            ..Check::ROW
        },
        Check {
            name: "busypoll",
            title: "SO_BUSY_POLL",
            claim: "SO_BUSY_POLL is taken, and reads back as it was written",
            promise: "socket(7), SO_BUSY_POLL: raising it needs CAP_NET_ADMIN; recent kernels ask \
                      for no right",
            matters: "low latency was asked for, and nothing happens",
            body: |stand| kept(stand, option::SO_BUSY_POLL, "stored"),
            rules: &[shows(any, "stored | EPERM")],
            ..Check::ROW
        },
    ],
};

/// What everybody may do with port 1: ports below 1024 are kept back unless the machine is told.
fn low_port_allowed(_: &Column, machine: &Environment) -> String {
    let first = machine.number("net.ipv4.ip_unprivileged_port_start").unwrap_or(1024);
    // Who is told that somebody has it was allowed to ask.
    if first > 1 { "EACCES" } else { "ok | EADDRINUSE" }.to_owned()
}

fn low_port(stand: &Stand<'_>) -> Result<String, CallError> {
    let (recorder, transport) = (stand.recorder.clone(), stand.column.transport);
    let mut name = stand.fresh_name(End::Server)?;
    if let (true, Name::Inet(address)) = (transport.kind.has_port(), &mut name) {
        *address = SocketAddr::new(address.ip(), 1);
    }
    // Rights belong to a thread, and what it gives up is gone: another one has to do it.
    let outcome = stand.aside(move || {
        drop_all_rights()?;
        Ok(without_rights(&recorder, transport, &name))
    })?;
    outcome.wait(stand.times().sure).unwrap_or_else(|| Ok("hangs".to_owned()))
}

fn without_rights(recorder: &Recorder, transport: &Transport, name: &Name) -> String {
    let bound = recorder.open(transport, End::Server).and_then(|probe| probe.bind(name));
    said(&bound)
}

/// Writes an option and says that word if it reads back.
fn kept(stand: &Stand<'_>, option: IntOption, word: &str) -> Result<String, CallError> {
    const VALUE: i32 = 50;
    let probe = stand.client()?;
    if let Err(refusal) = probe.set(option, VALUE) {
        return Ok(errno_name(refusal.errno));
    }
    Ok(match probe.get(option)? {
        VALUE => word.to_owned(),
        other => format!("ignored, reads {other}"),
    })
}

fn bind_to_device(stand: &Stand<'_>) -> Result<String, CallError> {
    let client = stand.client()?;
    if let Err(refusal) = client.pin_to_loopback() {
        return Ok(errno_name(refusal.errno));
    }
    let device = client.pinned_to()?;
    if device != "lo" {
        return Ok(format!("ignored, reads {device:?}"));
    }
    let (server, name) = stand.ready_server()?;
    client.connect(&name)?;
    client.send(b"ping")?;
    Ok(match stand.came(&stand.first_message(&server)) {
        heard if heard == "ping" => "ok".to_owned(),
        heard => format!("tied to lo, server hears {heard}"),
    })
}
