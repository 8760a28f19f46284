//! From a text to a place: every style there is. What a place must be like is in the rules.

use super::error::{Reading, Refusal, Why};
use super::names::{SHAPES, nearest, scheme};
use super::over::Over;
use super::rules::{check_host, is_digits, no_ports, settle};
use super::{Address, DEFAULT_PORT, Place};
use crate::transport::Family;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// The context ids that have a name: vsock(7).
const CONTEXT_IDS: &[(&str, u32)] = &[("local", 1), ("host", 2)];

pub(super) fn read(text: &str) -> Reading {
    let tcp = Over::listed("tcp");
    if text.trim().is_empty() {
        let example = Over::listed("tcp4").example(None);
        return Err(Refusal { why: Why::Empty, example });
    }
    if let Some((_, means)) = SHAPES.iter().find(|(start, _)| text.starts_with(start)) {
        return read_place(Over::listed(means), text);
    }
    let (head, rest) = text.split_once(':').map_or((text, None), |(head, rest)| (head, Some(rest)));
    if let Some((over, before)) = scheme(head) {
        let no_address = || Refusal { why: Why::NoAddress, example: over.example(None) };
        return read_scheme(over, before, rest.ok_or_else(no_address)?);
    }
    if is_bare_ipv6(text) {
        return read_ip(tcp, text);
    }
    if head.contains('/') && !rest.is_some_and(|rest| rest.starts_with("//")) {
        let unix = Over::listed("unix-stream");
        let example = settle(unix, Place::Path(format!("./{text}")));
        let example = example.unwrap_or_else(|_| unix.example(None));
        return Err(Refusal::because("a relative path needs './' in front", example));
    }
    if is_meant_as_transport(head, rest) {
        return Err(unknown_transport(head, rest.unwrap_or_default()));
    }
    read_ip(tcp, text)
}

fn read_scheme(over: Over, before: &str, rest: &str) -> Reading {
    // gRPC writes `dns:///HOST:PORT`; in a Unix address the third slash is the path's own.
    let (slashes, may_be_empty): (&[&str], bool) = match over.model().family {
        Family::Unix => (&["//"], true),
        Family::Ipv4 | Family::Ipv6 | Family::Dual | Family::Vsock => (&["///", "//"], false),
    };
    let place = slashes.iter().find_map(|marks| rest.strip_prefix(marks)).unwrap_or(rest);
    if place.is_empty() && !may_be_empty {
        return Err(Refusal { why: Why::NoAddress, example: over.example(None) });
    }
    read_place(over, &format!("{before}{place}"))
}

fn read_place(over: Over, text: &str) -> Reading {
    match over.model().family {
        Family::Ipv4 | Family::Ipv6 | Family::Dual => read_ip(over, text),
        Family::Unix => {
            let place = text.strip_prefix('@').map(|label| Place::Abstract(label.to_owned()));
            settle(over, place.unwrap_or_else(|| Place::Path(text.to_owned())))
        }
        Family::Vsock => read_vsock(over, text),
    }
}

fn read_ip(over: Over, text: &str) -> Reading {
    if let Some(inside) = text.strip_prefix('[') {
        return read_bracketed(over, inside);
    }
    if is_bare_ipv6(text) {
        return Err(bare_ipv6(over, text));
    }
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let (ip, scope) = split_zone(host);
    if let Ok(ip) = ip.parse::<Ipv4Addr>() {
        let port = read_port(over, port)
            .map_err(|reason| Refusal::because(reason, over.example_at(ip.into(), None, None)))?;
        return settle(over, Place::Ip { ip: ip.into(), scope, port });
    }
    check_host(host).map_err(|reason| Refusal::because(reason, over.example(None)))?;
    let right =
        Place::Host { name: host.to_owned(), port: over.has_port().then_some(DEFAULT_PORT) };
    let port = read_port(over, port)
        .map_err(|reason| Refusal::because(reason, Address { over, place: right }))?;
    settle(over, Place::Host { name: host.to_owned(), port })
}

fn read_bracketed(over: Over, inside: &str) -> Reading {
    let Some((host, after)) = inside.split_once(']') else {
        return Err(Refusal::because("'[' without ']'", likely_ipv6(over, inside)));
    };
    let (ip_text, scope) = split_zone(host);
    let port = match after.strip_prefix(':') {
        None if after.is_empty() => Ok(None),
        None => Err(format!("'{after}' after ']' is not ':' and a port")),
        port => read_port(over, port),
    };
    if let Ok(four) = ip_text.parse::<Ipv4Addr>() {
        let example = over.example_at(four.into(), None, port.ok().flatten());
        return Err(Refusal::because("brackets are for IPv6 alone", example));
    }
    let Ok(six) = ip_text.parse::<Ipv6Addr>() else {
        let example = likely_ipv6(over, "");
        return Err(Refusal::because(format!("'{ip_text}' is not an IPv6 address"), example));
    };
    let example = over.example_at(six.into(), scope.as_deref(), None);
    let port = port.map_err(|reason| Refusal::because(reason, example))?;
    settle(over, Place::Ip { ip: six.into(), scope, port })
}

