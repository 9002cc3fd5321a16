#include "http.hpp"

#include <utility>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <racetrack/parameters.hpp>

using racetrack::async_io::Failure;
using racetrack::async_io::Request;
using racetrack::async_io::Response;
namespace http = boost::beast::http;

namespace {

constexpr std::size_t kMostBody = 65536;

Failure kind_of(const std::error_code& error) {
  if (error == std::errc::connection_refused) return Failure::refused;
  if (error == std::errc::connection_reset || error == std::errc::broken_pipe) return Failure::reset;
  if (error == std::errc::timed_out) return Failure::timed_out;
  return Failure::other;
}

std::string place_of(const Request& request) {
  return "GET http://127.0.0.1:" + std::to_string(request.port) + request.target;
}

/// The failure for bytes that are not a response, or an incomplete one, with Beast's message.
Response failed_parse(const boost::system::error_code& error, const Request& request) {
  const bool cut = error == http::error::partial_message || error == http::error::end_of_stream;
  return {cut ? Failure::reset : Failure::malformed, 0, place_of(request) + ": " + error.message()};
}

}  // namespace

std::string to_bytes(const Request& request) {
  return "GET " + request.target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(request.port) + "\r\n\r\n";
}

Response failed(const std::error_code& error, const Request& request) {
  return {kind_of(error), 0, place_of(request) + ": " + error.message()};
}

Response timed_out(const Request& request) {
  return {Failure::timed_out, 0,
          place_of(request) + ": no complete response within " + std::to_string(request.timeout.count()) + " ms"};
}

struct ResponseParser::State {
  http::response_parser<http::string_body> parser;
  boost::beast::flat_buffer unread;
  Response response;
};

ResponseParser::ResponseParser() = default;
ResponseParser::ResponseParser(ResponseParser&&) noexcept = default;
ResponseParser& ResponseParser::operator=(ResponseParser&&) noexcept = default;
ResponseParser::~ResponseParser() = default;

bool ResponseParser::put(std::span<const char> bytes, const Request& request) {
  if (bytes.empty()) return false;
  if (!state_) {
    state_ = std::make_unique<State>();
    state_->parser.eager(true);
    state_->parser.body_limit(std::uint64_t{1} << 40);  // an endless body is ended by the request's patience
  }
  http::response_parser<http::string_body>& parser = state_->parser;
  boost::beast::flat_buffer& unread = state_->unread;
  unread.commit(
      boost::asio::buffer_copy(unread.prepare(bytes.size()), boost::asio::buffer(bytes.data(), bytes.size())));
  boost::system::error_code error;
  unread.consume(parser.put(unread.data(), error));
  if (error == http::error::need_more) return false;
  if (!error && parser.get().body().size() > kMostBody) error = http::error::body_limit;
  if (error) {
    state_->response = failed_parse(error, request);
    return true;
  }
  if (!parser.is_done()) return false;
  const auto id = racetrack::to_number(parser.get().body());
  keeps_alive_ = parser.get().keep_alive();
  if (parser.get().result() == http::status::ok && id) {
    state_->response = {Failure::none, *id, {}};
  } else {
    state_->response = {Failure::malformed, 0,
                        place_of(request) + ": status " + std::to_string(parser.get().result_int()) + ", body \"" +
                            parser.get().body().substr(0, 80) + "\""};
  }
  return true;
}

void ResponseParser::end(const Request& request) {
  if (!state_) state_ = std::make_unique<State>();
  boost::system::error_code error;
  state_->parser.put_eof(error);
  state_->response = failed_parse(error ? error : http::error::end_of_stream, request);
}

Response ResponseParser::take() { return std::exchange(state_, nullptr)->response; }
