#include "deadlock/sharing.hpp"

#include <initializer_list>

#include "deadlock/detector.hpp"
#include "deadlock/raw.hpp"

namespace racetrack::deadlock {
namespace {

SharedPage* page = nullptr;
std::atomic<std::size_t> own_entry{SharedPage::kMostProcesses};
constexpr ProcessView kView{ProcessView::kMagic, &threads};

bool exists(std::int32_t process) noexcept {
  constexpr long kNoSuchProcess = -3;
  return raw_syscall(SYS_kill, process, 0) != kNoSuchProcess;
}

/// Takes an entry of `page` for `process`: its own from before exec, a free one, or one whose process has ended.
bool take_entry(std::int32_t process, std::size_t& entry) noexcept {
  for (entry = 0; entry < SharedPage::kMostProcesses; ++entry) {
    if (page->processes[entry].load() == process) return true;
  }
  for (const bool free_ones : {true, false}) {
    for (entry = 0; entry < SharedPage::kMostProcesses; ++entry) {
      std::int32_t there = page->processes[entry].load();
      if (free_ones ? there != 0 : exists(there)) continue;
      if (page->processes[entry].compare_exchange_strong(there, process)) return true;
    }
  }
  return false;
}

}  // namespace

void begin_sharing(const char* path) noexcept {
  if (path == nullptr) return;
  const long file = raw_syscall(SYS_openat, AT_FDCWD, as_long(path), O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  const long address = raw_syscall(SYS_mmap, 0, sizeof(SharedPage), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  raw_syscall(SYS_close, file);
  if (address < 0 && address > -4096) return;
  page = reinterpret_cast<SharedPage*>(address);
  share_new_process();
}

void share_new_process() noexcept {
  if (page == nullptr) return;
  own_entry.store(SharedPage::kMostProcesses);
  std::size_t entry = 0;
  if (take_entry(static_cast<std::int32_t>(raw_syscall(SYS_getpid)), entry)) {
    page->interrupted[entry].signal.store(0);
    page->views[entry].store(reinterpret_cast<std::uintptr_t>(&kView));
    own_entry.store(entry);
  } else {
    page->processes_left_out.fetch_add(1);
  }
}

SharedPage* shared_page() noexcept { return page; }

std::size_t shared_entry() noexcept { return own_entry.load(); }

std::uint32_t new_counter() noexcept {
  if (page == nullptr) return kNoCounter;
  const std::uint32_t counter = page->counters_used.fetch_add(1);
  if (counter >= SharedPage::kMostCounters) {
    page->counters_used.fetch_sub(1);
    return kNoCounter;
  }
  page->counters[counter].store(1);
  return counter;
}

void count(std::uint32_t counter) noexcept {
  if (counter != kNoCounter) page->counters[counter].fetch_add(1);
}

}  // namespace racetrack::deadlock
