//! What the kernel says that a socket is.

use super::Probe;
use crate::os::CallError;
use crate::os::option::{SO_DOMAIN, SO_PROTOCOL, SO_TYPE};
use nix::sys::socket::{getsockopt, sockopt};

/// The three arguments of socket(2), as the kernel remembers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The kernel's name of the family.
    pub family: &'static str,
    /// The kernel's name of the type.
    pub kind: &'static str,
    /// The protocol's number.
    pub protocol: u32,
}

#[allow(
    clippy::missing_errors_doc,
    reason = "each hands over the kernel's refusal and nothing else"
)]
impl Probe {
    /// What it was opened with (`SO_DOMAIN`, `SO_TYPE`, `SO_PROTOCOL`).
    pub fn opened_as(&self) -> Result<Opened, CallError> {
        Ok(Opened {
            family: family_name(self.get(SO_DOMAIN)?),
            kind: kind_name(self.get(SO_TYPE)?),
            protocol: self.get(SO_PROTOCOL)?.cast_unsigned(),
        })
    }

    /// The interface that it is tied to (`SO_BINDTODEVICE`); empty for none.
    pub fn pinned_to(&self) -> Result<String, CallError> {
        self.call("getsockopt", "SO_BINDTODEVICE", String::clone, || {
            let name = getsockopt(&self.socket, sockopt::BindToDevice)?;
            Ok(name.to_string_lossy().trim_end_matches('\0').to_owned())
        })
    }
}

fn family_name(family: i32) -> &'static str {
    match family {
        libc::AF_INET => "AF_INET",
        libc::AF_INET6 => "AF_INET6",
        libc::AF_UNIX => "AF_UNIX",
        libc::AF_VSOCK => "AF_VSOCK",
        _ => "another family",
    }
}

fn kind_name(kind: i32) -> &'static str {
    match kind {
        libc::SOCK_STREAM => "SOCK_STREAM",
        libc::SOCK_DGRAM => "SOCK_DGRAM",
        libc::SOCK_SEQPACKET => "SOCK_SEQPACKET",
        libc::SOCK_RAW => "SOCK_RAW",
        _ => "another type",
    }
}
