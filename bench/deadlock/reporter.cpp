#include "deadlock/reporter.hpp"

#include <atomic>

#include "deadlock/in_process.hpp"
#include "deadlock/monitor.hpp"
#include "deadlock/proc.hpp"
#include "deadlock/sharing.hpp"

namespace racetrack::deadlock {
namespace {

RawLock report_lock;
char report_path[4096] = "";
MemoryMap memory_map;

/// A line that is assembled and then written at once. The only instance is protected by report_lock.
class Line {
 public:
  void clear() noexcept { text_.clear(); }
  Line& raw(const char* text) noexcept {
    for (; *text != '\0'; ++text) text_.push(*text);
    return *this;
  }
  /// Appends text for the inside of a JSON string: escapes quotes, backslashes and control characters, and replaces
  /// bytes that are not valid UTF-8.
  Line& escaped(const char* text) noexcept {
    for (const auto* c = reinterpret_cast<const unsigned char*>(text); *c != 0;) {
      if (*c == '"' || *c == '\\') {
        text_.push('\\');
        text_.push(static_cast<char>(*c++));
      } else if (*c < 0x20 || *c == 0x7f) {
        raw("\\u00").digit(*c >> 4U).digit(*c & 15U);
        ++c;
      } else if (const unsigned length = utf8_length(c); length > 0) {
        for (unsigned i = 0; i < length; ++i) text_.push(static_cast<char>(*c++));
      } else {
        raw("\\ufffd");
        ++c;
      }
    }
    return *this;
  }
  Line& number(std::uint64_t value) noexcept {
    char digits[20];
    int count = 0;
    do {
      digits[count++] = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value != 0);
    while (count > 0) text_.push(digits[--count]);
    return *this;
  }
  Line& hex(std::uint64_t value) noexcept {
    raw("0x");
    int shift = 60;
    while (shift > 0 && (value >> shift) == 0) shift -= 4;
    for (; shift >= 0; shift -= 4) digit(static_cast<unsigned>(value >> shift) & 15U);
    return *this;
  }

