// Memory that a parent process holds while it starts children.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include <sys/mman.h>

namespace racetrack::spawn {

inline constexpr std::size_t kMebibyte = std::size_t{1} << 20;

/// Resident memory: every page is touched. Pages are 4 KiB, whatever the system prefers, because the cost of fork
/// depends on the page size and most heaps consist of small pages.
class Ballast {
 public:
  /// Throws std::system_error when the system cannot provide the memory.
  explicit Ballast(std::uint64_t mebibytes) : bytes_(mebibytes * kMebibyte) {
    address_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (address_ == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "no memory to hold resident");
    madvise(address_, bytes_, MADV_NOHUGEPAGE);
    if (madvise(address_, bytes_, MADV_POPULATE_WRITE) == 0) return;
    constexpr std::size_t kPage = 4096;  // before Linux 5.14
    for (std::size_t at = 0; at < bytes_; at += kPage) static_cast<volatile char*>(address_)[at] = 1;
  }
  Ballast(const Ballast&) = delete;
  Ballast& operator=(const Ballast&) = delete;
  ~Ballast() { munmap(address_, bytes_); }
  [[nodiscard]] std::uint64_t mebibytes() const noexcept { return bytes_ / kMebibyte; }

 private:
  std::size_t bytes_;
  void* address_;
};

/// Keeps the ballast of a process from round to round, because filling a gibibyte takes longer than many rounds.
class BallastRoom {
 public:
  /// Holds exactly this much. Throws std::system_error when there is too little memory.
  void hold(std::uint64_t mebibytes) {
    if (ballast_ != nullptr && ballast_->mebibytes() == mebibytes) return;
    ballast_.reset();
    ballast_ = std::make_unique<Ballast>(mebibytes);
  }

 private:
  std::unique_ptr<Ballast> ballast_;
};

/// Returns the memory that the machine and this process's control group can still provide, in MiB.
inline std::uint64_t available_mebibytes() {
  std::uint64_t available = std::numeric_limits<std::uint64_t>::max();
  std::ifstream memory("/proc/meminfo");
  for (std::string word; memory >> word;) {
    std::uint64_t kibibytes = 0;
    if (word == "MemAvailable:" && memory >> kibibytes) available = kibibytes / 1024;
  }
  std::uint64_t most = 0, used = 0;
  std::ifstream limit("/sys/fs/cgroup/memory.max"), current("/sys/fs/cgroup/memory.current");
  if (limit >> most && current >> used) available = std::min(available, (most - std::min(most, used)) / kMebibyte);
  return available;
}

/// Returns why this much memory cannot be held, or nothing. A quarter more must be available, for page tables and other
/// processes.
inline std::optional<std::string> refuse_ballast(std::uint64_t mebibytes) {
  const std::uint64_t available = available_mebibytes();
  if (mebibytes + mebibytes / 4 <= available) return std::nullopt;
  return "needs " + std::to_string(mebibytes) + " MiB of memory and a quarter more in reserve, but only " +
         std::to_string(available) + " MiB are available";
}

}  // namespace racetrack::spawn
