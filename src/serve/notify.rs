//! Telling whoever started the server that it is ready.

use crate::os::CallError;
use crate::os::name::Name;
use crate::os::socket::{End, Socket};
use crate::transport::Transport;
use std::path::Path;

/// Tells a service manager how things stand (`sd_notify(3)`): `READY=1`, `STOPPING=1`. Without one, or
/// with one that does not listen, nothing happens.
pub fn manager(state: &str) {
    let Ok(place) = std::env::var("NOTIFY_SOCKET") else { return };
    let Some(transport) = Transport::named("unix-dgram") else { return };
    // A manager that has gone needs no telling.
    let _: Result<(), CallError> = name_of(&place).and_then(|name| {
        let socket = Socket::open(transport, End::Client)?;
        socket.connect(&name)?;
        let _ = socket.send_now(state.as_bytes());
        Ok(())
    });
}

fn name_of(place: &str) -> Result<Name, CallError> {
    match place.strip_prefix('@') {
        Some(label) => Name::abstract_name(label.as_bytes()),
        None => Name::path(Path::new(place)),
    }
}
