//! Who is the peer, and whom does a socket file keep out?

use crate::behaviour::column::{abstract_name, inet, path, unix, unix_connects};
use crate::behaviour::expectation::{shows, since, works_out};
use crate::behaviour::fact::said;
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::environment::Environment;
use crate::os::name::Name;
use crate::os::privilege::{drop_all_rights, own_umask, see_files_as};
use crate::os::probe::Note;
use crate::os::process::user_id;
use crate::os::socket::End;
use crate::os::{CallError, Errno, errno_name, errno_of, option};
use std::os::unix::fs::PermissionsExt;

pub(super) const PEER: Group = Group {
    rank: 19,
    title: "Peer identity",
    why: "a service that asks a TCP socket who is there gets an answer that means nobody",
    checks: &[
        Check {
            name: "peercred",
            front: true,
            title: "peer credentials",
            claim: "SO_PEERCRED tells the process and the user at the other end of a Unix \
                    connection, and nothing elsewhere",
            promise: "unix(7), SO_PEERCRED: for connected Unix streams and socketpairs only; Linux \
                      answers all others with nobody",
            matters: "a service takes its client for somebody else, and lets it in",
            body: peercred,
            rules: &[
                shows(unix_connects, "pid uid"),
                // Linux answers from a socket that nobody has filled in.
                shows(unix, "empty, no error").cell("empty"),
                shows(inet, "empty, no error").cell("empty"),
            ],
            ..Check::ROW
        },
        Check {
            name: "passcred",
            title: "who sent a message",
            claim: "with SO_PASSCRED each message brings the process and the user who sent it",
            promise: "unix(7), SCM_CREDENTIALS and SO_PASSCRED; since Linux 6.16 the option is \
                      refused on IP sockets",
            matters: "a daemon such as a system log cannot tell who wrote a message",
            body: passcred,
            rules: &[
                shows(unix, "pid uid"),
                works_out(inet, |_, here| {
                    let refused = since(here, 6, 16);
                    if refused { "EOPNOTSUPP" } else { "accepted, none arrive" }.to_owned()
                })
                .cell("no"),
            ],
            ..Check::ROW
        },
        Check {
            name: "peerpidfd",
            title: "peer as a pidfd",
            claim: "SO_PEERPIDFD gives a descriptor of the process at the other end",
            promise: "Linux 6.5: a pidfd of the peer that SO_PEERCRED tells, ENODATA where there \
                      is none",
            matters: "a service has only its client's pid, which another process may have by the \
                      time it looks",
            body: peerpidfd,
            rules: &[
                works_out(unix_connects, |_, here| pidfd_or(here, "pidfd")),
                works_out(unix, |_, here| pidfd_or(here, "ENODATA")),
                works_out(inet, |_, here| pidfd_or(here, "ENODATA")),
            ],
            ..Check::ROW
        },
    ],
};

pub(super) const FILE_MODE: Group = Group {
    rank: 23,
    title: "File mode guards",
    why: "abstract sockets are open to every user of the machine, and to containers that share its \
          network",
    checks: &[
        Check {
            name: "perm",
            title: "file mode keeps out",
            claim: "whoever may not write to a socket's file cannot connect to it; abstract names \
                    have no such guard",
            promise: "unix(7), Pathname socket ownership and permissions: connecting takes the \
                      right to write; an abstract name has no permissions",
            matters: "other users reach a service that its file mode was to guard",
            applies: unix,
            body: perm,
            rules: &[
                shows(path, "EACCES | not switched | folder shut"),
                shows(abstract_name, "no guard"),
            ],
            ..Check::ROW
        },
        Check {
            name: "umask",
            title: "mode of a new file",
            claim: "a socket's file gets every right that a umask of 027 leaves",
            promise: "unix(7): bind() makes the file with all permissions but those that umask(2) \
                      takes",
            matters: "a new socket is open to more users than its maker thinks, or to fewer",
            applies: path,
            body: umask,
            rules: &[shows(path, "0777 & ~umask").cell("by umask")],
            ..Check::ROW
        },
    ],
};

