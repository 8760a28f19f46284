//! What does a server leave behind, and who may take its name?

use crate::behaviour::addresses::{at_port, bind_to_all};
use crate::behaviour::column::{
    Column, abstract_name, acknowledges, any, connectionless, connects, datagrams, inet, path,
    ports, raw, unix,
};
use crate::behaviour::expectation::shows;
use crate::behaviour::fact::{is, said};
use crate::behaviour::mark;
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::os::name::Name;
use crate::os::probe::Probe;
use crate::os::socket::End;
use crate::os::{CallError, Errno, errno_name, errno_of, option};

pub(super) const RESTART: Group = Group {
    rank: 15,
    title: "Restart server",
    why: "a server that is started again fails with EADDRINUSE: its address is still in use",
    checks: &[Check {
        name: "timewait",
        title: "restart after clients",
        claim: "a name is free again after its server closed connections first: over TCP with \
                SO_REUSEADDR on both servers, a path once unlinked",
        promise: "RFC 9293, section 3.6.1: TIME-WAIT; socket(7), NOTES: SO_REUSEADDR on the old \
                  socket and on the new; unix(7): the file stays",
        matters: "a restart fails for a minute, or a second server starts where it must not",
        applies: connects_over_ip_or_unix,
        body: timewait,
        rules: &[
            shows(acknowledges, "no REUSEADDR: EADDRINUSE; only new server: EADDRINUSE; both: ok")
                .cell("both REUSE"),
            shows(path, "EADDRINUSE, unlinked ok").cell("unlink"),
            shows(abstract_name, "ok"),
        ],
        ..Check::ROW
    }],
};

pub(super) const STALE: Group = Group {
    rank: 16,
    title: "Stale name",
    why: "whoever tests whether a socket file is stale may remove one that is alive",
    checks: &[
        Check {
            name: "stale",
            front: true,
            title: "name after close",
            claim: "once a server has closed, its name is free; a path stays, refuses clients and \
                    cannot be bound",
            promise: "unix(7): the file has to be removed; ECONNREFUSED for clients, EADDRINUSE \
                      for servers; connect(2), ECONNREFUSED: nobody listens",
            matters: "a server does not come up again after a crash, or its clients hang",
            body: stale,
            rules: &[
                shows(path, "ECONNREFUSED, rebind EADDRINUSE").cell("stays"),
                shows(abstract_name, "ECONNREFUSED, rebind ok").cell("free"),
                shows(acknowledges, "ECONNREFUSED, rebind ok").cell("free"),
                shows(connectionless, "ok, rebind ok").cell("free"),
            ],
            ..Check::ROW
        },
        Check {
            name: "takeover",
            title: "a live path is taken",
            claim: "when a second server removes the file of a live one and binds its path, \
                    clients go to the second",
            promise: "unix(7): a file is a server's address; unlink(2) does not ask whether it is \
                      in use",
            matters: "clients go on to the old server, or reach none, though a new one has taken \
                      the path",
            applies: path,
            body: takeover,
            rules: &[shows(path, "new server gets clients").cell("new server")],
            ..Check::ROW
        },
    ],
};

pub(super) const TWO_BINDS: Group = Group {
    rank: 17,
    title: "Two binds",
    why: "a second copy of a program takes the datagrams of the first, and neither notices",
    checks: &[
        Check {
            name: "bind_twice",
            title: "same name bound twice",
            claim: "a second socket cannot be bound to the name of a first, unless they are raw",
            promise: "bind(2), EADDRINUSE; raw(7): every raw socket of a protocol gets its packets",
            matters: "two servers share a name and each gets a part of what is sent",
            body: bind_twice,
            rules: &[shows(raw, "ok"), shows(any, "EADDRINUSE")],
            ..Check::ROW
        },
        Check {
            name: "reuseaddr",
            title: "same name, SO_REUSEADDR",
            claim: "two IP sockets with SO_REUSEADDR are bound to one name; TCP lets one of them \
                    listen, UDP gives all to the newest",
            promise: "socket(7), SO_REUSEADDR: bind(2) succeeds unless somebody listens there; \
                      unix_bind() does not know it",
            matters: "a second copy of a program starts unnoticed, and takes other clients than \
                      expected",
            body: reuseaddr,
            rules: &[
                shows(acknowledges, "both bind, second listen EADDRINUSE").cell("at listen"),
                shows(datagrams, "both bind, newest gets all").cell("newest"),
                shows(raw, "both bind, both get copies").cell("copies"),
                shows(unix, "EADDRINUSE"),
            ],
            ..Check::ROW
        },
        Check {
            name: "bindtwice_any",
            title: "one beside all addresses",
            claim: "a loopback address is bound beside all addresses, with the same port, only if \
                    both sockets have SO_REUSEADDR",
            promise: "socket(7), SO_REUSEADDR: a port in use at 0.0.0.0 is in use at every local \
                      address",
            matters: "a local program takes the clients of a server that serves all addresses",
            applies: ports,
            body: bindtwice_any,
            rules: &[
                shows(acknowledges, "EADDRINUSE; both REUSEADDR ok").cell("needs REUSE"),
                shows(datagrams, "EADDRINUSE; both REUSEADDR ok").cell("needs REUSE"),
            ],
            ..Check::ROW
        },
    ],
};

fn connects_over_ip_or_unix(column: &Column) -> bool {
    connects(column) && (inet(column) || unix(column))
}

