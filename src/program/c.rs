//! C, with what Linux has.

use super::{Cue, Difference, Row, Site, Spot, Words, call, closes, opens, row, spot};
use crate::transport::lesson::Moment;
use crate::transport::{End, Family, Kind, Protocol};

pub(super) const WORDS: Words = Words {
    comment: "//",
    compile: Some("cc -Wall -Wextra -o echo echo.c"),
    run: "./echo",
    closing: Some("}"),
    socket: "sock",
    arguments: str::to_owned,
    frame: r#"{HEAD}
{INCLUDES}

{DEFINE}enum { SIZE = {SIZE} };
static unsigned char message[SIZE];
static unsigned char room[65536]; // more than a message has, so that one too long is seen

// Ends the program if the kernel refused a call, and says which and why.
static ssize_t check(const char *call, ssize_t result)
{
    if (result == -1) {
        perror(call);
        exit(1);
    }
    return result;
}

{HELPER}static int server(const char *{WHERE})
{
{SERVER}
    return 0;
}

static int client(const char *{WHERE})
{
{CLIENT}
}

int main(int argc, char **argv)
{
    for (int i = 0; i < SIZE; i++)
        message[i] = i;
{MAIN}    if (argc >= 2 && argc <= 3 && strcmp(argv[1], "server") == 0)
        return server(argc == 3 ? argv[2] : "{DEFAULT}");
    if (argc == 3 && strcmp(argv[1], "client") == 0)
        return client(argv[2]);
    fprintf(stderr, "usage: %s server [{USAGE}] | client {USAGE}\n", argv[0]);
    return 2;
}
"#,
    rows: ROWS,
    spots: SPOTS,
    differs: &[Difference {
        of: |t| t.kind.connects(),
        says: "accept() is accept4() without flags",
    }],
    reaches: |_| true,
};

