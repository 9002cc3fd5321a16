// Files: reading is allowed, because their content is the same in every execution. Reading from a pipe, a socket or a
// terminal is refused. Writing is allowed, and the verdict names a file. Descriptors that an execution opens are closed
// at its end.
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include "explore/interpose/random_device.hpp"
#include "explore/interpose/real.hpp"
#include "explore/runtime.hpp"

using namespace racetrack::explore;

namespace {

constexpr unsigned kMemoryDevices = 1, kRandom = 8,
                   kUrandom = 9;  ///< device numbers: of memory devices such as null, zero and random

bool is_random_device(const struct stat& file) {
  return S_ISCHR(file.st_mode) && major(file.st_rdev) == kMemoryDevices &&
         (minor(file.st_rdev) == kRandom || minor(file.st_rdev) == kUrandom);
}
bool is_random_device(int descriptor) {
  struct stat file {};
  return fstat(descriptor, &file) == 0 && is_random_device(file);
}

/// Whether another process or a user provides the data.
bool is_fed_from_outside(int descriptor) {
  if (descriptor == STDIN_FILENO) return true;
  struct stat file {};
  if (fstat(descriptor, &file) != 0) return false;  // the call itself reports the error
  const bool is_device_of_memory = S_ISCHR(file.st_mode) && major(file.st_rdev) == kMemoryDevices;
  return !S_ISREG(file.st_mode) && !S_ISDIR(file.st_mode) && !S_ISBLK(file.st_mode) && !is_device_of_memory;
}

void refuse_from_outside(const char* call, int descriptor) {
  if (!is_fed_from_outside(descriptor)) return;
  refuse(std::string("it calls ") + call +
         "() on standard input, a pipe, a socket or a terminal, which is outside the control of the "
         "explorer: test it without external input");
}

void note_descriptors() {
  if (runtime.watching) runtime.output.descriptors_change();
}
/// Adds a note about opening this file when the content or the writes are not controlled.
void note_file(const char* path, bool writes) {
  if (!runtime.watching || path == nullptr || std::strcmp(path, "/dev/null") == 0) return;
  const ExplorerScope explorer_scope;
  if (writes) runtime.notes.add(std::string("not controlled: files that the subject writes, such as ") + path);
  const std::string_view name(path);
  if (name.starts_with("/proc/") || name.starts_with("/sys/"))
    runtime.notes.add("not controlled: the content of files under /proc and /sys");
}

/// Writes to each page first: the kernel fails with EFAULT at a page that is write-protected.
void touch_pages(void* to, std::size_t size) {
  constexpr std::size_t kPage = 4096;
  auto* const begin = static_cast<volatile char*>(to);
  for (std::size_t at = 0; at < size; at += kPage) begin[at] = begin[at];
  if (size != 0) begin[size - 1] = begin[size - 1];
}

template <class Open>
int open_with(const char* path, int flags, Open open_it) {
  note_descriptors();
  note_file(path, (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0);
  return open_it();
}

/// The mode argument of open() and openat(), which they have when they create a file.
mode_t mode_of(int flags, std::va_list rest) {
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? static_cast<mode_t>(va_arg(rest, int)) : 0;
}

FILE* open_stream(const char* name, const char* path, const char* mode) {
  note_descriptors();
  note_file(path, std::strpbrk(mode, "wa+") != nullptr);
  const auto next = reinterpret_cast<FILE* (*)(const char*, const char*)>(next_symbol(name));
  return next(path, mode);
}

}  // namespace

#define RACETRACK_OPEN(name)                                                                \
  RACETRACK_INTERPOSED int name(const char* path, int flags, ...) {                         \
    std::va_list rest;                                                                      \
    va_start(rest, flags);                                                                  \
    const mode_t mode = mode_of(flags, rest);                                               \
    va_end(rest);                                                                           \
    const auto next = reinterpret_cast<int (*)(const char*, int, ...)>(next_symbol(#name)); \
    return open_with(path, flags, [&] { return next(path, flags, mode); });                 \
  }
RACETRACK_OPEN(open)
RACETRACK_OPEN(open64)
#undef RACETRACK_OPEN
#define RACETRACK_OPEN_AT(name)                                                                  \
  RACETRACK_INTERPOSED int name(int folder, const char* path, int flags, ...) {                  \
    std::va_list rest;                                                                           \
    va_start(rest, flags);                                                                       \
    const mode_t mode = mode_of(flags, rest);                                                    \
    va_end(rest);                                                                                \
    const auto next = reinterpret_cast<int (*)(int, const char*, int, ...)>(next_symbol(#name)); \
    return open_with(path, flags, [&] { return next(folder, path, flags, mode); });              \
  }
RACETRACK_OPEN_AT(openat)
RACETRACK_OPEN_AT(openat64)
#undef RACETRACK_OPEN_AT
RACETRACK_INTERPOSED FILE* fopen(const char* path, const char* mode) { return open_stream("fopen", path, mode); }
RACETRACK_INTERPOSED FILE* fopen64(const char* path, const char* mode) { return open_stream("fopen64", path, mode); }

// Other functions that open or close descriptors.
#define RACETRACK_NOTED(result, name, parameters, ...)                              \
  RACETRACK_INTERPOSED result name parameters {                                     \
    note_descriptors();                                                             \
    return reinterpret_cast<result(*) parameters>(next_symbol(#name))(__VA_ARGS__); \
  }
RACETRACK_NOTED(int, close, (int descriptor), descriptor)
RACETRACK_NOTED(int, fclose, (FILE * stream), stream)
RACETRACK_NOTED(FILE*, freopen, (const char* path, const char* mode, FILE* stream), path, mode, stream)
RACETRACK_NOTED(FILE*, fdopen, (int descriptor, const char* mode) noexcept, descriptor, mode)
RACETRACK_NOTED(FILE*, tmpfile, (), )
RACETRACK_NOTED(int, mkstemp, (char* path), path)
RACETRACK_NOTED(DIR*, opendir, (const char* path), path)
RACETRACK_NOTED(int, dup, (int descriptor) noexcept, descriptor)
RACETRACK_NOTED(int, dup2, (int descriptor, int to) noexcept, descriptor, to)
RACETRACK_NOTED(int, dup3, (int descriptor, int to, int flags) noexcept, descriptor, to, flags)
RACETRACK_NOTED(int, pipe, (int ends[2]) noexcept, ends)
RACETRACK_NOTED(int, pipe2, (int ends[2], int flags) noexcept, ends, flags)
RACETRACK_NOTED(int, socket, (int domain, int type, int protocol) noexcept, domain, type, protocol)
RACETRACK_NOTED(int, socketpair, (int domain, int type, int protocol, int ends[2]) noexcept, domain, type, protocol,
                ends)
RACETRACK_NOTED(int, eventfd, (unsigned count, int flags) noexcept, count, flags)
RACETRACK_NOTED(int, epoll_create1, (int flags) noexcept, flags)
RACETRACK_NOTED(int, close_range, (unsigned first, unsigned last, int flags) noexcept, first, last, flags)
#undef RACETRACK_NOTED

RACETRACK_INTERPOSED ssize_t read(int descriptor, void* to, std::size_t size) {
  static const auto next = reinterpret_cast<ssize_t (*)(int, void*, std::size_t)>(next_symbol("read"));
  if (!runtime.watching) return next(descriptor, to, size);
  const ExplorerScope explorer_scope;
  refuse_from_outside("read", descriptor);
  if (is_random_device(descriptor)) {
    draw_bytes(to, size);
    return static_cast<ssize_t>(size);
  }
  touch_pages(to, size);
  return next(descriptor, to, size);
}
RACETRACK_INTERPOSED ssize_t readv(int descriptor, const iovec* parts, int count) {
  static const auto next = reinterpret_cast<ssize_t (*)(int, const iovec*, int)>(next_symbol("readv"));
  if (!runtime.watching) return next(descriptor, parts, count);
  const ExplorerScope explorer_scope;
  refuse_from_outside("readv", descriptor);
  for (int i = 0; i < count; ++i) touch_pages(parts[i].iov_base, parts[i].iov_len);
  return next(descriptor, parts, count);
}

// libc's streams read without read(), so streams of random devices and terminals are handled here.

RACETRACK_INTERPOSED std::size_t fread(void* to, std::size_t size, std::size_t count, FILE* stream) {
  static const auto next =
      reinterpret_cast<std::size_t (*)(void*, std::size_t, std::size_t, FILE*)>(next_symbol("fread"));
  if (!runtime.watching) return next(to, size, count, stream);
  const ExplorerScope explorer_scope;
  refuse_from_outside("fread", fileno(stream));
  if (!is_random_device(fileno(stream))) return next(to, size, count, stream);
  draw_bytes(to, size * count);
  return count;
}
#define RACETRACK_GETC(name)                                                       \
  RACETRACK_INTERPOSED int name(FILE* stream) {                                    \
    static const auto next = reinterpret_cast<int (*)(FILE*)>(next_symbol(#name)); \
    if (!runtime.watching) return next(stream);                                    \
    const ExplorerScope explorer_scope;                                            \
    refuse_from_outside(#name, fileno(stream));                                    \
    if (!is_random_device(fileno(stream))) return next(stream);                    \
    unsigned char byte = 0;                                                        \
    draw_bytes(&byte, 1);                                                          \
    return byte;                                                                   \
  }
RACETRACK_GETC(getc)
RACETRACK_GETC(fgetc)
#undef RACETRACK_GETC
RACETRACK_INTERPOSED char* fgets(char* to, int size, FILE* stream) {
  static const auto next = reinterpret_cast<char* (*)(char*, int, FILE*)>(next_symbol("fgets"));
  if (!runtime.watching) return next(to, size, stream);
  const ExplorerScope explorer_scope;
  refuse_from_outside("fgets", fileno(stream));
  if (is_random_device(fileno(stream))) refuse("it calls fgets() on a random device: read its bytes with fread()");
  return next(to, size, stream);
}