  /// Appends the line to the report in one write, so that the lines of several processes do not mix. When the report
  /// cannot be opened (for example by another user), writes to standard error or nowhere.
  void write(bool to_standard_error) noexcept {
    text_.push('\n');
    long file = 2;
    if (report_path[0] != '\0') {
      file = raw_syscall(SYS_openat, AT_FDCWD, as_long(report_path), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
      if (file < 0) {
        if (!to_standard_error) return;
        file = 2;
      }
    }
    for (std::size_t done = 0; done < text_.size();) {
      const long n = raw_syscall(SYS_write, file, as_long(&text_[done]), static_cast<long>(text_.size() - done));
      if (n == -4) continue;  // EINTR
      if (n <= 0) break;
      done += static_cast<std::size_t>(n);
    }
    if (file != 2) raw_syscall(SYS_close, file);
  }

 private:
  Line& digit(unsigned value) noexcept {
    text_.push("0123456789abcdef"[value]);
    return *this;
  }
  static unsigned utf8_length(const unsigned char* c) noexcept {
    if (*c < 0x80) return 1;
    const unsigned length = *c >= 0xc2 && *c < 0xe0 ? 2 : *c >= 0xe0 && *c < 0xf0 ? 3 : *c >= 0xf0 && *c < 0xf5 ? 4 : 0;
    for (unsigned i = 1; i < length; ++i) {
      if ((c[i] & 0xc0U) != 0x80) return 0;
    }
    return length;
  }

  Array<char> text_;
};

Line line;
std::atomic<std::uint32_t> found{0};

void add_place(std::uintptr_t address) noexcept {
  const Mapping* const mapping = memory_map.find(address);
  const bool file = mapping != nullptr && memory_map.name(*mapping)[0] == '/';
  line.raw(",\"module\":\"").escaped(file ? memory_map.name(*mapping) : "").raw("\",\"offset\":\"");
  if (file) line.hex(address - mapping->begin + mapping->offset);
  line.raw("\"");
}

void add_frame(std::uintptr_t pc) noexcept {
  line.raw("{\"pc\":\"").hex(pc).raw("\"");
  add_place(pc);
  line.raw("}");
}

/// `stack` may be nullptr: then the stack is only `at`.
void add_lock(std::uintptr_t address, Kind kind, std::uintptr_t at, const Stack* stack) noexcept {
  line.raw("{\"address\":\"").hex(address).raw("\",\"kind\":\"").raw(name_of(kind)).raw("\"");
  add_place(address);
  line.raw(",\"stack\":[");
  if (stack != nullptr && stack->count > 0) {
    for (std::uint32_t i = 0; i < stack->count; ++i) {
      if (i > 0) line.raw(",");
      add_frame(stack->frames[i]);
    }
  } else if (at != 0) {
    add_frame(at);
  }
  line.raw("]}");
}

void begin_line(const char* kind) noexcept {
  char program[4096];
  const long length =
      raw_syscall(SYS_readlinkat, AT_FDCWD, as_long("/proc/self/exe"), as_long(program), sizeof program - 1);
  program[length > 0 ? length : 0] = '\0';
  line.clear();
  line.raw("{\"kind\":\"").raw(kind).raw("\",\"pid\":").number(static_cast<std::uint64_t>(raw_syscall(SYS_getpid)));
  line.raw(",\"program\":\"").escaped(program).raw("\",\"text\":\"");
}

void end_line(bool to_standard_error, std::uint32_t counter = kNoCounter) noexcept {
  line.raw("]");
  if (counter != kNoCounter) line.raw(",\"counter\":").number(counter);
  line.raw("}");
  line.write(to_standard_error);
}

void end_finding(Found kind, std::uint32_t counter = kNoCounter) noexcept {
  end_line(true, counter);
  // Release: a thread that reads it (acquire) finds the line in the file.
  found.fetch_or(kind, std::memory_order_release);
}

const char* name_of(const ThreadRecord& thread, char (&name)[16]) noexcept {
  const bool live = thread.state.load(std::memory_order_relaxed) == ThreadRecord::State::live;
  if (live) read_task_name(thread.thread_id.load(std::memory_order_relaxed), name);
  return live ? name : thread.name;
}

void begin_thread(std::uint32_t serial, std::uint32_t thread_id, const char* name) noexcept {
  line.raw("{\"thread\":").number(serial).raw(",\"tid\":").number(thread_id);
  line.raw(",\"thread_name\":\"").escaped(name).raw("\",\"wants\":");
}

const char* name_of_end(ThreadRecord::End end) noexcept {
  switch (end) {
    case ThreadRecord::End::none: return "";
    case ThreadRecord::End::returned: return "returned";
    case ThreadRecord::End::exited: return "exited";
    case ThreadRecord::End::cancelled: return "cancelled";
    case ThreadRecord::End::not_forked: return "not_forked";
  }
  return "";
}

void add_thread(const ThreadRecord& thread) noexcept {
  char name[16];
  begin_thread(thread.serial, thread.thread_id.load(std::memory_order_relaxed), name_of(thread, name));
  if (thread.waits()) {
    const Want& want = thread.want;
    add_lock(want.address.load(std::memory_order_relaxed), want.kind.load(std::memory_order_relaxed), 0, &want.stack);
  } else {
    line.raw("null");
  }
  line.raw(",\"holds\":[");
  const std::uint32_t count = thread.held_count.load(std::memory_order_acquire);
  const Held* const held = thread.held.load(std::memory_order_acquire);
  bool first = true;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uintptr_t address = held[i].address.load(std::memory_order_relaxed);
    if (address == 0 || !lock_facts().still_held(thread, address, held[i].kind.load(std::memory_order_relaxed)))
      continue;
    if (!first) line.raw(",");
    first = false;
    add_lock(address, held[i].kind.load(std::memory_order_relaxed), held[i].at.load(std::memory_order_relaxed),
             held[i].stack.load(std::memory_order_relaxed));
  }
  line.raw("]");
  if (thread.state.load(std::memory_order_relaxed) == ThreadRecord::State::ended) {
    line.raw(",\"end\":\"").raw(name_of_end(thread.end.load(std::memory_order_relaxed))).raw("\"");
  }
  line.raw("}");
}

/// Returns the text that follows "a lock, which thread 2 ".
const char* describe_end(ThreadRecord::End end) noexcept {
  switch (end) {
    case ThreadRecord::End::exited: return "still held when it ended by pthread_exit";
    case ThreadRecord::End::cancelled: return "still held when it was cancelled";
    case ThreadRecord::End::not_forked: return "held during the fork of this process, in which it does not exist";
    default: return "still held when it ended";
  }
}

/// `in_cycle`: the wait is part of a cycle; a condition is in one only because its waiter was woken.
void add_wait_text(const ThreadRecord& thread, bool in_cycle) noexcept {
  const Want& want = thread.want;
  const Kind kind = want.kind.load(std::memory_order_relaxed);
  line.raw("thread ").number(thread.serial).raw(" waits for ");
  if (kind == Kind::join) {
    line.raw("the end of ");
    const ThreadRecord* const other = want.thread.load(std::memory_order_relaxed);
    if (other == nullptr) {
      line.raw("a thread");
    } else {
      line.raw("thread ").number(other->serial);
    }
  } else if (kind == Kind::condition && in_cycle) {
    line.raw("mutex ").hex(want.mutex.load(std::memory_order_relaxed)).raw(" again, woken from condition ");
    line.hex(want.address.load(std::memory_order_relaxed));
  } else {
    line.raw(deadlock::name_of(kind)).raw(" ").hex(want.address.load(std::memory_order_relaxed));
  }
}

}  // namespace

void set_report_path(const char* path) noexcept {
  std::size_t length = 0;
  while (path != nullptr && path[length] != '\0' && length + 1 < sizeof report_path) {
    report_path[length] = path[length];
    ++length;
  }
  report_path[length] = '\0';
}

void report_loaded() noexcept {
  if (report_path[0] == '\0') return;
  const RawGuard guard(report_lock);
  begin_line("loaded");
  line.raw("\",\"cycle\":[");
  end_line(false);
}

void report_deadlock(const Cycle& cycle) noexcept {
  const RawGuard guard(report_lock);
  // Two threads may close a cycle together, and each sees it.
  bool known = true;
  for (ThreadRecord* thread : cycle.threads) {
    const std::uint64_t sequence = thread->want.sequence.load(std::memory_order_relaxed);
    if ((sequence & 1) == 0) continue;
    if (thread->reported != sequence) known = false;
    thread->reported = sequence;
  }
  if (known) return;
  memory_map.read();
  begin_line("deadlock");
  const std::size_t count = cycle.threads.size();
  if (cycle.abandoned) {
    line.raw("deadlock: ");
    add_wait_text(*cycle.threads[0], true);
    const ThreadRecord& gone = *cycle.threads[count - 1];
    line.raw(", which thread ")
        .number(gone.serial)
        .raw(" ")
        .raw(describe_end(gone.end.load(std::memory_order_relaxed)));
  } else {
    line.raw("deadlock of ").number(count).raw(count == 1 ? " thread: " : " threads: ");
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) line.raw("; ");
      add_wait_text(*cycle.threads[i], true);
      const ThreadRecord& next = *cycle.threads[(i + 1) % count];
      if (cycle.threads[i]->want.kind.load(std::memory_order_relaxed) == Kind::join) continue;
      line.raw(", which ").raw(count == 1 ? "it" : "thread ");
      if (count > 1) line.number(next.serial);
      line.raw(count == 1 ? " holds itself" : " holds");
    }
  }
  line.raw("\",\"cycle\":[");
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) line.raw(",");
    add_thread(*cycle.threads[i]);
  }
  end_finding(kFoundDeadlock);
}

