//! A `TMPDIR` that takes no socket file: only the Unix rows suffer, and the remedy helps.

use crate::stage::{Blow, Stage};
use crate::support::skip;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const UNIX: [&str; 3] = ["unix-stream", "unix-dgram", "unix-seqpacket"];
const HINT: &str = "TMPDIR=/dev/shm sockeye unix";

/// The default set passes but for the Unix rows; named, they decide the exit code.
fn without_a_folder(stage: &Stage, call: &str, errno: &str) {
    let tmpdir = stage.tmpdir().display().to_string();
    let (meaning, named) = match errno {
        "ENAMETOOLONG" => ("the path of its folder is too long for a socket", "…, 1"),
        _ => ("there is no place for its socket files", tmpdir.as_str()),
    };
    let blow = Blow { rows: &UNIX, call, errno, hint: HINT };
    let Some(seen) = stage.seen(&[]) else { return };
    seen.expect("unavailable", &[blow], 0);
    seen.expect_words(&UNIX, meaning);
    let shown = seen.row("unix-dgram")[0]["error"]["message"].to_string();
    assert!(shown.contains(named), "{shown} does not say {named}");
    let named = stage.seen(&["unix-dgram", "udp4"]).expect("as before");
    named.expect("unavailable", &[Blow { rows: &UNIX[1..2], ..blow }], 3);
}

#[test]
fn a_missing_folder_stops_only_unix_sockets_and_the_remedy_helps() {
    let stage = Stage::plain();
    let missing = stage.folder().join("missing/folder");
    let stage = stage.with_tmpdir(&missing);
    without_a_folder(&stage, "mkdir", "ENOENT");
    if !Path::new("/dev/shm").is_dir() {
        skip("there is no /dev/shm for the remedy");
        return;
    }
    stage.pasted(HINT).expect("as before").expect("pass", &[], 0);
}

#[test]
fn a_file_in_the_place_of_a_folder_stops_only_unix_sockets() {
    let stage = Stage::plain();
    let file = stage.folder().join("file");
    fs::write(&file, "").expect("a new file");
    without_a_folder(&stage.with_tmpdir(&file), "mkdir", "ENOTDIR");
}

#[test]
fn a_folder_that_may_not_be_written_stops_only_unix_sockets() {
    let Some(stage) = Stage::of_an_ordinary_user() else { return };
    let folder = stage.folder().join("shut");
    fs::create_dir(&folder).expect("a new folder");
    fs::set_permissions(&folder, Permissions::from_mode(0o555)).expect("it is ours");
    without_a_folder(&stage.with_tmpdir(&folder), "mkdir", "EACCES");
}

#[test]
fn a_read_only_file_system_stops_only_unix_sockets() {
    let setup = "mount -t tmpfs -o ro none \"$TMPDIR\"";
    let Some(stage) = Stage::in_new_mounts(setup) else { return };
    without_a_folder(&stage, "mkdir", "EROFS");
}

#[test]
fn a_full_file_system_stops_only_unix_sockets() {
    let setup = "mount -t tmpfs -o nr_inodes=1 none \"$TMPDIR\"";
    let Some(stage) = Stage::in_new_mounts(setup) else { return };
    without_a_folder(&stage, "mkdir", "ENOSPC");
}

/// Where the first name fits, so do all that follow.
#[test]
fn a_folder_whose_path_is_almost_too_long_is_for_every_check_or_for_none() {
    for len in 70..90 {
        let stage = Stage::plain();
        let long = stage.folder().join("d".repeat(len - stage.folder().as_os_str().len() - 1));
        fs::create_dir(&long).expect("a new folder");
        let ran = stage.with_tmpdir(&long).ran(&["check", "unix", "-q"]);
        assert_eq!(ran.code, Some(0), "{len}: {}{}", ran.out, ran.err);
    }
}

/// A name of 107 bytes fits into `sun_path`, and a folder of ours takes some forty of them (unix(7)).
#[test]
fn a_folder_whose_path_is_too_long_for_socket_names_is_given_back() {
    let stage = Stage::plain();
    let long = stage.folder().join("d".repeat(100));
    fs::create_dir(&long).expect("a new folder");
    let stage = stage.with_tmpdir(&long);
    without_a_folder(&stage, "sockaddr_un", "ENAMETOOLONG");
    assert_eq!(fs::read_dir(&long).expect("it is there").count(), 0, "a folder is left");
}
