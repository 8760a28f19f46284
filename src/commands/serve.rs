//! `serve`: echo what anybody sends, until a signal comes.

use super::ends::{Spot, folder, spots};
use super::{open_files, write_files};
use crate::Exit;
use crate::address::{Address, Place};
use crate::cli::ends::ServeFlags;
use crate::cli::parse::{Complaint, Invocation};
use crate::console::{Console, locale_is_ascii};
use crate::environment::{Environment, Machine};
use crate::os::name::Name;
use crate::os::remains::Remains;
use crate::os::signals::{Interrupt, Interrupts};
use crate::os::{CallError, Errno, errno_name, inherited, limits, machine};
use crate::output::Pending;
use crate::render::paint::{ascii, tame};
use crate::render::serve::{Served, ready, tally};
use crate::report::Status;
use crate::report::diagnosis::diagnose;
use crate::serve::open::{Opened, Refusal, inherited as take_over, open, prepare_folder};
use crate::serve::refusal::complaint;
use crate::serve::server::Server;
use crate::serve::tally::Tally;
use crate::serve::{Answer, Settings, notify};
use crate::transport::{Family, Transport};
use std::collections::HashSet;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Instant;

/// What a transport that this machine lacks ends a server with, if it was named.
const UNAVAILABLE: u8 = 3;

/// Serves.
pub(super) fn run(
    flags: &ServeFlags,
    invocation: &Invocation,
    console: &mut Console<'_>,
) -> anyhow::Result<Exit> {
    // First what was passed by number: any descriptor that is opened here may get a number that was
    // promised and not passed.
    let passed = take_over(flags.allow_remote).map_err(|refusal| useless(&refusal))?;
    if let Some(number) = flags.ready_fd.filter(|number| !inherited::exists(*number)) {
        let what = format!("descriptor {number} of '--ready-fd' is not open");
        return Err(Complaint::new(
            what,
            format!("sockeye serve --ready-fd {number} {number}>FILE"),
        )
        .into());
    }
    let files = open_files(invocation, "serve")?;
    let interrupts = Interrupts::block()?;
    let _ = limits::raise_descriptors();
    let (opened, missing, _folder) = match open_all(passed, flags, invocation)? {
        Ready::Sockets(opened, missing, folder) => (opened, missing, folder),
        Ready::Lacking(complaint) => {
            crate::complain(console, &complaint.into(), invocation.cli.common.color);
            return Ok(Exit::with(UNAVAILABLE));
        }
    };
    let places: Vec<_> = opened.iter().map(Spotted::of).collect();
    let started = Instant::now();
    let mut server = Server::new(settings(flags), opened)?;
    announce(flags, invocation, &places, &missing, console)?;
    let view = View { invocation, places: &places, started };
    let outcome = server.run(&interrupts, &mut |tallies| {
        if level(invocation) > -2 {
            let _ = console.print(&view.text(tallies, console.out.columns, None));
        }
    });
    notify::manager("STOPPING=1");
    let ended = outcome?;
    let exit = exit(ended);
    view.publish(&server.tallies(), files, exit.code, console)?;
    Ok(exit)
}

fn settings(flags: &ServeFlags) -> Settings {
    Settings {
        answer: match &flags.reply {
            None => Answer::Echo,
            Some(text) => Answer::Greeting(text.0.clone()),
        },
        threads: flags.threads,
        batch: flags.batch,
        connections: flags.max_conns,
        idle: flags.idle,
        once: flags.once,
    }
}

/// SIGTERM is how a service is ended, and so no failure; another signal ends this process as it ends
/// any other.
fn exit(ended: Option<Interrupt>) -> Exit {
    match ended {
        Some(interrupt) if !interrupt.is_orderly() => {
            Exit { code: interrupt.exit_code(), interrupt: Some(interrupt) }
        }
        _ => Exit::with(0),
    }
}

enum Ready {
    Sockets(Vec<Opened>, Vec<String>, Option<Remains>),
    /// A transport that was named is not in this kernel.
    Lacking(Complaint),
}

