//! Raw sockets that hear nobody but each other. They have no ports: every one of a protocol gets a
//! copy of whatever any program of the machine sends by it, over IPv6 always and over IPv4 until it
//! has an address. How long that is, and how much of it comes, is the scheduler's to say.

use super::option::AttachFilter;
use super::{CallError, call};
use nix::sys::socket::{MsgFlags, recv, setsockopt, sockopt};
use serde::{Deserialize, Serialize};
use std::os::fd::{AsFd, AsRawFd};

/// What sockets that hear each other have in common: what they send is marked, and they are let hear
/// only what bears the mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shield {
    mark: u32,
}

impl Shield {
    /// One whose mark is nobody else's.
    #[must_use]
    pub fn fresh() -> Self {
        // 0 is what is not marked.
        let [.., a, b, c, d] = super::random().to_ne_bytes();
        Self { mark: u32::from_ne_bytes([a, b, c, d]).max(1) }
    }

    /// Gives it to a socket that has not sent yet. `SO_MARK` goes with the packet through loopback
    /// (`skb->mark` is cleared between namespaces only), and a raw socket's filter judges every packet
    /// before it is queued (`raw_rcv()` and `rawv6_rcv()` end in `sk_filter()`). So it matters no more
    /// who sends meanwhile, or how long it takes. Mark and filter are not on the wire, and local
    /// addresses are looked up before any rule about marks (ip-rule(8), priority 0).
    ///
    /// # Errors
    /// Where marks or filters are not to be had: before Linux 5.17 a mark needs `CAP_NET_ADMIN`.
    pub fn put_on(self, socket: &impl AsFd) -> Result<(), CallError> {
        call("setsockopt", &"SO_MARK", || setsockopt(socket, sockopt::Mark, &self.mark))?;
        let mut program = self.program();
        let filter = libc::sock_fprog { len: 4, filter: program.as_mut_ptr() };
        call("setsockopt", &"SO_ATTACH_FILTER", || setsockopt(socket, AttachFilter, &filter))?;
        // What came between socket() and the filter waits already; nothing is added to it now, and
        // no receive buffer of the usual size holds as many as this.
        let waits =
            |_: &u16| recv(socket.as_fd().as_raw_fd(), &mut [], MsgFlags::MSG_DONTWAIT).is_ok();
        let _ = (0..10_000_u16).take_while(waits).count();
        Ok(())
    }

    /// `ld mark; jeq #mark, 0, 1; ret #-1; ret #0`, as `bpf_asm` has it (kernel documentation,
    /// networking/filter).
    fn program(self) -> [libc::sock_filter; 4] {
        const LOAD_WORD: u16 = 0x20;
        const JUMP_EQUAL: u16 = 0x15;
        const RETURN: u16 = 0x06;
        const MARK: u32 = (-0x1000_i32 + 20).cast_unsigned(); // SKF_AD_OFF + SKF_AD_MARK
        let step = |code, jt, jf, k| libc::sock_filter { code, jt, jf, k };
        [
            step(LOAD_WORD, 0, 0, MARK),
            step(JUMP_EQUAL, 0, 1, self.mark),
            step(RETURN, 0, 0, u32::MAX),
            step(RETURN, 0, 0, 0),
        ]
    }
}
