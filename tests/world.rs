//! Programs that nobody here wrote: `socat`, `ncat`, `nc` and what every course on sockets teaches in
//! Python, as clients of `serve` and as targets of `ping`; and two hosts with a bad link between them.

#[path = "support/schema.rs"]
mod schema;
mod support;

#[path = "world/clients.rs"]
mod clients;
#[path = "world/gvisor.rs"]
mod gvisor;
#[path = "world/hosts.rs"]
mod hosts;
#[path = "world/link.rs"]
mod link;
#[path = "world/network.rs"]
mod network;
#[path = "world/running.rs"]
mod running;
#[path = "world/sandbox.rs"]
mod sandbox;
#[path = "world/servers.rs"]
mod servers;
#[path = "world/tutorials.rs"]
mod tutorials;
#[path = "world/verdict.rs"]
mod verdict;