void report_lost_wakeup(const Array<ThreadRecord*>& waiting) noexcept {
  const RawGuard guard(report_lock);
  memory_map.read();
  begin_line("lost_wakeup");
  if (waiting.size() == 1) {
    line.raw("lost wakeup: the only thread waits, and no thread is left to wake it: ");
  } else {
    line.raw("lost wakeup: all ").number(waiting.size()).raw(" threads wait, and no thread is left to wake one: ");
  }
  constexpr std::size_t kMostNamed = 8;
  for (std::size_t i = 0; i < waiting.size() && i < kMostNamed; ++i) {
    if (i > 0) line.raw("; ");
    add_wait_text(*waiting[i], false);
  }
  if (waiting.size() > kMostNamed) line.raw("; ...");
  line.raw("\",\"cycle\":[");
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (i > 0) line.raw(",");
    add_thread(*waiting[i]);
  }
  end_finding(kFoundLostWakeup);
}

void report_potential_deadlock(const OrderEdge* edges, std::size_t count, std::uint32_t counter) noexcept {
  const RawGuard guard(report_lock);
  memory_map.read();
  begin_line("potential_deadlock");
  line.raw("potential deadlock of ").number(count).raw(" threads, by the order of their locks: ");
  for (std::size_t i = 0; i < count; ++i) {
    const OrderEdge& edge = edges[i];
    if (i > 0) line.raw("; ");
    line.raw("thread ").number(edge.thread.serial).raw(" took ").raw(deadlock::name_of(edge.second.kind)).raw(" ");
    line.hex(edge.second.address).raw(" while it held ").raw(deadlock::name_of(edge.first.kind)).raw(" ");
    line.hex(edge.first.address);
  }
  line.raw("\",\"cycle\":[");
  for (std::size_t i = 0; i < count; ++i) {
    const OrderEdge& edge = edges[i];
    if (i > 0) line.raw(",");
    begin_thread(edge.thread.serial, edge.thread.thread_id, edge.thread.name);
    add_lock(edge.second.address, edge.second.kind, edge.second.at, edge.second.stack);
    line.raw(",\"holds\":[");
    add_lock(edge.first.address, edge.first.kind, edge.first.at, edge.first.stack);
    line.raw("]}");
  }
  end_finding(kFoundPotentialDeadlock, counter);
}