/// Without brackets nobody can tell where the address ends and the port begins.
fn is_bare_ipv6(text: &str) -> bool {
    let (ip, _) = text.split_once('%').unwrap_or((text, ""));
    let is_ipv6 = |c: char| c.is_ascii_hexdigit() || c == ':' || c == '.';
    ip.matches(':').count() > 1 && ip.chars().all(is_ipv6)
}

fn bare_ipv6(over: Over, text: &str) -> Refusal {
    let reason =
        if over.has_port() { "IPv6 before a port needs brackets" } else { "IPv6 needs brackets" };
    Refusal::because(reason, likely_ipv6(over, text))
}

/// The IPv6 address, with or without a port, that a text without its brackets may mean.
fn likely_ipv6(over: Over, text: &str) -> Address {
    let at = |host: &str, port: Option<u16>| {
        let (ip, scope) = split_zone(host);
        Some(over.example_at(ip.parse::<Ipv6Addr>().ok()?.into(), scope.as_deref(), port))
    };
    let with_port = || {
        let (host, port) = text.rsplit_once(':')?;
        at(host, read_port(over, Some(port)).ok().flatten())
    };
    let parted = if over.has_port() { with_port() } else { None };
    parted
        .or_else(|| at(text, None))
        .unwrap_or_else(|| over.example_at(Ipv6Addr::LOCALHOST.into(), None, None))
}

fn split_zone(host: &str) -> (&str, Option<String>) {
    host.split_once('%').map_or((host, None), |(ip, zone)| (ip, Some(zone.to_owned())))
}

/// The port, or `None` if there is none.
fn read_port(over: Over, text: Option<&str>) -> Result<Option<u16>, String> {
    match text {
        Some(_) if !over.has_port() => Err(no_ports(over)),
        None | Some("") => Ok(None),
        Some(digits) => read_number(digits, "port", &u16::MAX).map(Some),
    }
}

fn read_number<T: FromStr + fmt::Display>(digits: &str, what: &str, most: &T) -> Result<T, String> {
    if !is_digits(digits) {
        return Err(format!("{what} '{digits}' is not a number"));
    }
    digits.parse().map_err(|_| format!("{what} {digits} is above {most}"))
}

fn read_vsock(over: Over, text: &str) -> Reading {
    let refuse = |reason, cid| {
        let place = Place::Vsock { cid, port: DEFAULT_PORT.into() };
        Refusal::because(reason, Address { over, place })
    };
    let (id, port) = text.split_once(':').unwrap_or((text, ""));
    let named = CONTEXT_IDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(id));
    let cid = match named {
        Some((_, cid)) => *cid,
        None if is_digits(id) => {
            read_number(id, "context id", &u32::MAX).map_err(|reason| refuse(reason, 1))?
        }
        None => {
            return Err(refuse(format!("context id '{id}' is no number, 'local' or 'host'"), 1));
        }
    };
    if port.is_empty() {
        let place = Place::Vsock { cid, port: DEFAULT_PORT.into() };
        return Err(Refusal { why: Why::NoPort, example: Address { over, place } });
    }
    let port = read_number(port, "port", &u32::MAX).map_err(|reason| refuse(reason, cid))?;
    settle(over, Place::Vsock { cid, port })
}

/// Is a word that names no transport a misspelt one, rather than a host?
fn is_meant_as_transport(head: &str, rest: Option<&str>) -> bool {
    match rest {
        None => nearest(head).is_some_and(|(_, distance)| distance == 1),
        Some(rest) if rest.is_empty() || is_digits(rest) => false,
        Some(rest) => {
            rest.starts_with(['/', '@', '['])
                || nearest(head).is_some()
                || read_ip(Over::listed("tcp"), rest).is_ok()
        }
    }
}

fn unknown_transport(head: &str, rest: &str) -> Refusal {
    let place = rest.strip_prefix("//").unwrap_or(rest);
    let is_unix = place.starts_with(['/', '@']);
    let guess = Over::listed(if is_unix { "unix-stream" } else { "tcp" });
    let over = nearest(head).map_or(guess, |(over, _)| over);
    let example = read_place(over, place).unwrap_or_else(|_| over.example(None));
    Refusal { why: Why::UnknownTransport(head.to_owned()), example }
}
