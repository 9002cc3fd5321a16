#include "oracle/emptiness.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "oracle/describe.hpp"

namespace racetrack::oracle {
namespace {

/// A time span, excluding its ends, during which an item (or one of several) is certainly inside.
struct Span {
  Ticks from;
  Ticks until;
  const Passage* item;
};

std::vector<Span> spans_of(const Passages& passages) {
  std::vector<Span> spans;
  spans.reserve(passages.items.size());
  for (const Passage& item : passages.items) {
    if (before(item.in, item.out)) spans.push_back({item.in.returned, item.out.invoked, &item});
  }
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.from < b.from; });
  return spans;
}

/// Returns the unions of overlapping spans. Spans that only touch leave a time between them at which the queue may be
/// empty.
std::vector<Span> joined(const std::vector<Span>& spans) {
  std::vector<Span> unions;
  for (const Span& span : spans) {
    if (!unions.empty() && span.from < unions.back().until) {
      unions.back().until = std::max(unions.back().until, span.until);
    } else {
      unions.push_back(span);
    }
  }
  return unions;
}

/// Describes the shortest chain of items that covers `interval`: greedily, the next item is the one that remains
/// longest among those that arrived in time.
std::string chain_over(const Interval& interval, const std::vector<Span>& spans, const Epoch& epoch) {
  constexpr int kMost = 8;
  std::string text;
  Ticks covered = interval.invoked;
  int named = 0;
  auto next = spans.begin();
  while (covered <= interval.returned) {
    const Span* longest = nullptr;
    for (; next != spans.end() && next->from < covered; ++next) {
      if (longest == nullptr || next->until > longest->until) longest = &*next;
    }
    if (longest == nullptr || longest->until <= covered) break;
    covered = longest->until;
    if (++named > kMost) continue;
    text += std::string(named == 1 ? "" : ", then ") + name_of(longest->item->push->value) + " (pushed " +
            epoch.span(*longest->item->push) +
            (longest->item->pop == nullptr ? ", never popped)" : ", popped " + epoch.span(*longest->item->pop) + ")");
  }
  if (named > kMost) text += ", and so on, " + std::to_string(named) + " items in all";
  return text;
}

Verdict judge_empties(const History& history, const Passages& passages) {
  const std::vector<Span> spans = spans_of(passages);
  const std::vector<Span> unions = joined(spans);
  for (const Operation* empty : passages.empties) {
    const Interval interval = interval_of(*empty, history);
    // Find the last union that begins before the call.
    auto cover = std::lower_bound(unions.begin(), unions.end(), interval.invoked,
                                  [](const Span& span, Ticks at) { return span.from < at; });
    if (cover == unions.begin() || (--cover)->until <= interval.returned) continue;
    const Epoch epoch(history);
    return {Result::fail, "false_empty", "oracle.emptiness",
            describe(*empty) + " " + epoch.span(*empty) + ", but the queue was never empty then: it contained " +
                chain_over(interval, spans, epoch)};
  }
  return {};
}

}  // namespace

Verdict emptiness(const History& history) { return emptiness(history, passages_of(history)); }

Verdict emptiness(const History& history, const std::vector<Passages>& objects) {
  Verdict worst;
  for (const Passages& passages : objects) {
    if (passages.empties.empty()) continue;
    Verdict verdict = judge_empties(history, passages);
    if (verdict.result == Result::fail && passages.first_unnamed_pop != kNever) {
      Passages excused = passages;
      if (excuse_leftovers(excused) && judge_empties(history, excused).result == Result::pass) {
        verdict.result = Result::unknown;
        verdict.witness += "; unless a pop of an unknown item took it";
      }
    }
    if (verdict.result > worst.result) worst = std::move(verdict);
  }
  return worst;
}

}  // namespace racetrack::oracle
