//! What are sockets called, and how exact are their names?

use crate::behaviour::addresses::{ip_of, port_of};
use crate::behaviour::column::{
    Column, abstract_name, acknowledges, any, connects, datagrams, inet, one_family, path, ports,
    raw, unix,
};
use crate::behaviour::expectation::shows;
use crate::behaviour::fact::{is, said};
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::os::name::Name;
use crate::os::probe::Probe;
use crate::os::socket::End;
use crate::os::{CallError, Errno, errno_name};
use crate::transport::{Kind, Protocol, Transport};

pub(super) const CLIENT_NAMES: Group = Group {
    rank: 18,
    title: "Who is the client",
    why: "a request over Unix datagrams never gets its answer: the client has no name to answer to",
    checks: &[
        Check {
            name: "names",
            front: true,
            title: "client's name at server",
            claim: "a server sees the address of a client that bound none; over Unix that client \
                    has no name",
            promise: "ip(7): connect(2) and sendto(2) give an unbound socket a port; unix(7): a \
                      socket that is not bound is unnamed",
            matters: "a server that answers to the sender's name cannot answer",
            body: names,
            rules: &[shows(inet, "address"), shows(unix, "unnamed")],
            ..Check::ROW
        },
        Check {
            name: "autobind",
            title: "kernel picks a name",
            claim: "a client that names none gets a name of the kernel's choice",
            promise: "ip(7): connect() and the first send give a port; unix(7), Autobind: bind() \
                      with the family alone gives an abstract name of 5 hexadecimal digits",
            matters: "a client has to make up a name that nobody else has",
            body: autobind,
            rules: &[
                shows(acknowledges, "port on connect").cell("on connect"),
                shows(datagrams, "port on first send").cell("on 1st send"),
                // The protocol stands in the port's place (raw(7)).
                shows(raw, "port 253 from the start").cell("protocol"),
                shows(unix, "@ + 5 hex"),
            ],
            ..Check::ROW
        },
    ],
};

pub(super) const LONGEST_NAME: Group = Group {
    rank: 21,
    title: "Longest name",
    why: "sockets in deep folders cannot be made, and libraries stop a byte earlier than the \
          kernel",
    checks: &[Check {
        name: "pathlen",
        title: "longest name",
        claim: "a path of 108 bytes can be bound, and one of 109 cannot; an abstract name has up \
                to 107",
        promise: "unix(7): sun_path has 108 bytes; BUGS: a path may do without the NUL at its end; \
                  an abstract name begins with one",
        matters: "a path that one machine takes is refused by another",
        applies: unix,
        body: pathlen,
        rules: &[
            shows(path, "108, then EINVAL").cell("#"),
            // A longer one cannot be handed to the kernel without unsafe code.
            shows(abstract_name, "107"),
        ],
        ..Check::ROW
    }],
};

pub(super) const EXACT_NAMES: Group = Group {
    rank: 22,
    title: "Exact names",
    why: "a client in C that counts the NUL at the end does not find a server that does not",
    checks: &[
        Check {
            name: "abs_nul",
            title: "NUL at a name's end",
            claim: "with a NUL added at its end, a path stays the same name and an abstract name \
                    is another",
            promise: "unix(7): a path ends at its NUL; in an abstract name a NUL is a byte like \
                      any other",
            matters: "client and server write the same name and do not meet, or two servers do",
            applies: unix,
            body: abs_nul,
            rules: &[
                shows(path, "same name"),
                shows(abstract_name, "different name").cell("different"),
            ],
            ..Check::ROW
        },
        Check {
            name: "wrongtype",
            title: "same name, other type",
            claim: "a socket of another type tries to bind, and then to connect to, a name in use",
            promise: "RFC 6335, section 6: TCP and UDP number their ports apart; connect(2), \
                      EPROTOTYPE; unix_abstract_hash() keeps abstract names by type",
            matters: "a program that opens the wrong type is told nothing, or the wrong thing",
            applies: has_another_type,
            body: wrongtype,
            rules: &[
                shows(path, "bind EADDRINUSE, connect EPROTOTYPE").cell("EPROTOTYPE"),
                shows(abstract_name, "bind ok, connect ECONNREFUSED").cell("refused"),
                shows(acknowledges, "bind ok, connect ok").cell("ok"),
                shows(any, "bind ok, connect ECONNREFUSED").cell("refused"),
            ],
            ..Check::ROW
        },
    ],
};

fn names(stand: &Stand<'_>) -> Result<String, CallError> {
    let (server, name) = stand.ready_server()?;
    let client = stand.client()?;
    let seen = if connects(&stand.column) {
        client.connect(&name)?;
        server.accept()?.peer_name()?
    } else {
        client.send_to(b"from whom", &name)?;
        server.receive_from(100)?.1
    };
    let Some(seen) = seen.filter(|seen| !seen.is_unnamed()) else {
        return Ok("unnamed".to_owned());
    };
    let own = client.local_name()?;
    let same_port = own.as_ref().is_some_and(|own| port_of(own) == port_of(&seen));
    let local = ip_of(&seen).is_some_and(|ip| ip.is_loopback());
    // A raw socket's port is its protocol, which is no part of what the other end sees.
    let fits = local && (same_port || !stand.column.transport.kind.has_port());
    Ok(if fits { "address".to_owned() } else { seen.to_string() })
}

