//! `sockeye explain --program`: the programs that it prints, compiled and run: against `sockeye serve`
//! and `sockeye ping`, against each other, against a server that lies, and under strace, call by call.

mod support;

#[path = "support/network.rs"]
mod network;
#[path = "support/ready.rs"]
mod ready;
#[allow(dead_code, reason = "of it, only what reads a pipe")]
#[path = "support/server.rs"]
mod server;

#[path = "explain_programs/asked.rs"]
mod asked;
#[path = "explain_programs/beside.rs"]
mod beside;
#[path = "explain_programs/printed.rs"]
mod printed;
#[path = "explain_programs/traced.rs"]
mod traced;
#[path = "explain_programs/walked.rs"]
mod walked;
#[path = "explain_programs/wrong.rs"]
mod wrong;
