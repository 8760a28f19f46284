//! A fleet's tools against the real programs: Prometheus and its promtool, `node_exporter`, systemd's own
//! checker, and the Python client's parsers of both text forms.

#[path = "fleet/files.rs"]
mod files;
#[path = "fleet/forms.rs"]
mod forms;
#[path = "fleet/started.rs"]
mod started;
mod support;
#[path = "fleet/watched.rs"]
mod watched;
