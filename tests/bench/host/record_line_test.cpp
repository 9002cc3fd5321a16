#include "host/record_line.hpp"

#include <string>

#include <gtest/gtest.h>

namespace racetrack::host {
namespace {

const nlohmann::json kRecord = {{"fork", 3}, {"metrics", {{"items_per_s", 12.5}}}, {"subject", "a \"queue\" \xc3\xa9"}};

TEST(RecordLine, ComesBackAsItWas) { EXPECT_EQ(record_of(line_of(kRecord)), kRecord); }

TEST(RecordLine, HasTheChecksumThatEveryOtherToolComputes) {
  // zlib.crc32(b'{"fork":3') in Python.
  EXPECT_EQ(line_of({{"fork", 3}}), R"({"fork":3,"crc32":"f0ed0691"})");
}

TEST(RecordLine, EveryBitThatFlipsIsSeen) {
  const std::string whole = line_of(kRecord);
  for (std::size_t byte = 0; byte < whole.size(); ++byte) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string line = whole;
      line[byte] = static_cast<char>(static_cast<unsigned char>(line[byte]) ^ (1U << bit));
      const nlohmann::json record = record_of(line);
      // In the name of the last member it becomes another member, which is none of a record.
      EXPECT_TRUE(record.is_discarded() || record.size() != kRecord.size()) << line;
    }
  }
}

TEST(RecordLine, EveryLineThatIsCutOffIsSeen) {
  const std::string whole = line_of(kRecord);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_TRUE(record_of(std::string_view(whole).substr(0, length)).is_discarded()) << length;
  }
}

TEST(RecordLine, WithoutAChecksumIsTakenAsItIs) {
  EXPECT_EQ(record_of(R"({"fork": 3})"), (nlohmann::json{{"fork", 3}}));
  EXPECT_TRUE(record_of(R"({"fork": 3, "crc32": "00000000"})").is_discarded());
  EXPECT_TRUE(record_of(R"({"crc32":""})").is_discarded());
}

TEST(RecordLine, WhatIsNoTextIsReplacedAndKept) {
  const nlohmann::json record = record_of(line_of({{"output", "\xff!"}}));
  EXPECT_EQ(record.at("output"), "\xef\xbf\xbd!");
}

}  // namespace
}  // namespace racetrack::host
