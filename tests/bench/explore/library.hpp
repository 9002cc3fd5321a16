// A library that is linked to a program of tests, instrumented or not.
#pragma once

/// Not thread-safe: increments a variable of the library.
void count_in_library();
