//! The measurement: which cases there are ([`plan`]), one visit of one case ([`visit`]), the
//! interleaved rounds ([`rounds`]), and what they gathered ([`samples`]).

pub mod plan;
pub mod rounds;
pub mod samples;
pub mod visit;