/// Serves one client on a name, hangs up first, and closes; the name is returned.
fn serve_once(stand: &Stand<'_>, reuse: bool) -> Result<Name, CallError> {
    let listener = stand.server()?;
    listener.set(option::SO_REUSEADDR, reuse.into())?;
    let name = stand.bind(&listener, End::Server)?;
    let own = listener.name()?;
    listener.listen(16)?;
    let client = stand.client()?;
    client.connect(&name)?;
    let server = listener.accept()?;
    server.close();
    // The client answers with a close of its own once it has heard of the first.
    client.receive(1)?;
    client.close();
    Ok(own)
}

/// A server on that name: bound, and listening where its kind does.
fn serve_on(stand: &Stand<'_>, name: &Name, reuse: bool) -> Result<Probe, CallError> {
    let server = stand.server()?;
    server.set(option::SO_REUSEADDR, reuse.into())?;
    server.bind(name)?;
    stand.open_to_clients(&server)?;
    Ok(server)
}

fn timewait(stand: &Stand<'_>) -> Result<String, CallError> {
    if unix(&stand.column) {
        let name = serve_once(stand, false)?;
        let again = serve_on(stand, &name, false);
        return Ok(match name.file() {
            Some(_) if is(&again, Errno::EADDRINUSE) => {
                unlink(&name)?;
                format!("EADDRINUSE, unlinked {}", said(&serve_on(stand, &name, false)))
            }
            _ => said(&again),
        });
    }
    let mut facts = Vec::new();
    for (case, old, new) in
        [("no REUSEADDR", false, false), ("only new server", false, true), ("both", true, true)]
    {
        let name = serve_once(stand, old)?;
        facts.push(format!("{case}: {}", said(&serve_on(stand, &name, new))));
    }
    Ok(facts.join("; "))
}

/// Removes the file that stands for a name.
fn unlink(name: &Name) -> Result<(), CallError> {
    let Some(file) = name.file() else { return Ok(()) };
    std::fs::remove_file(file).map_err(|e| CallError::new("unlink", file.display(), errno_of(&e)))
}

fn stale(stand: &Stand<'_>) -> Result<String, CallError> {
    let (server, name) = stand.ready_server()?;
    let own = server.name()?;
    server.close();
    let connected = stand.client()?.connect(&name);
    let again = serve_on(stand, &own, false);
    Ok(format!("{}, rebind {}", said(&connected), said(&again)))
}

fn takeover(stand: &Stand<'_>) -> Result<String, CallError> {
    let name = stand.fresh_name(End::Server)?;
    let old = serve_on(stand, &name, false)?;
    unlink(&name)?;
    let new = serve_on(stand, &name, false)?;
    let client = stand.client()?;
    client.connect(&name)?;
    if !connects(&stand.column) {
        client.send(b"whose?")?;
    }
    // What can be read at a listener is a client that waits.
    Ok(match (new.wait_readable()?.read(), old.poll()?.read()) {
        (true, false) => "new server gets clients",
        (true, true) => "both get clients",
        (false, true) => "old server gets clients",
        (false, false) => "nobody gets clients",
    }
    .to_owned())
}

fn bind_twice(stand: &Stand<'_>) -> Result<String, CallError> {
    let (first, _) = stand.bound()?;
    let name = first.name()?;
    Ok(said(&stand.server()?.bind(&name)))
}

fn reuseaddr(stand: &Stand<'_>) -> Result<String, CallError> {
    let (older, newer) = (stand.server()?, stand.server()?);
    older.set(option::SO_REUSEADDR, 1)?;
    newer.set(option::SO_REUSEADDR, 1)?;
    let name = stand.bind(&older, End::Server)?;
    if let Err(error) = newer.bind(&older.name()?) {
        return Ok(errno_name(error.errno));
    }
    if connects(&stand.column) {
        older.listen(16)?;
        return Ok(format!("both bind, second listen {}", said(&newer.listen(16))));
    }
    Ok(format!("both bind, {}", who_gets(stand, &older, &newer, &name)?))
}

/// Who hears what four clients send to a name that two sockets share.
fn who_gets(
    stand: &Stand<'_>,
    older: &Probe,
    newer: &Probe,
    name: &Name,
) -> Result<String, CallError> {
    const CLIENTS: usize = 4;
    let message = mark::fresh();
    for _ in 0..CLIENTS {
        stand.client()?.send_to(&message, name)?;
    }
    let mut heard = [0; 2];
    for (count, server) in heard.iter_mut().zip([newer, older]) {
        for _ in 0..CLIENTS + mark::STRANGERS {
            if *count == CLIENTS {
                break;
            }
            let Ok(came) = server.hear(2 * mark::LEN) else { break };
            *count += usize::from(stand.payload(&came) == message);
        }
    }
    Ok(match heard {
        [CLIENTS, 0] => "newest gets all".to_owned(),
        [0, CLIENTS] => "oldest gets all".to_owned(),
        [CLIENTS, CLIENTS] => "both get copies".to_owned(),
        [newer, older] => format!("newest gets {newer}, oldest {older} of {CLIENTS}"),
    })
}

fn bindtwice_any(stand: &Stand<'_>) -> Result<String, CallError> {
    let all_then_one = |reuse: bool| -> Result<String, CallError> {
        let (all, one) = (stand.server()?, stand.server()?);
        all.set(option::SO_REUSEADDR, reuse.into())?;
        one.set(option::SO_REUSEADDR, reuse.into())?;
        let port = bind_to_all(stand, &all, 0)?;
        Ok(said(&one.bind(&at_port(&stand.fresh_name(End::Server)?, port))))
    };
    Ok(format!("{}; both REUSEADDR {}", all_then_one(false)?, all_then_one(true)?))
}
