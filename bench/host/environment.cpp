#include "host/environment.hpp"

#include <array>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <racetrack/plugin.hpp>

#include "host/build_facts.hpp"
#include "load/calibration.hpp"

namespace racetrack::host {
namespace {

/// Returns the first line of a file, or `otherwise` when there is none.
std::string first_line(const char* file, const std::string& otherwise) {
  std::ifstream input(file);
  std::string line;
  return std::getline(input, line) ? line : otherwise;
}

/// Returns the value after `key` in a file of "key : value" or "key=value" lines, or `otherwise`.
std::string value_in(const char* file, const std::string& key, const std::string& otherwise) {
  std::ifstream input(file);
  for (std::string line; std::getline(input, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t mark = line.find_first_of(":=", key.size());
    if (mark == std::string::npos) continue;
    std::string value = line.substr(mark + 1);
    std::erase(value, '"');
    const std::size_t begin = value.find_first_not_of(" \t");
    return begin == std::string::npos ? otherwise : value.substr(begin);
  }
  return otherwise;
}

std::string turbo() {
  if (const std::string off = first_line("/sys/devices/system/cpu/intel_pstate/no_turbo", ""); !off.empty()) {
    return off == "0" ? "on" : "off";
  }
  if (const std::string on = first_line("/sys/devices/system/cpu/cpufreq/boost", ""); !on.empty()) {
    return on == "1" ? "on" : "off";
  }
  return "unknown";
}

std::string virtualization() {
#if defined(__x86_64__)
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & (1U << 31U)) != 0) {
    __cpuid(0x40000000U, eax, ebx, ecx, edx);
    std::string vendor;
    for (const unsigned word : {ebx, ecx, edx}) {
      for (unsigned byte = 0; byte < 4; ++byte) {
        const char c = static_cast<char>(word >> (8 * byte));
        if (c != '\0') vendor += c;
      }
    }
    constexpr std::array<std::pair<const char*, const char*>, 5> kNames{{{"KVMKVMKVM", "kvm"},
                                                                         {"Microsoft Hv", "hyper-v"},
                                                                         {"VMwareVMware", "vmware"},
                                                                         {"XenVMMXenVMM", "xen"},
                                                                         {"TCGTCGTCGTCG", "qemu"}}};
    for (const auto& [signature, name] : kNames) {
      if (vendor == signature) return name;
    }
    return vendor.empty() ? "unknown" : vendor;
  }
#endif
  return "none";
}

/// FNV-1a, 64 bits.
std::string hash_of(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return fmt::format("{:016x}", hash);
}

/// Reads the numbers of one line of /proc/stat: user nice system idle iowait irq softirq steal.
Steal steal_of(std::istream& line) {
  Steal steal;
  for (int field = 0; field < 8; ++field) {
    double ticks = 0;
    line >> ticks;
    steal.all += ticks;
    if (field == 7) steal.stolen = ticks;
  }
  return steal;
}

}  // namespace

Steal Steal::read() {
  std::ifstream stat("/proc/stat");
  std::string cpu;
  stat >> cpu;
  return steal_of(stat);
}

std::map<int, Steal> Steal::read_each() {
  std::map<int, Steal> each;
  std::ifstream stat("/proc/stat");
  for (std::string line; std::getline(stat, line) && line.starts_with("cpu");) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    if (name.size() > 3) each[std::atoi(name.c_str() + 3)] = steal_of(words);
  }
  return each;
}

nlohmann::json machine_facts(const load::Topology& topology, const Clock* clock, Ticks skew, const Steal* since) {
  utsname kernel{};
  uname(&kernel);
  struct sysinfo memory {};
  sysinfo(&memory);
  nlohmann::json caches = nlohmann::json::array();
  for (const load::Cache& cache : topology.caches) {
    caches.push_back({{"level", cache.level}, {"bytes", cache.bytes}, {"shared_by", cache.shared_by}});
  }
  nlohmann::json libraries = nlohmann::json::object();
  for (const auto& [name, version] : build_facts().libraries) libraries[name] = version;
  const Steal steal = Steal::read();
  const double stolen = steal.stolen - (since != nullptr ? since->stolen : 0);
  const double all = steal.all - (since != nullptr ? since->all : 0);
  double load = 0;
  std::ifstream("/proc/loadavg") >> load;
  nlohmann::json facts = {{"hostname", kernel.nodename},
                          {"cpu", value_in("/proc/cpuinfo", "model name", "unknown")},
                          {"cores", topology.cores},
                          {"hardware_threads", topology.hardware_threads()},
                          {"cpus_allowed", topology.compact},
                          {"packages", topology.packages},
                          {"numa_nodes", topology.numa_nodes},
                          {"caches", std::move(caches)},
                          {"governor", first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "unknown")},
                          {"turbo", turbo()},
                          {"memory_bytes", static_cast<std::uint64_t>(memory.totalram) * memory.mem_unit},
                          {"kernel", std::string(kernel.sysname) + " " + kernel.release},
                          {"os", value_in("/etc/os-release", "PRETTY_NAME", "unknown")},
                          {"virtualization", virtualization()},
                          {"load_1min", load},
                          {"steal_ratio", all > 0 ? nlohmann::json(stolen / all) : nlohmann::json(nullptr)},
                          {"tsc", {{"invariant", load::clock_is_invariant()}}},
                          {"libraries", std::move(libraries)}};
  if (clock != nullptr) {
    facts["tsc"]["hz"] = std::round(clock->ticks_per_ns * 1e9);
    facts["tsc"]["skew_ns"] = std::round(clock->ns(skew));
    facts["work_step_ns"] = clock->step_ns;
  }
  std::string identity;
  for (const char* key : {"hostname", "cpu", "cores", "hardware_threads", "cpus_allowed", "governor", "turbo",
                          "memory_bytes", "kernel", "os", "virtualization"}) {
    identity += facts[key].dump() + "\n";
  }
  facts["fingerprint"] = hash_of(identity);
  return facts;
}

nlohmann::json build_json() {
  const BuildFacts& facts = build_facts();
  const std::string marker = RACETRACK_STAMP_MARKER " ";
  return {{"commit", facts.commit},   {"dirty", facts.dirty},
          {"flavour", facts.flavour}, {"compiler", facts.compiler},
          {"flags", facts.flags},     {"stamp", std::string(RACETRACK_STAMP).substr(marker.size())}};
}

}  // namespace racetrack::host
