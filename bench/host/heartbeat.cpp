#include "host/heartbeat.hpp"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "host/exit.hpp"

namespace racetrack::host {

HeartbeatFile::HeartbeatFile() : file_(memfd_create("racetrack-heartbeat", MFD_CLOEXEC)) {
  if (file_.get() < 0 || ftruncate(file_.get(), sizeof(std::uint64_t)) != 0) {
    throw Failure(Exit::harness, std::string("cannot make a file in memory: ") + std::strerror(errno));
  }
}

std::uint64_t HeartbeatFile::beats() const noexcept {
  std::uint64_t beats = 0;
  return pread(file_.get(), &beats, sizeof beats, 0) == sizeof beats ? beats : 0;
}

Heartbeat::Heartbeat(int descriptor) noexcept {
  void* const page = mmap(nullptr, sizeof *beats_, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (page != MAP_FAILED) beats_ = static_cast<std::uint64_t*>(page);
  close(descriptor);
}

Heartbeat::~Heartbeat() {
  if (beats_ != nullptr) munmap(beats_, sizeof *beats_);
}

void Heartbeat::beat() noexcept {
  if (beats_ == nullptr) return;
  // relaxed: the host only compares the count with an earlier one
  std::atomic_ref<std::uint64_t>(*beats_).fetch_add(1, std::memory_order_relaxed);
}

}  // namespace racetrack::host
