/*
 * The yardstick of `sockeye serve`: an echo server with nothing around it, made of the same calls.
 * One thread, one level-triggered epoll(7) set, 256 events a wait; for a connection that is ready one
 * recv into 64 KiB and one send; for a UDP socket one recvmmsg and one sendmmsg of up to BATCH
 * datagrams, or recvfrom and sendto where BATCH is 1.
 *
 *     epoll FOLDER BATCH TRANSPORT...     prints an address a line, as `sockeye serve` does
 *
 * SIGTERM ends it. What a real server needs is not here: a client that does not read holds up all.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { EVENTS = 256, ROOM = 64 * 1024, LARGEST_BATCH = 256 };

static const struct transport {
	const char *name;
	int family, type;
} TRANSPORTS[] = {
	{ "tcp4", AF_INET, SOCK_STREAM },
	{ "tcp6", AF_INET6, SOCK_STREAM },
	{ "udp4", AF_INET, SOCK_DGRAM },
	{ "udp6", AF_INET6, SOCK_DGRAM },
	{ "unix-stream", AF_UNIX, SOCK_STREAM },
	{ "unix-dgram", AF_UNIX, SOCK_DGRAM },
	{ "unix-seqpacket", AF_UNIX, SOCK_SEQPACKET },
};

/* What an event's descriptor is; the kernel keeps it beside the descriptor. */
enum role { LISTENER, CONNECTION, LETTERS, BATCHED };

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

static int set;
static char room[ROOM];

static unsigned batch;
static struct mmsghdr headers[LARGEST_BATCH];
static struct iovec vectors[LARGEST_BATCH];
static union address senders[LARGEST_BATCH];

static void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static void need(int result, const char *call)
{
	if (result < 0)
		die(call);
}

static void watch(int fd, enum role role)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP };
	event.data.u64 = (uint64_t)role << 32 | (uint32_t)fd;
	need(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

static void accept_all(int listener)
{
	int fd, on = 1;
	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		/* Only TCP has it; the others say so. */
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		watch(fd, CONNECTION);
	}
	if (errno != EAGAIN && errno != ECONNABORTED)
		die("accept4");
}

static void wait_for_room(int fd)
{
	struct pollfd entry = { .fd = fd, .events = POLLOUT };
	need(poll(&entry, 1, -1), "poll");
}

static void echo_bytes(int fd)
{
	ssize_t len = recv(fd, room, ROOM, 0);
	if (len < 0 && errno == EAGAIN)
		return;
	for (ssize_t sent, done = 0; done < len; done += sent) {
		sent = send(fd, room + done, (size_t)(len - done), MSG_NOSIGNAL);
		if (sent >= 0)
			continue;
		if (errno != EAGAIN) {
			len = 0;
			break;
		}
		wait_for_room(fd);
		sent = 0;
	}
	if (len <= 0)
		close(fd);
}

static void echo_letter(int fd)
{
	union address sender;
	socklen_t len_of_sender = sizeof sender;
	ssize_t len = recvfrom(fd, room, ROOM, 0, &sender.any, &len_of_sender);
	if (len < 0 && errno != EAGAIN)
		die("recvfrom");
	if (len < 0)
		return;
	while (sendto(fd, room, (size_t)len, 0, &sender.any, len_of_sender) < 0 && errno == EAGAIN)
		wait_for_room(fd);
}

static void make_batch(void)
{
	char *rooms = malloc((size_t)batch * ROOM);
	if (rooms == NULL)
		die("malloc");
	for (unsigned i = 0; i < batch; i++) {
		vectors[i].iov_base = rooms + (size_t)i * ROOM;
		headers[i].msg_hdr.msg_iov = &vectors[i];
		headers[i].msg_hdr.msg_iovlen = 1;
		headers[i].msg_hdr.msg_name = &senders[i];
	}
}

