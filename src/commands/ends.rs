//! From the words that name ends to where those ends are: what `serve` and `ping` share.

use crate::address::{Address, Place};
use crate::cli::endpoint::{Endpoint, read};
use crate::cli::ends::Ends;
use crate::cli::parse::{Complaint, Invocation};
use crate::cli::value::{Choice, Names};
use crate::os::name::{VMADDR_CID_LOCAL, resolve};
use crate::os::process::user_id;
use crate::render::paint::tame;
use crate::transport::{Family, Kind, Transport};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

/// Where an end is, or is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// Which row of the catalogue carries it.
    pub transport: &'static Transport,
    /// Its address, in which no host name is left.
    pub address: Address,
    /// What the user typed for it.
    pub typed: String,
    /// Did the user mean this very one, and not a group that holds it?
    pub named: bool,
}

/// The folder of socket files that no address names.
pub(super) fn folder(ends: &Ends) -> PathBuf {
    let runtime = || std::env::var_os("XDG_RUNTIME_DIR").filter(|path| !path.is_empty());
    match (&ends.dir, runtime()) {
        (Some(folder), _) => folder.clone(),
        (None, Some(runtime)) => Path::new(&runtime).join("sockeye"),
        (None, None) => std::env::temp_dir().join(format!("sockeye-{}", user_id())),
    }
}

/// What the words mean, in their order; `without` is what no word at all means.
///
/// # Errors
/// When one of them means nothing, nothing is left, or a host has no address.
pub(super) fn spots(
    words: &[String],
    ends: &Ends,
    invocation: &Invocation,
    without: &str,
) -> Result<Vec<Spot>, Complaint> {
    let without = [without.to_owned()];
    let words = if words.is_empty() { &without[..] } else { words };
    // A port that the user chose is for all that have none.
    let port = (invocation.source("port") != "default").then_some(ends.port);
    let mut spots = Vec::new();
    for word in words {
        for endpoint in read(word, port).map_err(|bad| Complaint::new(bad.why, bad.hint))? {
            match endpoint {
                Endpoint::Choice(choice) => spots.extend(of_choice(choice, ends)?),
                Endpoint::Address(address) => spots.extend(of_address(&address, word)?),
            }
        }
    }
    let skipped: Vec<_> = ends.skip.iter().flat_map(skipped).collect();
    let ipv4 = ends.ipv4 && !invocation.beaten("ipv4", "ipv6");
    let ipv6 = ends.ipv6 && !invocation.beaten("ipv6", "ipv4");
    spots.retain(|spot| {
        !(skipped.contains(&spot.transport)
            || (ipv4 && spot.transport.family.needs_ipv6())
            || (ipv6 && spot.transport.family.needs_ipv4()))
    });
    if spots.is_empty() {
        return Err(Complaint::new(
            "no end is left after --skip, -4 and -6",
            "leave one of them out; all names: sockeye list",
        ));
    }
    Ok(spots)
}

fn skipped(names: &Names) -> Vec<&'static Transport> {
    names.0.iter().flat_map(|choice| choice.transports()).collect()
}

fn of_choice(choice: Choice, ends: &Ends) -> Result<Vec<Spot>, Complaint> {
    let named = matches!(choice, Choice::One(_));
    let mut spots = Vec::new();
    for transport in choice.transports() {
        if transport.kind == Kind::Raw {
            if named {
                return Err(raw_refused(transport));
            }
            continue;
        }
        let address = usual_address(transport, ends)?;
        spots.push(Spot { transport, address, typed: transport.name.to_owned(), named });
    }
    Ok(spots)
}

/// Where an end of that transport is when nobody says more.
fn usual_address(transport: &'static Transport, ends: &Ends) -> Result<Address, Complaint> {
    let port = Some(ends.port);
    let place = match transport.family {
        Family::Ipv4 | Family::Dual => {
            Place::Ip { ip: Ipv4Addr::LOCALHOST.into(), scope: None, port }
        }
        Family::Ipv6 => Place::Ip { ip: Ipv6Addr::LOCALHOST.into(), scope: None, port },
        Family::Unix => {
            let file = folder(ends).join(format!("{}.sock", transport.name));
            let file = file.to_str().ok_or_else(|| {
                let shown = tame(&file.display().to_string());
                Complaint::new(format!("the path '{shown}' is not UTF-8"), "--dir /tmp/sockeye")
            })?;
            Place::Path(file.to_owned())
        }
        Family::Vsock => Place::Vsock { cid: VMADDR_CID_LOCAL, port: ends.port.into() },
    };
    Address::new(transport, place)
        .map_err(|error| Complaint::new(error.what, "a shorter folder: --dir /tmp/sockeye"))
}

fn of_address(address: &Address, word: &str) -> Result<Vec<Spot>, Complaint> {
    if let Some(raw) = address.transports().into_iter().find(|row| row.kind == Kind::Raw) {
        return Err(raw_refused(raw));
    }
    let addresses = match address.place() {
        Place::Host { name, .. } => found(address, name)?,
        Place::Ip { .. } | Place::Path(_) | Place::Abstract(_) | Place::Vsock { .. } => {
            vec![address.clone()]
        }
    };
    let spot = |address: Address| {
        let transport = address.transport()?;
        Some(Spot { transport, address, typed: word.to_owned(), named: true })
    };
    Ok(addresses.into_iter().filter_map(spot).collect())
}

/// The addresses that a host name has here, each once.
fn found(address: &Address, host: &str) -> Result<Vec<Address>, Complaint> {
    let unknown = |why: &str| {
        let what = format!("cannot find the host '{}': {why}", tame(host));
        Complaint::new(what, format!("getent ahosts {}", tame(host)))
    };
    let all = resolve(host).map_err(|why| unknown(&why))?;
    let mut known = Vec::new();
    for found in all.into_iter().filter_map(|found| address.resolved(found)) {
        if !known.contains(&found) {
            known.push(found);
        }
    }
    if known.is_empty() {
        return Err(unknown("it has no address of that IP version"));
    }
    Ok(known)
}

fn raw_refused(transport: &Transport) -> Complaint {
    let name = transport.name;
    Complaint::new(
        format!("{name} hears its own messages, so that no open server or client can use it"),
        format!("both ends of it at once: sockeye {name}"),
    )
}
