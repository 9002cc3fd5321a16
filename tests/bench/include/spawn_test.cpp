#include <cerrno>
#include <csignal>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <racetrack/shared_memory.hpp>
#include <racetrack/spawn/ballast.hpp>
#include <racetrack/spawn/endless.hpp>
#include <racetrack/spawn/process_start.hpp>

namespace racetrack::spawn {
namespace {

std::uint64_t resident_mebibytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / kMebibyte;
}

pid_t child_that_ends(const Ending& ending) {
  const pid_t process = fork();
  if (process == 0) end_process(ending);
  return process;
}

TEST(Ending, TellsAnExitStatusFromASignal) {
  for (const Ending& ending : {Ending{Ending::How::exit, 0}, Ending{Ending::How::exit, 9},
                               Ending{Ending::How::signal, SIGKILL}, Ending{Ending::How::signal, SIGTERM}}) {
    EXPECT_EQ(wait_for(child_that_ends(ending)), ending);
  }
  EXPECT_EQ((Ending{Ending::How::signal, 9}.text()), "signal 9");
  EXPECT_EQ((Ending{Ending::How::exit, 9}.text()), "exit status 9");
}

TEST(Children, AreNoneWhenAllWereWaitedFor) {
  const pid_t process = child_that_ends({});
  wait_for(process);
  EXPECT_TRUE(collect_children({process}).empty());
}

TEST(Children, AreCollectedWhetherTheyHaveEndedOrNot) {
  const pid_t zombie = child_that_ends({});
  siginfo_t info{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(zombie), &info, WEXITED | WNOWAIT), 0);
  const pid_t running = fork();
  if (running == 0) {
    for (;;) pause();
  }
  EXPECT_EQ(collect_children({zombie, running}).size(), 2U);
  EXPECT_EQ(waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(BallastRoom, HoldsResidentMemoryAndLetsItGo) {
  const std::uint64_t before = resident_mebibytes();
  {
    BallastRoom room;
    room.hold(64);
    room.hold(64);
    EXPECT_GE(resident_mebibytes(), before + 64);
    EXPECT_LT(resident_mebibytes(), before + 128);
  }
  EXPECT_LT(resident_mebibytes(), before + 32);
}

TEST(BallastRoom, IsRefusedWhenThereIsTooLittleMemory) {
  EXPECT_FALSE(refuse_ballast(1).has_value());
  EXPECT_TRUE(refuse_ballast(available_mebibytes()).has_value());
}

TEST(TimeOfLine, TakesWholeLinesOfThatProcessOnly) {
  EXPECT_EQ(time_of_line("4711 12.000000034", 4711), 12'000'000'034U);
  for (const char* line : {"", "4711", "4711 ", "4711 12", "4711 12.00000003", "4711 12.0000000345", "711 12.000000034",
                           "4711 12.00000003x", "4711  12.000000034", "47114711 12.000000034"}) {
    EXPECT_FALSE(time_of_line(line, 4711).has_value()) << line;
  }
}

TEST(Shared, IsTheSameMemoryInAForkedProcess) {
  const Shared<std::uint64_t> words(3);
  EXPECT_EQ(words[2], 0U);
  const pid_t process = fork();
  if (process == 0) {
    words[2] = 7;
    end_process({});
  }
  wait_for(process);
  EXPECT_EQ(words[2], 7U);
}

}  // namespace
}  // namespace racetrack::spawn
