#include "host/deadlock_report.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <set>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include "deadlock/report.hpp"
#include "host/build_facts.hpp"
#include "host/deadlock_text.hpp"
#include "host/exit.hpp"

namespace racetrack::host {
namespace {

using nlohmann::json;

constexpr char kLibrary[] = "libracetrack_deadlock.so";

std::string describe_thread(const json& thread) {
  std::string text = "  " + describe_thread_name(thread);
  const json& wants = thread["wants"];
  if (!wants.is_object()) {
    const std::string end = thread.value("end", "");
    text += end == "not_forked"  ? " does not exist in this process\n"
            : end == "cancelled" ? " was cancelled\n"
            : end.empty()        ? " is not waiting\n"
                                 : " has ended\n";
  } else {
    const std::string kind = wants.value("kind", "");
    text += kind == "join" ? " waits for the end of a thread at\n" : " wants " + describe_lock(wants) + " at\n";
    text += describe_stack(wants, "      ");
  }
  return text + describe_holds(thread);
}

/// Returns the places where the finding's locks were taken, without the identity of locks and threads. Findings with
/// equal places are the same finding for a reader.
std::vector<std::string> places_of(const json& finding) {
  std::vector<std::string> places;
  for (const json& thread : finding["cycle"]) {
    const json& wants = thread["wants"];
    std::string place = wants.value("kind", "") + " " + place_of(wants);
    for (const json& lock : thread["holds"]) place += " " + lock.value("kind", "") + " " + place_of(lock);
    places.push_back(place);
  }
  std::sort(places.begin(), places.end());
  return places;
}

/// Returns for example "2 places, seen with 5000 pairs of mutexes".
std::string describe_times(const json& finding, std::uint64_t times) {
  std::set<std::string> kinds, places;
  for (const json& thread : finding["cycle"]) {
    kinds.insert(thread["wants"].value("kind", ""));
    places.insert(place_of(thread["wants"]));
  }
  const std::size_t locks = finding["cycle"].size();
  const char* const noun = kinds == std::set<std::string>{"mutex"} ? "mutexes" : "locks";
  return fmt::format("{} place{}, seen with {} {} of {}{}", places.size(), places.size() == 1 ? "" : "s", times,
                     locks == 2 ? "pairs" : "sets", locks == 2 ? "" : std::to_string(locks) + " ", noun);
}

std::string describe_finding(const json& finding, std::uint64_t times) {
  std::string text = finding.value("text", "");
  if (times > 1) text += " (" + describe_times(finding, times) + ")";
  text += fmt::format(" [{} {}]\n", finding.value("program", ""), finding.value("pid", 0));
  for (const json& thread : finding["cycle"]) text += describe_thread(thread);
  return text;
}

/// Merges each potential deadlock into an earlier one at the same places.
void merge_by_places(std::vector<DeadlockFinding>& findings) {
  std::map<std::vector<std::string>, std::size_t> first;
  std::vector<DeadlockFinding> merged;
  for (DeadlockFinding& finding : findings) {
    if (finding.kind == "potential_deadlock") {
      const auto [known, is_new] = first.try_emplace(places_of(finding.json), merged.size());
      if (!is_new) {
        merged[known->second].times += finding.times;
        continue;
      }
    }
    merged.push_back(std::move(finding));
  }
  findings = std::move(merged);
}

Descriptor file_in_memory(const char* name) {
  Descriptor file(memfd_create(name, MFD_CLOEXEC));
  if (file.get() < 0)
    throw Failure(Exit::harness, std::string("cannot make a file in memory: ") + std::strerror(errno));
  return file;
}

std::string path_of(const Descriptor& file) { return fmt::format("/proc/{}/fd/{}", getpid(), file.get()); }

/// Returns the path of this build's detector library.
std::filesystem::path deadlock_library() {
  const std::filesystem::path folder = own_program().parent_path();
  const std::filesystem::path installed = folder / build_facts().plugins_from_bin / ".." / kLibrary;
  for (const std::filesystem::path& file : {folder / kLibrary, installed.lexically_normal()}) {
    if (std::filesystem::is_regular_file(file)) return file;
  }
  throw Failure(Exit::harness,
                fmt::format("{} is neither in {} nor in {}: build the target racetrack_deadlock", kLibrary,
                            folder.string(), installed.lexically_normal().parent_path().string()));
}

/// The loader splits LD_PRELOAD at colons and spaces, and replaces $ORIGIN and similar tokens.
bool can_be_preloaded(const std::string& path) { return path.find_first_of(": \t\n$") == std::string::npos; }

/// Returns a path of the library that LD_PRELOAD can contain. If the library's own path cannot be used, it is the path
/// of an open descriptor, which is valid as long as this process runs.
std::string preloadable(const std::filesystem::path& library) {
  if (can_be_preloaded(library.string())) return library.string();
  static const Descriptor opened(open(library.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.get() < 0) {
    throw usage_error(
        fmt::format("{}: cannot be opened ({}): correct its permissions", library.string(), std::strerror(errno)));
  }
  return path_of(opened);
}

/// Returns the value of LD_PRELOAD with the detector before any library that is preloaded already.
std::string preload_with(const std::filesystem::path& library) {
  const char* const before = std::getenv("LD_PRELOAD");
  return before == nullptr || *before == '\0' ? preloadable(library) : preloadable(library) + ":" + before;
}

}  // namespace

DeadlockReport read_deadlock_report(const DeadlockReportFile& file) {
  DeadlockReport report;
  std::ifstream input(file.path());
  for (std::string line; std::getline(input, line);) {
    json finding = json::parse(line, nullptr, false);
    if (!finding.is_object() || !finding.contains("cycle")) continue;
    const std::string kind = finding.value("kind", "");
    if (kind == "loaded") {
      report.loaded = true;
      continue;
    }
    const std::size_t counter = finding.value("counter", std::size_t{deadlock::SharedPage::kMostCounters});
    const bool counted = counter < deadlock::SharedPage::kMostCounters;
    const std::uint64_t times = counted ? file.page().counters[counter].load() : 1;
    report.findings.push_back({kind, "", times, std::move(finding)});
  }
  std::vector<json*> threads;
  for (DeadlockFinding& finding : report.findings) threads.push_back(&finding.json["cycle"]);
  name_locks(threads);
  merge_by_places(report.findings);
  for (DeadlockFinding& finding : report.findings) finding.text = describe_finding(finding.json, finding.times);
  return report;
}

DeadlockReportFile::DeadlockReportFile()
    : report_(file_in_memory("racetrack-deadlock")), shared_(file_in_memory("racetrack-deadlock-shared")) {
  void* memory = MAP_FAILED;
  if (ftruncate(shared_.get(), sizeof(deadlock::SharedPage)) == 0) {
    memory = mmap(nullptr, sizeof(deadlock::SharedPage), PROT_READ | PROT_WRITE, MAP_SHARED, shared_.get(), 0);
  }
  if (memory == MAP_FAILED) {
    throw Failure(Exit::harness, std::string("cannot map a file in memory: ") + std::strerror(errno));
  }
  page_ = static_cast<deadlock::SharedPage*>(memory);
}

DeadlockReportFile::~DeadlockReportFile() { munmap(page_, sizeof(deadlock::SharedPage)); }

std::filesystem::path DeadlockReportFile::path() const { return path_of(report_); }

Variables DeadlockReportFile::variables(const DeadlockSettings& settings) const {
  return {
      {"LD_PRELOAD", preload_with(deadlock_library())},       {deadlock::kReportVariable, path_of(report_)},
      {deadlock::kSharedVariable, path_of(shared_)},          {deadlock::kActionVariable, deadlock::kActionExit},
      {deadlock::kOrderVariable, settings.order ? "1" : "0"}, {deadlock::kStacksVariable, settings.stacks ? "1" : "0"}};
}

}  // namespace racetrack::host
