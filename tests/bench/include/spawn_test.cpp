#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <racetrack/shared_memory.hpp>
#include <racetrack/spawn/ballast.hpp>
#include <racetrack/spawn/endless.hpp>
#include <racetrack/spawn/given_time.hpp>
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

TEST(Ending, DistinguishesAnExitStatusFromASignal) {
  for (const Ending& ending : {Ending{Ending::How::exit, 0}, Ending{Ending::How::exit, 9},
                               Ending{Ending::How::signal, SIGKILL}, Ending{Ending::How::signal, SIGTERM}}) {
    EXPECT_EQ(wait_for(child_that_ends(ending)), ending);
  }
  EXPECT_EQ((Ending{Ending::How::signal, 9}.text()), "signal 9");
  EXPECT_EQ((Ending{Ending::How::exit, 9}.text()), "exit status 9");
}

TEST(Children, AreEmptyWhenAllWereWaitedFor) {
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

TEST(BallastRoom, HoldsResidentMemoryAndReleasesIt) {
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

TEST(BallastRoom, IsRefusedWithoutEnoughMemory) {
  EXPECT_FALSE(refuse_ballast(1).has_value());
  EXPECT_TRUE(refuse_ballast(available_mebibytes()).has_value());
}

/// What is given to a process that the kernel shows so, before and after an interval of 50 ms.
std::chrono::nanoseconds given(char state, long long ran_ms, long long waited_ms) {
  constexpr std::chrono::milliseconds kInterval{50};
  const std::string proc = testing::TempDir() + "/given-" + std::to_string(getpid());
  std::filesystem::create_directories(proc + "/100");
  const auto show = [&](long long ran, long long waited) {
    std::ofstream(proc + "/100/stat") << "100 (a name) with ) in it) " << state << " 1 2 3\n";
    std::ofstream(proc + "/100/schedstat") << ran * 1'000'000 << ' ' << waited * 1'000'000 << " 7\n";
  };
  show(0, 0);
  GivenTime time(100, kInterval, proc);
  show(ran_ms, waited_ms);
  const auto sum = time.sample_after(kInterval);
  std::filesystem::remove_all(proc);
  return sum;
}

TEST(GivenTimeOfAProcess, CountsWhatTheMachineGave) {
  using std::chrono::milliseconds;
  EXPECT_EQ(given('S', 0, 0), milliseconds(50)) << "it slept";
  EXPECT_EQ(given('S', 5, 30), milliseconds(20)) << "it slept, but waited for a processor before";
  EXPECT_EQ(given('R', 50, 0), milliseconds(50)) << "it ran";
  EXPECT_EQ(given('R', 5, 45), milliseconds(5)) << "it waited for a processor";
  EXPECT_EQ(given('T', 0, 0), milliseconds(0)) << "it was stopped";
  EXPECT_EQ(given('Z', 0, 0), milliseconds(0)) << "it has ended";
}

TEST(GivenTimeOfAProcess, CountsALateSampleAsTwoIntervals) {
  GivenTime time(getppid(), std::chrono::milliseconds(1));
  EXPECT_LE(time.sample_after(std::chrono::hours(1)), std::chrono::milliseconds(2));
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
