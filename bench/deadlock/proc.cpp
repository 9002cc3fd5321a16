#include "deadlock/proc.hpp"

#include <dirent.h>

#include <initializer_list>

namespace racetrack::deadlock {
namespace {

constexpr std::size_t kPathSize = 64;

/// Stores "/proc/self/task/ID" + leaf in `path`.
void task_path(char (&path)[kPathSize], std::uint32_t thread_id, const char* leaf) noexcept {
  char* end = path;
  for (const char* c = "/proc/self/task/"; *c != '\0'; ++c) *end++ = *c;
  char digits[10];
  int count = 0;
  do {
    digits[count++] = static_cast<char>('0' + thread_id % 10);
    thread_id /= 10;
  } while (thread_id != 0);
  while (count > 0) *end++ = digits[--count];
  while (*leaf != '\0') *end++ = *leaf++;
  *end = '\0';
}

/// Returns the text after `key` at the beginning of a line, without leading blanks, or nullptr.
const char* value_of(const char* text, const char* key) noexcept {
  for (const char* line = text; *line != '\0';) {
    const char* a = line;
    const char* b = key;
    while (*b != '\0' && *a == *b) ++a, ++b;
    if (*b == '\0') {
      while (*a == ' ' || *a == '\t') ++a;
      return a;
    }
    while (*line != '\0' && *line != '\n') ++line;
    if (*line == '\n') ++line;
  }
  return nullptr;
}

std::uint64_t parse(const char*& text, unsigned base) noexcept {
  std::uint64_t value = 0;
  for (;; ++text) {
    const char c = *text;
    unsigned digit = base;
    if (c >= '0' && c <= '9') digit = static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') digit = static_cast<unsigned>(c - 'a') + 10;
    if (digit >= base) return value;
    value = value * base + digit;
  }
}

}  // namespace

TaskStatus read_task_status(std::uint32_t thread_id) noexcept {
  char path[kPathSize];
  char text[4096];
  task_path(path, thread_id, "/status");
  TaskStatus status;
  if (raw_read_file(path, text, sizeof text) <= 0) return status;
  if (const char* const state = value_of(text, "State:")) status.state = *state;
  for (const char* const key : {"voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:"}) {
    if (const char* count = value_of(text, key)) status.switches += parse(count, 10);
  }
  if (const char* mask = value_of(text, "SigCgt:")) status.caught_signals = parse(mask, 16);
  return status;
}

void read_task_name(std::uint32_t thread_id, char (&name)[16]) noexcept {
  char path[kPathSize];
  task_path(path, thread_id, "/comm");
  char text[32];
  const long length = raw_read_file(path, text, sizeof text);
  std::size_t kept = 0;
  for (long i = 0; i < length && text[i] != '\n' && kept + 1 < sizeof name; ++i) name[kept++] = text[i];
  name[kept] = '\0';
}

bool list_tasks(Array<std::uint32_t>& thread_ids) noexcept {
  thread_ids.clear();
  const long folder = raw_syscall(SYS_openat, AT_FDCWD, as_long("/proc/self/task"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return false;
  alignas(dirent64) char entries[4096];
  long got = 0;
  while ((got = raw_syscall(SYS_getdents64, folder, as_long(entries), sizeof entries)) > 0) {
    for (long at = 0; at < got;) {
      const auto* const entry = reinterpret_cast<const dirent64*>(entries + at);
      const char* name = entry->d_name;
      if (*name != '.') thread_ids.push(static_cast<std::uint32_t>(parse(name, 10)));
      at += entry->d_reclen;
    }
  }
  raw_syscall(SYS_close, folder);
  return got == 0;
}

void MemoryMap::read() noexcept {
  text_.clear();
  mappings_.clear();
  const long file = raw_syscall(SYS_openat, AT_FDCWD, as_long("/proc/self/maps"), O_RDONLY | O_CLOEXEC);
  char piece[4096];
  for (long got = 0; file >= 0 && (got = raw_syscall(SYS_read, file, as_long(piece), sizeof piece)) > 0;) {
    for (long i = 0; i < got; ++i) text_.push(piece[i]);
  }
  if (file >= 0) raw_syscall(SYS_close, file);
  text_.push('\0');
  // begin-end perms offset device inode   path
  for (std::size_t i = 0; text_[i] != '\0';) {
    const char* at = &text_[i];
    Mapping mapping{};
    mapping.begin = parse(at, 16);
    ++at;
    mapping.end = parse(at, 16);
    mapping.shared = at[4] == 's';
    at += 6;
    mapping.offset = parse(at, 16);
    for (int field = 0; field < 2; ++field) {
      while (*at == ' ') ++at;
      while (*at != ' ' && *at != '\n' && *at != '\0') ++at;
    }
    while (*at == ' ') ++at;
    mapping.name = static_cast<std::size_t>(at - &text_[0]);
    i = mapping.name;
    while (text_[i] != '\n' && text_[i] != '\0') ++i;
    if (text_[i] == '\n') text_[i++] = '\0';
    mappings_.push(mapping);
  }
}

const Mapping* MemoryMap::find(std::uintptr_t address) const noexcept {
  std::size_t low = 0, high = mappings_.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (mappings_[middle].end <= address) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < mappings_.size() && mappings_[low].begin <= address ? &mappings_[low] : nullptr;
}

}  // namespace racetrack::deadlock
