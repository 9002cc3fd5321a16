// The oracles of a gather against journals that say what they must find, and against right ones.
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <racetrack/async_io/judgement.hpp>

namespace racetrack::async_io {
namespace {

constexpr std::size_t kA = 0, kB = 1;

Journal::Errand errand(std::uint64_t id, Failure outlook = Failure::none) {
  return {{.id = id, .port = 80, .target = "/delay/0/id/" + std::to_string(id), .patience = {}}, outlook};
}
/// Chains A and B of two requests each, ids 1 to 4; the first of B may have another outlook.
Journal lecture(Failure first_of_b = Failure::none) {
  return Journal({{errand(1), errand(2)}, {errand(3, first_of_b), errand(4)}});
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
  const Verdict verdict = judge(journal);
  EXPECT_EQ(verdict.result, Result::fail);
  EXPECT_EQ(verdict.kind, kind) << verdict.witness;
  EXPECT_EQ(verdict.detector, "oracle." + detector) << verdict.witness;
  EXPECT_FALSE(verdict.witness.empty());
}

TEST(Judgement, IsSilentWhenTwoChainsInterleaveAndAllComplete) {
  Journal journal = lecture();
  journal.begin(kA, 0);
  journal.begin(kB, 0);
  journal.end(kB, 0, ok(3));
  journal.begin(kB, 1);
  journal.end(kA, 0, ok(1));
  journal.begin(kA, 1);
  journal.end(kB, 1, ok(4));
  journal.end(kA, 1, ok(2));
  EXPECT_EQ(judge(journal).result, Result::pass) << judge(journal).witness;
}

TEST(Judgement, IsSilentWhenARequestToABadServerFailsAlone) {
  Journal journal = lecture(Failure::reset);
  serve_well(journal, kA);
  journal.begin(kB, 0);
  journal.end(kB, 0, bad(Failure::reset));
  EXPECT_EQ(judge(journal).result, Result::pass) << judge(journal).witness;
}

TEST(Judgement, FindsARequestMadeBeforeTheOneBeforeHasEnded) {
  Journal journal = lecture();
  journal.begin(kA, 0);
  journal.begin(kA, 1);
  journal.end(kA, 0, ok(1));
  journal.end(kA, 1, ok(2));
  serve_well(journal, kB);
  expect(journal, "reordered", "steps");
}

TEST(Judgement, FindsAChainThatGoesOnAfterAFailure) {
  Journal journal = lecture(Failure::refused);
  serve_well(journal, kA);
  journal.begin(kB, 0);
  journal.end(kB, 0, bad(Failure::refused));
  journal.begin(kB, 1);
  journal.end(kB, 1, ok(4));
  expect(journal, "reordered", "steps");
}

TEST(Judgement, FindsARequestThatNeverEnds) {
  Journal journal = lecture();
  serve_well(journal, kA);
  journal.begin(kB, 0);
  expect(journal, "lost", "completion");
}

TEST(Judgement, FindsAChainThatNobodyServed) {
  Journal journal = lecture();
  serve_well(journal, kA);
  expect(journal, "lost", "completion");
}

TEST(Judgement, FindsARequestThatEndsTwice) {
  Journal journal = lecture();
  serve_well(journal, kA);
  journal.end(kA, 1, ok(2));
  serve_well(journal, kB);
  expect(journal, "duplicated", "completion");
}

TEST(Judgement, FindsARequestThatIsMadeTwice) {
  Journal journal = lecture();
  serve_well(journal, kA);
  journal.begin(kA, 1);
  expect(journal, "duplicated", "completion");
}

TEST(Judgement, FindsAnEndWithoutARequest) {
  Journal journal = lecture();
  journal.end(kA, 0, ok(1));
  expect(journal, "invented", "completion");
  Journal beyond = lecture();
  beyond.begin(kA, 2);
  expect(beyond, "invented", "completion");
}

TEST(Judgement, FindsTheResponseOfAnother) {
  Journal journal = lecture();
  serve_well(journal, kA);
  journal.begin(kB, 0);
  journal.end(kB, 0, ok(1));
  journal.begin(kB, 1);
  journal.end(kB, 1, ok(4));
  expect(journal, "wrong_result", "responses");
}

TEST(Judgement, FindsAFailureThatTakesAnotherChainAlong) {
  Journal journal = lecture(Failure::reset);
  journal.begin(kB, 0);
  journal.end(kB, 0, bad(Failure::reset));
  journal.begin(kA, 0);
  journal.end(kA, 0, bad(Failure::other));
  expect(journal, "wrong_result", "isolation");
}

TEST(Judgement, FindsAFailureThatCountsAsSuccess) {
  Journal journal = lecture(Failure::malformed);
  serve_well(journal, kA);
  serve_well(journal, kB);
  expect(journal, "wrong_result", "errors");
}

TEST(Judgement, FindsAFailureCalledByAnotherName) {
  Journal journal = lecture(Failure::timed_out);
  serve_well(journal, kA);
  journal.begin(kB, 0);
  journal.end(kB, 0, bad(Failure::reset));
  expect(journal, "wrong_result", "errors");
}

TEST(Judgement, FindsAFailureWithoutAWord) {
  Journal journal = lecture(Failure::reset);
  serve_well(journal, kA);
  journal.begin(kB, 0);
  journal.end(kB, 0, {Failure::reset, 0, {}});
  expect(journal, "wrong_result", "errors");
}

}  // namespace
}  // namespace racetrack::async_io
