// The oracles of a gather against journals that say what they must find, and against right ones.
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <racetrack/async_io/judgement.hpp>

namespace racetrack::async_io {
namespace {

constexpr std::size_t kA = 0, kB = 1;
constexpr Clock kClock;

Journal::PlannedRequest planned(std::uint64_t id, Failure expected = Failure::none) {
  return {{.id = id, .port = 80, .target = "/delay/0/id/" + std::to_string(id), .timeout = std::chrono::hours(1000)},
          expected};
}
/// Chains A and B of two requests each, ids 1 to 4; `first_of_b` is the expected failure of the first request of B.
Journal two_chains(Failure first_of_b = Failure::none) {
  return Journal({{planned(1), planned(2)}, {planned(3, first_of_b), planned(4)}});
}
Response ok(std::uint64_t id) { return {Failure::none, id, {}}; }
Response bad(Failure failure) { return {failure, 0, "it says why"}; }

void serve_well(Journal& journal, std::size_t chain) {
  for (std::size_t step = 0; step < 2; ++step) {
    journal.begin(chain, step);
    journal.end(chain, step, ok(2 * chain + step + 1));
  }
}
void expect(const Journal& journal, const std::string& kind, const std::string& detector) {
  const Verdict verdict = judge(journal, kClock);
  EXPECT_EQ(verdict.result, Result::fail);
  EXPECT_EQ(verdict.kind, kind) << verdict.witness;
  EXPECT_EQ(verdict.detector, "oracle." + detector) << verdict.witness;
  EXPECT_FALSE(verdict.witness.empty());
}

TEST(Judgement, IsSilentWhenTwoChainsInterleaveAndAllComplete) {
  Journal journal = two_chains();
  journal.begin(kA, 0);
  journal.begin(kB, 0);
  journal.end(kB, 0, ok(3));
  journal.begin(kB, 1);
  journal.end(kA, 0, ok(1));
  journal.begin(kA, 1);
  journal.end(kB, 1, ok(4));
  journal.end(kA, 1, ok(2));
  EXPECT_EQ(judge(journal, kClock).result, Result::pass) << judge(journal, kClock).witness;
}

TEST(Judgement, IsSilentWhenARequestToABadServerFailsAlone) {
  Journal journal = two_chains(Failure::reset);
  serve_well(journal, kA);
  journal.begin(kB, 0);
  journal.end(kB, 0, bad(Failure::reset));
  EXPECT_EQ(judge(journal, kClock).result, Result::pass) << judge(journal, kClock).witness;
}

TEST(Judgement, FindsARequestMadeBeforeItsPredecessorHasEnded) {
  Journal journal = two_chains();
  journal.begin(kA, 0);
  journal.begin(kA, 1);
  journal.end(kA, 0, ok(1));
  journal.end(kA, 1, ok(2));
  serve_well(journal, kB);
  expect(journal, "reordered", "steps");
}

TEST(Judgement, FindsAChainThatContinuesAfterAFailure) {
  Journal journal = two_chains(Failure::refused);
  serve_well(journal, kA);
  journal.begin(kB, 0);
  journal.end(kB, 0, bad(Failure::refused));
  journal.begin(kB, 1);
  journal.end(kB, 1, ok(4));
  expect(journal, "reordered", "steps");
}

TEST(Judgement, FindsARequestThatNeverEnds) {
  Journal journal = two_chains();
  serve_well(journal, kA);
  journal.begin(kB, 0);
  expect(journal, "lost", "completion");
}

TEST(Judgement, FindsAChainThatWasNotServed) {
  Journal journal = two_chains();
  serve_well(journal, kA);
  expect(journal, "lost", "completion");
}

TEST(Judgement, FindsARequestThatEndsTwice) {
  Journal journal = two_chains();
  serve_well(journal, kA);
  journal.end(kA, 1, ok(2));
  serve_well(journal, kB);
  expect(journal, "duplicated", "completion");
}

TEST(Judgement, FindsARequestThatIsMadeTwice) {
  Journal journal = two_chains();
  serve_well(journal, kA);
  journal.begin(kA, 1);
  expect(journal, "duplicated", "completion");
}

TEST(Judgement, FindsAnEndWithoutARequest) {
  Journal journal = two_chains();
  journal.end(kA, 0, ok(1));
  expect(journal, "invented", "completion");
  Journal beyond = two_chains();
  beyond.begin(kA, 2);
  expect(beyond, "invented", "completion");
}

TEST(Judgement, FindsTheResponseToAnotherRequest) {
  Journal journal = two_chains();
  serve_well(journal, kA);
  journal.begin(kB, 0);
  journal.end(kB, 0, ok(1));
  journal.begin(kB, 1);
  journal.end(kB, 1, ok(4));
  expect(journal, "wrong_result", "responses");
}

TEST(Judgement, FindsAFailureThatStopsAnotherChain) {
  Journal journal = two_chains(Failure::reset);
  journal.begin(kB, 0);
  journal.end(kB, 0, bad(Failure::reset));
  journal.begin(kA, 0);
  journal.end(kA, 0, bad(Failure::other));
  expect(journal, "wrong_result", "isolation");
}

TEST(Judgement, FindsAFailureThatCountsAsSuccess) {
  Journal journal = two_chains(Failure::malformed);
  serve_well(journal, kA);
  serve_well(journal, kB);
  expect(journal, "wrong_result", "errors");
}

TEST(Judgement, FindsAFailureOfTheWrongKind) {
  Journal journal = two_chains(Failure::timed_out);
  serve_well(journal, kA);
  journal.begin(kB, 0);
  journal.end(kB, 0, bad(Failure::reset));
  expect(journal, "wrong_result", "errors");
}

TEST(Judgement, FindsAFailureWithoutAMessage) {
  Journal journal = two_chains(Failure::reset);
  serve_well(journal, kA);
  journal.begin(kB, 0);
  journal.end(kB, 0, {Failure::reset, 0, {}});
  expect(journal, "wrong_result", "errors");
}

/// Every duration reaches a timeout of zero.
Journal hasty(Failure expected) {
  Journal::PlannedRequest one = planned(1, expected), other = planned(3);
  one.first.timeout = {};
  return Journal({{one}, {other}});
}

TEST(Judgement, DoubtsATimeoutThatCameWhenItWasDue) {
  for (const Failure expected : {Failure::none, Failure::reset}) {
    Journal journal = hasty(expected);
    journal.begin(kA, 0);
    journal.end(kA, 0, bad(Failure::timed_out));
    journal.begin(kB, 0);
    journal.end(kB, 0, ok(3));
    const Verdict verdict = judge(journal, kClock);
    EXPECT_EQ(verdict.result, Result::unknown) << verdict.witness;
    EXPECT_NE(verdict.witness.find("timed out"), std::string::npos) << verdict.witness;
  }
}

TEST(Judgement, FindsATimeoutThatCameTooEarly) {
  Journal journal = two_chains();
  serve_well(journal, kA);
  journal.begin(kB, 0);
  journal.end(kB, 0, bad(Failure::timed_out));
  expect(journal, "wrong_result", "isolation");
}

TEST(Judgement, FindsAFaultBesideADoubt) {
  Journal journal = hasty(Failure::none);
  journal.begin(kA, 0);
  journal.end(kA, 0, bad(Failure::timed_out));
  journal.begin(kB, 0);
  expect(journal, "lost", "completion");
}

}  // namespace
}  // namespace racetrack::async_io
