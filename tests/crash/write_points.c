// A preload library that counts the points at which a program changes what is on disk, and at one of them kills it, cuts the
// power, or lets the system call fail. For tests/crash/check_crash.py.
//
//   POINTS_BELOW   only files below this folder count (an absolute path without links)
//   POINTS_COUNT   the number of points is written into this file when the program ends by itself
//   POINTS_AT      the point, from 1 on; 0 or nothing: only count
//   POINTS_DO      kill: the process is killed before the call
//                  power: the same, and of every file that was written and not synced the second half is lost
//                  eio, enospc: the call fails with this error
//   POINTS_EVER    1: so do all calls that come after it
//
// A point is a call of write and its kin, ftruncate, rename, unlink, mkdir, fsync or open with O_CREAT.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { kMostDirty = 4096 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char below[PATH_MAX];
static size_t below_length;
static long at, seen;
static int what, ever;  // errno of a failure; -1: kill, -2: power
static char *dirty[kMostDirty];
static int dirty_count;

#define REAL(name)                                                  \
  static __typeof__(&name) real;                                    \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
  unsetenv("LD_PRELOAD");  // programs that this one starts are not counted
  const char *text = getenv("POINTS_BELOW");
  if (text) snprintf(below, sizeof below, "%s", text);
  below_length = strlen(below);
  if ((text = getenv("POINTS_AT"))) at = atol(text);
  if ((text = getenv("POINTS_DO")))
    what = !strcmp(text, "kill") ? -1 : !strcmp(text, "power") ? -2 : !strcmp(text, "eio") ? EIO : ENOSPC;
  if ((text = getenv("POINTS_EVER"))) ever = atoi(text);
}

__attribute__((destructor)) static void end(void) {
  const char *file = getenv("POINTS_COUNT");
  FILE *out = file ? fopen(file, "w") : NULL;
  if (!out) return;
  fprintf(out, "%ld\n", seen);
  fclose(out);
}

static int counts(const char *path) { return below_length && path && !strncmp(path, below, below_length); }

static void absolute(int folder, const char *path, char *out) {
  char start[PATH_MAX] = "";
  if (path[0] != '/') {
    char link[64];
    snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
    const ssize_t n = readlink(link, start, sizeof start - 1);
    start[n < 0 ? 0 : n] = '\0';
  }
  // Longer than a path may be: nothing of ours.
  if (snprintf(out, PATH_MAX, "%s%s%s", start, path[0] == '/' ? "" : "/", path) >= PATH_MAX) out[0] = '\0';
}

static void of_descriptor(int descriptor, char *out) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t n = readlink(link, out, PATH_MAX - 1);
  out[n < 0 ? 0 : n] = '\0';
}

static void forget(const char *path) {
  for (int i = 0; i < dirty_count; ++i)
    if (!strcmp(dirty[i], path)) {
      free(dirty[i]);
      dirty[i--] = dirty[--dirty_count];
    }
}

static void remember(const char *path) {
  forget(path);
  if (dirty_count < kMostDirty) dirty[dirty_count++] = strdup(path);
}

static void cut_power(void) {
  for (int i = 0; i < dirty_count; ++i) {
    struct stat about;
    if (stat(dirty[i], &about) == 0 && S_ISREG(about.st_mode) && truncate(dirty[i], about.st_size / 2) != 0) abort();
  }
}

// At a point: the errno with which the call is to fail, or 0. Called with the lock held.
static int point(const char *path) {
  if (!counts(path)) return 0;
  ++seen;
  if (at == 0 || seen < at || (seen > at && !ever)) return 0;
  if (what == -2) cut_power();
  if (what < 0) kill(getpid(), SIGKILL);
  return what;
}

// The same for a call that changes `path`; `changed`: 1 it gets new bytes, -1 they are on disk now or the file has gone.
static int change(const char *path, int changed) {
  pthread_mutex_lock(&lock);
  const int code = point(path);
  if (code == 0 && counts(path) && changed > 0) remember(path);
  if (code == 0 && counts(path) && changed < 0) forget(path);
  pthread_mutex_unlock(&lock);
  if (code != 0) errno = code;
  return code;
}

static int change_open(int descriptor, int changed) {
  char path[PATH_MAX];
  of_descriptor(descriptor, path);
  return change(path, changed);
}

ssize_t write(int f, const void *b, size_t n) {
  REAL(write);
  return change_open(f, 1) ? -1 : real(f, b, n);
}
ssize_t writev(int f, const struct iovec *v, int n) {
  REAL(writev);
  return change_open(f, 1) ? -1 : real(f, v, n);
}
ssize_t pwrite(int f, const void *b, size_t n, off_t o) {
  REAL(pwrite);
  return change_open(f, 1) ? -1 : real(f, b, n, o);
}
ssize_t pwrite64(int f, const void *b, size_t n, off64_t o) {
  REAL(pwrite64);
  return change_open(f, 1) ? -1 : real(f, b, n, o);
}
int ftruncate(int f, off_t n) {
  REAL(ftruncate);
  return change_open(f, 1) ? -1 : real(f, n);
}
int ftruncate64(int f, off64_t n) {
  REAL(ftruncate64);
  return change_open(f, 1) ? -1 : real(f, n);
}
int fsync(int f) {
  REAL(fsync);
  return change_open(f, -1) ? -1 : real(f);
}
int fdatasync(int f) {
  REAL(fdatasync);
  return change_open(f, -1) ? -1 : real(f);
}
int unlink(const char *p) {
  REAL(unlink);
  char path[PATH_MAX];
  absolute(AT_FDCWD, p, path);
  return change(path, -1) ? -1 : real(p);
}
int mkdir(const char *p, mode_t m) {
  REAL(mkdir);
  char path[PATH_MAX];
  absolute(AT_FDCWD, p, path);
  return change(path, 0) ? -1 : real(p, m);
}
int rename(const char *a, const char *b) {
  REAL(rename);
  char from[PATH_MAX], to[PATH_MAX];
  absolute(AT_FDCWD, a, from);
  absolute(AT_FDCWD, b, to);
  pthread_mutex_lock(&lock);
  const int code = point(to);
  int was_dirty = 0;
  for (int i = 0; i < dirty_count; ++i) was_dirty |= !strcmp(dirty[i], from);
  if (code == 0) {
    forget(from);
    forget(to);
    if (was_dirty) remember(to);
  }
  pthread_mutex_unlock(&lock);
  if (code == 0) return real(a, b);
  errno = code;
  return -1;
}

static int made(int folder, const char *p, int flags) {
  char path[PATH_MAX];
  if (!(flags & O_CREAT)) return 0;
  absolute(folder, p, path);
  return change(path, 0);
}
static mode_t mode_of(int flags, va_list list) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0; }

#define OPEN(name)                              \
  int name(const char *p, int flags, ...) {     \
    REAL(name);                                 \
    va_list list;                               \
    va_start(list, flags);                      \
    const mode_t mode = mode_of(flags, list);   \
    va_end(list);                               \
    return made(AT_FDCWD, p, flags) ? -1 : real(p, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define OPEN_AT(name)                               \
  int name(int folder, const char *p, int flags, ...) { \
    REAL(name);                                     \
    va_list list;                                   \
    va_start(list, flags);                          \
    const mode_t mode = mode_of(flags, list);       \
    va_end(list);                                   \
    return made(folder, p, flags) ? -1 : real(folder, p, flags, mode); \
  }
OPEN_AT(openat)
OPEN_AT(openat64)
