//! Bad days, each really made: a network namespace without what a transport needs, a policy that
//! forbids a call, a folder that takes no file, a limit that is too low. The row says which call
//! failed with which errno and what to do, the other rows stand, the exit code tells, the remedy
//! helps when it is pasted, and nothing is left behind. What cannot be made here says so.

mod support;

#[path = "surroundings/checks.rs"]
mod checks;
#[path = "surroundings/filters.rs"]
mod filters;
#[path = "surroundings/folders.rs"]
mod folders;
#[path = "surroundings/limits.rs"]
mod limits;
#[path = "surroundings/network.rs"]
mod network;
#[path = "surroundings/stage.rs"]
mod stage;
#[path = "surroundings/traces.rs"]
mod traces;
#[path = "surroundings/walks.rs"]
mod walks;
