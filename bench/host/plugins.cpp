#include "host/plugins.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <exception>
#include <fstream>
#include <optional>
#include <string_view>

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include <racetrack/plugin.hpp>

#include "host/build_facts.hpp"
#include "host/exit.hpp"

namespace racetrack::host {
namespace {

namespace fs = std::filesystem;

/// Sees a subject by what the compiler has put into it.
constexpr bool kWatchesCode =
    std::string_view(RACETRACK_FLAVOUR) == "explore" || std::string_view(RACETRACK_FLAVOUR) == "tsan";

/// All bytes of a file; fewer when it cannot be read to its end. In one read: in a sanitizer's build a loop over them takes long.
std::string bytes_of(const fs::path& file) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  std::string bytes(error ? 0 : size, '\0');
  std::ifstream input(file, std::ios::binary);
  input.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(input.gcount()));
  return bytes;
}

/// The stamp that stands in a file's bytes, or nothing.
std::optional<std::string> stamp_in(const std::string& bytes) {
  const void* const found =
      memmem(bytes.data(), bytes.size(), RACETRACK_STAMP_MARKER, sizeof RACETRACK_STAMP_MARKER - 1);
  if (found == nullptr) return std::nullopt;
  const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
  const std::size_t end = bytes.find('\0', at);
  return bytes.substr(at, std::min(end, at + 200) - at);
}

/// A module that ends before what the loader would map: a copy that was interrupted. Loading it kills the process (SIGBUS).
bool is_cut_off(const std::string& bytes) {
  ElfW(Ehdr) header;
  if (bytes.size() < sizeof header) return true;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return false;  // no module at all: the loader says so
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    const std::size_t at = header.e_phoff + i * header.e_phentsize;
    ElfW(Phdr) segment;
    if (at > bytes.size() || bytes.size() - at < sizeof segment) return true;
    std::memcpy(&segment, bytes.data() + at, sizeof segment);
    if (segment.p_type != PT_LOAD) continue;
    if (segment.p_offset > bytes.size() || bytes.size() - segment.p_offset < segment.p_filesz) return true;
  }
  return false;
}

std::string without_marker(std::string_view stamp) {
  const std::string_view marker = RACETRACK_STAMP_MARKER " ";
  return std::string(stamp.starts_with(marker) ? stamp.substr(marker.size()) : stamp);
}

fs::path folder_of_own_plugins() {
  const fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
  const fs::path beside = folder / "plugins";
  return fs::is_directory(beside) ? beside : folder / build_facts().plugins_from_bin;
}

}  // namespace

Plugin load_plugin(const fs::path& file) {
  const std::string name = "plugin " + file.string();
  std::error_code error;
  if (!fs::is_regular_file(file, error)) {
    throw usage_error(name + ": no such file: build it, or correct the path");
  }
  const std::string bytes = bytes_of(file);
  const std::optional<std::string> stamp = stamp_in(bytes);
  if (!stamp) {
    throw usage_error(name + ": is not a racetrack plugin (it has no RACETRACK_PLUGIN entry)");
  }
  if (*stamp != RACETRACK_STAMP) {
    throw usage_error(name + ": is built for '" + without_marker(*stamp) + "', this racetrack is '" +
                      without_marker(RACETRACK_STAMP) + "': rebuild it with this racetrack's headers and flavour");
  }
  if (is_cut_off(bytes)) throw usage_error(name + ": ends too early, as if copied in part: copy or build it again");
  if (kWatchesCode && bytes.find("__tsan_init") == std::string::npos) {
    throw usage_error(
        name + ": is not instrumented, so that nothing of it would be seen: build it with racetrack_add_plugin()");
  }
  // An absolute path: dlopen would search for a bare name elsewhere.
  void* module = dlopen(fs::absolute(file).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) throw usage_error(name + ": cannot be loaded: " + dlerror());
  using EntryFunction = const PluginEntry* (*)();
  const auto entry_function = reinterpret_cast<EntryFunction>(dlsym(module, "racetrack_plugin"));
  if (entry_function == nullptr) throw usage_error(name + ": is not a racetrack plugin (no racetrack_plugin symbol)");
  const PluginEntry* entry = entry_function();
  if (entry->abi != kAbiVersion || std::string_view(entry->stamp) != RACETRACK_STAMP) {
    throw usage_error(name + ": has ABI " + std::to_string(entry->abi) + " and stamp '" + entry->stamp +
                      "', this racetrack " + std::to_string(kAbiVersion) + " and '" RACETRACK_STAMP "': rebuild it");
  }
  Registry registry;
  try {
    entry->describe(registry);
  } catch (const std::exception& thrown) {
    throw usage_error(name + ": its RACETRACK_PLUGIN threw '" + thrown.what() + "': correct the plugin");
  }
  return {file, entry->compiler, registry.scenarios()};
}

std::vector<fs::path> own_plugins() {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& file : fs::directory_iterator(folder_of_own_plugins(), error)) {
    if (file.path().extension() == ".so") files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::pair<std::string, std::string>> left_out_of_build() {
  std::vector<std::pair<std::string, std::string>> subjects;
  std::ifstream list(folder_of_own_plugins() / "left_out.tsv");
  for (std::string line; std::getline(list, line);) {
    const std::size_t tab = line.find('\t');
    if (tab != std::string::npos) subjects.emplace_back(line.substr(0, tab), line.substr(tab + 1));
  }
  return subjects;
}

}  // namespace racetrack::host
