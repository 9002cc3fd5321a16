#include "host/record_line.hpp"

#include <string>

#include <gtest/gtest.h>

namespace racetrack::host {
namespace {

const nlohmann::json kRecord = {{"fork", 3}, {"metrics", {{"items_per_s", 12.5}}}, {"subject", "a \"queue\" \xc3\xa9"}};

TEST(RecordLine, IsParsedUnchanged) { EXPECT_EQ(record_of(line_of(kRecord)), kRecord); }

TEST(RecordLine, HasTheStandardCrc32) {
  // zlib.crc32(b'{"fork":3') in Python.
  EXPECT_EQ(line_of({{"fork", 3}}), R"({"fork":3,"crc32":"f0ed0691"})");
}

TEST(RecordLine, EveryFlippedBitIsDetected) {
  const std::string whole = line_of(kRecord);
  for (std::size_t byte = 0; byte < whole.size(); ++byte) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string line = whole;
      line[byte] = static_cast<char>(static_cast<unsigned char>(line[byte]) ^ (1U << bit));
      const nlohmann::json record = record_of(line);
      // A flip in the name of the last member gives another member, which no record has.
      EXPECT_TRUE(record.is_discarded() || record.size() != kRecord.size()) << line;
    }
  }
}

TEST(RecordLine, EveryTruncatedLineIsDetected) {
  const std::string whole = line_of(kRecord);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_TRUE(record_of(std::string_view(whole).substr(0, length)).is_discarded()) << length;
  }
}

TEST(RecordLine, WithoutAChecksumIsAccepted) {
  EXPECT_EQ(record_of(R"({"fork": 3})"), (nlohmann::json{{"fork", 3}}));
  EXPECT_TRUE(record_of(R"({"fork": 3, "crc32": "00000000"})").is_discarded());
  EXPECT_TRUE(record_of(R"({"crc32":""})").is_discarded());
}

TEST(RecordLine, InvalidUtf8IsReplaced) {
  const nlohmann::json record = record_of(line_of({{"output", "\xff!"}}));
  EXPECT_EQ(record.at("output"), "\xef\xbf\xbd!");
}

}  // namespace
}  // namespace racetrack::host
