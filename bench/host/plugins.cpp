#include "host/plugins.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <exception>
#include <fstream>
#include <functional>
#include <locale>
#include <optional>
#include <set>
#include <string_view>

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <link.h>

#include <racetrack/plugin.hpp>

#include "host/build_facts.hpp"
#include "host/cases.hpp"
#include "host/exit.hpp"
#include "host/safe_text.hpp"

namespace racetrack::host {
namespace {

namespace fs = std::filesystem;

/// Whether this build observes subjects through compiler instrumentation.
constexpr bool kWatchesCode =
    std::string_view(RACETRACK_FLAVOUR) == "explore" || std::string_view(RACETRACK_FLAVOUR) == "tsan";

/// Returns all bytes of a file, or fewer when reading fails. Reads at once: in a build with a sanitizer, a loop over
/// bytes is slow.
std::string bytes_of(const fs::path& file) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  std::string bytes(error ? 0 : size, '\0');
  std::ifstream input(file, std::ios::binary);
  input.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(input.gcount()));
  return bytes;
}

/// Returns the stamp in a file's bytes, or nullopt.
std::optional<std::string> stamp_in(const std::string& bytes) {
  const void* const found =
      memmem(bytes.data(), bytes.size(), RACETRACK_STAMP_MARKER, sizeof RACETRACK_STAMP_MARKER - 1);
  if (found == nullptr) return std::nullopt;
  const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
  const std::size_t end = bytes.find('\0', at);
  return bytes.substr(at, std::min(end, at + 200) - at);
}

/// Returns whether a module's segments extend beyond the end of the file, as in an interrupted copy. Loading such a
/// module would kill the process (SIGBUS).
bool is_cut_off(const std::string& bytes) {
  ElfW(Ehdr) header;
  if (bytes.size() < sizeof header) return true;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return false;  // not a module: the loader reports it
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

/// Returns an identifier of the content, valid within one run of one executable.
std::string id_of(const std::string& bytes) {
  return std::to_string(bytes.size()) + "-" + std::to_string(std::hash<std::string>{}(bytes));
}

std::string without_marker(std::string_view stamp) {
  const std::string_view marker = RACETRACK_STAMP_MARKER " ";
  return std::string(stamp.starts_with(marker) ? stamp.substr(marker.size()) : stamp);
}

/// Returns an absolute path, because dlopen searches for a bare name elsewhere. dlopen also replaces $ORIGIN and
/// similar tokens: for a path with '$', returns the path of a descriptor that stays open.
fs::path loadable(const fs::path& file) {
  fs::path path = fs::absolute(file);
  if (path.native().find('$') == std::string::npos) return path;
  return "/proc/self/fd/" + std::to_string(open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

/// Throws Failure(usage) for a name that refuse_name() refuses.
void check_names(const std::string& plugin, const Scenario& scenario) {
  const auto check = [&](const char* kind, const std::string& name) {
    if (const auto refusal = refuse_name(name)) {
      throw usage_error(
          fmt::format("{}: registers the {} {}: {}: choose another name", plugin, kind, quoted_or_hex(name), *refusal));
    }
  };
  check("family", scenario.family);
  check("workload", scenario.workload);
  check("subject", scenario.subject);
  std::set<std::string> axes{"pin", kMemory};
  for (const Axis& axis : scenario.axes) {
    check("parameter", axis.name);
    if (axis.name.find_first_of(":=,") != std::string::npos || !axes.insert(axis.name).second) {
      throw usage_error(fmt::format(
          "{}: registers the parameter '{}' of {}: its name contains one of \":=,\", or is registered already: "
          "choose another name",
          plugin, axis.name, scenario.name()));
    }
    for (const auto* values : {&axis.defaults, &axis.full, &axis.stress, &axis.explore, &axis.judge, &axis.words}) {
      for (const std::string& value : *values) check("parameter's value", value);
    }
  }
}

fs::path folder_of_own_plugins() {
  const fs::path folder = own_program().parent_path();
  const fs::path beside = folder / "plugins";
  return fs::is_directory(beside) ? beside : folder / build_facts().plugins_from_bin;
}

}  // namespace

Plugin load_plugin(const fs::path& file, const std::string& id) {
  const std::string name = "plugin " + file.string();
  std::error_code error;
  if (!fs::is_regular_file(file, error)) {
    throw usage_error(name + ": no such file: build it, or correct the path");
  }
  const std::string bytes = bytes_of(file);
  const std::string found_id = id_of(bytes);
  if (!id.empty() && found_id != id) {
    throw Failure(Exit::harness, name + ": was replaced during the run: start another run");
  }
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
        name + ": is not instrumented, so races in it would go undetected: build it with racetrack_add_plugin()");
  }
  void* module = dlopen(loadable(file).c_str(), RTLD_NOW | RTLD_LOCAL);
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
  for (const Scenario& scenario : registry.scenarios()) check_names(name, scenario);
  std::locale::global(std::locale::classic());  // a module may have set another locale; records must not depend on it
  return {file, entry->compiler, registry.scenarios(), found_id};
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
