// Litmus tests: small programs, and what C++20 says of their outcomes beside what weak memory here can show of them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "litmus/program.hpp"

namespace litmus {

enum class Ground {
  forbidden,  ///< by C++20: never seen
  shown,      ///< allowed, and weak memory here shows it
  not_shown,  ///< allowed, but out of its reach
};

/// One that no interleaving has.
struct Outcome {
  const char* values;  ///< a digit for each register
  Ground ground;
  const char* why;
};

struct Test {
  const char* shape;    ///< SB, MP, Dekker, ...
  const char* program;  ///< as parse() reads it; of an algorithm, its orders
  void (*algorithm)();  ///< null: the program is executed
  std::size_t registers;
  std::vector<Outcome> outcomes;  ///< all others that no interleaving has are forbidden
};

const std::vector<Test>& table();

// What is explored; in a module of its own.

void execute(const Program& program);

void dekker_seq_cst();
void dekker_release_acquire();
void dekker_fences();

void peterson_seq_cst();
void peterson_release_acquire();
void peterson_turn_exchanged();
void peterson_fence_behind_turn();
void peterson_fences_around_turn();

void seqlock_fences();
void seqlock_data_released();
void seqlock_reader_without_fence();
void seqlock_writer_without_fence();
void seqlock_relaxed_end();

void rcu_release_acquire();
void rcu_release_consume();
void rcu_release_relaxed();
void rcu_relaxed_acquire();

/// What the latest execution left in the registers.
std::string registers(std::size_t count);

}  // namespace litmus
