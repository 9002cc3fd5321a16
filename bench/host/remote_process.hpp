// Reads another process from outside: its memory, memory map and tasks. Runs no code in it; only registers() stops a
// task briefly. Needs the permission to trace it, which a parent of the same user has.
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

/// The system call that a task executes, or executed when a signal interrupted it.
struct SystemCall {
  long number = 0;
  std::array<std::uintptr_t, 6> arguments{};
};

struct TaskState {
  pid_t id = 0;
  std::string name;
  char state = '?';  ///< R running, S asleep, D, T, Z, ...
  std::uint64_t processor_ns = 0;
  std::optional<SystemCall> call;  ///< nullopt when the task is in none or reading it is not permitted
  std::uintptr_t stack = 0;        ///< stack pointer of a task that is not running; 0 when reading it is not permitted
  std::uintptr_t pc = 0;
};

struct RemoteMapping {
  std::uintptr_t begin = 0, end = 0;
  std::uint64_t offset = 0;
  bool executable = false;
  std::string name;  ///< path of the file; or a name such as [stack], or empty
};

class RemoteProcess {
 public:
  explicit RemoteProcess(pid_t process);

  [[nodiscard]] pid_t id() const noexcept { return process_; }
  /// Returns the path of its executable, or "".
  [[nodiscard]] std::string program() const;
  /// Returns false when some of the bytes cannot be read.
  [[nodiscard]] bool read(std::uintptr_t address, void* into, std::size_t bytes) const;
  template <class T>
  [[nodiscard]] std::optional<T> read(std::uintptr_t address) const {
    static_assert(std::is_trivially_copyable_v<T>);
    T value{};
    return read(address, &value, sizeof value) ? std::optional<T>(value) : std::nullopt;
  }
  /// Returns the tasks that have not ended.
  [[nodiscard]] std::vector<TaskState> tasks() const;
  /// Returns the processor time of a task in nanoseconds; 0 when it has ended.
  [[nodiscard]] std::uint64_t processor_ns(pid_t task) const;
  /// Returns the target of a file descriptor, for example "pipe:[4711]", or "".
  [[nodiscard]] std::string descriptor_name(std::uintptr_t descriptor) const;
  /// Returns the mapping that contains `address`, as of the construction of this object; nullptr when there is none.
  [[nodiscard]] const RemoteMapping* mapping(std::uintptr_t address) const;

  struct Registers {
    std::uintptr_t pc = 0, stack = 0;
  };
  /// Stops a running task briefly and returns its registers; nullopt when that is not permitted or takes more than 0.2
  /// s.
  [[nodiscard]] std::optional<Registers> registers(pid_t task) const;
  /// Returns return addresses from the stack of a task at `pc`, innermost first: each follows a call to the function
  /// that contains the previous address. This is a guess, made without unwind tables. It stops at the first call
  /// through a pointer.
  [[nodiscard]] std::vector<std::uintptr_t> likely_callers(std::uintptr_t stack, std::uintptr_t pc) const;

 private:
  /// Returns the function that is called by the instruction before a return address; nullopt when that is not a call,
  /// or is a call through a register.
  [[nodiscard]] std::optional<std::uintptr_t> called_before(std::uintptr_t address) const;
  /// Returns the function to which an entry of the procedure linkage table jumps; for other code, its own address.
  [[nodiscard]] std::uintptr_t target_of_stub(std::uintptr_t code) const;
  /// Returns whether `address` is in the function that starts at `function`, judged by their symbols.
  [[nodiscard]] bool is_in_function(std::uintptr_t function, std::uintptr_t address) const;
  [[nodiscard]] std::string function_name(std::uintptr_t address) const;

  pid_t process_;
  std::vector<RemoteMapping> mappings_;
  mutable std::map<std::string, std::optional<symbols::ElfFile>> files_;
};

}  // namespace racetrack::host
