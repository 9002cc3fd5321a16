#include "host/deadlock_snapshot.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <ctime>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <linux/futex.h>
#include <nlohmann/json.hpp>
#include <pthread.h>
#include <sys/syscall.h>

#include "deadlock/in_process.hpp"
#include "deadlock/thread_record.hpp"
#include "host/deadlock_text.hpp"
#include "host/remote_process.hpp"
#include "host/system_call_names.hpp"

namespace racetrack::host {
namespace {

using deadlock::Kind;
using nlohmann::json;

constexpr std::uint64_t kSampleNs = 100'000'000;
constexpr std::size_t kMostHolds = 100'000;  // a greater count is invalid: the memory changed while it was read

std::string in_hexadecimal(std::uintptr_t address) { return fmt::format("0x{:x}", address); }

/// A lock that a thread holds.
struct RemoteHold {
  std::uintptr_t address = 0, at = 0, stack = 0;
  Kind kind = Kind::none;
};

/// A copy of a ThreadRecord of the other process.
struct RemoteRecord {
  std::uintptr_t address = 0;  ///< of the record in the other process
  deadlock::ThreadRecord::State state = deadlock::ThreadRecord::State::free;
  std::uint32_t serial = 0;
  pid_t id = 0, id_before_fork = 0;
  std::vector<RemoteHold> holds;
  bool waits = false;
  Kind wanted = Kind::none;
  std::uintptr_t wanted_address = 0, mutex = 0, joined = 0;
  std::vector<std::uintptr_t> stack;
};

std::vector<std::uintptr_t> frames_of(const deadlock::Stack& stack) {
  const std::size_t count = std::min(stack.count, deadlock::Stack::kMostFrames);
  return {stack.frames, stack.frames + count};
}

std::optional<RemoteRecord> read_record(const RemoteProcess& process, std::uintptr_t address) {
  // Holds the record's bytes; no thread of this process uses the object.
  const auto bytes = std::make_unique<deadlock::ThreadRecord>();
  deadlock::ThreadRecord& record = *bytes;
  if (!process.read(address, &record, sizeof record)) return std::nullopt;
  RemoteRecord read;
  read.address = address;
  read.state = record.state.load();
  read.serial = record.serial;
  read.id = static_cast<pid_t>(record.thread_id.load());
  read.id_before_fork = static_cast<pid_t>(record.thread_id_before_fork);
  const std::size_t count = record.held_count.load();
  const auto slots = reinterpret_cast<std::uintptr_t>(record.held.load());
  for (std::size_t i = 0; i < count && count < kMostHolds; ++i) {
    deadlock::Held held{};
    if (!process.read(slots + i * sizeof held, &held, sizeof held)) break;
    if (held.address.load() == 0) continue;
    read.holds.push_back(
        {held.address.load(), held.at.load(), reinterpret_cast<std::uintptr_t>(held.stack.load()), held.kind.load()});
  }
  const deadlock::Want& want = record.want;
  const auto sequence = process.read<std::uint64_t>(address + offsetof(deadlock::ThreadRecord, want) +
                                                    offsetof(deadlock::Want, sequence));
  read.waits = (want.sequence.load() & 1) != 0 && sequence == want.sequence.load();
  if (read.waits) {
    read.wanted = want.kind.load();
    read.wanted_address = want.address.load();
    read.mutex = want.mutex.load();
    read.joined = reinterpret_cast<std::uintptr_t>(want.thread.load());
    read.stack = frames_of(want.stack);
  }
  return read;
}

bool is_wait_on_futex(const SystemCall& call) {
  const auto operation = static_cast<int>(call.arguments[1]) & FUTEX_CMD_MASK;
  return call.number == SYS_futex && (operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET ||
                                      operation == FUTEX_LOCK_PI || operation == FUTEX_WAIT_REQUEUE_PI);
}

/// The state of one process at one moment.
class Snapshot {
 public:
  Snapshot(pid_t process, std::uintptr_t table, const deadlock::Interrupted& interrupted)
      : process_(process), tasks_(process_.tasks()) {
    std::erase_if(tasks_, [](const TaskState& task) { return task.name == deadlock::kMonitorName; });
    read_records(table);
    measure_running();
    // Read last, because a signal handler may have just begun.
    if (interrupted.signal.load() != 0) undo_interruption(interrupted);
  }