fn autobind(stand: &Stand<'_>) -> Result<String, CallError> {
    if unix(&stand.column) {
        return autobind_unix(stand);
    }
    let port = |client: &Probe| client.name().map(|name| port_of(&name));
    let (server, name) = stand.bound()?;
    let client = stand.client()?;
    let at_first = port(&client)?;
    if at_first != 0 {
        return Ok(format!("port {at_first} from the start"));
    }
    let moment = if connects(&stand.column) {
        server.listen(16)?;
        client.connect(&name)?;
        "connect"
    } else {
        client.send_to(b"from whom", &name)?;
        "first send"
    };
    Ok(if port(&client)? == 0 { "no port".to_owned() } else { format!("port on {moment}") })
}

fn autobind_unix(stand: &Stand<'_>) -> Result<String, CallError> {
    let client = stand.client()?;
    if let Err(error) = client.bind(&Name::autobind()) {
        return Ok(errno_name(error.errno));
    }
    let name = client.name()?.to_string();
    let five_digits = name.strip_prefix('@').is_some_and(|digits| {
        digits.len() == 5 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    });
    Ok(if five_digits { "@ + 5 hex".to_owned() } else { name })
}

fn pathlen(stand: &Stand<'_>) -> Result<String, CallError> {
    if abstract_name(&stand.column) {
        let mut label = label(&stand.fresh_name(End::Server)?);
        label.resize(107, b'x');
        stand.server()?.bind(&Name::abstract_name(&label)?)?;
        return Ok("107".to_owned());
    }
    stand.server()?.bind_long(&stand.path_of(107)?)?;
    let longest = stand.server()?;
    if let Err(error) = longest.bind_long(&stand.path_of(108)?) {
        return Ok(format!("107, then {}", errno_name(error.errno)));
    }
    // The kernel tells such a name with a NUL behind it: one byte more than it takes.
    Ok(format!("108, then {}", said(&stand.server()?.bind_like(&longest))))
}

/// An abstract name's bytes.
fn label(name: &Name) -> Vec<u8> {
    name.to_string().trim_start_matches('@').as_bytes().to_vec()
}

fn abs_nul(stand: &Stand<'_>) -> Result<String, CallError> {
    let (_first, name) = stand.bound()?;
    let second = stand.server()?;
    let bound = if let Some(file) = name.file() {
        // Shorter than sun_path, it is handed over with its NUL; the first one was without.
        second.bind_long(file.as_os_str().as_encoded_bytes())
    } else {
        let mut label = label(&name);
        label.push(0);
        second.bind(&Name::abstract_name(&label)?)
    };
    match bound {
        Ok(()) => Ok("different name".to_owned()),
        Err(error) if error.errno == Errno::EADDRINUSE => Ok("same name".to_owned()),
        Err(error) => Err(error),
    }
}

/// The transport that shares a column's names and is of another type.
fn another_type(column: &Column) -> Option<&'static Transport> {
    let kind = match column.transport.kind {
        Kind::Stream => Kind::Datagram,
        Kind::Datagram | Kind::SeqPacket => Kind::Stream,
        Kind::Raw => return None,
    };
    let protocol = match column.transport.protocol {
        Protocol::Default => Protocol::Default,
        Protocol::Tcp => Protocol::Udp,
        Protocol::Udp => Protocol::Tcp,
        Protocol::Mptcp | Protocol::UdpLite | Protocol::Sctp | Protocol::Experiment => return None,
    };
    Transport::of(column.transport.family, kind, protocol)
}

fn has_another_type(column: &Column) -> bool {
    (inet(column) || unix(column)) && one_family(column) && another_type(column).is_some()
}

fn wrongtype(stand: &Stand<'_>) -> Result<String, CallError> {
    // A port of the other protocol may be somebody else's by chance; not time after time.
    const TRIES: usize = 8;
    let other = another_type(&stand.column).unwrap_or(stand.column.transport);
    let (mut server, mut name) = stand.ready_server()?;
    let mut bound = stand.recorder.open(other, End::Server)?.bind(&server.name()?);
    for _ in 1..TRIES {
        if !ports(&stand.column) || !is(&bound, Errno::EADDRINUSE) {
            break;
        }
        (server, name) = stand.ready_server()?;
        bound = stand.recorder.open(other, End::Server)?.bind(&server.name()?);
    }
    let connected = stand.recorder.open(other, End::Client)?.connect(&name);
    Ok(format!("bind {}, connect {}", said(&bound), said(&connected)))
}