static void echo_batch(int fd)
{
	for (unsigned i = 0; i < batch; i++) {
		vectors[i].iov_len = ROOM;
		headers[i].msg_hdr.msg_namelen = sizeof senders[i];
	}
	int count = recvmmsg(fd, headers, batch, 0, NULL);
	if (count < 0 && errno != EAGAIN)
		die("recvmmsg");
	for (int i = 0; i < count; i++)
		vectors[i].iov_len = headers[i].msg_len;
	for (int sent, done = 0; done < count; done += sent) {
		sent = sendmmsg(fd, headers + done, (unsigned)(count - done), 0);
		if (sent >= 0)
			continue;
		if (errno == EAGAIN)
			wait_for_room(fd);
		/* Nobody is there any more: the next one. */
		sent = errno != EAGAIN;
	}
}

static void turn(void)
{
	struct epoll_event events[EVENTS];
	int count = epoll_wait(set, events, EVENTS, -1);
	if (count < 0 && errno != EINTR)
		die("epoll_wait");
	for (int i = 0; i < count; i++) {
		int fd = (int)(uint32_t)events[i].data.u64;
		switch ((enum role)(events[i].data.u64 >> 32)) {
		case LISTENER:
			accept_all(fd);
			break;
		case CONNECTION:
			echo_bytes(fd);
			break;
		case LETTERS:
			echo_letter(fd);
			break;
		case BATCHED:
			echo_batch(fd);
		}
	}
}

static socklen_t fresh_address(const struct transport *row, const char *folder, union address *to)
{
	memset(to, 0, sizeof *to);
	to->any.sa_family = (sa_family_t)row->family;
	switch (row->family) {
	case AF_INET:
		to->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof to->in;
	case AF_INET6:
		to->in6.sin6_addr = in6addr_loopback;
		return sizeof to->in6;
	default:
		snprintf(to->un.sun_path, sizeof to->un.sun_path, "%s/%s.sock", folder, row->name);
		unlink(to->un.sun_path);
		return sizeof to->un;
	}
}

static void announce(const struct transport *row, int fd)
{
	union address own;
	socklen_t len = sizeof own;
	need(getsockname(fd, &own.any, &len), "getsockname");
	printf("  sockeye ping ");
	switch (row->family) {
	case AF_INET:
		printf("%s://127.0.0.1:%d\n", row->name, ntohs(own.in.sin_port));
		break;
	case AF_INET6:
		printf("'%s://[::1]:%d'\n", row->name, ntohs(own.in6.sin6_port));
		break;
	default:
		printf("%s://%s\n", row->name, own.un.sun_path);
	}
}

static void open_door(const struct transport *row, const char *folder)
{
	union address address;
	int on = 1;
	int fd = socket(row->family, row->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	need(fd, "socket");
	if (row->family == AF_INET6)
		need(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on), "setsockopt");
	socklen_t len = fresh_address(row, folder, &address);
	need(bind(fd, &address.any, len), "bind");
	if (row->type != SOCK_DGRAM)
		need(listen(fd, SOMAXCONN), "listen");
	announce(row, fd);
	if (row->type != SOCK_DGRAM)
		watch(fd, LISTENER);
	else
		watch(fd, row->family == AF_UNIX || batch == 1 ? LETTERS : BATCHED);
}

static void end(int signal)
{
	(void)signal;
	_exit(0);
}

static void raise_descriptors(void)
{
	struct rlimit limit;
	need(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
	limit.rlim_cur = limit.rlim_max;
	need(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}

int main(int count, char *words[])
{
	batch = count > 3 ? (unsigned)atoi(words[2]) : 0;
	if (batch < 1 || batch > LARGEST_BATCH) {
		fputs("epoll FOLDER BATCH TRANSPORT...\n", stderr);
		return 2;
	}
	signal(SIGTERM, end);
	raise_descriptors();
	make_batch();
	set = epoll_create1(EPOLL_CLOEXEC);
	need(set, "epoll_create1");
	for (int word = 3; word < count; word++)
		for (size_t i = 0; i < sizeof TRANSPORTS / sizeof *TRANSPORTS; i++)
			if (strcmp(words[word], TRANSPORTS[i].name) == 0)
				open_door(&TRANSPORTS[i], words[1]);
	fflush(stdout);
	for (;;)
		turn();
}