const ROWS: &[Row] = &[
    row(Cue::Opening, |_| true, "{PLACE}"),
    call("socket", |_| true, "int {SOCKET} = check(\"socket\", socket({ARGUMENTS}));"),
    call(
        "setsockopt",
        |at| at.is(Moment::TakeIpv4),
        "int off = 0; // IPv4 clients too, whatever net.ipv6.bindv6only says
check(\"setsockopt\", setsockopt({SOCKET}, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off));",
    ),
    call(
        "bind",
        |at| at.end == End::Client && at.transport.family == Family::Unix,
        "// A name of its own, or it could not be answered.
char own_path[128];
snprintf(own_path, sizeof own_path, \"%s.%d\", path, getpid());
struct sockaddr_un own = at(own_path);
check(\"bind\", bind({SOCKET}, (struct sockaddr *)&own, sizeof own));",
    ),
    call(
        "bind",
        |at| at.end == End::Client,
        "// Not the server's address, or both would hear both.
struct sockaddr_in own = {.sin_family = AF_INET};
inet_pton(AF_INET, \"127.0.0.2\", &own.sin_addr);
check(\"bind\", bind({SOCKET}, (struct sockaddr *)&own, sizeof own));",
    ),
    call(
        "bind",
        |_| true,
        "check(\"bind\", bind({SOCKET}, (struct sockaddr *)&address, sizeof address));",
    ),
    call(
        "getsockname",
        |_| true,
        "socklen_t length = sizeof address;
check(\"getsockname\", getsockname({SOCKET}, (struct sockaddr *)&address, &length));",
    ),
    call("listen", |_| true, "check(\"listen\", listen({SOCKET}, {BACKLOG}));"),
    row(Cue::Ready, |_| true, "{PRINT}\nfflush(stdout);\n\n"),
    call(
        "connect",
        |_| true,
        "check(\"connect\", connect({SOCKET}, (struct sockaddr *)&address, sizeof address));\n\n",
    ),
    call("accept4", |_| true, "int connection = check(\"accept\", accept({SOCKET}, NULL, NULL));"),
    call("send", |at| at.end == End::Server && at.is_stream(), "send_all({SOCKET}, room, count);"),
    call("send", |at| at.end == End::Server, "check(\"send\", send({SOCKET}, room, count, 0));"),
    call("send", Site::is_stream, "send_all({SOCKET}, message, SIZE);"),
    call("send", |_| true, "check(\"send\", send({SOCKET}, message, SIZE, 0));"),
    opens(
        "recv",
        |at| at.is(Moment::TakeRequest),
        "ssize_t count;
while ((count = check(\"recv\", recv({SOCKET}, room, sizeof room, 0))) > 0) {",
    ),
    closes("recv", |at| at.is(Moment::SeeEnd), ""),
    call(
        "recv",
        |at| at.is(Moment::OwnRequest),
        "// Its own request: both ends have the one loopback address.
check(\"recv\", recv({SOCKET}, room, sizeof room, 0));",
    ),
    call(
        "recv",
        Site::is_stream,
        "ssize_t count = 0, more = 1; // a stream may come in pieces
while (count < SIZE && more > 0) {
    more = check(\"recv\", recv({SOCKET}, room + count, sizeof room - count, 0));
    count += more;
}
unsigned char *reply = room;",
    ),
    call(
        "recv",
        Site::has_header,
        "ssize_t count = check(\"recv\", recv({SOCKET}, room, sizeof room, 0));
size_t header = (room[0] & 15) * 4; // the IP header comes along
unsigned char *reply = room + header;
count -= header;",
    ),
    call(
        "recv",
        |_| true,
        "ssize_t count = check(\"recv\", recv({SOCKET}, room, sizeof room, 0));
unsigned char *reply = room;",
    ),
    call(
        "recvfrom",
        |_| true,
        "{SOCKADDR} sender;
socklen_t sender_length = sizeof sender;
ssize_t count = check(\"recvfrom\", recvfrom({SOCKET}, room, sizeof room, 0,
                                          (struct sockaddr *)&sender, &sender_length));",
    ),
    call(
        "sendto",
        Site::has_header,
        "size_t header = (room[0] & 15) * 4; // the IP header came along
check(\"sendto\", sendto({SOCKET}, room + header, count - header, 0,
                       (struct sockaddr *)&sender, sender_length));",
    ),
    call(
        "sendto",
        |_| true,
        "check(\"sendto\", sendto({SOCKET}, room, count, 0,
                       (struct sockaddr *)&sender, sender_length));",
    ),
    call("close", |_| true, "check(\"close\", close({SOCKET}));"),
    call("unlink", |at| at.end == End::Client, "check(\"unlink\", unlink(own_path));"),
    call("unlink", |_| true, "check(\"unlink\", unlink(path));"),
    row(
        Cue::Verdict,
        |_| true,
        "
if (count != SIZE || memcmp(reply, message, SIZE) != 0) {
    fprintf(stderr, \"wrong: %zd B came back that are not what was sent\\n\", count);
    return 1;
}
printf(\"right: %zd B came back as they were sent\\n\", count);
return 0;",
    ),
];

/// The C library's own, and behind them those of a family.
const SPOTS: &[Spot] = &[
    spot(
        "INCLUDES",
        |t, _| t.family == Family::Unix,
        "{SIGNAL}#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>",
    ),
    spot(
        "INCLUDES",
        |t, _| t.family == Family::Vsock,
        "{SIGNAL}#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vm_sockets.h> // after sys/socket.h, which it needs",
    ),
    spot(
        "INCLUDES",
        |_, _| true,
        "#include <arpa/inet.h>
{SIGNAL}#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>",
    ),
    spot("SIGNAL", |t, _| t.kind.connects(), "#include <signal.h>\n"),
    spot("SIGNAL", |_, _| true, ""),
    spot(
        "DEFINE",
        |t, _| t.protocol == Protocol::Mptcp,
        "#ifndef IPPROTO_MPTCP // an older C library
#define IPPROTO_MPTCP 262
#endif

",
    ),
    spot("DEFINE", |_, _| true, ""),
    spot("HELPER", |t, _| t.kind == Kind::Stream, "{AT}{SEND_ALL}"),
    spot("HELPER", |_, _| true, "{AT}"),
    spot(
        "SEND_ALL",
        |_, _| true,
        "// A stream may take less at a time than it is given.
static void send_all(int sock, const unsigned char *bytes, size_t left)
{
    while (left > 0) {
        ssize_t sent = check(\"send\", send(sock, bytes, left, 0));
        bytes += sent;
        left -= sent;
    }
}

",
    ),
    spot(
        "AT",
        |t, _| t.family == Family::Unix,
        "static struct sockaddr_un at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        fprintf(stderr, \"%s: too long for a socket\\n\", path);
        exit(1);
    }
    strcpy(address.sun_path, path);
    return address;
}

",
    ),
    spot("AT", |_, _| true, ""),
    spot(
        "MAIN",
        |t, _| t.kind.connects(),
        "    signal(SIGPIPE, SIG_IGN); // a send to nobody is to be refused, not to end the program
",
    ),
    spot("MAIN", |_, _| true, ""),
    spot(
        "SOCKADDR",
        |t, end| t.family == Family::Ipv6 || (t.family == Family::Dual && end == End::Server),
        "struct sockaddr_in6",
    ),
    spot("SOCKADDR", |t, _| t.family == Family::Unix, "struct sockaddr_un"),
    spot("SOCKADDR", |t, _| t.family == Family::Vsock, "struct sockaddr_vm"),
    spot("SOCKADDR", |_, _| true, "struct sockaddr_in"),
    spot("PLACE", |t, _| t.family == Family::Unix, "struct sockaddr_un address = at(path);"),
    spot(
        "PLACE",
        |t, _| t.family == Family::Vsock,
        "struct sockaddr_vm address = {
    .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_LOCAL,
    .svm_port = strtoul(port, NULL, 10)};",
    ),
    spot(
        "PLACE",
        |t, _| t.kind == Kind::Raw && t.family == Family::Ipv6,
        "struct sockaddr_in6 address = {.sin6_family = AF_INET6};
if (inet_pton(AF_INET6, ip, &address.sin6_addr) != 1) {
    fprintf(stderr, \"%s: not an IPv6 address\\n\", ip);
    return 2;
}",
    ),
    spot(
        "PLACE",
        |t, _| t.kind == Kind::Raw,
        "struct sockaddr_in address = {.sin_family = AF_INET};
if (inet_pton(AF_INET, ip, &address.sin_addr) != 1) {
    fprintf(stderr, \"%s: not an IPv4 address\\n\", ip);
    return 2;
}",
    ),
    spot(
        "PLACE",
        |t, end| t.family == Family::Ipv6 || (t.family == Family::Dual && end == End::Server),
        "struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(atoi(port))};
inet_pton(AF_INET6, \"{HOST}\", &address.sin6_addr);",
    ),
    spot(
        "PLACE",
        |_, _| true,
        "struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
inet_pton(AF_INET, \"{HOST}\", &address.sin_addr);",
    ),
    spot("PRINT", |t, _| t.family == Family::Vsock, "printf(\"%u\\n\", address.svm_port);"),
    spot("PRINT", |t, _| !t.kind.has_port() || t.family == Family::Unix, "puts({WHERE});"),
    spot(
        "PRINT",
        |t, _| matches!(t.family, Family::Ipv6 | Family::Dual),
        "printf(\"%d\\n\", ntohs(address.sin6_port));",
    ),
    spot("PRINT", |_, _| true, "printf(\"%d\\n\", ntohs(address.sin_port));"),
    spot("DEFAULT", |t, _| t.family == Family::Unix, "echo.sock"),
    // VMADDR_PORT_ANY; to strtoul(3) that is a number.
    spot("DEFAULT", |t, _| t.family == Family::Vsock, "-1"),
    spot("DEFAULT", |t, _| t.kind == Kind::Raw, "{HOST}"),
    spot("DEFAULT", |_, _| true, "0"),
];
