#include "explore/world/snapshot.hpp"

#include <cstring>

#include <sys/mman.h>
#include <sys/syscall.h>

#include "explore/interpose/real.hpp"

namespace racetrack::explore {
namespace {

char* pointer_to(std::uintptr_t address) noexcept { return reinterpret_cast<char*>(address); }

/// Also called in a signal handler, where the interposed mprotect() must not be called.
bool protect(std::uintptr_t at, std::size_t size, int protection) noexcept {
  return raw_syscall(SYS_mprotect, static_cast<long>(at), static_cast<long>(size), protection) == 0;
}

void restore_range(std::uintptr_t at, const char* content, std::size_t size) noexcept {
  // Usually nothing has changed, and comparing is cheaper than writing.
  if (std::memcmp(pointer_to(at), content, size) != 0) std::memcpy(pointer_to(at), content, size);
}

}  // namespace

void Snapshot::add(Span span) {
  if (span.begin < span.end) ranges_.push_back({span, {}});
}

void Snapshot::add_guarded(Span span) {
  const std::uintptr_t first = (span.begin + kPage - 1) & ~(kPage - 1), last = span.end & ~(kPage - 1);
  if (first >= last) return add(span);
  add({span.begin, first});
  guarded_.push_back({{{first, last}, {}}, std::vector<bool>((last - first) / kPage, true)});
  add({last, span.end});
}

void Snapshot::clear() noexcept {
  release();
  ranges_.clear();
  guarded_.clear();
  written_.clear();
}

void Snapshot::take() {
  const auto remember = [](Range& range) {
    range.content.assign(pointer_to(range.span.begin), pointer_to(range.span.end));
  };
  for (Range& range : ranges_) remember(range);
  for (Pages& pages : guarded_) remember(pages.range);
}

void Snapshot::guard() {
  std::size_t pages_in_all = 0;
  for (const Pages& pages : guarded_) pages_in_all += pages.writable.size();
  written_.reserve(pages_in_all);  // unguard() runs in a signal handler: it must not allocate
  for (Pages& pages : guarded_) {
    restore_range(pages.range.span.begin, pages.range.content.data(), pages.range.content.size());
    pages.writable.assign(pages.writable.size(), false);
    protect(pages.range.span.begin, pages.range.span.size(), PROT_READ);
  }
  written_.clear();
  restore();
}

void Snapshot::restore() const noexcept {
  for (const auto& [which, page] : written_) {
    const Range& range = guarded_[which].range;
    restore_range(range.span.begin + page * kPage, range.content.data() + page * kPage, kPage);
  }
  for (const Range& range : ranges_) restore_range(range.span.begin, range.content.data(), range.content.size());
}

void Snapshot::release() noexcept {
  for (Pages& pages : guarded_) {
    protect(pages.range.span.begin, pages.range.span.size(), PROT_READ | PROT_WRITE);
    pages.writable.assign(pages.writable.size(), true);
  }
}

bool Snapshot::unguard(std::uintptr_t address) noexcept {
  for (std::size_t which = 0; which < guarded_.size(); ++which) {
    Pages& pages = guarded_[which];
    if (!pages.range.span.contains(address)) continue;
    const std::size_t page = (address - pages.range.span.begin) / kPage;
    if (pages.writable[page]) return false;
    pages.writable[page] = true;
    written_.emplace_back(which, page);
    return protect(pages.range.span.begin + page * kPage, kPage, PROT_READ | PROT_WRITE);
  }
  return false;
}

}  // namespace racetrack::explore
