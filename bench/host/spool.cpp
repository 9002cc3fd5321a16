#include "host/spool.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "host/exit.hpp"

namespace racetrack::host {
namespace {

constexpr std::size_t kMostInMemory = std::size_t{1} << 20U;

Failure temporary_file_error() {
  return {Exit::incomplete, std::string("the temporary folder: cannot be written (") + std::strerror(errno) +
                                "): free space there or name another in TMPDIR, then continue with --resume"};
}

/// Opens a file without a name in TMPDIR or /tmp; returns null on failure.
std::FILE* temporary_file() {
  const char* const folder = std::getenv("TMPDIR");
  std::string name = std::string(folder != nullptr && *folder != '\0' ? folder : "/tmp") + "/racetrack-XXXXXX";
  const int file = mkostemp(name.data(), O_CLOEXEC);
  if (file < 0) return nullptr;
  unlink(name.c_str());
  return fdopen(file, "w+");
}

}  // namespace

Spool::Place Spool::add(std::string_view text) {
  const Place place{in_file_ + rest_.size(), static_cast<std::uint32_t>(text.size())};
  rest_ += text;
  if (rest_.size() > kMostInMemory) spill();
  return place;
}

void Spool::spill() {
  if (!tried_) file_.reset(temporary_file());
  tried_ = true;
  if (file_ == nullptr) return;
  if (std::fseek(file_.get(), 0, SEEK_END) != 0 ||
      std::fwrite(rest_.data(), 1, rest_.size(), file_.get()) != rest_.size() || std::fflush(file_.get()) != 0) {
    throw temporary_file_error();
  }
  in_file_ += rest_.size();
  rest_.clear();
  rest_.shrink_to_fit();
}

std::string Spool::text_at(const Place& place) const {
  if (place.begin >= in_file_) return rest_.substr(place.begin - in_file_, place.bytes);
  std::string text(place.bytes, '\0');
  const ssize_t got = pread(fileno(file_.get()), text.data(), text.size(), static_cast<off_t>(place.begin));
  if (got != static_cast<ssize_t>(text.size())) throw temporary_file_error();
  return text;
}

void Spool::copy_to(std::FILE* stream) const {
  std::array<char, 65536> buffer{};
  for (std::uint64_t at = 0; at < in_file_;) {
    const ssize_t got = pread(fileno(file_.get()), buffer.data(), buffer.size(), static_cast<off_t>(at));
    if (got <= 0) throw temporary_file_error();
    std::fwrite(buffer.data(), 1, static_cast<std::size_t>(got), stream);
    at += static_cast<std::uint64_t>(got);
  }
  std::fwrite(rest_.data(), 1, rest_.size(), stream);
}

}  // namespace racetrack::host
