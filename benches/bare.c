/*
 * The yardstick: an echo loop with nothing around it, made the way sockeye makes its own. Each visit
 * is two fresh processes with a fresh connection, each end is this program executed again, pinned,
 * with its socket as descriptor 0 and the talk with its parent as descriptor 1.
 *
 *     bare FOLDER TRANSPORT VISITS WARMUP COUNT CLIENT_CPU PEER_CPU
 *                                                prints each visit's median in ns
 *     bare client WARMUP COUNT CPU [verified]    one end
 *     bare peer CPU                              the other
 *
 * With BARE_TIMEOUT in the environment the client's socket has a receive time-out.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 64, ROOM = 2 * SIZE + 92 };

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

struct name {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} address;
	socklen_t len;
};

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

static inline uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void pin(const char *cpu)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(atoi(cpu), &set);
	need(sched_setaffinity(0, sizeof set, &set), "sched_setaffinity");
}

static void set_nodelay(int fd)
{
	int on = 1;
	/* Only TCP has it; the others say so. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static int socket_option(int fd, int option)
{
	int value = 0;
	socklen_t len = sizeof value;
	need(getsockopt(fd, SOL_SOCKET, option, &value, &len), "getsockopt");
	return value;
}

/* The loop that is timed: stamp, send, receive, stamp. */
static void bare_loop(long warmup, long count, uint64_t *times)
{
	char message[SIZE], reply[ROOM];
	memset(message, 7, sizeof message);
	memset(reply, 1, sizeof reply);
	for (long i = -warmup; i < count; i++) {
		uint64_t began = now();
		if (send(0, message, SIZE, 0) != SIZE)
			die("send");
		if (recv(0, reply, ROOM, 0) != SIZE)
			die("recv");
		uint64_t ended = now();
		if (i >= 0)
			times[i] = ended - began;
	}
}

/* Counts by size, 128 steps to each power of two. */
static uint32_t histogram[64 * 128];

static inline void record(uint64_t ns)
{
	int shift = 56 - __builtin_clzll(ns | 128);
	histogram[(unsigned)shift * 128 + (ns >> shift)]++;
}

/* The lower end of the step that holds the median. */
static uint64_t middle_of_histogram(long count)
{
	long seen = 0;
	for (unsigned step = 0; step < sizeof histogram / sizeof *histogram; step++) {
		seen += histogram[step];
		if (2 * seen >= count)
			return step < 256 ? step : (uint64_t)(128 + step % 128) << (step / 128 - 1);
	}
	return 0;
}

/* The loop whose instructions are counted: the same, with each message numbered, each reply compared
 * and each time counted in a histogram. */
static void verified_loop(long warmup, long count)
{
	char message[SIZE], reply[ROOM];
	memset(message, 7, sizeof message);
	memset(reply, 1, sizeof reply);
	for (long i = -warmup; i < count; i++) {
		memcpy(message, &i, sizeof i);
		uint64_t began = now();
		if (send(0, message, SIZE, 0) != SIZE)
			die("send");
		if (recv(0, reply, ROOM, 0) != SIZE)
			die("recv");
		uint64_t ended = now();
		if (memcmp(message, reply, SIZE) != 0)
			die("memcmp");
		if (i >= 0)
			record(ended - began);
	}
}

static int by_size(const void *one, const void *two)
{
	uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)two;
	return (a > b) - (a < b);
}

static uint64_t median(uint64_t *values, long count)
{
	qsort(values, (size_t)count, sizeof *values, by_size);
	uint64_t high = values[count / 2], low = values[(count - 1) / 2];
	return low + (high - low + 1) / 2;
}

static int client(long warmup, long count, const char *cpu, int verified)
{
	char go[64];
	uint64_t middle, *times = malloc((size_t)count * sizeof *times);
	if (times == NULL)
		die("malloc");
	memset(times, 1, (size_t)count * sizeof *times); /* no fresh pages in the loop */
	pin(cpu);
	if (getenv("BARE_TIMEOUT") != NULL) { /* what a time-out on the socket costs */
		struct timeval second = { 1, 0 };
		need(setsockopt(0, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second), "setsockopt");
	}
	if (read(1, go, sizeof go) <= 0)
		die("read");
	if (verified) {
		verified_loop(warmup, count);
		middle = middle_of_histogram(count);
	} else {
		bare_loop(warmup, count, times);
		middle = median(times, count);
	}
	/* A stream ends by itself; a datagram socket has no end, so a short message tells it. */
	if (socket_option(0, SO_TYPE) == SOCK_DGRAM)
		need((int)send(0, "", 1, 0), "send");
	else
		need(shutdown(0, SHUT_WR), "shutdown");
	need(dprintf(1, "%llu\n", (unsigned long long)middle), "write");
	return 0;
}

