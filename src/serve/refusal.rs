//! Why a server could not listen, in words, with what helps.

use super::open::Refusal;
use crate::address::{Address, Place};
use crate::cli::parse::Complaint;
use crate::os::holder::Holder;
use crate::os::{CallError, Errno, errno_name};
use crate::render::paint::tame;
use crate::shell;
use crate::transport::Transport;

/// The refusal of an address, as the user reads it.
#[must_use]
pub fn complaint(refusal: &Refusal, transport: &'static Transport, address: &Address) -> Complaint {
    let shown = tame(&address.to_string());
    let cannot = |why: &str| format!("cannot listen on {shown}: {why}");
    match refusal {
        Refusal::Remote => Complaint::new(
            cannot("it could be reached from beyond this machine"),
            format!("if that is meant: sockeye serve {} --allow-remote", address.quoted()),
        ),
        Refusal::Group => Complaint::new(
            cannot("it is the address of a group, which is never answered"),
            format!("one of this machine's own, or: sockeye serve {}", transport.name),
        ),
        Refusal::Taken(holder) => Complaint::new(
            cannot("address in use (EADDRINUSE, bind)") + &held_by(holder.as_ref()),
            elsewhere(address, transport),
        ),
        Refusal::Busy => Complaint::new(
            cannot("another server is starting in that folder (EAGAIN, flock)"),
            "the same again, once that one has started",
        ),
        Refusal::NoSocket(path) => {
            let path = tame(&path.display().to_string());
            Complaint::new(
                cannot(&format!("{path} is there and is no socket, so it stays")),
                elsewhere(address, transport),
            )
        }
        Refusal::Call(error) => of_call(error, &shown, address),
    }
}

fn held_by(holder: Option<&Holder>) -> String {
    match holder {
        Some(holder) => format!("\n  held by: {}", tame(&holder.to_string())),
        None => String::new(),
    }
}

/// The next place, as something to paste.
fn elsewhere(address: &Address, transport: &'static Transport) -> String {
    let (what, place) = match address.place().clone() {
        Place::Ip { ip, scope, port } => {
            ("port", Place::Ip { ip, scope, port: port.map(|port| port.saturating_add(1)) })
        }
        Place::Host { name, port } => {
            ("port", Place::Host { name, port: port.map(|port| port.saturating_add(1)) })
        }
        Place::Vsock { cid, port } => ("port", Place::Vsock { cid, port: port.saturating_add(1) }),
        Place::Path(path) => ("path", Place::Path(path + ".2")),
        Place::Abstract(label) => ("name", Place::Abstract(label + ".2")),
    };
    let pick = if what == "port" { "; port 0 lets the kernel pick" } else { "" };
    let next = Address::new(transport, place);
    let next = next.as_ref().unwrap_or(address).quoted();
    format!("another {what}: sockeye serve {next}{pick}")
}

fn of_call(error: &CallError, shown: &str, address: &Address) -> Complaint {
    let CallError { call, errno, .. } = error;
    let words = errno.desc().to_lowercase();
    let name = errno_name(*errno);
    let what = format!("cannot listen on {shown}: {words} ({name}, {call})");
    let port = match address.place() {
        Place::Ip { port, .. } => port.unwrap_or(0),
        Place::Host { .. } | Place::Path(_) | Place::Abstract(_) | Place::Vsock { .. } => 0,
    };
    match (*call, *errno, address.place()) {
        ("bind", Errno::EACCES | Errno::EPERM, _) if (1..1024).contains(&port) => {
            let first = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
            let first = first.unwrap_or_else(|_| "1024".to_owned());
            Complaint::new(
                format!(
                    "{what}\n  ports below {0} need CAP_NET_BIND_SERVICE (ip_unprivileged_port_start = {0})",
                    first.trim()
                ),
                "`-p 7777`, or: sudo setcap cap_net_bind_service+ep \"$(command -v sockeye)\"",
            )
        }
        ("bind", Errno::EADDRNOTAVAIL, Place::Ip { .. }) => Complaint::new(
            format!("{what}\n  no interface of this machine has that address"),
            "ip -brief address",
        ),
        (_, _, Place::Path(path)) => {
            let folder = std::path::Path::new(path).parent();
            let folder = folder.filter(|folder| *folder != "").unwrap_or(".".as_ref());
            let hint = match errno {
                Errno::ENOENT => format!("mkdir -p -m 700 {}", shell::path(folder)),
                _ => "a folder that you may write to: --dir \"$(mktemp -d)\"".to_owned(),
            };
            Complaint::new(what, hint)
        }
        ("if_nametoindex", ..) => Complaint::new(what, "ip -brief link"),
        (_, Errno::EMFILE | Errno::ENFILE, _) => Complaint::new(what, "ulimit -n 1024"),
        _ => Complaint::new(what, "which transports work here: sockeye list"),
    }
}
