#include "host/refusals.hpp"

#include <atomic>
#include <cstdlib>
#include <exception>
#include <system_error>

#include "host/child_process.hpp"

namespace racetrack::host {
namespace {

enum class State : int { off, armed, writing, written };

/// Sequentially consistent: it is used at failures only.
std::atomic<State> state{State::off};
std::terminate_handler handler_before = nullptr;

/// Called where no handler takes an exception: on the stack of the thread that it would leave.
[[noreturn]] void note_and_terminate() {
  try {
    if (const std::exception_ptr error = std::current_exception()) std::rethrow_exception(error);
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::resource_unavailable_try_again) note_refusal(error.what());
  } catch (...) {
    // Another exception is the subject's.
  }
  if (handler_before != nullptr) handler_before();
  std::abort();
}

}  // namespace

void report_refusals() {
  state = State::armed;
  handler_before = std::set_terminate(note_and_terminate);
}

void note_refusal(const char* what) noexcept {
  State expected = State::armed;
  if (state.compare_exchange_strong(expected, State::writing)) {
    send_refusal(what);
    state = State::written;
    state.notify_all();
  } else {
    state.wait(State::writing);  // the caller may end the process, and the report with it
  }
}

}  // namespace racetrack::host