void report_unlock_not_held(const ThreadRecord& thread, const ThreadRecord* holder, std::uintptr_t address, Kind kind,
                            std::uintptr_t at, const Stack& stack) noexcept {
  const RawGuard guard(report_lock);
  memory_map.read();
  begin_line("misuse");
  line.raw("unlock_not_held: thread ").number(thread.serial).raw(" released ").raw(deadlock::name_of(kind)).raw(" ");
  line.hex(address).raw(", which ");
  if (holder == nullptr) {
    line.raw("no thread holds");
  } else {
    line.raw("thread ").number(holder->serial).raw(" holds (a hand-over: undefined, though glibc allows it)");
  }
  line.raw("\",\"cycle\":[");
  char name[16];
  begin_thread(thread.serial, thread.thread_id.load(std::memory_order_relaxed), name_of(thread, name));
  add_lock(address, kind, at, &stack);
  line.raw(",\"holds\":[]}");
  if (holder != nullptr) {
    line.raw(",");
    add_thread(*holder);
  }
  end_finding(kFoundMisuse);
}

std::uint32_t kinds_found() noexcept { return found.load(std::memory_order_acquire); }

void reset_report_lock() noexcept {
  // Another thread may have been changing them during the fork.
  if (report_lock.is_locked()) line = {}, memory_map = {};
  report_lock.reset();
}

}  // namespace racetrack::deadlock
