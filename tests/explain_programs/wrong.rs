//! Clients whose server does not send back what it was sent.

use crate::printed::{LANGUAGES, Printed, Process, in_folder, ready_among};
use crate::server::PATIENCE;
use sockeye::os::name::Name;
use sockeye::os::scratch::Scratch;
use sockeye::os::socket::{End, Socket};
use sockeye::transport::Transport;

/// What a wrong server makes of a message.
type Lie = fn(&mut Vec<u8>);

const LIES: [(&str, Lie); 3] = [
    ("another byte", |message| message[63] ^= 1),
    ("one byte less", |message| message.truncate(63)),
    ("nothing that was sent", |message| message.fill(0xFF)),
];

/// What no byte stream can show to who reads as much as it sent.
const TOO_LONG: (&str, Lie) = ("one byte more", |message| message.push(64));

/// Each way to receive, and an address of each form.
const WRONGED: [&str; 6] = ["tcp4", "tcp46", "udp6", "unix-stream", "unix-dgram", "unix-seqpacket"];

/// Answers one message wrongly.
fn lie(server: &Socket, transport: &Transport, lie: Lie) {
    let mut room = vec![0; 100];
    let accepted = transport.kind.connects().then(|| server.accept().expect("a client"));
    if let Some(connection) = accepted {
        let count = connection.receive(&mut room).expect("a request");
        room.truncate(count);
        lie(&mut room);
        connection.send(&room).expect("there is room");
    } else {
        let (count, client) = server.receive_from(&mut room).expect("a request");
        room.truncate(count);
        lie(&mut room);
        server.send_to(&room, &client.name().expect("it has a name")).expect("there is room");
    }
}

fn place(name: &Name) -> String {
    name.file().map_or_else(|| name.port().to_string(), |path| path.display().to_string())
}

#[test]
fn a_client_ends_with_1_and_a_word_whose_server_answers_wrongly() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut scratch = Scratch::below(folder.path());
    for language in LANGUAGES.iter().filter(|language| language.is_here()) {
        for transport in ready_among(&WRONGED).into_iter().filter(|t| language.reaches(t)) {
            let printed = Printed::built(language, transport, 64);
            let too_long = transport.kind.keeps_messages().then_some(&TOO_LONG);
            for (what, wrong) in LIES.iter().chain(too_long) {
                let server = Socket::open(transport, End::Server).expect("it is here");
                server.set_receive_timeout(PATIENCE).expect("any socket has it");
                server.bind(&scratch.fresh(transport, End::Server).expect("a name")).expect("ours");
                if transport.kind.connects() {
                    server.listen().expect("it is bound");
                }
                let place = place(&server.local_name().expect("it is bound"));
                let line = printed.line("client", &place);
                let ran = std::thread::scope(|scope| {
                    let mut command = in_folder(printed.folder(), &line);
                    let client = scope.spawn(move || Process::start(&mut command).ended());
                    lie(&server, transport, *wrong);
                    client.join().expect("it ends")
                });
                let case = format!("{} in {}, {what}: {ran:?}", transport.name, language.word);
                assert!(ran.code == Some(1) && ran.out.is_empty() && !ran.err.is_empty(), "{case}");
            }
        }
    }
}

/// Each names the call, but for Rust, whose errors say what happened alone.
#[test]
fn a_client_that_nobody_answers_says_which_call_was_refused() {
    for language in LANGUAGES.iter().filter(|language| language.is_here()) {
        for transport in ready_among(&["tcp6", "unix-stream", "unix-dgram"]) {
            let name = transport.name;
            let printed = Printed::built(language, transport, 64);
            // Port 0 is nobody's, and the path is not there.
            let place = if name == "tcp6" { "0" } else { "nobody.sock" };
            let mut command = in_folder(printed.folder(), &printed.line("client", place));
            let ran = Process::start(&mut command).ended();
            assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{name}: {ran:?}");
            let called = language.word == "rust" || ran.err.contains("connect");
            let why = ["refused", "No such file"].iter().any(|why| ran.err.contains(why));
            assert!(called && why, "{name} in {}: {}", language.word, ran.err);
        }
    }
}
