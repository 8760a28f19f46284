//! The rows, a file for each part of a socket's life.

mod aborting;
mod backlog;
mod basics;
mod batching;
mod buffers;
mod connecting;
mod counting;
mod details;
mod early;
mod endings;
mod families;
mod headers;
mod identity;
mod introspection;
mod moving;
mod naming;
mod nobody;
mod notes;
mod packets;
mod peeking;
mod places;
mod polling;
mod privileged;
mod queues;
mod reading;
mod refusals;
mod resets;
mod restart;
mod rights;
mod sizes;
mod strangers;
mod timing;
mod unconnected;
mod urgent;
mod waiting;
mod waking;

use super::Group;

/// Every group, by rank.
pub const GROUPS: &[&Group] = &[
    &basics::WORKS,
    &basics::SEPARATE,
    &sizes::LARGEST,
    &sizes::EMPTY,
    &reading::SHORT,
    &nobody::NOBODY,
    &nobody::LATER,
    &endings::CLOSES,
    &endings::HALF,
    &resets::AFTER,
    &resets::UNREAD,
    &backlog::QUEUE,
    &queues::UNREAD,
    &queues::MANY_CLIENTS,
    &restart::RESTART,
    &restart::STALE,
    &restart::TWO_BINDS,
    &naming::CLIENT_NAMES,
    &identity::PEER,
    &rights::DESCRIPTORS,
    &naming::LONGEST_NAME,
    &naming::EXACT_NAMES,
    &identity::FILE_MODE,
    &families::TWO_FAMILIES,
    &families::LOOPBACKS,
    &families::WILDCARD_SERVER,
    &timing::NAGLE,
    &polling::POLL,
    &places::LOCALHOST,
    &places::NAMESPACE,
    &aborting::ABORT,
    &timing::TIMEOUTS,
    &connecting::CONNECT,
    &connecting::SELF,
    &urgent::URGENT,
    &polling::SHUT_READ,
    &packets::PACKET,
    &packets::GROUPS,
    &strangers::STRANGERS,
    &strangers::SHARING,
    &aborting::LISTENER_GONE,
    &places::WRONG_FAMILY,
    &connecting::INHERIT,
    &buffers::BUFFERS,
    &waking::WAKING,
    &unconnected::BEFORE,
    &unconnected::AFTER,
    &batching::BATCHES,
    &batching::SEGMENTS,
    &batching::UNCOPIED,
    &notes::ARRIVAL,
    &waiting::LOW_WATER,
    &waiting::EDGES,
    &peeking::PEEKING,
    &introspection::IDENTITY,
    &privileged::RIGHTS,
    &headers::HEADERS,
    &early::EARLY,
    &counting::COUNTS,
    &moving::MOVING,
    &details::DETAILS,
    &refusals::REFUSALS,
];
