//! Messages to many, on loopback only.

use super::{Probe, errno, rx, zero};
use crate::os::CallError;
use std::net::{IpAddr, Ipv4Addr};

impl Probe {
    /// Joins a group on the loopback interface (ip(7), ipv6(7)).
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn join_group(&self, group: IpAddr) -> Result<(), CallError> {
        self.call("setsockopt", format!("join {group} on lo"), zero, || match group {
            IpAddr::V4(ip) => {
                let here = Ipv4Addr::LOCALHOST;
                rx::sockopt::set_ip_add_membership(&self.socket, &ip, &here).map_err(errno)
            }
            IpAddr::V6(ip) => {
                let lo = nix::net::if_::if_nametoindex("lo")?;
                rx::sockopt::set_ipv6_add_membership(&self.socket, &ip, lo).map_err(errno)
            }
        })
    }

    /// Lets messages to such a group leave by the loopback interface only.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn reach_group_on_loopback(&self, group: IpAddr) -> Result<(), CallError> {
        self.call("setsockopt", format!("{group} by lo"), zero, || match group {
            IpAddr::V4(_) => {
                rx::sockopt::set_ip_multicast_if(&self.socket, &Ipv4Addr::LOCALHOST).map_err(errno)
            }
            IpAddr::V6(_) => {
                let lo = nix::net::if_::if_nametoindex("lo")?;
                rx::sockopt::set_ipv6_multicast_if(&self.socket, lo).map_err(errno)
            }
        })
    }
}
