//! Addresses: every value prints to a text that reads back as itself, every style of other tools
//! means what the URL form means, and every error is compared word for word.

use proptest::prelude::*;
use proptest::sample::select;
use sockeye::address::{ALIASES, Address, AddressError, DEFAULT_PORT, Place, UNIX_NAME_MAX};
use sockeye::transport::{ALL, Family, Kind, Transport};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::process::Command;

/// The longest front of the text that a Unix name can hold.
fn cut(text: &str, most: usize) -> String {
    let mut kept = String::new();
    for letter in text.chars().take_while(|letter| *letter != '\0') {
        if kept.len() + letter.len_utf8() > most {
            break;
        }
        kept.push(letter);
    }
    kept
}

/// Any letters at all, and more often than chance has it those that mean something to a reader.
fn name(most: usize) -> impl Strategy<Value = String> {
    let letter = prop_oneof![
        3 => any::<char>(),
        2 => select("/@:[]%'\"\\ \n\r\t$*~.#?&=,;!-_0a\u{e9}\u{1b}\u{202e}".chars().collect::<Vec<_>>()),
    ];
    prop::collection::vec(letter, 1..UNIX_NAME_MAX)
        .prop_map(move |letters| cut(&letters.into_iter().collect::<String>(), most))
        .prop_filter("a name has a letter", |name| !name.is_empty())
}

fn host() -> impl Strategy<Value = String> {
    "([a-zA-Z0-9_]([a-zA-Z0-9_-]{0,20}[a-zA-Z0-9_])?\\.){0,3}[a-zA-Z_]([a-z0-9-]{0,20}[a-z])?\\.?"
}

fn ip(is_ipv6: bool) -> BoxedStrategy<IpAddr> {
    if !is_ipv6 {
        return any::<Ipv4Addr>().prop_map(IpAddr::from).boxed();
    }
    let mapped = any::<Ipv4Addr>().prop_map(|four| four.to_ipv6_mapped());
    prop_oneof![8 => any::<Ipv6Addr>(), 1 => mapped, 1 => Just(Ipv6Addr::LOCALHOST)]
        .prop_map(IpAddr::from)
        .boxed()
}

fn port(row: &Transport) -> BoxedStrategy<Option<u16>> {
    match row.kind {
        Kind::Raw => Just(None).boxed(),
        Kind::Stream | Kind::Datagram | Kind::SeqPacket => any::<u16>().prop_map(Some).boxed(),
    }
}

fn place(row: &'static Transport) -> BoxedStrategy<Place> {
    match row.family {
        Family::Ipv4 | Family::Dual | Family::Ipv6 => {
            let is_ipv6 = row.family == Family::Ipv6;
            let zone = "[^\\]]{1,16}".prop_map(move |zone| is_ipv6.then_some(zone));
            let scope = prop_oneof![Just(None), zone];
            let at_ip = (ip(is_ipv6), scope, port(row)).prop_map(|(ip, scope, port)| Place::Ip {
                ip,
                scope,
                port,
            });
            let at_host = (host(), port(row)).prop_map(|(name, port)| Place::Host { name, port });
            prop_oneof![3 => at_ip, 1 => at_host].boxed()
        }
        Family::Unix => prop_oneof![
            name(UNIX_NAME_MAX - 2).prop_map(Place::Path),
            name(UNIX_NAME_MAX - 2).prop_map(|path| Place::Path(format!("/{path}"))),
            name(UNIX_NAME_MAX).prop_map(Place::Abstract),
            (name(100)).prop_map(|front| Place::Abstract(format!("{front}\0"))),
        ]
        .boxed(),
        Family::Vsock => {
            (any::<u32>(), any::<u32>()).prop_map(|(cid, port)| Place::Vsock { cid, port }).boxed()
        }
    }
}

fn address_of(row: &'static Transport) -> impl Strategy<Value = Address> {
    place(row).prop_map(move |place| Address::new(row, place).expect("the place is a right one"))
}

fn any_address() -> impl Strategy<Value = Address> {
    select(ALL.iter().collect::<Vec<_>>()).prop_flat_map(address_of)
}

fn read(text: &str) -> Address {
    text.parse().unwrap_or_else(|error: AddressError| panic!("{text:?}: {error}"))
}

