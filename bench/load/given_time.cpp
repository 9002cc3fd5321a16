#include "load/given_time.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <dirent.h>
#include <sched.h>
#include <unistd.h>

namespace racetrack::load {
namespace {

using Duration = GivenTime::Duration;

/// A thread that was given a smaller part of the time, 1 / kLeastShare, is starved.
constexpr std::int64_t kLeastShare = 50;

std::size_t allowed_processors() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return static_cast<std::size_t>(CPU_COUNT(&allowed));
  return static_cast<std::size_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
}

}  // namespace

GivenTime::GivenTime(pid_t root, pid_t except, Duration tick, std::string proc)
    : proc_(std::move(proc)),
      root_(root),
      except_(except),
      tick_(tick),
      last_(std::chrono::steady_clock::now()),
      processors_(std::max<std::size_t>(1, allowed_processors())) {
  sample_after({});
}

bool GivenTime::is_starved(const Thread& thread) { return thread.given * kLeastShare < thread.life; }

std::string GivenTime::task_folder(pid_t process) const { return proc_ + "/" + std::to_string(process) + "/task"; }

std::vector<pid_t> GivenTime::tasks_of(pid_t process) const {
  std::vector<pid_t> tasks;
  DIR* const folder = opendir(task_folder(process).c_str());
  if (folder == nullptr) return tasks;
  while (const dirent* const entry = readdir(folder)) {
    const pid_t task = static_cast<pid_t>(std::atoi(entry->d_name));
    if (task > 0) tasks.push_back(task);
  }
  closedir(folder);
  return tasks;
}

std::vector<pid_t> GivenTime::family() const {
  std::vector<pid_t> family{root_};
  std::array<char, 4096> buffer;
  for (std::size_t i = 0; i < family.size(); ++i) {
    for (const pid_t task : tasks_of(family[i])) {
      for (const std::int64_t child :
           numbers_in(read_beginning(task_folder(family[i]) + "/" + std::to_string(task) + "/children", buffer))) {
        family.push_back(static_cast<pid_t>(child));
      }
    }
  }
  return family;
}

void GivenTime::sample() {
  const auto now =
      std::chrono::steady_clock::now();  // CLOCK_MONOTONIC: it does not advance while the machine is suspended
  const Duration elapsed = now - last_;
  last_ = now;
  sample_after(elapsed);
}

void GivenTime::sample_after(Duration elapsed) {
  // When the caller is late, it waited for a processor itself, was stopped, or the whole machine was suspended.
  elapsed = std::min<Duration>(elapsed, 2 * tick_);
  Duration least = elapsed, ran_in_all{}, waited_in_all{};
  std::size_t active = 0;
  bool any = false;
  for (auto& [id, thread] : threads_) thread.seen = false;
  for (const pid_t process : family()) {
    for (const pid_t id : tasks_of(process)) {
      if (id == except_) continue;
      const auto [place, is_new] = threads_.try_emplace(id);
      Thread& thread = place->second;
      const ThreadTime before = thread.time;
      const auto now = ThreadTime::read(task_folder(process) + "/" + std::to_string(id));
      thread.seen = now.has_value();
      if (!now) continue;
      thread.time = *now;
      any = true;
      if (is_new) {
        thread.since = given_;
        thread.given = thread.life = {};
        continue;
      }
      const Duration ran = now->ran_since(before, elapsed), own = now->given_since(before, elapsed);
      thread.given += own;
      thread.life += elapsed;
      least = std::min(least, own);
      ran_in_all += ran;
      waited_in_all += std::max(Duration{}, now->waited - before.waited);
      if (now->state == 'R' || ran > Duration{}) ++active;
    }
  }
  for (const auto& [id, thread] : threads_) {
    // The end of a starved thread is what the others may have waited for.
    if (!thread.seen && is_starved(thread)) given_ = std::min(given_, thread.since);
  }
  std::erase_if(threads_, [](const auto& each) { return !each.second.seen; });
  for (auto& [id, thread] : threads_) thread.since = std::min(thread.since, given_);
  certain_ = certain_ && any;
  // Sleeping threads may wake each other in turn, each waiting for a processor while the others sleep. Then none could
  // have gone on during any of these waits.
  least = std::min(least, std::max(Duration{}, elapsed - waited_in_all));
  // Threads that share all processors among themselves receive all available time.
  const std::size_t share = std::clamp<std::size_t>(active, 1, processors_);
  given_ += std::min(elapsed, std::max(least, ran_in_all / static_cast<std::int64_t>(share)));
}

void GivenTime::reset() {
  given_ = {};
  for (auto& [id, thread] : threads_) thread.given = thread.since = thread.life = {};
}

bool GivenTime::exhausts(Duration patience) const {
  if (given_ < patience) return false;
  return std::all_of(threads_.begin(), threads_.end(), [&](const auto& each) {
    const Thread& thread = each.second;
    // A hanging program may start new threads repeatedly. Recent threads do not prevent the verdict.
    return thread.since > patience / 2 || thread.given >= patience / kLeastShare;
  });
}

std::string describe_given(Duration given, Duration elapsed) {
  std::array<char, 96> text;
  std::snprintf(text.data(), text.size(), "the machine gave it %.1f s in %.1f s",
                std::chrono::duration<double>(given).count(), std::chrono::duration<double>(elapsed).count());
  return text.data();
}

}  // namespace racetrack::load