  /// Returns the description, or "" when the process has ended.
  [[nodiscard]] std::string describe() {
    const std::string program = process_.program();
    if (program.empty() || tasks_.empty()) return "";
    json threads = json::array();
    for (const TaskState& task : tasks_) threads.push_back(thread_json(task));
    name_locks({&threads});
    std::string text =
        fmt::format("{} [{}], {} thread{}:\n", program, process_.id(), tasks_.size(), tasks_.size() == 1 ? "" : "s");
    std::map<std::string, std::size_t> alike;  // number of threads by description
    std::vector<std::pair<std::string, std::string>> described;
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      std::string what = describe_task(tasks_[i], threads[i]);
      if (alike[what]++ == 0) described.emplace_back(describe_thread_name(threads[i]), what);
    }
    for (const auto& [name, what] : described) {
      text += "  " + name + what;
      if (alike[what] > 1) text += fmt::format("    and {} more threads alike\n", alike[what] - 1);
    }
    return text + describe_cycle() + describe_limits();
  }

 private:
  void read_records(std::uintptr_t table) {
    const auto size = process_.read<std::size_t>(table + deadlock::ThreadTable::size_offset());
    if (!size || *size > deadlock::ThreadTable::kMostThreads) return;
    for (std::size_t i = 0; i < *size; ++i) {
      const auto address =
          process_.read<std::uintptr_t>(table + deadlock::ThreadTable::records_offset() + i * sizeof(std::uintptr_t));
      if (!address) return;
      const std::optional<RemoteRecord> record = read_record(process_, *address);
      if (record && record->state != deadlock::ThreadRecord::State::free) records_.push_back(*record);
    }
  }

  /// Restores the state of the interrupted task from before the signal.
  void undo_interruption(const deadlock::Interrupted& interrupted) {
    for (TaskState& task : tasks_) {
      if (task.id != interrupted.task.load()) continue;
      task.pc = interrupted.pc.load();
      task.stack = interrupted.stack.load();
      task.call.reset();
      const auto number = static_cast<long>(interrupted.number.load());
      if (is_system_call(task.pc)) {  // the system call would be restarted
        task.call = SystemCall{number, {}};
        for (std::size_t i = 0; i < task.call->arguments.size(); ++i) {
          task.call->arguments[i] = interrupted.arguments[i].load();
        }
      } else if (!is_system_call(task.pc - kSystemCallBytes) || number != -EINTR) {
        interrupted_running_ = task.id;
      }
    }
  }

#if defined(__x86_64__)
  static constexpr std::size_t kSystemCallBytes = 2;
  [[nodiscard]] bool is_system_call(std::uintptr_t pc) const { return process_.read<std::uint16_t>(pc) == 0x050f; }
#else
  static constexpr std::size_t kSystemCallBytes = 4;
  [[nodiscard]] bool is_system_call(std::uintptr_t pc) const { return process_.read<std::uint32_t>(pc) == 0xd4000001; }
#endif

  void measure_running() {
    const bool any = std::any_of(tasks_.begin(), tasks_.end(), [](const TaskState& task) { return task.state == 'R'; });
    if (!any) return;
    constexpr timespec kPause{0, kSampleNs};
    nanosleep(&kPause, nullptr);
    for (TaskState& task : tasks_) {
      if (task.state != 'R') continue;
      burnt_ns_[task.id] = process_.processor_ns(task.id) - task.processor_ns;
      if (const auto registers = process_.registers(task.id)) {
        task.pc = registers->pc;
        task.stack = registers->stack;
      }
    }
  }

  [[nodiscard]] const RemoteRecord* record_of(pid_t task) const {
    for (const RemoteRecord& record : records_) {
      if (record.id == task && record.state == deadlock::ThreadRecord::State::live) return &record;
    }
    return nullptr;
  }