static int peer(const char *cpu)
{
	char message[ROOM];
	memset(message, 1, sizeof message);
	pin(cpu);
	if (socket_option(0, SO_ACCEPTCONN)) {
		int accepted = accept(0, NULL, NULL);
		need(accepted, "accept");
		set_nodelay(accepted);
		need(dup2(accepted, 0), "dup2");
		close(accepted);
	}
	need((int)write(1, "r", 1), "write");
	while (recv(0, message, ROOM, 0) == SIZE)
		if (send(0, message, SIZE, 0) != SIZE)
			break;
	return 0;
}

static struct name fresh_name(const struct transport *row, const char *folder)
{
	static int given;
	struct name name = { 0 };
	name.address.any.sa_family = (sa_family_t)row->family;
	switch (row->family) {
	case AF_INET:
		name.address.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		name.len = sizeof name.address.in;
		break;
	case AF_INET6:
		name.address.in6.sin6_addr = in6addr_loopback;
		name.len = sizeof name.address.in6;
		break;
	default:
		snprintf(name.address.un.sun_path, sizeof name.address.un.sun_path, "%s/%d", folder,
			 ++given);
		name.len = sizeof name.address.un;
	}
	return name;
}

static int named_socket(const struct transport *row, const char *folder, struct name *name)
{
	int fd = socket(row->family, row->type | SOCK_CLOEXEC, 0);
	need(fd, "socket");
	set_nodelay(fd);
	*name = fresh_name(row, folder);
	need(bind(fd, &name->address.any, name->len), "bind");
	name->len = sizeof name->address;
	need(getsockname(fd, &name->address.any, &name->len), "getsockname");
	return fd;
}

static void forget(const struct name *name)
{
	if (name->address.any.sa_family == AF_UNIX)
		unlink(name->address.un.sun_path);
}

static void open_pair(const struct transport *row, const char *folder, int ends[2])
{
	struct name there, here;
	ends[1] = named_socket(row, folder, &there);
	if (row->type == SOCK_DGRAM) {
		ends[0] = named_socket(row, folder, &here);
	} else {
		need(listen(ends[1], 16), "listen");
		ends[0] = socket(row->family, row->type | SOCK_CLOEXEC, 0);
		need(ends[0], "socket");
		set_nodelay(ends[0]);
	}
	need(connect(ends[0], &there.address.any, there.len), "connect");
	if (row->type == SOCK_DGRAM) {
		need(connect(ends[1], &here.address.any, here.len), "connect");
		forget(&here);
	}
	forget(&there);
}

struct end {
	pid_t pid;
	int control;
};

static struct end start(int fd, char *const arguments[])
{
	int control[2];
	need(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control), "socketpair");
	pid_t pid = fork();
	need(pid, "fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		need(dup2(fd, 0), "dup2");
		need(dup2(control[1], 1), "dup2");
		execv("/proc/self/exe", arguments);
		die("execve");
	}
	close(control[1]);
	return (struct end){ pid, control[0] };
}

static void finish(struct end end)
{
	int status;
	close(end.control);
	need(waitpid(end.pid, &status, 0), "waitpid");
	if (status != 0) {
		fprintf(stderr, "an end failed with status %d\n", status);
		exit(1);
	}
}

static void visit(const struct transport *row, char *const words[])
{
	char *folder = words[1], *warmup = words[4], *count = words[5];
	char text[64];
	int ends[2];
	open_pair(row, folder, ends);
	struct end peer = start(ends[1], (char *[]){ "bare", "peer", words[7], NULL });
	struct end client = start(
		ends[0], (char *[]){ "bare", "client", warmup, count, words[6], NULL });
	close(ends[1]);
	if (read(peer.control, text, 1) != 1)
		die("the peer did not start");
	need((int)write(client.control, "g", 1), "write");
	ssize_t len = read(client.control, text, sizeof text);
	if (len <= 0)
		die("the client said nothing");
	fwrite(text, 1, (size_t)len, stdout);
	close(ends[0]);
	finish(client);
	finish(peer);
}

int main(int count, char *words[])
{
	if (count >= 5 && strcmp(words[1], "client") == 0)
		return client(atol(words[2]), atol(words[3]), words[4], count > 5);
	if (count == 3 && strcmp(words[1], "peer") == 0)
		return peer(words[2]);
	for (size_t i = 0; count == 8 && i < sizeof TRANSPORTS / sizeof *TRANSPORTS; i++) {
		if (strcmp(words[2], TRANSPORTS[i].name) != 0)
			continue;
		for (long n = atol(words[3]); n > 0; n--)
			visit(&TRANSPORTS[i], words);
		return 0;
	}
	fputs("bare FOLDER TRANSPORT VISITS WARMUP COUNT CLIENT_CPU PEER_CPU\n", stderr);
	return 2;
}
