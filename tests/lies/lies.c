/* A kernel that lies about one thing: preloaded before the program, it changes one call. LIE names
   the lie; for "option" LIE_LEVEL and LIE_OPTION name the socket option that is accepted and then
   ignored, which is what some sandboxes do. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int lie(const char *name) {
  const char *wanted = getenv("LIE");
  return wanted && strcmp(wanted, name) == 0;
}

static int number(const char *name) {
  const char *text = getenv(name);
  return text ? atoi(text) : -1;
}

static int fail(int number) {
  errno = number;
  return -1;
}

/* Another program sends by the same protocol, to whom this socket is bound and in every moment: as one
   does that the scheduler lets run just then. */
static void stranger_speaks(int fd) {
  int protocol = 0, domain = 0;
  socklen_t len = sizeof protocol, room = sizeof(struct sockaddr_storage);
  struct sockaddr_storage name;
  if (!lie("a stranger speaks")) return;
  REAL(getsockopt)(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len);
  REAL(getsockopt)(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
  if (protocol != 253 || getsockname(fd, (struct sockaddr *)&name, &room) < 0) return;
  int stranger = socket(domain, SOCK_RAW, protocol);
  sendto(stranger, "stranger", 8, 0, (struct sockaddr *)&name, room);
  close(stranger);
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t len) {
  if (lie("option") && level == number("LIE_LEVEL") && option == number("LIE_OPTION")) return 0;
  return REAL(setsockopt)(fd, level, option, value, len);
}

int getsockopt(int fd, int level, int option, void *value, socklen_t *len) {
  int result = REAL(getsockopt)(fd, level, option, value, len);
  if (result == 0 && level == SOL_SOCKET) {
    if (lie("stranger's credentials") && option == SO_PEERCRED) ((struct ucred *)value)->pid = 1;
    if (lie("half a buffer") && option == SO_SNDBUF) *(int *)value /= 2;
    if (lie("another type") && option == SO_TYPE) *(int *)value = SOCK_RDM;
  }
  return result;
}

ssize_t send(int fd, const void *bytes, size_t len, int flags) {
  if (lie("empty messages are swallowed") && len == 0) return 0;
  if (lie("no SIGPIPE")) flags |= MSG_NOSIGNAL;
  if (lie("urgent is ordinary")) flags &= ~MSG_OOB;
  if (lie("more is now")) flags &= ~MSG_MORE;
  if (lie("sends less") && len == 3) len = 2;
  return REAL(send)(fd, bytes, len, flags);
}

ssize_t recv(int fd, void *bytes, size_t len, int flags) {
  stranger_speaks(fd);
  /* Longer than TCP holds back what is to wait for more. */
  if (lie("reads come late")) usleep(300000);
  if (lie("a peek takes")) flags &= ~MSG_PEEK;
  if (lie("no waiting for all")) flags &= ~MSG_WAITALL;
  if (lie("the rest stays") && len == 4) flags |= MSG_PEEK;
  ssize_t result = REAL(recv)(fd, bytes, len, flags);
  if (lie("no end") && result == 0 && len > 0) return fail(EAGAIN);
  if (lie("a reset is an end") && result < 0 && errno == ECONNRESET) return 0;
  if (lie("refusals are silent") && result < 0 && errno == ECONNREFUSED) return fail(EAGAIN);
  return result;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  struct msghdr copy = *message;
  if (lie("descriptors are dropped")) copy.msg_control = NULL, copy.msg_controllen = 0;
  return REAL(sendmsg)(fd, &copy, flags);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags) {
  ssize_t result = REAL(recvmsg)(fd, message, flags);
  if (result >= 0 && lie("no MSG_TRUNC")) message->msg_flags &= ~MSG_TRUNC;
  return result;
}

int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags) {
  if (lie("sendmmsg hangs")) for (;;) pause();
  if (lie("half a batch")) count /= 2;
  return REAL(sendmmsg)(fd, messages, count, flags);
}

int connect(int fd, const struct sockaddr *name, socklen_t len) {
  int result = REAL(connect)(fd, name, len);
  stranger_speaks(fd);
  if (lie("nobody is a time-out") && result < 0 && errno == ECONNREFUSED) return fail(ETIMEDOUT);
  if (lie("no stale name") && result < 0 && errno == ENOENT) return fail(ECONNREFUSED);
  return result;
}

int bind(int fd, const struct sockaddr *name, socklen_t len) {
  int on = 1;
  stranger_speaks(fd);
  if (lie("everybody shares")) REAL(setsockopt)(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  return REAL(bind)(fd, name, len);
}

int listen(int fd, int backlog) {
  return REAL(listen)(fd, lie("a longer queue") ? backlog + 3 : backlog);
}

int shutdown(int fd, int how) {
  return lie("shutdown does nothing") ? 0 : REAL(shutdown)(fd, how);
}
