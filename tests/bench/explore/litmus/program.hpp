// Straight-line programs as text: "x=1.rlx y=1.rel | a=y.acq b=x.rlx".
//
// '|' separates threads, blanks separate operations. x, y, z are atomic integers, initially 0; a, b, c, d are
// registers. Orders: rlx con acq rel acq_rel sc.
//   x=1.rel      store           F.sc           fence
//   a=x.acq      load            a=x+1.rel      fetch_add
//   a=x!1.sc     exchange        a=x?1>2.rel    strong compare_exchange from 1 to 2; relaxed when it fails. a is
//                                              the value found
// Without "a=" a read-modify-write stores its result nowhere. "|| a=x b=y" reads the final values into registers.
#pragma once

#include <atomic>
#include <cstddef>
#include <string_view>
#include <vector>

namespace litmus {

inline constexpr std::size_t kLocations = 3, kRegisters = 4;

struct Operation {
  enum class Kind { store, load, fetch_add, exchange, compare_exchange, fence };
  Kind kind = Kind::load;
  std::memory_order order = std::memory_order_relaxed;
  std::size_t location = 0;
  std::size_t reg = kRegisters;  ///< kRegisters: no register
  int value = 0;                 ///< value that is stored or added
  int expected = 0;
};

struct Program {
  std::vector<std::vector<Operation>> threads;
  std::vector<Operation> at_the_end;  ///< loads
  std::size_t registers = 0;          ///< a, b, ...: up to the last one in use
};

/// Throws std::invalid_argument for text that is not a program.
Program parse(std::string_view text);

}  // namespace litmus
