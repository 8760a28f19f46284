//! The two ends of a conversation, and what each asks the kernel for.

use super::{Family, Transport};
use serde::{Deserialize, Serialize};

/// Which end of a conversation a socket is; they differ in their family where a transport is dual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    /// Speaks first.
    Client,
    /// Answers.
    Server,
}

impl End {
    /// The user's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

impl Transport {
    /// The arguments of `socket(2)` at one of its ends, by the kernel's names.
    #[must_use]
    pub fn socket_arguments(&self, end: End) -> String {
        let family = match (self.family, end) {
            (Family::Dual, End::Server) => "AF_INET6",
            _ => self.domain_constant(),
        };
        format!("{family}, {}, {}", self.kind.constant(), self.protocol.asked_for().constant())
    }
}
