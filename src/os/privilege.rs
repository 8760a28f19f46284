//! What this thread may do, and threads that may do less. All of it concerns one thread only: Linux
//! keeps rights by thread, and only the C library's wrappers make a process of them.

use super::{CallError, call, errno};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{Gid, Uid, setfsgid, setfsuid};
use rustix::thread::{CapabilitySet, CapabilitySets, capabilities, set_capabilities};

/// A right that a check needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// To open raw sockets.
    NetRaw,
    /// To change what the network does.
    NetAdmin,
    /// To make namespaces.
    SysAdmin,
}

impl Right {
    /// The kernel's name of it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NetRaw => "CAP_NET_RAW",
            Self::NetAdmin => "CAP_NET_ADMIN",
            Self::SysAdmin => "CAP_SYS_ADMIN",
        }
    }

    const fn flag(self) -> CapabilitySet {
        match self {
            Self::NetRaw => CapabilitySet::NET_RAW,
            Self::NetAdmin => CapabilitySet::NET_ADMIN,
            Self::SysAdmin => CapabilitySet::SYS_ADMIN,
        }
    }
}

/// Has this thread that right? Where the kernel does not say, it is taken to have none: what is not
/// tried is no deviation.
#[must_use]
pub fn has(right: Right) -> bool {
    capabilities(None).is_ok_and(|sets| sets.effective.contains(right.flag()))
}

/// Gives up every right of this thread, for good.
///
/// # Errors
/// The kernel's refusal.
pub fn drop_all_rights() -> Result<(), CallError> {
    let none = CapabilitySet::empty();
    let sets = CapabilitySets { effective: none, permitted: none, inheritable: none };
    call("capset", &"none", || set_capabilities(None, sets).map_err(errno))
}

/// Lets this thread look at files as another user does, for good; false where the kernel will not.
#[must_use]
pub fn see_files_as(user: u32) -> bool {
    setfsgid(Gid::from_raw(user));
    setfsuid(Uid::from_raw(user));
    // Success and failure answer alike, with the user before; asking again tells (setfsuid(2)).
    setfsuid(Uid::from_raw(user)).as_raw() == user
}

/// Puts this thread into a network namespace of its own, where even loopback is down.
///
/// # Errors
/// The kernel's refusal.
pub fn leave_network() -> Result<(), CallError> {
    call("unshare", &"CLONE_NEWNET", || unshare(CloneFlags::CLONE_NEWNET))
}

/// Gives this thread a umask of its own, and sets it.
///
/// # Errors
/// The kernel's refusal.
pub fn own_umask(mask: u32) -> Result<(), CallError> {
    call("unshare", &"CLONE_FS", || unshare(CloneFlags::CLONE_FS))?;
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(mask));
    Ok(())
}
