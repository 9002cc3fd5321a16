// Litmus tests: small programs, their outcomes by C++20, and the subset of these that the explorer's weak memory can
// show.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "litmus/program.hpp"

namespace litmus {

enum class Ground {
  forbidden,  ///< by C++20: never observed
  shown,      ///< allowed, and shown by the explorer
  not_shown,  ///< allowed, but not shown by the explorer
};

/// An outcome that no interleaving has.
struct Outcome {
  const char* values;  ///< a digit for each register
  Ground ground;
  const char* why;
};

struct Test {
  const char* shape;    ///< SB, MP, Dekker, ...
  const char* program;  ///< as parse() reads it; for an algorithm, its memory orders
  void (*algorithm)();  ///< null: the program is executed
  std::size_t registers;
  std::vector<Outcome> outcomes;  ///< all others that no interleaving has are forbidden
};

const std::vector<Test>& table();

// The bodies to explore, in a separate module.

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

/// The values of the registers after the latest execution.
std::string registers(std::size_t count);

}  // namespace litmus
