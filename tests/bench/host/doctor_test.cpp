#include "host/doctor.hpp"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

namespace racetrack::host {
namespace {

std::string noise(double load, const nlohmann::json& steal) {
  return noise_before_run({{"load_1min", load}, {"steal_ratio", steal}});
}

TEST(NoiseBeforeRun, ReportsAQuietMachineInOneLine) {
  EXPECT_EQ(
      noise(0.12, 0.001),
      "racetrack: the machine is quiet: load of the last minute: 0.12; stolen by the hypervisor while the clocks were "
      "calibrated: 0.1 %\n");
  EXPECT_NE(noise(0.12, nullptr).find("is quiet"), std::string::npos);
}

TEST(NoiseBeforeRun, NamesEachReasonWhyAMachineIsNotQuiet) {
  const std::string loaded = noise(8.25, 0.0), stolen = noise(0.0, 0.25), both = noise(8.25, 0.25);
  EXPECT_NE(loaded.find("load of the last minute: 8.25: other work runs"), std::string::npos) << loaded;
  EXPECT_EQ(loaded.find("stolen"), std::string::npos) << loaded;
  EXPECT_NE(stolen.find("calibrated: 25.0 %: a shared machine"), std::string::npos) << stolen;
  EXPECT_NE(both.find("8.25"), std::string::npos);
  EXPECT_NE(both.find("25.0 %"), std::string::npos);
  EXPECT_EQ(both.find("quiet"), std::string::npos);
}

}  // namespace
}  // namespace racetrack::host
