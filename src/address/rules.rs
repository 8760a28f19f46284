//! What every place must be like, however it came here: read from a text or made by hand.

use super::error::{Reading, Refusal, Why};
use super::over::Over;
use super::{Address, DEFAULT_PORT, Place};
use crate::transport::Family;
use std::net::IpAddr;

/// The most bytes of a Unix path or abstract name. unix(7): `sun_path` has 108, of which a path
/// wants one for the NUL at its end and an abstract name one for the NUL in front.
pub const UNIX_NAME_MAX: usize = 107;

/// The rules that hold for a place however it came here.
pub(super) fn settle(over: Over, place: Place) -> Reading {
    match (over.model().family, place) {
        (Family::Ipv4 | Family::Ipv6 | Family::Dual, Place::Ip { ip, scope, port }) => {
            settle_ip(over, ip, scope, port)
        }
        (Family::Ipv4 | Family::Ipv6 | Family::Dual, Place::Host { name, port }) => {
            check_host(&name).map_err(|why| Refusal::because(why, over.example(port)))?;
            let right = over.has_port().then(|| port.unwrap_or(DEFAULT_PORT));
            let example = Address { over, place: Place::Host { name: name.clone(), port: right } };
            check_port(over, port, example)?;
            Ok(Address { over, place: Place::Host { name, port } })
        }
        (Family::Unix, Place::Path(path)) => settle_path(over, path),
        (Family::Unix, Place::Abstract(label)) => {
            check_unix_name("abstract name", &label)
                .map_err(|why| Refusal::because(why, abstract_example(over)))?;
            Ok(Address { over, place: Place::Abstract(label) })
        }
        (Family::Vsock, place @ Place::Vsock { .. }) => Ok(Address { over, place }),
        (family, _) => {
            let reason = format!("{} takes {}", over.name(), family.address_form());
            Err(Refusal::because(reason, over.example(None)))
        }
    }
}

fn settle_ip(over: Over, ip: IpAddr, scope: Option<String>, port: Option<u16>) -> Reading {
    let refuse =
        |reason: String| Refusal::because(reason, over.example_at(ip, scope.as_deref(), port));
    let (version, other) = if ip.is_ipv4() { ("IPv4", "IPv6") } else { ("IPv6", "IPv4") };
    let Some(row) = over.taking(ip) else {
        return Err(refuse(format!("{} takes {other}, and {ip} is {version}", over.name())));
    };
    match &scope {
        Some(_) if ip.is_ipv4() => {
            return Err(refuse(format!("only IPv6 has zones, and {ip} is IPv4")));
        }
        Some(zone) if zone.is_empty() => {
            return Err(refuse("the zone after '%' is empty".to_owned()));
        }
        Some(zone) if !is_zone(zone) => {
            return Err(refuse(format!("the zone '{zone}' holds a ']'")));
        }
        Some(_) | None => {}
    }
    check_port(over, port, over.example_at(ip, scope.as_deref(), port))?;
    Ok(Address { over: Over::One(row), place: Place::Ip { ip, scope, port } })
}

fn check_port(over: Over, port: Option<u16>, example: Address) -> Result<(), Refusal> {
    match (over.has_port(), port) {
        (true, Some(_)) | (false, None) => Ok(()),
        (true, None) => Err(Refusal { why: Why::NoPort, example }),
        (false, Some(_)) => Err(Refusal::because(no_ports(over), example)),
    }
}

pub(super) fn no_ports(over: Over) -> String {
    format!("{} has no ports", over.name())
}

pub(super) fn is_zone(zone: &str) -> bool {
    !zone.is_empty() && !zone.contains(']')
}

/// RFC 1123, section 2.1, and the underscore that many a private network has. A last label of
/// digits is refused: `getaddrinfo(3)` would read `127.1` or `7` as an IPv4 address.
pub(super) fn check_host(name: &str) -> Result<(), String> {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let labels = name.strip_suffix('.').unwrap_or(name);
    if name.is_empty() {
        return Err("the host name is empty".to_owned());
    }
    if labels.len() > 253 || !labels.split('.').all(is_label) {
        return Err(format!("'{name}' is not a host name"));
    }
    if labels.rsplit('.').next().is_some_and(is_digits) {
        return Err(format!("'{name}' is neither an IPv4 address nor a host name"));
    }
    Ok(())
}

pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn settle_path(over: Over, path: String) -> Reading {
    let path = if path.starts_with('@') { format!("./{path}") } else { path };
    let refuse = |reason| Refusal::because(reason, over.example(None));
    check_unix_name("path", &path).map_err(refuse)?;
    if path.contains('\0') {
        return Err(refuse("a path cannot hold a NUL byte".to_owned()));
    }
    Ok(Address { over, place: Place::Path(path) })
}

fn check_unix_name(what: &str, name: &str) -> Result<(), String> {
    match name.len() {
        0 => Err(format!("the {what} is empty")),
        1..=UNIX_NAME_MAX => Ok(()),
        len => Err(format!("the {what} has {len} bytes, and {UNIX_NAME_MAX} is the most")),
    }
}

fn abstract_example(over: Over) -> Address {
    Address { over, place: Place::Abstract("echo".to_owned()) }
}
