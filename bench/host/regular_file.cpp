#include "host/regular_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace racetrack::host {
namespace {

ssize_t read_at(int file, char* to, std::size_t bytes, std::uint64_t offset) {
  ssize_t got = 0;
  while ((got = pread(file, to, bytes, static_cast<off_t>(offset))) < 0 && errno == EINTR) {
  }
  return got;
}

}  // namespace

RegularFile RegularFile::read(const std::filesystem::path& file) { return open(file, O_RDONLY); }

RegularFile RegularFile::open(const std::filesystem::path& file, int flags) {
  RegularFile result;
  Descriptor descriptor(::open(file.c_str(), flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644));
  struct stat status {};
  if (descriptor.get() < 0) {
    result.missing_ = errno == ENOENT;
    const bool special = errno == ENXIO || errno == EISDIR;
    result.error_ = special ? "is not a regular file" : std::string("cannot be opened (") + std::strerror(errno) + ")";
  } else if (fstat(descriptor.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    result.error_ = "is not a regular file";
  } else {
    result.descriptor_ = std::move(descriptor);
  }
  return result;
}

std::uintmax_t RegularFile::size() const {
  struct stat status {};
  return fstat(descriptor_.get(), &status) == 0 ? static_cast<std::uintmax_t>(status.st_size) : 0;
}

std::string RegularFile::content() const {
  std::string text;
  std::array<char, 65536> buffer{};
  for (ssize_t got = 0; (got = read_at(descriptor_.get(), buffer.data(), buffer.size(), text.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

void RegularFile::for_each_line(std::size_t most, const std::function<void(std::string_view)>& visit) const {
  std::string line;
  bool too_long = false;
  const auto end_line = [&] {
    if (too_long || !line.empty()) visit(too_long ? std::string_view() : line);
    line.clear();
    too_long = false;
  };
  std::array<char, 65536> buffer{};
  std::uint64_t at = 0;
  for (ssize_t got = 0; (got = read_at(descriptor_.get(), buffer.data(), buffer.size(), at)) > 0;) {
    at += static_cast<std::uint64_t>(got);
    std::string_view left(buffer.data(), static_cast<std::size_t>(got));
    for (;;) {
      const std::size_t end = left.find('\n');
      if (!too_long) line += left.substr(0, end);
      if (line.size() > most) {
        too_long = true;
        line.clear();
      }
      if (end == std::string_view::npos) break;
      left.remove_prefix(end + 1);
      end_line();
    }
  }
  end_line();
}

}  // namespace racetrack::host
