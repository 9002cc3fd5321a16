#include "litmus/program.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <utility>

namespace litmus {
namespace {

[[noreturn]] void reject(std::string_view operation) {
  throw std::invalid_argument("'" + std::string(operation) + "' is not an operation of a litmus test");
}

std::memory_order order_of(std::string_view word, std::string_view operation) {
  static constexpr std::array<std::pair<std::string_view, std::memory_order>, 6> kOrders{
      {{"rlx", std::memory_order_relaxed},
       {"con", std::memory_order_consume},
       {"acq", std::memory_order_acquire},
       {"rel", std::memory_order_release},
       {"acq_rel", std::memory_order_acq_rel},
       {"sc", std::memory_order_seq_cst}}};
  const auto* const found =
      std::find_if(kOrders.begin(), kOrders.end(), [&](const auto& each) { return each.first == word; });
  if (found == kOrders.end()) reject(operation);
  return found->second;
}

/// One operation, from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text), rest_(text) {}

  Operation operation() {
    Operation read;
    if (takes('F')) {
      read.kind = Operation::Kind::fence;
      read.order = order();
      return read;
    }
    if (rest_.size() > 2 && is_register(rest_[0]) && rest_[1] == '=') {
      read.reg = static_cast<std::size_t>(rest_[0] - 'a');
      rest_.remove_prefix(2);
    }
    read.location = location();
    if (takes('=')) {
      read.kind = Operation::Kind::store;
      read.value = digit();
    } else if (takes('+')) {
      read.kind = Operation::Kind::fetch_add;
      read.value = digit();
    } else if (takes('!')) {
      read.kind = Operation::Kind::exchange;
      read.value = digit();
    } else if (takes('?')) {
      read.kind = Operation::Kind::compare_exchange;
      read.expected = digit();
      if (!takes('>')) reject(text_);
      read.value = digit();
    }
    const bool keeps = read.reg != kRegisters;
    if (read.kind == Operation::Kind::store && keeps) reject(text_);
    if (read.kind == Operation::Kind::load && !keeps) reject(text_);
    read.order = rest_.empty() ? std::memory_order_relaxed : order();
    return read;
  }

 private:
  static bool is_register(char letter) { return letter >= 'a' && letter < static_cast<char>('a' + kRegisters); }
  bool takes(char letter) {
    if (rest_.empty() || rest_[0] != letter) return false;
    rest_.remove_prefix(1);
    return true;
  }
  char next() {
    if (rest_.empty()) reject(text_);
    const char letter = rest_[0];
    rest_.remove_prefix(1);
    return letter;
  }
  std::size_t location() {
    const char letter = next();
    if (letter < 'x' || letter > 'z') reject(text_);
    return static_cast<std::size_t>(letter - 'x');
  }
  int digit() {
    const char letter = next();
    if (letter < '0' || letter > '9') reject(text_);
    return letter - '0';
  }
  std::memory_order order() {
    if (!takes('.')) reject(text_);
    return order_of(std::exchange(rest_, {}), text_);
  }

  std::string_view text_, rest_;
};

}  // namespace

Program parse(std::string_view text) {
  Program program;
  std::vector<Operation>* part = &program.threads.emplace_back();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word == "|") {
      part = &program.threads.emplace_back();
    } else if (word == "||") {
      part = &program.at_the_end;
    } else if (!word.empty()) {
      part->push_back(Reader(word).operation());
      if (part->back().reg != kRegisters) program.registers = std::max(program.registers, part->back().reg + 1);
    }
  }
  return program;
}

}  // namespace litmus
