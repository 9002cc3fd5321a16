"""How good the explorer is at finding faults, and how silent where there are none: measured on the controls and their twins."""