  /// Returns for example "thread 2", or the tid for a thread that the detector does not know.
  [[nodiscard]] std::string name_of_task(pid_t task) const {
    const RemoteRecord* const record = record_of(task);
    return record == nullptr ? fmt::format("the unknown thread with tid {}", task)
                             : fmt::format("thread {}", record->serial);
  }

  [[nodiscard]] bool is_task(pid_t id) const {
    return std::any_of(tasks_.begin(), tasks_.end(), [&](const TaskState& task) { return task.id == id; });
  }

  [[nodiscard]] pid_t owner_of_mutex(std::uintptr_t address) const {
    return process_.read<std::int32_t>(address + offsetof(pthread_mutex_t, __data.__owner)).value_or(0);
  }

  /// Returns whether a recorded hold is still real: another thread may have released the lock.
  [[nodiscard]] bool still_holds(const RemoteRecord& record, const RemoteHold& hold) const {
    pid_t owner = 0;
    if (hold.kind == Kind::mutex) {
      owner = owner_of_mutex(hold.address);
    } else if (hold.kind == Kind::rwlock_write) {
      owner = process_.read<std::int32_t>(hold.address + offsetof(pthread_rwlock_t, __data.__cur_writer)).value_or(0);
    } else {
      return true;
    }
    return owner != 0 && (owner == record.id || owner == record.id_before_fork);
  }

  /// Returns the holders of the lock at `address` that block a thread which wants it as `kind`.
  [[nodiscard]] std::vector<const RemoteRecord*> holders(std::uintptr_t address, Kind kind) const {
    std::vector<const RemoteRecord*> found;
    for (const RemoteRecord& record : records_) {
      for (const RemoteHold& hold : record.holds) {
        const bool reads_both = hold.kind == Kind::rwlock_read && kind == Kind::rwlock_read;
        if (hold.address != address || reads_both || !still_holds(record, hold)) continue;
        found.push_back(&record);
        break;
      }
    }
    return found;
  }

  [[nodiscard]] json frame_json(std::uintptr_t pc) const {
    json frame{{"pc", in_hexadecimal(pc)}, {"module", ""}, {"offset", ""}};
    add_module(frame, pc);
    return frame;
  }

  void add_module(json& place, std::uintptr_t address) const {
    const RemoteMapping* const mapping = process_.mapping(address);
    const bool file = mapping != nullptr && mapping->name.starts_with('/');
    place["module"] = file ? mapping->name : "";
    place["offset"] = file ? in_hexadecimal(address - mapping->begin + mapping->offset) : "";
  }

  [[nodiscard]] json lock_json(std::uintptr_t address, const char* kind,
                               const std::vector<std::uintptr_t>& stack) const {
    json lock{{"address", in_hexadecimal(address)}, {"kind", kind}, {"stack", json::array()}};
    add_module(lock, address);
    for (const std::uintptr_t pc : stack) lock["stack"].push_back(frame_json(pc));
    return lock;
  }

  [[nodiscard]] std::vector<std::uintptr_t> stack_of(const RemoteHold& hold) const {
    deadlock::Stack stack;
    if (hold.stack != 0 && process_.read(hold.stack, &stack, sizeof stack)) return frames_of(stack);
    return {hold.at};
  }

  [[nodiscard]] json thread_json(const TaskState& task) const {
    const RemoteRecord* const record = record_of(task.id);
    json thread{{"thread", record == nullptr ? 0 : record->serial},
                {"tid", task.id},
                {"thread_name", task.name},
                {"wants", nullptr},
                {"holds", json::array()}};
    if (record != nullptr) {
      for (const RemoteHold& hold : record->holds) {
        if (still_holds(*record, hold)) {
          thread["holds"].push_back(lock_json(hold.address, deadlock::name_of(hold.kind), stack_of(hold)));
        }
      }
    }
    if (record != nullptr && record->waits) {
      thread["wants"] = lock_json(record->wanted_address, deadlock::name_of(record->wanted), record->stack);
    } else {
      std::vector<std::uintptr_t> stack;
      // A return address: the symboliser looks up one less.
      if (task.pc != 0) stack.push_back(task.pc + 1);
      const std::vector<std::uintptr_t> callers = process_.likely_callers(task.stack, task.pc);
      stack.insert(stack.end(), callers.begin(), callers.end());
      thread["wants"] = lock_json(task.call ? task.call->arguments[0] : 0, "futex", stack);
    }
    return thread;
  }

