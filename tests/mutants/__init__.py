"""How strong the tests are: mutants of the memory orders of our own headers, and which the explorer kills."""
