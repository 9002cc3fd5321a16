// The interface of another explorer's benchmark programs, implemented by this one, so that both run the same source.
#pragma once

#include <cstdint>
#include <functional>

namespace ex {

enum Strat { RANDOM, PCT, DFS };
struct Opts {
  Strat strat = RANDOM;
  long execs = 1000;
  bool weak = false, races = true, quiet = false, plain_points = false;
};

void explore(const char* name, std::function<void()> body, Opts options);
void check(bool holds, const char* what);
extern bool fiber_mode;

}  // namespace ex
