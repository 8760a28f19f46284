//! `sockeye serve`, the whole program: what it echoes, what it refuses, and that no client can harm
//! another. Clients here are sockets of the test; other people's programs are in another place.

mod support;

#[path = "support/client.rs"]
mod client;
#[path = "support/network.rs"]
mod network;
#[path = "support/server.rs"]
mod server;

#[path = "serve/beyond.rs"]
mod beyond;
#[path = "serve/catalogue.rs"]
mod catalogue;
#[path = "serve/end.rs"]
mod end;
#[path = "serve/files.rs"]
mod files;
#[path = "serve/greeting.rs"]
mod greeting;
#[path = "serve/letters.rs"]
mod letters;
#[path = "serve/many.rs"]
mod many;
#[path = "serve/messages.rs"]
mod messages;
#[path = "serve/passed.rs"]
mod passed;
#[path = "serve/pauses.rs"]
mod pauses;
#[path = "serve/refusals.rs"]
mod refusals;
#[path = "serve/streams.rs"]
mod streams;
