/* A kernel that is slow in one transport: preloaded before the program, each send over a socket of
   SLOW_DOMAIN and SLOW_TYPE first computes for SLOW_NS nanoseconds. Both ends send once an echo. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

static long setting(const char *name) {
  const char *text = getenv(name);
  return text ? atol(text) : 0;
}

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000L + time.tv_nsec;
}

static int is(int fd, int option, long wanted) {
  int value = -1;
  socklen_t len = sizeof value;
  return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 && value == wanted;
}

/* A process measures one transport: what its first socket is, the others are too. */
static long delay(int fd) {
  static long known = -1;
  if (known < 0) {
    int meant = is(fd, SO_DOMAIN, setting("SLOW_DOMAIN")) && is(fd, SO_TYPE, setting("SLOW_TYPE"));
    known = meant ? setting("SLOW_NS") : 0;
  }
  return known;
}

static void compute(long ns) {
  if (ns > 0) for (long end = now() + ns; now() < end;) {}
}

ssize_t send(int fd, const void *bytes, size_t len, int flags) {
  static ssize_t (*real)(int, const void *, size_t, int);
  if (!real) real = (__typeof__(real))dlsym(RTLD_NEXT, "send");
  compute(delay(fd));
  return real(fd, bytes, len, flags);
}
