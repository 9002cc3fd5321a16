// Checks linearizability by search, for any sequential model and small histories.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

#include "oracle/describe.hpp"
#include "oracle/interval.hpp"
#include "oracle/linearizability/models.hpp"

namespace racetrack::oracle {

/// The interface of a model; see models.hpp.
template <class Model>
concept SequentialModel = std::copyable<Model> && std::equality_comparable<Model> &&
    requires(Model model, const Model& known, const Operation& operation) {
  { model.apply(operation) } -> std::same_as<bool>;
  { known.hash() } -> std::convertible_to<std::size_t>;
  { known.describe() } -> std::convertible_to<std::string>;
};

/// The limit of a search, per object.
struct SearchBudget {
  std::size_t configurations = 200'000;
};

namespace search {

/// The operations of one thread on one object, in program order, with the intervals in which they may have taken
/// effect.
struct Line {
  std::vector<const Operation*> operations;
  std::vector<Interval> intervals;
};

/// The position of each thread, and the object's state there.
template <SequentialModel Model>
struct Configuration {
  std::vector<std::uint32_t> places;
  Model model;

  bool operator==(const Configuration&) const = default;
  struct Hash {
    std::size_t operator()(const Configuration& configuration) const noexcept {
      std::size_t seed = configuration.model.hash();
      for (const std::uint32_t place : configuration.places) seed = mixed(seed, place);
      return seed;
    }
  };
};

/// A depth-first search over configurations that visits each once.
template <SequentialModel Model>
class Search {
 public:
  Search(std::vector<Line> lines, const Model& initial, SearchBudget budget)
      : lines_(std::move(lines)), budget_(budget), deepest_{std::vector<std::uint32_t>(lines_.size()), initial} {}

  Result run() {
    std::vector<Step> stack;
    seen_.insert(deepest_);
    stack.push_back(begin(deepest_));
    while (!stack.empty()) {
      Step& top = stack.back();
      if (is_end(top.here)) return Result::pass;
      if (top.next == top.candidates.size()) {
        stack.pop_back();
        continue;
      }
      const std::uint32_t line = top.candidates[top.next++];
      Configuration<Model> there = top.here;
      const Operation& operation = *lines_[line].operations[there.places[line]++];
      if (!there.model.apply(operation)) continue;
      if (!seen_.insert(there).second) continue;
      if (seen_.size() > budget_.configurations) return Result::unknown;
      const std::size_t depth = stack.size();
      if (depth > depth_) {
        depth_ = depth;
        deepest_ = there;
      }
      stack.push_back(begin(std::move(there)));
    }
    return Result::fail;
  }

  /// Describes the longest order found, and why it cannot be continued.
  [[nodiscard]] std::string witness(const Epoch& epoch) const {
    std::size_t all = 0;
    for (const Line& line : lines_) all += line.operations.size();
    std::string text = "of " + std::to_string(all) + " operations " + std::to_string(depth_) +
                       " can be put in an order; then (" + deepest_.model.describe() + ") none of these can be next: ";
    std::string separator;
    for (const std::uint32_t line : begin(deepest_).candidates) {
      const Operation& operation = *lines_[line].operations[deepest_.places[line]];
      if (operation.outcome == Outcome::pending) continue;
      text += separator + epoch.describe_with_time(operation);
      separator = "; ";
    }
    return text;
  }

 private:
  struct Step {
    Configuration<Model> here;
    std::vector<std::uint32_t> candidates;  ///< threads whose next operation may come first
    std::size_t next = 0;
  };

  [[nodiscard]] bool is_over(const Configuration<Model>& at, std::size_t line) const {
    return at.places[line] == lines_[line].operations.size();
  }
  /// Returns whether all operations are ordered. Pending operations need not have happened.
  [[nodiscard]] bool is_end(const Configuration<Model>& at) const {
    for (std::size_t line = 0; line < lines_.size(); ++line) {
      if (!is_over(at, line) && lines_[line].intervals[at.places[line]].returned != kNever) return false;
    }
    return true;
  }
  [[nodiscard]] Step begin(Configuration<Model> at) const {
    // The next operation of a thread returns before its later ones, so only next operations can precede a candidate.
    Ticks first_return = kNever;
    for (std::size_t line = 0; line < lines_.size(); ++line) {
      if (!is_over(at, line)) first_return = std::min(first_return, lines_[line].intervals[at.places[line]].returned);
    }
    Step step{std::move(at), {}};
    for (std::uint32_t line = 0; line < lines_.size(); ++line) {
      if (is_over(step.here, line)) continue;
      if (lines_[line].intervals[step.here.places[line]].invoked <= first_return) step.candidates.push_back(line);
    }
    // Try the operation that returns first first: most histories are nearly in that order.
    std::sort(step.candidates.begin(), step.candidates.end(), [&](std::uint32_t a, std::uint32_t b) {
      return lines_[a].intervals[step.here.places[a]].returned < lines_[b].intervals[step.here.places[b]].returned;
    });
    return step;
  }

  std::vector<Line> lines_;
  SearchBudget budget_;
  std::unordered_set<Configuration<Model>, typename Configuration<Model>::Hash> seen_;
  Configuration<Model> deepest_;
  std::size_t depth_ = 0;
};

inline std::map<std::uint16_t, std::vector<Line>> lines_of(const History& history) {
  std::map<std::uint16_t, std::vector<Line>> objects;
  for (std::size_t thread = 0; thread < history.threads.size(); ++thread) {
    for (const Operation& operation : history.threads[thread]) {
      auto& lines = objects[operation.object];
      lines.resize(history.threads.size());
      lines[thread].operations.push_back(&operation);
      lines[thread].intervals.push_back(interval_of(operation, history));
    }
  }
  return objects;
}

}  // namespace search

/// Checks whether some order of each object's operations agrees with the model, with the order within threads and with
/// the order of intervals that do not overlap. A pending operation, the last of its thread, may or may not take effect.
/// Unknown when the budget is spent: time and memory grow exponentially with the number of overlapping operations (four
/// clients' 400 operations on a queue are too many). Kind not_linearizable, detector oracle.linearizable.
///
/// Algorithm: Wing and Gong: Testing and verifying concurrent objects (JPDC 1993), with the set of visited
/// configurations of Lowe: Testing for linearizability (CCPE 2017), applied to each object separately
/// (P-compositionality: Horn and Kroening, FORTE 2015). Without stamps, or with skew, objects that are correct one by
/// one may be incorrect together: a pass is then weaker, but a failure is still certain.
template <SequentialModel Model>
Verdict linearizable(const History& history, const Model& initial, SearchBudget budget = {}) {
  Verdict worst;
  for (auto& [object, lines] : search::lines_of(history)) {
    search::Search<Model> search(std::move(lines), initial, budget);
    const Result result = search.run();
    if (result <= worst.result) continue;
    worst = {result, result == Result::fail ? "not_linearizable" : "", "oracle.linearizable",
             result == Result::fail ? search.witness(Epoch(history))
                                    : "gave up after " + std::to_string(budget.configurations) + " configurations"};
    if (result == Result::fail) break;
  }
  return worst;
}

}  // namespace racetrack::oracle