fn refused(text: &str) -> AddressError {
    text.parse::<Address>().expect_err(text)
}

/// What a shell makes of one quoted word.
fn unquoted(word: &str) -> String {
    let inside = word.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    inside.map_or_else(|| word.to_owned(), |inside| inside.replace(r"'\''", "'"))
}

/// What the address of a canonical form is without its transport.
fn bare_part(address: &Address) -> String {
    let text = address.to_string();
    let (_, rest) = text.split_once(':').expect("every form begins with a transport");
    rest.strip_prefix("//").unwrap_or(rest).to_owned()
}

/// Every way to put a name in front of a place.
fn styles(name: &str, plain: &str) -> Vec<String> {
    // Two slashes in front of the place would be taken for the URL's.
    let marks: &[&str] = if plain.starts_with("//") { &["://"] } else { &["://", ":"] };
    let names = [name.to_owned(), name.to_uppercase()];
    names
        .iter()
        .flat_map(|name| marks.iter().map(move |mark| format!("{name}{mark}{plain}")))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_address_over_any_row_reads_back_from_what_it_prints(
        addresses in ALL.iter().map(address_of).collect::<Vec<_>>()
    ) {
        for (row, address) in ALL.iter().zip(addresses) {
            let text = address.to_string();
            prop_assert_eq!(&read(&text), &address);
            prop_assert_eq!(address.transport(), Some(row));
            prop_assert_eq!(address.transports(), vec![row]);
            prop_assert_eq!(unquoted(&address.quoted()), text);
        }
    }

    #[test]
    fn a_host_name_without_an_ip_version_reads_back_and_means_both(
        name in host(), port in any::<u16>()
    ) {
        for scheme in ["tcp", "udp", "mptcp", "udplite", "sctp"] {
            let text = format!("{scheme}://{name}:{port}");
            let address = read(&text);
            prop_assert_eq!(address.to_string(), text);
            prop_assert_eq!(address.transport(), None);
            let names: Vec<_> = address.transports().iter().map(|row| row.name).collect();
            prop_assert_eq!(names, vec![format!("{scheme}4"), format!("{scheme}6")]);
        }
    }

    #[test]
    fn every_alias_means_what_its_transport_means(
        addresses in ALL.iter().map(address_of).collect::<Vec<_>>()
    ) {
        for alias in ALIASES {
            for (row, address) in ALL.iter().zip(&addresses) {
                let is_it = row.name == alias.means;
                let text = bare_part(address);
                let Some(plain) = text.strip_prefix(alias.before) else { continue };
                let stem = row.name.trim_end_matches(['4', '6']);
                if !is_it && (row.family == Family::Dual || stem != alias.means) {
                    continue;
                }
                // Where the alias leaves the IP version open, so does a host name.
                let is_host = matches!(address.place(), Place::Host { .. });
                let means = if is_host { alias.means } else { row.name };
                let expected = read(&format!("{means}://{text}"));
                prop_assert!(expected == *address || (is_host && !is_it));
                for style in styles(alias.name, plain) {
                    prop_assert_eq!(&read(&style), &expected, "{}", style);
                }
            }
        }
    }

    #[test]
    fn the_transport_is_read_in_any_case_with_or_without_slashes(address in any_address()) {
        let row = address.transport().expect("it was made over one row");
        for style in styles(row.name, &bare_part(&address)) {
            prop_assert_eq!(&read(&style), &address, "{}", style);
        }
    }

    #[test]
    fn an_ip_literal_picks_the_version_that_its_name_leaves_open(
        four in any::<Ipv4Addr>(), six in any::<Ipv6Addr>(), port in any::<u16>()
    ) {
        for scheme in ["tcp", "udp", "mptcp", "udplite", "sctp"] {
            prop_assert_eq!(
                read(&format!("{scheme}://{four}:{port}")),
                read(&format!("{scheme}4://{four}:{port}"))
            );
            prop_assert_eq!(
                read(&format!("{scheme}:[{six}]:{port}")),
                read(&format!("{scheme}6://[{six}]:{port}"))
            );
        }
        prop_assert_eq!(read(&format!("{four}:{port}")), read(&format!("tcp4://{four}:{port}")));
        prop_assert_eq!(read(&format!("[{six}]:{port}")), read(&format!("tcp6://[{six}]:{port}")));
        prop_assert_eq!(read(&format!("raw:{four}")), read(&format!("raw4://{four}")));
        prop_assert_eq!(read(&format!("raw:[{six}]")), read(&format!("raw6://[{six}]")));
    }

    #[test]
    fn a_unix_name_is_told_by_its_first_letters(path in name(100)) {
        let over = |place| Address::new(Transport::named("unix-stream").unwrap(), place);
        prop_assert_eq!(read(&format!("/{path}")), over(Place::Path(format!("/{path}"))).unwrap());
        prop_assert_eq!(read(&format!("./{path}")), over(Place::Path(format!("./{path}"))).unwrap());
        prop_assert_eq!(read(&format!("@{path}")), over(Place::Abstract(path.clone())).unwrap());
    }

    #[test]
    fn ipv6_before_a_port_never_reads_without_brackets(
        six in any::<Ipv6Addr>(), short in select(vec!["::1", "::", "fe80::1%eth0", "2001:db8::5"]),
        port in any::<u16>()
    ) {
        let schemes = ALL.iter().filter(|row| row.family.needs_ipv4() || row.family.needs_ipv6());
        let starts = schemes.flat_map(|row| [format!("{}:", row.name), format!("{}://", row.name)]);
        let more = ["", "tcp:", "udp://", "raw:", "ipv6:", "dns:///", "TCP6:"].map(str::to_owned);
        for start in starts.chain(more) {
            for ip in [six.to_string(), short.to_owned()] {
                let error = refused(&format!("{start}{ip}:{port}"));
                prop_assert!(error.what.contains("needs brackets"), "{}", error);
                prop_assert!(unquoted(&error.hint).parse::<Address>().is_ok(), "{}", error.hint);
                refused(&format!("{start}{ip}"));
            }
        }
    }

    #[test]
    fn no_text_is_answered_by_a_panic_or_a_hint_that_is_wrong(
        text in prop_oneof![
            any::<String>(),
            "[a-z0-9:/@%.\\[\\]-]{0,40}",
            (select(ALL.iter().map(|row| row.name).collect::<Vec<_>>()), any::<String>())
                .prop_map(|(name, rest)| format!("{name}:{rest}")),
            (select(ALIASES.iter().collect::<Vec<_>>()), "[0-9a-f:/@%.\\[\\]-]{0,30}")
                .prop_map(|(alias, rest)| format!("{}:{rest}", alias.name)),
        ]
    ) {
        match text.parse::<Address>() {
            Ok(address) => prop_assert_eq!(read(&address.to_string()), address),
            Err(error) => {
                let example = unquoted(&error.hint);
                let address = read(&example);
                prop_assert_eq!(address.to_string(), example);
                prop_assert_eq!(address.as_peer(), Ok(&address));
                prop_assert!(!error.what.contains(char::is_control), "{:?}", error.what);
                prop_assert!(!error.hint.contains(char::is_control), "{:?}", error.hint);
            }
        }
    }

    #[test]
    fn an_address_cut_anywhere_is_answered(address in any_address(), at in any::<prop::sample::Index>()) {
        let text = address.to_string();
        let front: String = text.chars().take(at.index(text.len())).collect();
        if let Err(error) = front.parse::<Address>() {
            read(&unquoted(&error.hint));
        }
    }
}

