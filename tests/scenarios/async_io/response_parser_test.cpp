// Parses responses that arrive whole or in pieces.
#include <string>
#include <string_view>
#include <system_error>

#include <gtest/gtest.h>

#include "../../../scenarios/async_io/http.hpp"

namespace {

using racetrack::async_io::Failure;
using racetrack::async_io::Request;
using racetrack::async_io::Response;

const Request kRequest{.id = 17, .port = 80, .target = "/delay/0/id/17", .timeout = {}};
constexpr std::string_view kWhole = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n17";

TEST(ResponseParser, TakesAResponseWholeOrInPieces) {
  for (std::size_t cut = 1; cut < kWhole.size(); ++cut) {
    ResponseParser parser;
    EXPECT_FALSE(parser.put(kWhole.substr(0, cut), kRequest)) << cut;
    ASSERT_TRUE(parser.put(kWhole.substr(cut), kRequest)) << cut;
    const Response response = parser.take();
    EXPECT_EQ(response.failure, Failure::none) << response.error;
    EXPECT_EQ(response.id, 17U);
    EXPECT_TRUE(parser.keeps_alive());
  }
}

TEST(ResponseParser, TakesTheNextResponseOfTheConnection) {
  ResponseParser parser;
  ASSERT_TRUE(parser.put(kWhole, kRequest));
  parser.take();
  ASSERT_TRUE(
      parser.put(std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n9"), kRequest));
  EXPECT_EQ(parser.take().id, 9U);
  EXPECT_FALSE(parser.keeps_alive());
}

TEST(ResponseParser, ReportsInvalidHttpAsMalformedAndNamesTheRequest) {
  for (const std::string_view text :
       {"\x16\x03\x01 no HTTP at all\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"}) {
    ResponseParser parser;
    ASSERT_TRUE(parser.put(text, kRequest)) << text;
    const Response response = parser.take();
    EXPECT_EQ(response.failure, Failure::malformed) << text;
    EXPECT_NE(response.error.find("/delay/0/id/17"), std::string::npos) << response.error;
  }
}

TEST(ResponseParser, ReportsAnIncompleteResponseAsAReset) {
  for (const std::size_t cut : {std::size_t{0}, std::size_t{10}, kWhole.size() - 1}) {
    ResponseParser parser;
    EXPECT_FALSE(parser.put(kWhole.substr(0, cut), kRequest));
    parser.end(kRequest);
    const Response response = parser.take();
    EXPECT_EQ(response.failure, Failure::reset) << cut << ": " << response.error;
    EXPECT_FALSE(response.error.empty());
  }
}

TEST(Failed, MapsSystemErrorsToFailures) {
  EXPECT_EQ(failed(std::make_error_code(std::errc::connection_refused), kRequest).failure, Failure::refused);
  EXPECT_EQ(failed(std::make_error_code(std::errc::connection_reset), kRequest).failure, Failure::reset);
  EXPECT_EQ(failed(std::make_error_code(std::errc::too_many_files_open), kRequest).failure, Failure::other);
  EXPECT_EQ(timed_out(kRequest).failure, Failure::timed_out);
}

}  // namespace
