// The oracles of a gather. They check these properties of a journal:
//
//   oracle.steps       the requests of a chain start in order, each after the response to the previous one
//   oracle.completion  every started request ends once, and every chain ends
//   oracle.responses   each response belongs to its request
//   oracle.isolation   a request that fails ends its chain and no other
//   oracle.errors      a request to a bad server fails with the expected kind and with an error message
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <racetrack/async_io/journal.hpp>
#include <racetrack/clock.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::async_io {

/// Returns the failure as text for messages.
inline std::string_view to_word(Failure failure) noexcept {
  switch (failure) {
    case Failure::none: return "none";
    case Failure::refused: return "refused";
    case Failure::reset: return "reset";
    case Failure::timed_out: return "timed out";
    case Failure::malformed: return "malformed";
    case Failure::other: return "other";
  }
  return "";
}

/// Checks the entries of one chain against its requests. Used once.
class ChainJudge {
 public:
  ChainJudge(const Journal& journal, std::size_t chain, const Clock& clock)
      : clock_(clock),
        chain_(chain),
        requests_(journal.requests(chain)),
        expected_(journal.expected_failures(chain)),
        entries_(journal.entries(chain)),
        begun_(requests_.size()),
        ended_(requests_.size()),
        begun_at_(requests_.size()) {}

  /// Returns the first fault of the chain, or a pass.
  [[nodiscard]] Verdict judge() {
    for (const Journal::Entry& entry : entries_) {
      Verdict verdict = entry.step >= requests_.size() ? beyond(entry) : entry.is_end ? end(entry) : begin(entry);
      if (verdict.result != Result::pass) return verdict;
    }
    for (std::size_t step = 0; step < requests_.size() && !over_; ++step) {
      if (!ended_[step]) return lost(step);
    }
    return {};
  }

 private:
  static Verdict fail(const char* kind, const char* oracle, std::string witness) {
    return {Result::fail, kind, std::string("oracle.") + oracle, std::move(witness)};
  }
  [[nodiscard]] std::string name(std::size_t step) const {
    return "request " + std::to_string(step + 1) + " of chain " + std::to_string(chain_) + " (" +
           requests_[step].target + ")";
  }
  [[nodiscard]] Verdict beyond(const Journal::Entry& entry) const {
    return fail("invented", "completion",
                "chain " + std::to_string(chain_) + " has no request " + std::to_string(entry.step + 1));
  }

  [[nodiscard]] Verdict lost(std::size_t step) const {
    return fail("lost", "completion",
                name(step) + (begun_[step] ? " was started and never ended" : " was never started"));
  }

  [[nodiscard]] Verdict begin(const Journal::Entry& entry) {
    const std::size_t step = entry.step;
    if (begun_[step]) return fail("duplicated", "completion", name(step) + " was started twice");
    begun_[step] = true;
    begun_at_[step] = entry.at;
    if (over_) return fail("reordered", "steps", name(step) + " was started although the previous one had failed");
    if (step == 0 || ended_[step - 1]) return {};
    const bool ends = std::any_of(entries_.begin(), entries_.end(),
                                  [&](const Journal::Entry& each) { return each.is_end && each.step == step - 1; });
    if (!ends) return lost(step - 1);
    return fail("reordered", "steps", name(step) + " was started before the previous one had ended");
  }

  [[nodiscard]] Verdict end(const Journal::Entry& entry) {
    const std::size_t step = entry.step;
    const Response& response = entry.response;
    if (!begun_[step]) return fail("invented", "completion", name(step) + " ended and was never started");
    if (ended_[step]) return fail("duplicated", "completion", name(step) + " ended twice");
    ended_[step] = true;
    over_ = response.failure != Failure::none;
    const Failure due = expected_[step];
    if (response.failure == Failure::timed_out && due != Failure::timed_out && waited_long_enough(entry)) {
      return {Result::unknown, "", "",
              name(step) + " timed out after " + std::to_string(requests_[step].timeout.count()) +
                  " ms, as requested: the machine is too slow to decide whether the client is at fault"};
    }
    if (due == Failure::none && over_) {
      return fail("wrong_result", "isolation",
                  name(step) + " failed although its server is good: " + std::string(to_word(response.failure)) +
                      ", \"" + response.error + "\"");
    }
    if (due != response.failure) {
      return fail("wrong_result", "errors",
                  name(step) + " should have failed as '" + std::string(to_word(due)) + "', but ended as '" +
                      std::string(to_word(response.failure)) + "', \"" + response.error + "\"");
    }
    if (over_ && response.error.empty())
      return fail("wrong_result", "errors", name(step) + " failed without an error message");
    if (!over_ && response.id != requests_[step].id) {
      return fail("wrong_result", "responses",
                  name(step) + " was given the response to request id " + std::to_string(response.id));
    }
    return {};
  }

  /// Returns whether a request that timed out had waited for its timeout.
  [[nodiscard]] bool waited_long_enough(const Journal::Entry& end) const {
    const std::chrono::nanoseconds timeout = requests_[end.step].timeout;
    return clock_.ns(end.at - begun_at_[end.step]) >= static_cast<double>(timeout.count());
  }

  const Clock& clock_;
  std::size_t chain_;
  std::span<const Request> requests_;
  std::span<const Failure> expected_;
  std::span<const Journal::Entry> entries_;
  std::vector<bool> begun_, ended_;
  std::vector<Ticks> begun_at_;
  bool over_ = false;  ///< a request has failed
};

/// Returns the first fault of a finished gather, else a doubt, else a pass. `clock`: of the journal. O(requests).
inline Verdict judge(const Journal& journal, const Clock& clock) {
  Verdict worst;
  for (std::size_t chain = 0; chain < journal.chains() && worst.result != Result::fail; ++chain) {
    Verdict verdict = ChainJudge(journal, chain, clock).judge();
    if (verdict.result > worst.result) worst = std::move(verdict);
  }
  return worst;
}

}  // namespace racetrack::async_io
