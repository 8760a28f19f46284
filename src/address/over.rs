//! The transports that an address leaves open: one, or an IPv4 and IPv6 pair.
//! Which texts name them is said elsewhere; here they answer questions and give examples.

use super::rules::is_zone;
use super::{Address, DEFAULT_PORT, Place};
use crate::transport::{ALL, Family, Transport};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The transports that an address leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    One(&'static Transport),
    /// Whichever IP version the host's addresses have.
    Either {
        ipv4: &'static Transport,
        ipv6: &'static Transport,
    },
}

impl Over {
    pub(super) fn named(name: &str) -> Option<Self> {
        Transport::named(name)
            .map(Self::One)
            .or_else(|| Self::pairs().find(|pair| pair.name().eq_ignore_ascii_case(name)))
    }

    /// What a row of the tables of names means.
    pub(super) fn listed(name: &str) -> Self {
        Self::named(name).expect("the tables name only transports: a test reads every row of them")
    }

    pub(super) fn pairs() -> impl Iterator<Item = Self> {
        ALL.iter().filter_map(|ipv6| Some(Self::Either { ipv4: ipv6.ipv4_twin()?, ipv6 }))
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::One(row) => row.name,
            Self::Either { ipv6, .. } => ipv6.name.trim_end_matches('6'),
        }
    }

    /// A row that answers for all.
    pub(super) fn model(self) -> &'static Transport {
        match self {
            Self::One(row) | Self::Either { ipv4: row, .. } => row,
        }
    }

    pub(super) fn has_port(self) -> bool {
        self.model().kind.has_port()
    }

    pub(super) fn taking(self, ip: IpAddr) -> Option<&'static Transport> {
        match self {
            Self::Either { ipv4, ipv6 } => Some(if ip.is_ipv4() { ipv4 } else { ipv6 }),
            Self::One(row) => match row.family {
                Family::Ipv4 | Family::Dual => ip.is_ipv4().then_some(row),
                Family::Ipv6 => ip.is_ipv6().then_some(row),
                Family::Unix | Family::Vsock => None,
            },
        }
    }

    /// A right address over it.
    pub(super) fn example(self, port: Option<u16>) -> Address {
        let port = port.unwrap_or(DEFAULT_PORT);
        let ip_port = self.has_port().then_some(port);
        let place = match (self, self.model().family) {
            (Self::Either { .. }, _) => Place::Host { name: "localhost".to_owned(), port: ip_port },
            (Self::One(_), Family::Ipv4 | Family::Dual) => {
                Place::Ip { ip: Ipv4Addr::LOCALHOST.into(), scope: None, port: ip_port }
            }
            (Self::One(_), Family::Ipv6) => {
                Place::Ip { ip: Ipv6Addr::LOCALHOST.into(), scope: None, port: ip_port }
            }
            (Self::One(_), Family::Unix) => Place::Path("/tmp/echo.sock".to_owned()),
            (Self::One(_), Family::Vsock) => Place::Vsock { cid: 1, port: port.into() },
        };
        Address { over: self, place }
    }

    /// A right address at that IP address, over the transport that has the other IP version if
    /// this one does not take it.
    pub(super) fn example_at(self, ip: IpAddr, scope: Option<&str>, port: Option<u16>) -> Address {
        let model = self.model();
        let family = if ip.is_ipv4() { Family::Ipv4 } else { Family::Ipv6 };
        let row = self.taking(ip).or_else(|| Transport::of(family, model.kind, model.protocol));
        let Some(row) = row else { return self.example(port) };
        let scope = scope.filter(|zone| ip.is_ipv6() && is_zone(zone)).map(str::to_owned);
        let port = self.has_port().then(|| port.unwrap_or(DEFAULT_PORT));
        Address { over: Self::One(row), place: Place::Ip { ip, scope, port } }
    }
}
