#include "host/remote_process.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include <elf.h>
#include <fmt/format.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

namespace racetrack::host {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream input(path);
  return {std::istreambuf_iterator<char>(input), {}};
}

std::string target_of_link(const std::string& path) {
  std::error_code error;
  const std::filesystem::path target = std::filesystem::read_symlink(path, error);
  return error ? "" : target.string();
}

/// Parses /proc/PID/task/TID/syscall: "NUMBER ARGUMENTS... STACK PC", "-1 STACK PC" or "running".
void parse_system_call(const std::string& text, TaskState& task) {
  std::istringstream words(text);
  long number = -1;
  if (!(words >> number)) return;
  SystemCall call{number, {}};
  std::string word;
  const auto next = [&] { return words >> word ? std::strtoull(word.c_str(), nullptr, 16) : 0; };
  if (number >= 0) {
    for (std::uintptr_t& argument : call.arguments) argument = next();
    task.call = call;
  }
  task.stack = next();
  task.pc = next();
}

}  // namespace

RemoteProcess::RemoteProcess(pid_t process) : process_(process) {
  std::ifstream maps(fmt::format("/proc/{}/maps", process));
  for (std::string line; std::getline(maps, line);) {
    std::istringstream words(line);
    std::string range, rights, offset, device, inode;
    RemoteMapping mapping;
    words >> range >> rights >> offset >> device >> inode >> std::ws;
    std::getline(words, mapping.name);
    char* end = nullptr;
    mapping.begin = std::strtoull(range.c_str(), &end, 16);
    mapping.end = *end == '-' ? std::strtoull(end + 1, nullptr, 16) : 0;
    mapping.offset = std::strtoull(offset.c_str(), nullptr, 16);
    mapping.executable = rights.find('x') != std::string::npos;
    mappings_.push_back(std::move(mapping));
  }
}

std::string RemoteProcess::program() const { return target_of_link(fmt::format("/proc/{}/exe", process_)); }

bool RemoteProcess::read(std::uintptr_t address, void* into, std::size_t bytes) const {
  const iovec here{into, bytes};
  const iovec there{reinterpret_cast<void*>(address), bytes};
  return process_vm_readv(process_, &here, 1, &there, 1, 0) == static_cast<ssize_t>(bytes);
}

std::vector<TaskState> RemoteProcess::tasks() const {
  std::vector<TaskState> tasks;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", process_), error)) {
    TaskState task;
    const std::string folder = entry.path().string(), id = entry.path().filename().string();
    std::from_chars(id.data(), id.data() + id.size(), task.id);
    task.name = text_of(folder + "/comm");
    if (!task.name.empty()) task.name.pop_back();
    const std::string stat = text_of(folder + "/stat");
    const std::size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos || name_end + 2 >= stat.size()) continue;
    task.state = stat[name_end + 2];
    if (task.state == 'Z' || task.state == 'X') continue;
    parse_system_call(text_of(folder + "/syscall"), task);
    task.processor_ns = processor_ns(task.id);
    tasks.push_back(std::move(task));
  }
  std::sort(tasks.begin(), tasks.end(), [](const TaskState& a, const TaskState& b) { return a.id < b.id; });
  return tasks;
}

std::uint64_t RemoteProcess::processor_ns(pid_t task) const {
  return std::strtoull(text_of(fmt::format("/proc/{}/task/{}/schedstat", process_, task)).c_str(), nullptr, 10);
}

std::string RemoteProcess::descriptor_name(std::uintptr_t descriptor) const {
  return target_of_link(fmt::format("/proc/{}/fd/{}", process_, descriptor));
}

const RemoteMapping* RemoteProcess::mapping(std::uintptr_t address) const {
  const auto after =
      std::upper_bound(mappings_.begin(), mappings_.end(), address,
                       [](std::uintptr_t value, const RemoteMapping& each) { return value < each.begin; });
  if (after == mappings_.begin()) return nullptr;
  const RemoteMapping& candidate = *std::prev(after);
  return address < candidate.end ? &candidate : nullptr;
}