fn pidfd_or(here: &Environment, fact: &str) -> String {
    if since(here, 6, 5) { fact } else { "ENOPROTOOPT" }.to_owned()
}

/// Is it us, nobody, or somebody else?
fn who(pid: i32, uid: u32) -> String {
    let nobody = u32::MAX;
    if (u32::try_from(pid), uid) == (Ok(std::process::id()), user_id()) {
        "pid uid".to_owned()
    } else if (pid, uid) == (0, nobody) {
        "empty, no error".to_owned()
    } else {
        format!("pid {pid} uid {}", uid.cast_signed())
    }
}

fn peercred(stand: &Stand<'_>) -> Result<String, CallError> {
    let (pid, uid) = stand.pair()?.b.peer_credentials()?;
    Ok(who(pid, uid))
}

fn passcred(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    if let Err(error) = pair.b.set(option::SO_PASSCRED, 1) {
        return Ok(errno_name(error.errno));
    }
    pair.a.send(b"it is me")?;
    let message = pair.b.receive_message(100)?;
    let told = message.find(|note| match note {
        Note::Credentials { pid, uid } => Some(who(*pid, *uid)),
        _ => None,
    });
    Ok(told.unwrap_or_else(|| "accepted, none arrive".to_owned()))
}

fn peerpidfd(stand: &Stand<'_>) -> Result<String, CallError> {
    Ok(match stand.pair()?.b.peer_by_pidfd() {
        Ok(Some(pid)) if pid == i64::from(std::process::id()) => "pidfd".to_owned(),
        Ok(Some(pid)) => format!("pidfd of {pid}"),
        Ok(None) => "a descriptor, no pidfd".to_owned(),
        Err(error) => errno_name(error.errno),
    })
}

/// The user whom nobody is: every file that is not for all is closed to it.
const NOBODY: u32 = 65534;

fn perm(stand: &Stand<'_>) -> Result<String, CallError> {
    let (_server, name) = stand.ready_server()?;
    set_mode(&name, 0o777)?;
    let open = connect_without_rights(stand, &name)?;
    if open != "ok" || name.file().is_none() {
        return Ok(match open.as_str() {
            "ok" => "no guard".to_owned(),
            // With mode 0777 it is the folder above that keeps them out, and nothing can be said.
            "EACCES" => "folder shut".to_owned(),
            _ => open,
        });
    }
    set_mode(&name, 0)?;
    connect_without_rights(stand, &name)
}

/// Connects from a thread that looks at files as somebody else, or at least without the right to
/// open whatever it likes: mode 0 closes a file to its owner too.
fn connect_without_rights(stand: &Stand<'_>, name: &Name) -> Result<String, CallError> {
    let (client, name) = (stand.client()?, name.clone());
    let aside = stand.aside(move || {
        if see_files_as(NOBODY) || drop_all_rights().is_ok() {
            said(&client.connect(&name))
        } else {
            "not switched".to_owned()
        }
    })?;
    aside.wait(stand.times().sure).ok_or(CallError::new("connect", "aside", Errno::ETIMEDOUT))
}

fn set_mode(name: &Name, mode: u32) -> Result<(), CallError> {
    let Some(file) = name.file() else { return Ok(()) };
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode))
        .map_err(|error| CallError::new("chmod", file.display(), errno_of(&error)))
}

fn umask(stand: &Stand<'_>) -> Result<String, CallError> {
    const MASK: u32 = 0o027;
    let (server, name) = (stand.server()?, stand.fresh_name(End::Server)?);
    let own = name.clone();
    let aside = stand.aside(move || own_umask(MASK).and_then(|()| server.bind(&own)))?;
    let bound = aside.wait(stand.times().sure);
    bound.unwrap_or_else(|| Err(CallError::new("bind", "aside", Errno::ETIMEDOUT)))?;
    let file = name.file().unwrap_or(std::path::Path::new(""));
    let about = std::fs::symlink_metadata(file)
        .map_err(|error| CallError::new("stat", file.display(), errno_of(&error)))?;
    let mode = about.permissions().mode() & 0o7777;
    Ok(if mode == 0o777 & !MASK { "0777 & ~umask".to_owned() } else { format!("{mode:04o}") })
}
