// Another process, read from outside: its memory, its memory map and its tasks. Nothing in it runs for this; only registers() stops a
// task for a moment. Needs the rights of a debugger, which a parent of the same user has.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <sys/types.h>

#include "symbols/elf_file.hpp"

namespace racetrack::host {

/// The system call that a task is in, or was in when a signal interrupted it.
struct SystemCall {
  long number = 0;
  std::array<std::uintptr_t, 6> arguments{};
};

struct TaskState {
  pid_t id = 0;
  std::string name;
  char state = '?';  ///< R running, S asleep, D, T, Z, ...
  std::uint64_t processor_ns = 0;
  std::optional<SystemCall> call;  ///< nothing when it is in none, or may not be read
  std::uintptr_t stack = 0;        ///< stack pointer of a task that does not run; 0 when it may not be read
  std::uintptr_t pc = 0;
};

struct RemoteMapping {
  std::uintptr_t begin = 0, end = 0;
  std::uint64_t offset = 0;
  bool executable = false;
  std::string name;  ///< of the file; others have names such as [stack], or none
};

class RemoteProcess {
 public:
  explicit RemoteProcess(pid_t process);

  [[nodiscard]] pid_t id() const noexcept { return process_; }
  /// Its program's file, or "".
  [[nodiscard]] std::string program() const;
  /// False when not all of it can be read.
  [[nodiscard]] bool read(std::uintptr_t address, void* into, std::size_t bytes) const;
  template <class T>
  [[nodiscard]] std::optional<T> read(std::uintptr_t address) const {
    static_assert(std::is_trivially_copyable_v<T>);
    T value{};
    return read(address, &value, sizeof value) ? std::optional<T>(value) : std::nullopt;
  }
  /// Those that have not ended.
  [[nodiscard]] std::vector<TaskState> tasks() const;
  /// In nanoseconds; 0 when the task has ended.
  [[nodiscard]] std::uint64_t processor_ns(pid_t task) const;
  /// The target of a file descriptor, as "pipe:[4711]", or "".
  [[nodiscard]] std::string descriptor_name(std::uintptr_t descriptor) const;
  /// As of the construction of this object; nullptr when nothing is mapped there.
  [[nodiscard]] const RemoteMapping* mapping(std::uintptr_t address) const;

  struct Registers {
    std::uintptr_t pc = 0, stack = 0;
  };
  /// Of a running task, which is stopped for a moment. Nothing when that is not allowed, or takes too long.
  [[nodiscard]] std::optional<Registers> registers(pid_t task) const;
  /// Return addresses in the stack of a task at `pc`, innermost first: each follows a call of the function that contains the one before. A
  /// guess, without unwind tables; it ends at the first call through a pointer.
  [[nodiscard]] std::vector<std::uintptr_t> likely_callers(std::uintptr_t stack, std::uintptr_t pc) const;

 private:
  /// The function that the call before a return address calls; nothing when there is no such call, or it is through a register.
  [[nodiscard]] std::optional<std::uintptr_t> called_before(std::uintptr_t address) const;
  /// The function that an entry of the procedure linkage table jumps to; for other code, its own address.
  [[nodiscard]] std::uintptr_t behind_stub(std::uintptr_t code) const;
  /// The start of a function, and an address, in the same function by its symbol.
  [[nodiscard]] bool lies_in(std::uintptr_t function, std::uintptr_t address) const;
  [[nodiscard]] std::string function_name(std::uintptr_t address) const;

  pid_t process_;
  std::vector<RemoteMapping> mappings_;
  mutable std::map<std::string, std::optional<symbols::ElfFile>> files_;
};

}  // namespace racetrack::host
