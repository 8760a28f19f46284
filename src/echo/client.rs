//! The client end: stamp, send, receive to the last byte, stamp; then verify, outside the stamps.

use super::endpoint::Endpoint;
use super::fault::{Cause, Fault, Mismatch};
use super::framing::Framing;
use super::message::{Message, Verdict};
use super::{Clock, Share};
use crate::os::Errno;
use crate::os::process::Usage;
use serde::{Deserialize, Serialize};

/// What one visit brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The round trips, in nanoseconds, in the order in which they were made.
    #[serde(skip)]
    pub round_trips: Vec<u64>,
    /// How many exchanges were begun, warm-ups included.
    pub begun: u64,
    /// Replies that never came.
    pub lost: u64,
    /// Replies that came once more.
    pub duplicated: u64,
    /// Replies that came after their time.
    pub reordered: u64,
    /// What ended the visit early.
    pub failure: Option<Fault>,
    /// The first thing that went wrong without ending it.
    pub trouble: Option<Fault>,
    /// What the client used of the CPU for the exchanges that count.
    pub usage: Usage,
}

/// A conversation as the client has it.
pub struct Conversation<'a, E, F, C> {
    /// The way to the peer.
    pub endpoint: &'a E,
    /// Where messages begin and end.
    pub framing: F,
    /// Where stamps come from.
    pub clock: &'a C,
    /// What is sent.
    pub message: Message,
    /// What the parent sends when a reply is lost, and when there is no peer any more.
    pub marks: (Vec<u8>, Vec<u8>),
    /// Does a receive of nothing mean that the peer closed?
    pub connects: bool,
}

/// How one exchange ended, if not well.
enum Ending {
    Lost,
    Failed(Cause),
}

impl<E: Endpoint, F: Framing, C: Clock> Conversation<'_, E, F, C> {
    /// Does its share of exchanges. `room` is as large as [`super::framing::room`] says.
    pub fn run(&mut self, share: &Share, room: &mut [u8]) -> Tally {
        let count = usize::try_from(share.count).unwrap_or(usize::MAX).min(1 << 26);
        // Written once, so that no page of it is fresh when the first stamp is stored.
        let mut tally = Tally { round_trips: vec![1; count], ..Tally::default() };
        tally.round_trips.clear();
        let counted_from = share.first.saturating_add(share.warmup);
        let end = counted_from.saturating_add(share.count);
        let began = self.clock.now();
        let mut before = Usage::now();
        let mut lost_before = true; // nothing has come from this peer yet
        for exchange in share.first..end {
            if exchange == counted_from {
                before = Usage::now();
            }
            tally.begun += 1;
            let stamps = match self.exchange(exchange, share.first, &mut tally, room) {
                Ok(stamps) => stamps,
                Err(Ending::Failed(cause)) => {
                    tally.failure = Some(Fault { exchange, cause });
                    break;
                }
                Err(Ending::Lost) => {
                    tally.lost += 1;
                    let fault = Fault { exchange, cause: Cause::Lost };
                    tally.trouble.get_or_insert_with(|| fault.clone());
                    // A first reply that never comes, or two in a row: nobody is there.
                    if std::mem::replace(&mut lost_before, true) {
                        tally.failure = Some(fault);
                        break;
                    }
                    continue;
                }
            };
            lost_before = false;
            if exchange >= counted_from {
                tally.round_trips.push(stamps.1 - stamps.0);
                if share.limit_ns.is_some_and(|limit| stamps.1 - began > limit) {
                    break;
                }
            }
        }
        tally.usage = Usage::now().since(before);
        tally
    }

    /// One exchange: the two stamps around send and receive.
    #[inline]
    fn exchange(
        &mut self,
        exchange: u64,
        first: u64,
        tally: &mut Tally,
        room: &mut [u8],
    ) -> Result<(u64, u64), Ending> {
        self.message.number(exchange);
        let size = self.message.payload().len();
        let sent_at = self.clock.now();
        self.endpoint
            .send_whole(self.message.wire())
            .map_err(|errno| Ending::Failed(failed_call("send", errno)))?;
        loop {
            let reply = self.framing.receive(self.endpoint, room, size);
            let received_at = self.clock.now();
            let reply = match reply {
                Ok(reply) => &room[reply],
                Err(Errno::ETIMEDOUT) => return Err(Ending::Lost),
                Err(errno) => return Err(Ending::Failed(failed_call("recv", errno))),
            };
            if reply == self.message.payload() {
                return Ok((sent_at, received_at));
            }
            self.odd_reply(exchange, first, reply, tally)?;
        }
    }

    /// Judges a reply that is not the expected one; Ok when the expected one may still come.
    #[cold]
    fn odd_reply(
        &self,
        exchange: u64,
        first: u64,
        reply: &[u8],
        tally: &mut Tally,
    ) -> Result<(), Ending> {
        if reply == self.marks.0 {
            return Err(Ending::Lost);
        }
        if reply == self.marks.1 || (reply.is_empty() && self.connects) {
            return Err(Ending::Failed(Cause::Closed));
        }
        let cause = match self.message.judge(exchange, first, reply) {
            // Two messages in one receive are how a stream shows two sends.
            Verdict::Wrong(Mismatch::Merged { .. }) if !F::KEEPS_MESSAGES => {
                tally.duplicated += 1;
                let one = &reply[..self.message.payload().len()];
                let answers = match self.message.judge(exchange, first, one) {
                    Verdict::Earlier(answers) => answers,
                    Verdict::Wrong(_) => exchange,
                };
                Cause::Duplicated { answers }
            }
            Verdict::Wrong(mismatch) => return Err(Ending::Failed(Cause::Mismatch(mismatch))),
            // It was counted as lost, and now it is here.
            Verdict::Earlier(answers) if tally.lost > 0 => {
                tally.lost -= 1;
                tally.reordered += 1;
                Cause::Reordered { answers }
            }
            Verdict::Earlier(answers) => {
                tally.duplicated += 1;
                Cause::Duplicated { answers }
            }
        };
        if !F::KEEPS_MESSAGES {
            // On a stream everything after it is out of step.
            return Err(Ending::Failed(cause));
        }
        tally.trouble.get_or_insert(Fault { exchange, cause });
        Ok(())
    }
}

fn failed_call(call: &str, errno: Errno) -> Cause {
    match errno {
        // A peer that is gone closes; a connection that broke is no more than that.
        Errno::ECONNRESET | Errno::EPIPE => Cause::Closed,
        _ => Cause::Call { call: call.to_owned(), errno: errno as i32 },
    }
}