/// Opens every socket, or none: a server that has only half of what it was asked for would be missed.
/// What a group holds and this machine lacks is left out and named.
fn open_all(
    mut opened: Vec<Opened>,
    flags: &ServeFlags,
    invocation: &Invocation,
) -> Result<Ready, Complaint> {
    let wanted = if opened.is_empty() || !flags.words.is_empty() {
        apart(spots(&flags.words, &flags.ends, invocation, "default")?)
    } else {
        Vec::new()
    };
    let prepared = own_folder(flags, &wanted)?;
    let mut missing = Vec::new();
    for spot in wanted {
        match open(spot.transport, &spot.address, flags.allow_remote) {
            Ok(one) => opened.push(one),
            Err(refusal) => match lacking(&refusal, &spot) {
                Some(lack) if spot.named => return Ok(Ready::Lacking(lack)),
                Some(lack) => missing.push(lack.what),
                None => return Err(complaint(&refusal, spot.transport, &spot.address)),
            },
        }
    }
    if opened.is_empty() {
        let list = missing.join("; ");
        return Ok(Ready::Lacking(Complaint::new(list, "which transports work: sockeye list")));
    }
    Ok(Ready::Sockets(opened, missing, prepared))
}

/// Why a socket that was passed is of no use.
fn useless(refusal: &Refusal) -> Complaint {
    match refusal {
        Refusal::Remote => Complaint::new(
            "a socket that was passed can be reached from beyond this machine",
            "if that is meant: sockeye serve --allow-remote",
        ),
        Refusal::Call(error) => Complaint::new(
            format!("cannot use what was passed as {}: {}", error.place, errno_name(error.errno)),
            "LISTEN_FDS counts stream, datagram and seqpacket sockets, from descriptor 3 on",
        ),
        Refusal::Group | Refusal::Taken(_) | Refusal::Busy | Refusal::NoSocket(_) => {
            Complaint::new(
                "a socket that was passed is bound to the address of a group",
                "one of this machine's own addresses",
            )
        }
    }
}

/// Makes sure of the folder of socket files, if one of them is to be there.
fn own_folder(flags: &ServeFlags, wanted: &[Spot]) -> Result<Option<Remains>, Complaint> {
    let folder = folder(&flags.ends);
    let inside = |spot: &Spot| match spot.address.place() {
        Place::Path(path) => std::path::Path::new(path).parent() == Some(&folder),
        Place::Ip { .. } | Place::Host { .. } | Place::Abstract(_) | Place::Vsock { .. } => false,
    };
    if !wanted.iter().any(inside) {
        return Ok(None);
    }
    let refused = |error: CallError| {
        let shown = tame(&folder.display().to_string());
        let why = match error.errno {
            Errno::EPERM => "it is there, and not yours alone".to_owned(),
            errno => {
                let words = errno.desc().to_lowercase();
                format!("{words} ({}, {})", errno_name(errno), error.call)
            }
        };
        let what = format!("cannot keep socket files in {shown}: {why}");
        Complaint::new(what, "another folder: --dir \"$(mktemp -d)\"")
    };
    prepare_folder(&folder, flags.ends.dir.is_some()).map_err(refused)
}

/// The words for a transport that this machine does not have at all, if that is the reason.
fn lacking(refusal: &Refusal, spot: &Spot) -> Option<Complaint> {
    let Refusal::Call(error) = refusal else { return None };
    let transport = spot.transport;
    let is_local = Name::of(&spot.address).is_ok_and(|name| name.is_local());
    let environment = Environment::read(Machine { cpus: Vec::new(), ..machine() });
    let (status, problem) = diagnose(transport, error, &environment);
    // Whether a path may be bound or a port is a matter of rights, not of what the kernel has.
    let of_kernel = error.call == "socket" || error.errno == Errno::EADDRNOTAVAIL;
    (status == Status::Unavailable && of_kernel && is_local).then(|| {
        let name = problem.errno_name.as_deref().unwrap_or("?");
        let what = format!("{}: {} ({name}, {})", transport.name, problem.meaning, error.call);
        Complaint::new(what, problem.hint)
    })
}

