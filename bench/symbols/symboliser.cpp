#include "symbols/symboliser.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <sstream>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "symbols/file_content.hpp"

namespace racetrack::symbols {
namespace {

constexpr std::size_t kAddressesAtOnce = 500;

/// Returns the output of a program, or "" when it cannot be run. No shell is involved: the program receives the
/// arguments unchanged.
std::string output_of(std::vector<std::string> arguments) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return "";
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  const int error = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::FILE* const output = fdopen(ends[0], "r");
  std::string text = output != nullptr ? rest_of(output) : "";
  int status = 0;
  while (error == 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return error == 0 ? text : "";
}

std::string in_hexadecimal(std::uint64_t address) {
  std::array<char, 16> digits{};
  return "0x" +
         std::string(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), address, 16).ptr);
}

/// "FILE:LINE", "FILE:LINE (discriminator 1)", "??:?"
void parse_place(const std::string& text, SourcePlace& place) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || text.starts_with("??")) return;
  place.file = text.substr(0, colon);
  std::from_chars(text.data() + colon + 1, text.data() + text.size(), place.line);
}

}  // namespace

bool is_library_header(const std::string& file) {
  return file.find("/include/c++/") != std::string::npos || file.find("/usr/include/") != std::string::npos;
}

bool is_standard_header(const std::string& file) {
  return file.find("/include/c++/") != std::string::npos || file.find("/usr/include/x86_64-linux-gnu/") == 0 ||
         file.find("/lib/gcc/") != std::string::npos || file.find("/lib/llvm-") != std::string::npos;
}

SourcePlace telling_place(const std::vector<SourcePlace>& places, bool (*passed_over)(const std::string& file)) {
  for (const SourcePlace& place : places) {
    if (!place.file.empty() && !passed_over(place.file)) return place;
  }
  return places.empty() ? SourcePlace{} : places.back();
}

void Symboliser::want(const std::string& module, std::uint64_t offset) {
  if (!module.empty()) wanted_[module][offset];
}

const std::optional<ElfFile>& Symboliser::file(const std::string& module) {
  const auto known = files_.find(module);
  if (known != files_.end()) return known->second;
  return files_.emplace(module, ElfFile::read(module)).first->second;
}

void Symboliser::resolve() {
  for (auto& [module, offsets] : wanted_) {
    const std::optional<ElfFile>& elf = file(module);
    if (!elf) continue;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> queries;  // address, offset
    for (const auto& [offset, places] : offsets) {
      // The call instruction ends at the return address, so the address minus one is inside it.
      const auto address = elf->address_of_offset(offset - 1);
      if (address && places.empty()) queries.emplace_back(*address, offset);
    }
    if (!elf->has_source_lines()) {  // a system library: addr2line would take long, and name the nearest symbol,
                                     // however far
      for (const auto& [address, offset] : queries) offsets[offset] = {{elf->function_at(address), "", 0, false}};
      continue;
    }
    for (std::size_t begin = 0; begin < queries.size(); begin += kAddressesAtOnce) {
      const std::size_t end = std::min(begin + kAddressesAtOnce, queries.size());
      std::vector<std::string> arguments{"addr2line", "-a", "-f", "-i", "-C", "-e", module};
      for (std::size_t i = begin; i < end; ++i) arguments.push_back(in_hexadecimal(queries[i].first));
      std::istringstream lines(output_of(arguments));
      std::size_t query = begin;
      std::vector<SourcePlace>* places = nullptr;
      for (std::string function, where; std::getline(lines, function);) {
        if (function.starts_with("0x") && query < end) {
          places = &offsets[queries[query++].second];
          continue;
        }
        if (places == nullptr || !std::getline(lines, where)) break;
        SourcePlace place;
        if (function != "??") place.function = function;
        parse_place(where, place);
        if (place.file.empty()) place.function = elf->function_at(queries[query - 1].first);
        if (!places->empty()) places->back().inlined = true;
        places->push_back(place);
      }
    }
  }
}

std::vector<SourcePlace> Symboliser::places(const std::string& module, std::uint64_t offset) const {
  const auto offsets = wanted_.find(module);
  if (offsets == wanted_.end()) return {};
  const auto found = offsets->second.find(offset);
  return found == offsets->second.end() ? std::vector<SourcePlace>{} : found->second;
}

std::string Symboliser::variable(const std::string& module, std::uint64_t offset) {
  if (module.empty() || !file(module)) return "";
  const auto address = file(module)->address_of_offset(offset);
  return address ? file(module)->variable_at(*address) : "";
}

}  // namespace racetrack::symbols
