// The oracles of a gather: what a journal must say.
//
//   oracle.steps       the requests of a chain are made in order, each after the response to the one before
//   oracle.completion  every request that was made comes to one end, and every chain to its own
//   oracle.responses   each response belongs to its request
//   oracle.isolation   a request that fails ends its chain and no other
//   oracle.errors      a request to a bad server fails, as what it is, and says so
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <racetrack/async_io/journal.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::async_io {

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

/// One chain's entries against its requests.
class ChainJudge {
 public:
  ChainJudge(const Journal& journal, std::size_t chain)
      : chain_(chain),
        requests_(journal.requests(chain)),
        outlook_(journal.outlook(chain)),
        entries_(journal.entries(chain)),
        begun_(requests_.size()),
        ended_(requests_.size()) {}

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
    return fail("lost", "completion", name(step) + (begun_[step] ? " was made and never ended" : " was never made"));
  }

  [[nodiscard]] Verdict begin(const Journal::Entry& entry) {
    const std::size_t step = entry.step;
    if (begun_[step]) return fail("duplicated", "completion", name(step) + " was made twice");
    begun_[step] = true;
    if (over_) return fail("reordered", "steps", name(step) + " was made although the one before had failed");
    if (step == 0 || ended_[step - 1]) return {};
    const bool ends = std::any_of(entries_.begin(), entries_.end(),
                                  [&](const Journal::Entry& each) { return each.is_end && each.step == step - 1; });
    if (!ends) return lost(step - 1);
    return fail("reordered", "steps", name(step) + " was made before the one before it had ended");
  }

  [[nodiscard]] Verdict end(const Journal::Entry& entry) {
    const std::size_t step = entry.step;
    const Response& response = entry.response;
    if (!begun_[step]) return fail("invented", "completion", name(step) + " ended and was never made");
    if (ended_[step]) return fail("duplicated", "completion", name(step) + " ended twice");
    ended_[step] = true;
    over_ = response.failure != Failure::none;
    const Failure due = outlook_[step];
    if (due == Failure::none && over_) {
      return fail("wrong_result", "isolation",
                  name(step) + " failed, and its server is good: " + std::string(to_word(response.failure)) + ", \"" +
                      response.error + "\"");
    }
    if (due != response.failure) {
      return fail("wrong_result", "errors",
                  name(step) + " should have failed as '" + std::string(to_word(due)) + "', but ended as '" +
                      std::string(to_word(response.failure)) + "', \"" + response.error + "\"");
    }
    if (over_ && response.error.empty()) return fail("wrong_result", "errors", name(step) + " failed without a word");
    if (!over_ && response.id != requests_[step].id) {
      return fail("wrong_result", "responses",
                  name(step) + " was given the response to request id " + std::to_string(response.id));
    }
    return {};
  }

  std::size_t chain_;
  std::span<const Request> requests_;
  std::span<const Failure> outlook_;
  std::span<const Journal::Entry> entries_;
  std::vector<bool> begun_, ended_;
  bool over_ = false;  ///< a request has failed
};

/// The first fault of a gather that has returned, or a pass. O(requests).
inline Verdict judge(const Journal& journal) {
  for (std::size_t chain = 0; chain < journal.chains(); ++chain) {
    Verdict verdict = ChainJudge(journal, chain).judge();
    if (verdict.result != Result::pass) return verdict;
  }
  return {};
}

}  // namespace racetrack::async_io