std::optional<RemoteProcess::Registers> RemoteProcess::registers(pid_t task) const {
  if (ptrace(PTRACE_SEIZE, task, nullptr, nullptr) != 0) return std::nullopt;
  ptrace(PTRACE_INTERRUPT, task, nullptr, nullptr);
  int status = 0;
  pid_t stopped = 0;
  for (int tries = 0; tries < 100 && stopped == 0; ++tries) {
    stopped = waitpid(task, &status, __WALL | WNOHANG);
    constexpr timespec kPause{0, 2'000'000};
    if (stopped == 0) nanosleep(&kPause, nullptr);
  }
  std::optional<Registers> found;
  if (stopped != task || !WIFSTOPPED(status)) return found;
  user_regs_struct registers{};
  iovec area{&registers, sizeof registers};
  if (ptrace(PTRACE_GETREGSET, task, NT_PRSTATUS, &area) == 0) {
#if defined(__x86_64__)
    found = {registers.rip, registers.rsp};
#elif defined(__aarch64__)
    found = {registers.pc, registers.sp};
#endif
  }
  // If another signal stopped the task first, detaching delivers it. The stop requested here delivers none.
  const int signal = status >> 16 == 0 ? WSTOPSIG(status) : 0;
  ptrace(PTRACE_DETACH, task, nullptr, signal);
  return found;
}

std::optional<std::uintptr_t> RemoteProcess::called_before(std::uintptr_t address) const {
  const RemoteMapping* const code = mapping(address);
  if (code == nullptr || !code->executable) return std::nullopt;
#if defined(__x86_64__)
  std::array<unsigned char, 6> before{};
  if (!read(address - before.size(), before.data(), before.size())) return std::nullopt;
  std::int32_t distance = 0;
  std::memcpy(&distance, &before[2], sizeof distance);
  const std::uintptr_t target = address + static_cast<std::uintptr_t>(static_cast<std::intptr_t>(distance));
  if (before[1] == 0xe8) return target_of_stub(target);                             // call distance
  if (before[0] == 0xff && before[1] == 0x15) return read<std::uintptr_t>(target);  // call *distance(%rip)
#elif defined(__aarch64__)
  const std::optional<std::uint32_t> call = read<std::uint32_t>(address - 4);
  if (call && (*call & 0xfc000000U) == 0x94000000U) {
    const auto words = static_cast<std::int32_t>(*call << 6U) >> 6;
    return address - 4 + static_cast<std::uintptr_t>(static_cast<std::intptr_t>(words) * 4);
  }
#endif
  return std::nullopt;
}

std::uintptr_t RemoteProcess::target_of_stub(std::uintptr_t code) const {
#if defined(__x86_64__)
  std::array<unsigned char, 12> bytes{};
  if (!read(code, bytes.data(), bytes.size())) return code;
  std::size_t at = 0;
  constexpr std::array<unsigned char, 4> kEndBranch{0xf3, 0x0f, 0x1e, 0xfa};
  if (std::equal(kEndBranch.begin(), kEndBranch.end(), bytes.begin())) at += kEndBranch.size();
  if (bytes[at] == 0xf2) ++at;
  if (bytes[at] != 0xff || bytes[at + 1] != 0x25) return code;  // jmp *distance(%rip)
  std::int32_t distance = 0;
  std::memcpy(&distance, &bytes[at + 2], sizeof distance);
  return read<std::uintptr_t>(code + at + 6 + static_cast<std::uintptr_t>(static_cast<std::intptr_t>(distance)))
      .value_or(code);
#else
  return code;
#endif
}

std::string RemoteProcess::function_name(std::uintptr_t address) const {
  const RemoteMapping* const code = mapping(address);
  if (code == nullptr || !code->name.starts_with('/')) return "";
  auto file = files_.find(code->name);
  if (file == files_.end()) file = files_.emplace(code->name, symbols::ElfFile::read(code->name)).first;
  if (!file->second) return "";
  const auto place = file->second->address_of_offset(address - code->begin + code->offset);
  return place ? file->second->function_at(*place) : "";
}

bool RemoteProcess::is_in_function(std::uintptr_t function, std::uintptr_t address) const {
  constexpr std::uintptr_t kLongestNameless = 4096;
  if (function > address || mapping(function) != mapping(address)) return false;
  const std::string name = function_name(function), other = function_name(address);
  return name == other && (!name.empty() || address - function < kLongestNameless);
}

std::vector<std::uintptr_t> RemoteProcess::likely_callers(std::uintptr_t stack, std::uintptr_t pc) const {
  constexpr std::size_t kMostWords = 1024, kMostCallers = 16;
  std::vector<std::uintptr_t> callers;
  const RemoteMapping* const area = mapping(stack);
  if (area == nullptr) return callers;
  std::vector<std::uintptr_t> words(std::min(kMostWords, (area->end - stack) / sizeof(std::uintptr_t)));
  if (!read(stack, words.data(), words.size() * sizeof words[0])) return callers;
  for (const std::uintptr_t word : words) {
    const std::optional<std::uintptr_t> function = called_before(word);
    if (!function || !is_in_function(*function, callers.empty() ? pc : callers.back() - 1)) continue;
    callers.push_back(word);
    if (callers.size() == kMostCallers) break;
  }
  return callers;
}

}  // namespace racetrack::host
