#include "host/runnable_program.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "host/exit.hpp"
#include "symbols/elf_file.hpp"

namespace racetrack::host {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepestScript = 4;  // as in Linux: an interpreter may itself be a script

fs::path find_in_path(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "/usr/bin:/bin" : path);
  fs::path not_executable;
  for (std::string folder; std::getline(folders, folder, ':');) {
    fs::path file = fs::path(folder.empty() ? "." : folder) / name;
    std::error_code error;
    if (!fs::is_regular_file(file, error)) continue;
    if (access(file.c_str(), X_OK) == 0) return file;
    not_executable = file;
  }
  if (!not_executable.empty()) return not_executable;
  throw usage_error(fmt::format("{}: no such program in PATH: correct the name, or give its path", name));
}

/// Returns the interpreter of a script, or "". For `env PROGRAM` returns that program.
std::string interpreter_of(const fs::path& file) {
  std::ifstream input(file, std::ios::binary);
  std::string line;
  char mark[2] = {};
  if (!input.read(mark, 2) || mark[0] != '#' || mark[1] != '!' || !std::getline(input, line)) return "";
  std::istringstream words(line);
  std::string interpreter, argument;
  words >> interpreter >> argument;
  return fs::path(interpreter).filename() == "env" && !argument.empty() && argument[0] != '-'
             ? find_in_path(argument).string()
             : interpreter;
}

bool gains_rights(const fs::path& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return false;
  if ((status.st_mode & S_ISUID) != 0 && status.st_uid != geteuid()) return true;
  if ((status.st_mode & S_ISGID) != 0 && (status.st_mode & S_IXGRP) != 0 && status.st_gid != getegid()) return true;
  return geteuid() != 0 && getxattr(file.c_str(), "security.capability", nullptr, 0) > 0;
}

std::string sanitizer_of(const symbols::ElfFile& elf) {
  constexpr std::pair<const char*, const char*> kSanitizers[] = {{"tsan", "ThreadSanitizer"},
                                                                 {"asan", "AddressSanitizer"},
                                                                 {"msan", "MemorySanitizer"},
                                                                 {"lsan", "LeakSanitizer"}};
  for (const std::string& library : elf.needed_libraries()) {
    for (const auto& [name, title] : kSanitizers) {
      if (library.find(std::string("lib") + name + ".") != std::string::npos ||
          library.find(std::string("libclang_rt.") + name) != std::string::npos) {
        return title;
      }
    }
  }
  std::vector<std::string> entries;
  for (const auto& [name, title] : kSanitizers) entries.push_back(std::string("__") + name + "_init");
  const auto found = elf.first_symbol_of(entries);
  return found ? kSanitizers[*found].second : "";
}

void check(const fs::path& file, int depth) {
  const std::string name = file.string();
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) {
    throw usage_error(fmt::format("{}: {}: correct the path", name, std::strerror(errno)));
  }
  if (S_ISDIR(status.st_mode)) throw usage_error(name + ": is a directory: name a program in it");
  if (!S_ISREG(status.st_mode)) throw usage_error(name + ": is not a program");
  if (access(file.c_str(), X_OK) != 0) throw usage_error(name + ": is not executable: chmod +x, or correct the path");
  if (gains_rights(file)) {
    throw usage_error(name +
                      ": is setuid, setgid or has capabilities, and the system preloads nothing into such a program: "
                      "run a copy without these, or run it as its owner");
  }
  const std::optional<symbols::ElfFile> elf = symbols::ElfFile::map(file);
  if (!elf) {
    const std::string interpreter = interpreter_of(file);
    if (interpreter.empty()) {
      throw usage_error(name + ": is neither a program nor a script with an interpreter in its first line");
    }
    if (depth < kDeepestScript) check(interpreter, depth + 1);
    return;
  }
  if (!elf->is_native()) {
    throw usage_error(name + ": is built for another architecture than racetrack: build it for this one");
  }
  if (!elf->is_dynamic()) {
    throw usage_error(name + ": is statically linked, and nothing can be preloaded into it: link it without -static");
  }
  if (const std::string sanitizer = sanitizer_of(*elf); !sanitizer.empty()) {
    throw usage_error(fmt::format("{}: is built with {}, which intercepts the same functions: run a build without it",
                                  name, sanitizer));
  }
}

}  // namespace

fs::path find_preloadable_program(const std::string& name) {
  if (name.empty()) throw usage_error("deadlock: the program's name is empty");
  fs::path file = find_in_path(name);
  check(file, 0);
  return file;
}

}  // namespace racetrack::host
