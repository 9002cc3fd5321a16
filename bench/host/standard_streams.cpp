#include "host/standard_streams.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace racetrack::host {
namespace {

struct Output {
  int descriptor;
  int error = 0;  ///< errno of the first loss of text; 0: none
};

std::array<Output, 2> outputs{{{STDOUT_FILENO}, {STDERR_FILENO}}};

/// Write function for fopencookie(3). Reports success even when the text is lost.
ssize_t write_or_lose(void* cookie, const char* text, std::size_t size) {
  Output& output = *static_cast<Output*>(cookie);
  for (std::size_t done = 0; done < size && output.error == 0;) {
    const ssize_t written = write(output.descriptor, text + done, size - done);
    if (written > 0) {
      done += static_cast<std::size_t>(written);
    } else if (written < 0 && errno == EAGAIN) {  // the descriptor is shared with a program that made it non-blocking
      pollfd ready{output.descriptor, POLLOUT, 0};
      poll(&ready, 1, -1);
    } else if (written == 0 || errno != EINTR) {
      output.error = written == 0 ? EIO : errno;
    }
  }
  return static_cast<ssize_t>(size);
}

/// Returns a replacement of `stream`, or `stream` itself when memory is exhausted.
std::FILE* stream_that_never_fails(std::FILE* stream, Output& output, int buffering) {
  cookie_io_functions_t functions{};
  functions.write = write_or_lose;
  std::FILE* const made = fopencookie(&output, "w", functions);
  if (made == nullptr) return stream;
  std::setvbuf(made, nullptr, buffering, BUFSIZ);
  return made;
}

}  // namespace

void make_standard_streams_valid() noexcept {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    // open() takes the lowest free number, which is this one. Without /dev/null, any open file will do.
    if (open("/dev/null", descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY) < 0) {
      static_cast<void>(open("/", O_RDONLY | O_DIRECTORY));
    }
  }
}

void keep_standard_streams_from_failing() {
  stdout = stream_that_never_fails(stdout, outputs[0], isatty(STDOUT_FILENO) == 1 ? _IOLBF : _IOFBF);
  stderr = stream_that_never_fails(stderr, outputs[1], _IONBF);
}

Exit close_standard_streams(Exit code) {
  errno = 0;
  std::cout.flush();
  const int error_of_cout = std::cout.bad() ? errno : 0;
  const bool failed = std::fflush(stdout) != 0 || std::ferror(stdout) != 0 || std::cout.bad();
  const int error = outputs[0].error != 0 ? outputs[0].error : error_of_cout;
  const bool out_lost = failed || outputs[0].error != 0;
  if (out_lost) {
    std::fprintf(stderr, "racetrack: standard output cannot be written%s%s: output is lost, records are kept\n",
                 error != 0 ? ": " : "", error != 0 ? std::strerror(error) : "");
  }
  if (!out_lost && outputs[1].error == 0 && std::ferror(stderr) == 0) return code;
  const bool is_worse = code == Exit::usage || code == Exit::incomplete || code == Exit::harness;
  return is_worse ? code : Exit::output;
}

}  // namespace racetrack::host