  std::string describe_task(const TaskState& task, const json& thread) {
    const RemoteRecord* const record = record_of(task.id);
    std::string text;
    if (record != nullptr && record->waits) {
      text = " waits for " + describe_wanted(task.id, *record, thread["wants"]) + " at\n" +
             describe_stack(thread["wants"], "      ");
    } else {
      text = " " + describe_unwatched(task, thread["wants"]) + describe_place(thread["wants"]);
    }
    return text + describe_holds(thread);
  }

  std::string describe_wanted(pid_t task, const RemoteRecord& record, const json& wants) {
    switch (record.wanted) {
      case Kind::join: return describe_join(task, record);
      case Kind::condition:
        return fmt::format("{}, with mutex {},", describe_lock(wants), in_hexadecimal(record.mutex));
      case Kind::semaphore:
      case Kind::barrier:
      case Kind::futex: return describe_lock(wants) + ",";
      default: break;
    }
    std::string text = describe_lock(wants);
    const std::vector<const RemoteRecord*> found = holders(record.wanted_address, record.wanted);
    for (const RemoteRecord* const holder : found) {
      text += fmt::format("{} thread {}", holder == found.front() ? ", held by" : " and", holder->serial);
      if (holder->state == deadlock::ThreadRecord::State::ended) text += ", which is gone";
      edges_[task].insert(holder->id);
    }
    if (!found.empty()) return text + ",";
    const pid_t owner = record.wanted == Kind::mutex ? owner_of_mutex(record.wanted_address) : 0;
    if (owner == 0) return text + ", whose holder is not known,";
    if (!is_task(owner)) return text + fmt::format(", held by tid {}, no thread of this process,", owner);
    edges_[task].insert(owner);
    return text + fmt::format(", held by {},", name_of_task(owner));
  }

  std::string describe_join(pid_t task, const RemoteRecord& record) {
    for (const RemoteRecord& other : records_) {
      if (other.address != record.joined) continue;
      edges_[task].insert(other.id);
      return fmt::format("the end of thread {},", other.serial);
    }
    return "the end of a thread,";
  }

  /// Describes a thread that is not in a wait recorded by the detector.
  std::string describe_unwatched(const TaskState& task, const json& wants) {
    if (task.id == interrupted_running_) {
      some_run_ = true;
      return "ran when the signal came";
    }
    if (task.state == 'R') {
      some_run_ = true;
      const auto burnt = burnt_ns_.find(task.id);
      const std::uint64_t ns = burnt == burnt_ns_.end() ? 0 : burnt->second;
      return fmt::format("runs: it used {} ms of processor time in {} ms", ns / 1'000'000, kSampleNs / 1'000'000);
    }
    if (task.state == 'T' || task.state == 't') return "is stopped by a signal or a debugger";
    some_in_system_ = true;
    if (!task.call) return "is in a system call that a signal interrupted or that cannot be read";
    if (is_wait_on_futex(*task.call)) return describe_futex(task, wants);
    std::string text = "is in the system call " + name_of_system_call(task.call->number);
    const std::uintptr_t first = task.call->arguments[0];
    if (waits_for_descriptor(task.call->number)) {
      const std::string name = process_.descriptor_name(first);
      text += fmt::format(" on descriptor {}{}", first, name.empty() ? "" : " (" + name + ")");
    }
    return text;
  }

  std::string describe_futex(const TaskState& task, const json& wants) {
    const std::array<std::uintptr_t, 6>& arguments = task.call->arguments;
    std::string text =
        fmt::format("waits {} for futex {}", arguments[3] == 0 ? "without a time-out" : "with a time-out",
                    in_hexadecimal(arguments[0]));
    const std::string module = wants.value("module", ""), name = wants.value("name", "");
    if (!name.empty()) text += " '" + name + "'";
    if (!module.empty()) text += " in " + module;
    // A contended glibc mutex has the value 2, and its owner's tid two words later.
    constexpr std::uintptr_t kContended = 2;
    const pid_t owner = arguments[2] == kContended ? owner_of_mutex(arguments[0]) : 0;
    if (owner != 0 && owner != task.id && is_task(owner)) {
      inferred_ = true;
      edges_[task.id].insert(owner);
      text += fmt::format(", by its memory a mutex that {} holds", name_of_task(owner));
    }
    return text;
  }

