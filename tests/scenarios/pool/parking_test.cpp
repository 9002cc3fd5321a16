// The parking of the work-stealing pool, step by step on one thread: each test hangs if a wakeup is lost.
#include "parking.hpp"

#include <gtest/gtest.h>

namespace {

TEST(Parking, ATokenWakesAnAnnouncedSleeper) {
  Parking parking;
  const Parking::Epoch epoch = parking.announce();
  parking.wake_one();
  parking.park(epoch);
}

TEST(Parking, ALateWithdrawalTakesItsToken) {
  Parking parking;
  const Parking::Epoch epoch = parking.announce();
  parking.wake_one();
  EXPECT_TRUE(parking.withdraw(epoch));
  EXPECT_FALSE(parking.withdraw(parking.announce()));
}

TEST(Parking, AWithdrawalDoesNotWaitForATokenThatAnotherHasTaken) {
  Parking parking;
  const Parking::Epoch one = parking.announce();
  const Parking::Epoch other = parking.announce();
  parking.wake_one();
  parking.wake_one();
  parking.park(other);
  parking.park(other);  // the next sleeper takes the token before `one` withdraws
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

// Found by exploring the pool: a thread of the old epoch removed the newer thread from the count, which was then never
// woken.
TEST(Parking, AWithdrawalFromAnOldEpochDoesNotChangeTheNewCount) {
  Parking parking;
  const Parking::Epoch old = parking.announce();
  parking.wake_all();
  const Parking::Epoch fresh = parking.announce();
  EXPECT_TRUE(parking.withdraw(old));
  EXPECT_FALSE(parking.withdraw(fresh));
}

TEST(Parking, EpochsWrapAround) {
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
