// Replaces the explorer in builds without it: executes the racetrack of the explore build.
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <unistd.h>

#include "host/build_facts.hpp"
#include "host/explore_command.hpp"

namespace racetrack::host {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void exec_explorer() {
  const fs::path own = own_program().parent_path();
  std::ifstream input("/proc/self/cmdline", std::ios::binary);
  const std::string line{std::istreambuf_iterator<char>(input), {}};
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < line.size(); begin = line.find('\0', begin) + 1)
    words.emplace_back(line.c_str() + begin);
  std::vector<char*> arguments = pointers_to(words);
  const fs::path there = own.parent_path() / "explore" / "racetrack";
  std::error_code error;
  if (fs::is_regular_file(there, error)) {
    execv(there.c_str(), arguments.data());
    throw usage_error(there.string() + ": cannot be started: " + std::strerror(errno));
  }
  throw usage_error("this racetrack is built as '" + build_facts().flavour +
                    "', and the explore build is missing: `make explore` builds and runs it");
}

}  // namespace

Exit run_explore_command(const ExploreOptions&) { exec_explorer(); }

Exit replay_exploration(const std::string&, const std::vector<fs::path>&, bool) { exec_explorer(); }

void run_explore_job(const Scenario&, const nlohmann::json&, const std::function<void(const nlohmann::json&)>&) {
  throw Failure(Exit::harness, "this build cannot explore");
}

void prepare_explored_child(char**) {}

}  // namespace racetrack::host
