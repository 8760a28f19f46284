//! What a fleet of machines needs beside the program: files for systemd and Prometheus, as they are
//! installed. Their comments say why they are as they are.

/// Measures once, for `node_exporter`.
pub const SERVICE: &str = include_str!("sockeye.service");

/// Starts that every hour.
pub const TIMER: &str = include_str!("sockeye.timer");

/// Recording rules and alerts.
pub const RULES: &str = include_str!("sockeye.rules.yml");