#[test]
fn every_style_of_the_table_reads_as_the_url_form() {
    let table = [
        ("tcp6://[::1]:7777", "tcp6://[::1]:7777"),
        ("unix-stream:///run/x.sock", "unix-stream:///run/x.sock"),
        ("unix-dgram:@name", "unix-dgram:@name"),
        ("vsock-stream://1:7", "vsock-stream://1:7"),
        ("tcp://localhost:7", "tcp://localhost:7"),
        ("raw4://127.0.0.2", "raw4://127.0.0.2"),
        ("raw6:[::1]", "raw6://[::1]"),
        ("raw://localhost", "raw://localhost"),
        ("TCP4:127.0.0.1:7", "tcp4://127.0.0.1:7"),
        ("TCP:127.0.0.1:7", "tcp4://127.0.0.1:7"),
        ("TCP:localhost:7", "tcp://localhost:7"),
        ("TCP6:[::1]:7", "tcp6://[::1]:7"),
        ("UDP4:127.0.0.1:7", "udp4://127.0.0.1:7"),
        ("UNIX-CONNECT:/x", "unix-stream:///x"),
        ("UNIX-LISTEN:/x", "unix-stream:///x"),
        ("UNIX-SENDTO:/x", "unix-dgram:///x"),
        ("UNIX-RECVFROM:/x", "unix-dgram:///x"),
        ("ABSTRACT-CONNECT:n", "unix-stream:@n"),
        ("unix:/x", "unix-stream:///x"),
        ("unix:x", "unix-stream:x"),
        ("unix:///x", "unix-stream:///x"),
        ("unix:@n", "unix-stream:@n"),
        ("unix-abstract:n", "unix-stream:@n"),
        ("unix-abstract:@n", "unix-stream:@@n"),
        ("unix-stream:////x", "unix-stream:////x"),
        ("unix-stream:127.0.0.1:7", "unix-stream:127.0.0.1:7"),
        ("VSOCK-CONNECT:1:7", "vsock-stream://1:7"),
        ("vsock:local:7", "vsock-stream://1:7"),
        ("vsock-seqpacket://HOST:7", "vsock-seqpacket://2:7"),
        ("SCTP4:127.0.0.1:7", "sctp4://127.0.0.1:7"),
        ("ipv4:127.0.0.1:7", "tcp4://127.0.0.1:7"),
        ("ipv6:[::1]:7", "tcp6://[::1]:7"),
        ("dns:localhost:7", "tcp://localhost:7"),
        ("dns:///localhost:7", "tcp://localhost:7"),
        ("/run/x.sock", "unix-stream:///run/x.sock"),
        ("/x:7", "unix-stream:///x:7"),
        ("./@x", "unix-stream:./@x"),
        ("../x", "unix-stream:../x"),
        ("@name", "unix-stream:@name"),
        ("[::1]:7", "tcp6://[::1]:7"),
        ("[fe80::1%eth0]:7", "tcp6://[fe80::1%eth0]:7"),
        ("127.0.0.1:7", "tcp4://127.0.0.1:7"),
        ("127.0.0.1:0", "tcp4://127.0.0.1:0"),
        ("vsock:1:7", "vsock-stream://1:7"),
        ("localhost:7", "tcp://localhost:7"),
        ("tpc4:7", "tcp://tpc4:7"),
        ("tcp6://localhost:7", "tcp6://localhost:7"),
        ("tcp46://127.0.0.1:7", "tcp46://127.0.0.1:7"),
        ("tcp://127.0.0.1:7", "tcp4://127.0.0.1:7"),
        ("udp://[::1]:7", "udp6://[::1]:7"),
        ("tcp4://127.0.0.1:0007", "tcp4://127.0.0.1:7"),
    ];
    let wrong: Vec<_> = table
        .iter()
        .map(|(text, canonical)| (text, read(text).to_string(), *canonical))
        .filter(|(_, printed, canonical)| printed != canonical)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Text, what the error says, and its hint.
#[rustfmt::skip]
const ERRORS: &[(&str, &str, &str)] = &[
    // nothing, or half of it
    ("", "the address is empty", "tcp4://127.0.0.1:7777"),
    (" \t", "the address is empty", "tcp4://127.0.0.1:7777"),
    ("tcp4", "no address in 'tcp4'", "tcp4://127.0.0.1:7777"),
    ("TCP6://", "no address in 'TCP6://'", "'tcp6://[::1]:7777'"),
    ("udp:", "no address in 'udp:'", "udp://localhost:7777"),
    ("raw4:", "no address in 'raw4:'", "raw4://127.0.0.1"),
    ("unix-dgram", "no address in 'unix-dgram'", "unix-dgram:///tmp/echo.sock"),
    ("vsock", "no address in 'vsock'", "vsock-stream://1:7777"),
    // the transport
    ("tpc4", "unknown transport 'tpc4'", "tcp4://127.0.0.1:7777"),
    ("tpc4://127.0.0.1:7", "unknown transport 'tpc4' in 'tpc4://127.0.0.1:7'", "tcp4://127.0.0.1:7"),
    ("unix-steam:/x", "unknown transport 'unix-steam' in 'unix-steam:/x'", "unix-stream:///x"),
    ("unixdgram:@n", "unknown transport 'unixdgram' in 'unixdgram:@n'", "unix-dgram:@n"),
    ("quic://localhost:443", "unknown transport 'quic' in 'quic://localhost:443'", "tcp://localhost:443"),
    ("quic:127.0.0.1:7", "unknown transport 'quic' in 'quic:127.0.0.1:7'", "tcp4://127.0.0.1:7"),
    ("file:///x", "unknown transport 'file' in 'file:///x'", "unix-stream:///x"),
    ("udq6:[::1]:7", "unknown transport 'udq6' in 'udq6:[::1]:7'", "'udp6://[::1]:7'"),
    ("a\x1bb://x", "unknown transport 'a\\u{1b}b' in 'a\\u{1b}b://x'", "tcp://localhost:7777"),
    // the port
    ("tcp4://127.0.0.1", "no port in 'tcp4://127.0.0.1'", "tcp4://127.0.0.1:7777"),
    ("127.0.0.1:", "no port in '127.0.0.1:'", "tcp4://127.0.0.1:7777"),
    ("[::1]", "no port in '[::1]'", "'tcp6://[::1]:7777'"),
    ("localhost", "no port in 'localhost'", "tcp://localhost:7777"),
    ("udp6:localhost", "no port in 'udp6:localhost'", "udp6://localhost:7777"),
    ("vsock:2", "no port in 'vsock:2'", "vsock-stream://2:7777"),
    ("tcp4://127.0.0.1:http", "cannot read the address 'tcp4://127.0.0.1:http': port 'http' is not a number", "tcp4://127.0.0.1:7777"),
    ("127.0.0.1:+7", "cannot read the address '127.0.0.1:+7': port '+7' is not a number", "tcp4://127.0.0.1:7777"),
    ("localhost:7:8", "cannot read the address 'localhost:7:8': port '7:8' is not a number", "tcp://localhost:7777"),
    ("127.0.0.1:7/", "cannot read the address '127.0.0.1:7/': port '7/' is not a number", "tcp4://127.0.0.1:7777"),
    ("localhost:65536", "cannot read the address 'localhost:65536': port 65536 is above 65535", "tcp://localhost:7777"),
    ("[::1]:99999999999999999999999", "cannot read the address '[::1]:99999999999999999999999': port 99999999999999999999999 is above 65535", "'tcp6://[::1]:7777'"),
    ("vsock:1:x", "cannot read the address 'vsock:1:x': port 'x' is not a number", "vsock-stream://1:7777"),
    ("vsock:1:4294967296", "cannot read the address 'vsock:1:4294967296': port 4294967296 is above 4294967295", "vsock-stream://1:7777"),
    ("raw4://127.0.0.2:7", "cannot read the address 'raw4://127.0.0.2:7': raw4 has no ports", "raw4://127.0.0.2"),
    ("raw6://[::1]:7", "cannot read the address 'raw6://[::1]:7': raw6 has no ports", "'raw6://[::1]'"),
    ("raw://localhost:7", "cannot read the address 'raw://localhost:7': raw has no ports", "raw://localhost"),
    // brackets
    ("tcp6://::1:7", "cannot read the address 'tcp6://::1:7': IPv6 before a port needs brackets", "'tcp6://[::1]:7'"),
    ("::1:7", "cannot read the address '::1:7': IPv6 before a port needs brackets", "'tcp6://[::1]:7'"),
    ("::1", "cannot read the address '::1': IPv6 before a port needs brackets", "'tcp6://[::1]:7777'"),
    ("udp6:fe80::1%eth0:7", "cannot read the address 'udp6:fe80::1%eth0:7': IPv6 before a port needs brackets", "'udp6://[fe80::1%eth0]:7'"),
    ("raw6://::1", "cannot read the address 'raw6://::1': IPv6 needs brackets", "'raw6://[::1]'"),
    ("tcp4://[127.0.0.1]:7", "cannot read the address 'tcp4://[127.0.0.1]:7': brackets are for IPv6 alone", "tcp4://127.0.0.1:7"),
    ("[::1:7", "cannot read the address '[::1:7': '[' without ']'", "'tcp6://[::1]:7'"),
    ("tcp6://[::1]7", "cannot read the address 'tcp6://[::1]7': '7' after ']' is not ':' and a port", "'tcp6://[::1]:7777'"),
    ("[::g]:7", "cannot read the address '[::g]:7': '::g' is not an IPv6 address", "'tcp6://[::1]:7777'"),
    ("[]:7", "cannot read the address '[]:7': '' is not an IPv6 address", "'tcp6://[::1]:7777'"),
    // the IP version and the zone
    ("tcp6://127.0.0.1:7", "cannot read the address 'tcp6://127.0.0.1:7': tcp6 takes IPv6, and 127.0.0.1 is IPv4", "tcp4://127.0.0.1:7"),
    ("udp4://[::1]:7", "cannot read the address 'udp4://[::1]:7': udp4 takes IPv4, and ::1 is IPv6", "'udp6://[::1]:7'"),
    ("tcp46://[::1]:7", "cannot read the address 'tcp46://[::1]:7': tcp46 takes IPv4, and ::1 is IPv6", "'tcp6://[::1]:7'"),
    ("raw6://127.0.0.1", "cannot read the address 'raw6://127.0.0.1': raw6 takes IPv6, and 127.0.0.1 is IPv4", "raw4://127.0.0.1"),
    ("[fe80::1%]:7", "cannot read the address '[fe80::1%]:7': the zone after '%' is empty", "'tcp6://[fe80::1]:7'"),
    ("127.0.0.1%lo:7", "cannot read the address '127.0.0.1%lo:7': only IPv6 has zones, and 127.0.0.1 is IPv4", "tcp4://127.0.0.1:7"),
    // Unix names
    ("unix-stream://", "cannot read the address 'unix-stream://': the path is empty", "unix-stream:///tmp/echo.sock"),
    ("unix-dgram:/a\0b", "cannot read the address 'unix-dgram:/a\\u{0}b': a path cannot hold a NUL byte", "unix-dgram:///tmp/echo.sock"),
    ("@", "cannot read the address '@': the abstract name is empty", "unix-stream:@echo"),
    ("unix-abstract:", "cannot read the address 'unix-abstract:': the abstract name is empty", "unix-stream:@echo"),
    ("run/x.sock", "cannot read the address 'run/x.sock': a relative path needs './' in front", "unix-stream:./run/x.sock"),
    // context ids
    ("vsock:guest:7", "cannot read the address 'vsock:guest:7': context id 'guest' is no number, 'local' or 'host'", "vsock-stream://1:7777"),
    ("vsock:4294967296:7", "cannot read the address 'vsock:4294967296:7': context id 4294967296 is above 4294967295", "vsock-stream://1:7777"),
    // host names
    (":7", "cannot read the address ':7': the host name is empty", "tcp://localhost:7777"),
    ("tcp4:@x", "cannot read the address 'tcp4:@x': '@x' is not a host name", "tcp4://127.0.0.1:7777"),
    ("my host:7", "cannot read the address 'my host:7': 'my host' is not a host name", "tcp://localhost:7777"),
    ("-x.org:7", "cannot read the address '-x.org:7': '-x.org' is not a host name", "tcp://localhost:7777"),
    ("a..b:7", "cannot read the address 'a..b:7': 'a..b' is not a host name", "tcp://localhost:7777"),
    ("b\u{fc}cher.example:7", "cannot read the address 'b\u{fc}cher.example:7': 'b\u{fc}cher.example' is not a host name", "tcp://localhost:7777"),
    ("256.0.0.1:7", "cannot read the address '256.0.0.1:7': '256.0.0.1' is neither an IPv4 address nor a host name", "tcp://localhost:7777"),
    ("tcp4:7", "cannot read the address 'tcp4:7': '7' is neither an IPv4 address nor a host name", "tcp4://127.0.0.1:7777"),
];

#[test]
fn every_kind_of_error_says_exactly_what_is_wrong_and_gives_an_example_that_reads() {
    let mut wrong = Vec::new();
    for (text, what, hint) in ERRORS {
        let error = refused(text);
        if (error.what.as_str(), error.hint.as_str()) != (*what, *hint) {
            wrong.push((text, error));
            continue;
        }
        assert_eq!(error.to_string(), *what);
        let example = unquoted(hint);
        assert_eq!(read(&example).to_string(), example);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_unix_name_of_107_bytes_is_read_and_one_of_108_is_refused_with_its_length() {
    for (front, what) in [("/", "path"), ("@", "abstract name"), ("unix-dgram:/", "path")] {
        let room = if front.ends_with('/') { UNIX_NAME_MAX - 1 } else { UNIX_NAME_MAX };
        read(&format!("{front}{}", "x".repeat(room)));
        let long = format!("{front}{}\u{e9}", "x".repeat(room - 1));
        let error = refused(&long);
        let reason = format!("the {what} has 108 bytes, and 107 is the most");
        assert_eq!(error.what, format!("cannot read the address '{long}': {reason}"));
        read(&error.hint);
    }
}

#[test]
fn a_peer_is_never_at_a_number_that_lets_the_kernel_pick() {
    let table = [
        ("127.0.0.1:0", "no peer is at port 0 in 'tcp4://127.0.0.1:0'", "tcp4://127.0.0.1:7777"),
        ("[::1%lo]:0", "no peer is at port 0 in 'tcp6://[::1%lo]:0'", "'tcp6://[::1%lo]:7777'"),
        ("localhost:0", "no peer is at port 0 in 'tcp://localhost:0'", "tcp://localhost:7777"),
        (
            "vsock:4294967295:7",
            "no peer is at context id 4294967295 in 'vsock-stream://4294967295:7'",
            "vsock-stream://1:7",
        ),
        (
            "vsock:1:4294967295",
            "no peer is at port 4294967295 in 'vsock-stream://1:4294967295'",
            "vsock-stream://1:7777",
        ),
    ];
    for (text, what, hint) in table {
        let error = read(text).as_peer().expect_err(text).clone();
        assert_eq!((error.what.as_str(), error.hint.as_str()), (what, hint));
        let example = read(&unquoted(hint));
        assert_eq!(example.as_peer(), Ok(&example));
    }
    for text in ["127.0.0.1:7", "raw4://127.0.0.1", "/x", "@x", "vsock:1:0"] {
        let address = read(text);
        assert_eq!(address.as_peer(), Ok(&address));
    }
}

#[test]
fn a_place_that_a_transport_has_not_is_refused() {
    let path = Place::Path("/x".to_owned());
    let ip = Place::Ip { ip: Ipv4Addr::LOCALHOST.into(), scope: None, port: Some(7) };
    for row in ALL {
        let place = if row.family == Family::Unix { ip.clone() } else { path.clone() };
        let error = Address::new(row, place).expect_err(row.name);
        let reason = format!("{} takes {}", row.name, row.family.address_form());
        assert!(error.what.ends_with(&reason), "{error}");
        assert_eq!(read(&unquoted(&error.hint)).transport(), Some(row));
    }
}

#[test]
fn a_place_made_by_hand_keeps_the_rules_of_one_that_was_read() {
    let six = |scope: &str| Place::Ip {
        ip: Ipv6Addr::LOCALHOST.into(),
        scope: Some(scope.to_owned()),
        port: Some(7),
    };
    let four = |port| Place::Ip { ip: Ipv4Addr::LOCALHOST.into(), scope: None, port };
    let host = |name: &str| Place::Host { name: name.to_owned(), port: Some(7) };
    let table = [
        ("tcp6", six(""), "the zone after '%' is empty"),
        ("tcp6", six("a]b"), "the zone 'a]b' holds a ']'"),
        ("tcp6", host("127.0.0.1"), "'127.0.0.1' is neither an IPv4 address nor a host name"),
        ("tcp4", host("a:b"), "'a:b' is not a host name"),
        ("tcp4", four(None), "no port in 'tcp4://127.0.0.1'"),
        ("raw4", four(Some(7)), "raw4 has no ports"),
        ("unix-stream", Place::Path(String::new()), "the path is empty"),
        ("unix-dgram", Place::Abstract(String::new()), "the abstract name is empty"),
    ];
    for (name, place, reason) in table {
        let row = Transport::named(name).expect(name);
        let error = Address::new(row, place).expect_err(reason);
        assert!(error.what.ends_with(reason), "{error}");
        read(&unquoted(&error.hint));
    }
    let row = Transport::named("unix-stream").expect("a row");
    let address = Address::new(row, Place::Path("@x".to_owned())).expect("a file called @x");
    assert_eq!(address.to_string(), "unix-stream:./@x");
}

#[test]
fn a_host_name_resolves_to_the_transport_of_each_address_that_it_wants() {
    let four: SocketAddr = "127.0.0.1:9".parse().expect("an address");
    let six: SocketAddr = "[::1]:9".parse().expect("an address");
    let link: SocketAddr =
        SocketAddrV6::new("fe80::1".parse().expect("an address"), 9, 0, 3).into();
    let at = |text: &str, found| read(text).resolved(found).map(|address| address.to_string());
    assert_eq!(at("localhost:7", four).as_deref(), Some("tcp4://127.0.0.1:7"));
    assert_eq!(at("localhost:7", six).as_deref(), Some("tcp6://[::1]:7"));
    assert_eq!(at("localhost:7", link).as_deref(), Some("tcp6://[fe80::1%3]:7"));
    assert_eq!(at("udp6://localhost:7", six).as_deref(), Some("udp6://[::1]:7"));
    assert_eq!(at("udp6://localhost:7", four), None);
    assert_eq!(at("tcp46://localhost:7", four).as_deref(), Some("tcp46://127.0.0.1:7"));
    assert_eq!(at("raw://localhost", four).as_deref(), Some("raw4://127.0.0.1"));
    assert_eq!(at("/x", four).as_deref(), Some("unix-stream:///x"));
}

#[test]
fn every_alias_is_a_name_of_its_own_and_means_a_transport() {
    for (at, alias) in ALIASES.iter().enumerate() {
        assert!(ALIASES[..at].iter().all(|other| other.name != alias.name), "{}", alias.name);
        assert!(Transport::named(alias.name).is_none(), "{}", alias.name);
        assert_eq!(alias.name, alias.name.to_lowercase());
        let error = refused(&format!("{}:", alias.name));
        let meant = read(&unquoted(&error.hint)).to_string();
        assert!(meant.starts_with(&format!("{}:{}", alias.means, alias.before)), "{meant}");
    }
}

#[test]
fn an_address_is_quoted_when_a_shell_would_not_leave_it_alone() {
    let table = [
        ("tcp4://127.0.0.1:7", "tcp4://127.0.0.1:7"),
        ("unix-dgram:@name", "unix-dgram:@name"),
        ("/caf\u{e9}", "unix-stream:///caf\u{e9}"),
        ("[::1]:7", "'tcp6://[::1]:7'"),
        ("/a b", "'unix-stream:///a b'"),
        ("/a$b*", "'unix-stream:///a$b*'"),
        ("/it's", r"'unix-stream:///it'\''s'"),
        ("@~", "'unix-stream:@~'"),
    ];
    for (text, quoted) in table {
        assert_eq!(read(text).quoted(), quoted);
    }
    assert_eq!(DEFAULT_PORT, 7777);
}

#[test]
fn a_shell_gives_back_every_quoted_address_as_it_was() {
    let marks = "/ '\"\\$`!*?[]{}()<>|&;#~=%^\n\t,:@";
    for row in ALL.iter().filter(|row| row.family == Family::Unix) {
        let address = Address::new(row, Place::Path(marks.to_owned())).expect("a path");
        let script = format!("printf %s {}", address.quoted());
        match Command::new("sh").args(["-c", &script]).output() {
            Ok(output) => assert_eq!(output.stdout, address.to_string().as_bytes()),
            Err(error) => println!("skipped: no shell to ask: {error}"),
        }
    }
}

#[test]
fn a_host_name_may_have_253_letters_and_63_between_two_dots() {
    let label = "x".repeat(63);
    let longest = format!("{label}.{label}.{label}.{}", "x".repeat(61));
    read(&format!("{longest}.:7"));
    for name in [format!("{longest}x"), format!("{label}x"), format!("{label}x.org")] {
        let reason = format!("cannot read the address '{name}:7': '{name}' is not a host name");
        assert_eq!(refused(&format!("{name}:7")).what, reason);
    }
}