/// Gives each of those that would share a port with another one the next: the kernel has one table of
/// ports for TCP and MPTCP, and an IPv4 client of a dual-stack server is on an IPv4 port.
fn apart(spots: Vec<Spot>) -> Vec<Spot> {
    let mut taken = HashSet::new();
    let mut known: Vec<Spot> = Vec::new();
    for mut spot in spots {
        // Twice the same would only be in its own way.
        if known.iter().any(|other| other.address == spot.address) {
            continue;
        }
        let chosen = spot.typed != spot.transport.name;
        while let Place::Ip { ip, scope, port: Some(port @ 1..) } = spot.address.place().clone() {
            let is_free = taken.insert((ip, spot.transport.protocol.port_table(), port));
            if is_free || chosen || port == u16::MAX {
                break;
            }
            let next = Place::Ip { ip, scope, port: Some(port + 1) };
            let Ok(address) = Address::new(spot.transport, next) else { break };
            spot.address = address;
        }
        known.push(spot);
    }
    known
}

/// A socket, as clients on this machine see it.
struct Spotted {
    transport: &'static Transport,
    /// Where they reach it; None for what has no name, as a connection that was passed may be.
    address: Option<Address>,
    name: Name,
}

impl Spotted {
    fn of(opened: &Opened) -> Self {
        let transport = opened.transport;
        let address = match &opened.name {
            Name::Inet(inet) if opened.name.is_wildcard() => {
                let ip = match transport.family {
                    Family::Ipv6 => Ipv6Addr::LOCALHOST.into(),
                    Family::Ipv4 | Family::Dual | Family::Unix | Family::Vsock => {
                        Ipv4Addr::LOCALHOST.into()
                    }
                };
                let place = Place::Ip { ip, scope: None, port: Some(inet.port()) };
                Address::new(transport, place).ok()
            }
            name => name.to_address(transport),
        };
        Self { transport, address, name: opened.name.clone() }
    }

    fn shown(&self) -> String {
        self.address.as_ref().map_or_else(|| self.name.to_string(), ToString::to_string)
    }
}

/// Tells everybody who waits for it that the server is ready.
fn announce(
    flags: &ServeFlags,
    invocation: &Invocation,
    places: &[Spotted],
    missing: &[String],
    console: &mut Console<'_>,
) -> anyhow::Result<()> {
    let addresses: Vec<_> = places.iter().filter_map(|place| place.address.clone()).collect();
    let level = level(invocation);
    if level > -2 {
        let text = ready(&addresses, missing, super::format(invocation), level);
        console.print(&in_letters(text, invocation))?;
    }
    if let Some(number) = flags.ready_fd {
        let list: Vec<_> = addresses.iter().map(Address::quoted).collect();
        inherited::tell(number, &(list.join(" ") + "\n"))?;
    }
    notify::manager("READY=1");
    Ok(())
}

fn level(invocation: &Invocation) -> i32 {
    let common = &invocation.cli.common;
    i32::from(common.verbose) - i32::from(common.quiet)
}

fn in_letters(text: String, invocation: &Invocation) -> String {
    let plain = invocation.cli.common.ascii || locale_is_ascii();
    if plain { ascii(&text) } else { text }
}

/// How the tally is told.
struct View<'a> {
    invocation: &'a Invocation,
    places: &'a [Spotted],
    started: Instant,
}

impl View<'_> {
    fn served(&self, tallies: &[Tally]) -> Vec<Served> {
        let one = |(place, tally): (&Spotted, &Tally)| Served {
            address: place.shown(),
            transport: place.transport.name,
            tally: tally.clone(),
        };
        self.places.iter().zip(tallies).map(one).collect()
    }

    fn text(&self, tallies: &[Tally], width: Option<usize>, exit_code: Option<u8>) -> String {
        let format = super::format(self.invocation);
        let (time, level) = (self.started.elapsed(), level(self.invocation));
        let text = tally(&self.served(tallies), time, format, width, level, exit_code);
        in_letters(text, self.invocation)
    }

    fn publish(
        &self,
        tallies: &[Tally],
        files: Vec<Pending>,
        exit_code: u8,
        console: &mut Console<'_>,
    ) -> anyhow::Result<()> {
        let printed = if level(self.invocation) > -2 {
            console.print(&self.text(tallies, console.out.columns, Some(exit_code)))
        } else {
            Ok(())
        };
        let (served, time) = (self.served(tallies), self.started.elapsed());
        let text = |format| tally(&served, time, format, None, 0, Some(exit_code));
        printed.and(write_files(files, text))
    }
}
