#include "explore/world/output.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "explore/interpose/real.hpp"

namespace racetrack::explore {
namespace {

constexpr int kFirstOwnDescriptor = 200;  ///< above the subject's usual descriptors
constexpr std::size_t kMostText = 64 << 10;

std::vector<int> open_descriptors() {
  std::vector<int> found;
  DIR* const folder = opendir("/proc/self/fd");
  if (folder == nullptr) return found;
  while (const dirent* const entry = readdir(folder)) {
    const int descriptor = std::atoi(entry->d_name);
    if (entry->d_name[0] != '.' && descriptor != dirfd(folder)) found.push_back(descriptor);
  }
  closedir(folder);
  std::sort(found.begin(), found.end());
  return found;
}

int copy_out_of_the_way(int descriptor) { return fcntl(descriptor, F_DUPFD_CLOEXEC, kFirstOwnDescriptor); }

/// The text that stdio has not written yet. Reads the buffer directly, because an abandoned execution may have left the
/// stream locked.
std::string_view buffered(const FILE* stream) {
  if (stream->_IO_write_ptr <= stream->_IO_write_base) return {};
  return {stream->_IO_write_base, static_cast<std::size_t>(stream->_IO_write_ptr - stream->_IO_write_base)};
}

}  // namespace

void Output::begin() {
  std::fflush(nullptr);
  // Without a free descriptor, the subject prints to the process's output, which is harmless.
  out_ = copy_out_of_the_way(STDOUT_FILENO);
  error_ = copy_out_of_the_way(STDERR_FILENO);
  const int made = memfd_create("racetrack-output", MFD_CLOEXEC);
  if (made >= 0) {
    file_ = copy_out_of_the_way(made);
    raw_syscall(SYS_close, made);
  }
  if (file_ >= 0) {
    raw_syscall(SYS_dup2, file_, STDOUT_FILENO);
    raw_syscall(SYS_dup2, file_, STDERR_FILENO);
  }
  open_ = open_descriptors();
  changed_ = false;
}

void Output::end() {
  restore_descriptors();
  const auto restore = [](int& own, int to) {
    if (own >= 0) {
      raw_syscall(SYS_dup2, own, to);
      raw_syscall(SYS_close, own);
    } else {
      raw_syscall(SYS_close, to);  // the process was started without this descriptor
    }
    own = -1;
  };
  if (file_ >= 0) {
    restore(out_, STDOUT_FILENO);
    restore(error_, STDERR_FILENO);
    close(file_);
  }
  file_ = -1;
}

void Output::begin_execution() {
  if (file_ < 0) return;
  if (changed_) restore_descriptors();
  if (raw_syscall(SYS_lseek, file_, 0, SEEK_CUR) != 0) {
    raw_syscall(SYS_ftruncate, file_, 0);
    raw_syscall(SYS_lseek, file_, 0, SEEK_SET);
  }
}

void Output::restore_descriptors() {
  changed_ = false;
  int first = 0;
  const auto close_up_to = [&](unsigned last) {
    if (static_cast<unsigned>(first) <= last) raw_syscall(SYS_close_range, first, last, 0);
  };
  for (const int open : open_) {
    if (open > 0) close_up_to(static_cast<unsigned>(open) - 1);
    first = open + 1;
  }
  close_up_to(~0U);
  if (file_ < 0) return;
  raw_syscall(SYS_dup2, file_, STDOUT_FILENO);
  raw_syscall(SYS_dup2, file_, STDERR_FILENO);
}

std::string Output::text() const {
  std::string text;
  if (file_ < 0) return text;
  const std::int64_t size = raw_syscall(SYS_lseek, file_, 0, SEEK_END);
  std::int64_t at = std::max<std::int64_t>(0, size - static_cast<std::int64_t>(kMostText));
  std::array<char, 4096> part;
  while (at < size) {
    const long got = raw_syscall(SYS_pread64, file_, reinterpret_cast<long>(part.data()), part.size(), at);
    if (got <= 0) break;
    text.append(part.data(), static_cast<std::size_t>(got));
    at += got;
  }
  text += buffered(stdout);
  text += buffered(stderr);
  return text.substr(text.size() - std::min(text.size(), kMostText));
}

}  // namespace racetrack::explore
