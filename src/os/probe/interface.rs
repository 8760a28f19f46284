//! Network interfaces, as a socket's namespace has them.

use super::Probe;
use crate::os::{CallError, errno};

#[allow(
    clippy::missing_errors_doc,
    reason = "each hands over the kernel's refusal and nothing else"
)]
impl Probe {
    /// The name of the interface with that number, `lo`.
    pub fn interface_name(&self, number: u32) -> Result<String, CallError> {
        let place = format!("SIOCGIFNAME, {number}");
        self.call("ioctl", place, String::clone, || {
            rustix::net::netdevice::index_to_name(self, number).map_err(errno)
        })
    }
}
