#include "oracle/exclusion.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace racetrack::oracle {
namespace {

/// The stays of threads in a critical section, in the order in which they happened.
class Stays {
 public:
  explicit Stays(std::size_t threads, Ticks skew = 0) {
    history.threads.resize(threads);
    history.skew = skew;
  }
  Stays& acquire(std::uint32_t thread, Ticks invoked, Ticks returned, std::uint64_t mode = kExclusive,
                 Outcome outcome = Outcome::ok, std::uint16_t object = 0) {
    history.threads[thread].push_back({mode, invoked, returned, thread, object, Action::acquire, outcome});
    return *this;
  }
  Stays& release(std::uint32_t thread, Ticks invoked, Ticks returned, std::uint64_t mode = kExclusive,
                 Outcome outcome = Outcome::ok, std::uint16_t object = 0) {
    history.threads[thread].push_back({mode, invoked, returned, thread, object, Action::release, outcome});
    return *this;
  }
  History history;
};

Result judged(const Stays& stays) { return exclusion(stays.history).result; }

TEST(Exclusion, TwoCertainlyOverlappingStaysFail) {
  Stays stays(2);
  stays.acquire(0, 0, 10).release(0, 30, 40).acquire(1, 5, 20).release(1, 50, 60);
  const Verdict verdict = exclusion(stays.history);
  EXPECT_EQ(verdict.result, Result::fail);
  EXPECT_EQ(verdict.kind, "exclusion");
  EXPECT_EQ(verdict.detector, "oracle.exclusion");
  EXPECT_EQ(verdict.witness,
            "thread 0 acquired at 0..10 and released only at 30..40, but thread 1 acquired at 5..20 and released only "
            "at 50..60");
}

TEST(Exclusion, TheHandoverHappensWithinReleaseAndAcquire) {
  EXPECT_EQ(judged(Stays(2).acquire(0, 0, 10).release(0, 30, 40).acquire(1, 5, 30).release(1, 50, 60)), Result::pass);
  EXPECT_EQ(judged(Stays(2).acquire(0, 0, 10).release(0, 30, 40).acquire(1, 5, 29).release(1, 50, 60)), Result::fail);
}

TEST(Exclusion, OverlapsWithinTheSkewPass) {
  EXPECT_EQ(judged(Stays(2, 3).acquire(0, 0, 10).release(0, 30, 40).acquire(1, 5, 24).release(1, 50, 60)),
            Result::pass);
  EXPECT_EQ(judged(Stays(2, 3).acquire(0, 0, 10).release(0, 30, 40).acquire(1, 5, 23).release(1, 50, 60)),
            Result::fail);
}

TEST(Exclusion, ReadersShareAndWritersDoNot) {
  EXPECT_EQ(judged(Stays(2)
                       .acquire(0, 0, 10, kShared)
                       .release(0, 30, 40, kShared)
                       .acquire(1, 5, 20, kShared)
                       .release(1, 50, 60, kShared)),
            Result::pass);
  EXPECT_EQ(
      judged(Stays(2).acquire(0, 0, 10, kShared).release(0, 30, 40, kShared).acquire(1, 5, 20).release(1, 50, 60)),
      Result::fail);
  EXPECT_EQ(
      judged(Stays(2).acquire(0, 0, 10).release(0, 30, 40).acquire(1, 5, 20, kShared).release(1, 50, 60, kShared)),
      Result::fail);
}

TEST(Exclusion, FindsAWriterDuringAnEarlierLongerRead) {
  Stays stays(3);
  stays.acquire(0, 0, 1).acquire(0, 2, 3, kShared).release(0, 10, 11).release(0, 90, 91, kShared);
  EXPECT_EQ(judged(stays), Result::pass);
  stays.acquire(1, 20, 21, kShared).release(1, 30, 31, kShared);
  EXPECT_EQ(judged(stays), Result::pass);
  stays.acquire(2, 40, 41).release(2, 50, 51);
  EXPECT_EQ(judged(stays), Result::fail);
}

TEST(Exclusion, ARecursiveLockIsHeldUntilItsLastRelease) {
  Stays stays(2);
  stays.acquire(0, 0, 1).acquire(0, 2, 3).release(0, 4, 5).release(0, 20, 21);
  Stays within = stays;
  EXPECT_EQ(judged(within.acquire(1, 6, 7).release(1, 8, 9)), Result::fail);
  EXPECT_EQ(judged(stays.acquire(1, 6, 22).release(1, 23, 24)), Result::pass);
}

TEST(Exclusion, AThreadThatNeverReleasesStaysInside) {
  EXPECT_EQ(judged(Stays(2).acquire(0, 0, 1).acquire(1, 100, 101).release(1, 102, 103)), Result::fail);
}

TEST(Exclusion, RefusedAndPendingAcquiresDoNotCount) {
  EXPECT_EQ(judged(Stays(2)
                       .acquire(0, 0, 1)
                       .acquire(1, 2, 3, kExclusive, Outcome::full)
                       .acquire(1, 4, 0, kExclusive, Outcome::pending)),
            Result::pass);
}

TEST(Exclusion, APendingReleaseMayHaveTakenEffect) {
  EXPECT_EQ(judged(Stays(2).acquire(0, 0, 1).release(0, 10, 0, kExclusive, Outcome::pending).acquire(1, 2, 20)),
            Result::pass);
}

TEST(Exclusion, ChecksObjectsSeparatelyAndPassesWithoutStamps) {
  EXPECT_EQ(judged(Stays(2).acquire(0, 0, 1).acquire(1, 2, 3, kExclusive, Outcome::ok, 1)), Result::pass);
  Stays stays(2);
  stays.acquire(0, 0, 1).acquire(1, 2, 3);
  stays.history.stamped = false;
  EXPECT_EQ(judged(stays), Result::pass);
}

class ExclusionMutants : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  /// Four threads take turns; each waits until its predecessor has released.
  static Stays turns(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    Stays stays(4);
    Ticks now = 100;
    std::uint32_t last = 4;
    for (int turn = 0; turn < 40; ++turn) {
      auto thread = static_cast<std::uint32_t>(random() % 4);
      if (thread == last) thread = (thread + 1) % 4;
      last = thread;
      const auto& mine = stays.history.threads[thread];
      const Ticks since = mine.empty() ? 0 : mine.back().returned + 1;
      stays.acquire(thread, std::max<Ticks>(since, now - 50), now).release(thread, now + 10, now + 15);
      now += 16;
    }
    return stays;
  }
};

TEST_P(ExclusionMutants, EachIsFound) {
  const Stays sound = turns(GetParam());
  ASSERT_EQ(judged(sound), Result::pass);
  for (std::size_t t = 0; t < 4; ++t) {
    for (std::size_t i = 0; i + 2 < sound.history.threads[t].size(); ++i) {
      const Operation& operation = sound.history.threads[t][i];
      Stays dropped = sound, stretched = sound, doubled = sound;
      auto& thread = dropped.history.threads[t];
      if (operation.action == Action::release) {
        thread.erase(thread.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_EQ(judged(dropped), Result::fail);
        // This thread releases only after its successor has been inside for a while.
        stretched.history.threads[t][i].invoked += 12;
        stretched.history.threads[t][i].returned += 12;
        EXPECT_EQ(judged(stretched), Result::fail);
      } else {
        // A fifth thread is inside at the same time.
        doubled.history.threads.push_back({operation});
        doubled.history.threads.back().back().thread = 4;
        EXPECT_EQ(judged(doubled), Result::fail);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ExclusionMutants, ::testing::Range<std::uint64_t>(0, 5));

}  // namespace
}  // namespace racetrack::oracle