  /// Describes the innermost frame, and the innermost one with a source line among the guessed callers.
  static std::string describe_place(const json& wants) {
    const json& stack = wants["stack"];
    const auto known = [](const json& frame) { return !frame.value("file", "").empty(); };
    if (stack.empty()) return "\n";
    std::string text = fmt::format(", in {}\n", describe_frame(stack[0]));
    if (known(stack[0])) return text;
    const auto found = std::find_if(stack.begin() + 1, stack.end(), known);
    if (found != stack.end()) text += fmt::format("      probably called at {}\n", describe_frame(*found));
    return text;
  }

  /// Describes a cycle of waiting threads, if there is one, and its uncertainty when a wait was only inferred.
  [[nodiscard]] std::string describe_cycle() const {
    for (const auto& [first, unused] : edges_) {
      std::vector<pid_t> path{first};
      std::set<pid_t> visited{first};
      if (!find_cycle(first, path, visited)) continue;
      std::string text = "  These waits form a cycle: ";
      for (const pid_t task : path) text += name_of_task(task) + " -> ";
      text += name_of_task(first);
      text += inferred_ ? ". It is a deadlock if the futex is the mutex that it looks like.\n" : ".\n";
      return text;
    }
    return "";
  }

  /// Extends `path` until its last thread waits for `first`. Returns false when there is no such path.
  bool find_cycle(pid_t first, std::vector<pid_t>& path, std::set<pid_t>& visited) const {
    const auto next = edges_.find(path.back());
    if (next == edges_.end()) return false;
    for (const pid_t task : next->second) {
      if (task == first) return true;
      if (!visited.insert(task).second) continue;
      path.push_back(task);
      if (find_cycle(first, path, visited)) return true;
      path.pop_back();
    }
    return false;
  }

  [[nodiscard]] std::string describe_limits() const {
    std::string text;
    if (some_run_) {
      text +=
          "  Not known: whether a running thread makes progress, or spins on a pthread_spinlock_t or the program's own "
          "lock.\n";
    }
    if (some_in_system_) {
      text +=
          "  Not known: the event that would end a system call, or a futex wait inside libc, the loader or another "
          "library.\n";
    }
    return text;
  }

  RemoteProcess process_;
  std::vector<TaskState> tasks_;
  std::vector<RemoteRecord> records_;
  std::map<pid_t, std::uint64_t> burnt_ns_;
  std::map<pid_t, std::set<pid_t>> edges_;  ///< threads for which each thread waits
  pid_t interrupted_running_ = 0;
  bool inferred_ = false, some_run_ = false, some_in_system_ = false;
};

/// Returns the address of the process's thread table, or nullopt when it now runs another program.
std::optional<std::uintptr_t> table_of(pid_t process, std::uintptr_t view) {
  const auto found = RemoteProcess(process).read<deadlock::ProcessView>(view);
  if (!found || found->magic != deadlock::ProcessView::kMagic) return std::nullopt;
  return reinterpret_cast<std::uintptr_t>(found->threads);
}

}  // namespace

std::string describe_waits(const deadlock::SharedPage& page) {
  std::string text;
  for (std::size_t i = 0; i < deadlock::SharedPage::kMostProcesses; ++i) {
    const pid_t process = page.processes[i].load();
    if (process == 0) continue;
    if (const auto table = table_of(process, page.views[i].load())) {
      text += Snapshot(process, *table, page.interrupted[i]).describe();
    }
  }
  const std::uint32_t left_out = page.processes_left_out.load();
  if (left_out > 0) text += fmt::format("{} more processes were not registered, and are left out\n", left_out);
  return text;
}

}  // namespace racetrack::host
