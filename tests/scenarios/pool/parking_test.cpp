// The parking place of the work-stealing pool, step by step on one thread: each of these hangs where a wake-up is lost.
#include "parking.hpp"

#include <gtest/gtest.h>

namespace {

TEST(Parking, ATokenWakesWhoHasAnnouncedItself) {
  Parking parking;
  const Parking::Epoch epoch = parking.announce();
  parking.wake_one();
  parking.park(epoch);
}

TEST(Parking, WhoWithdrawsTooLateTakesItsToken) {
  Parking parking;
  const Parking::Epoch epoch = parking.announce();
  parking.wake_one();
  EXPECT_TRUE(parking.withdraw(epoch));
  EXPECT_FALSE(parking.withdraw(parking.announce()));
}

TEST(Parking, WhoWithdrawsDoesNotWaitForATokenThatAnotherHasTaken) {
  Parking parking;
  const Parking::Epoch one = parking.announce();
  const Parking::Epoch other = parking.announce();
  parking.wake_one();
  parking.wake_one();
  parking.park(other);
  parking.park(other);  // as the next one who announces itself would, before `one` withdraws
  EXPECT_TRUE(parking.withdraw(one));
}

TEST(Parking, ANewEpochWakesAllOfTheOldOne) {
  Parking parking;
  const Parking::Epoch one = parking.announce();
  const Parking::Epoch other = parking.announce();
  parking.wake_all();
  parking.park(one);
  EXPECT_TRUE(parking.withdraw(other));
}

// Found by exploring the pool: the thread of the old epoch took the newer one off the count, which then slept for ever.
TEST(Parking, WhoIsOfAnOldEpochTakesNobodyOfANewerOneOffTheCount) {
  Parking parking;
  const Parking::Epoch old = parking.announce();
  parking.wake_all();
  const Parking::Epoch fresh = parking.announce();
  EXPECT_TRUE(parking.withdraw(old));
  EXPECT_FALSE(parking.withdraw(fresh));
}

TEST(Parking, EpochsWrapRound) {
  Parking parking;
  for (int i = 0; i < (1 << 20) + 2; ++i) {
    const Parking::Epoch epoch = parking.announce();
    parking.wake_all();
    parking.park(epoch);
  }
  const Parking::Epoch epoch = parking.announce();
  parking.wake_one();
  parking.park(epoch);
}

}  // namespace
