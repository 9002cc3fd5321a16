"""The order of forks: in pairs, ABBA, interleaved over cases. Pure; the driver runs the plan.

In each pass, every case runs one pair, cases in random order. In the first of two passes, a coin decides for each case
which side runs first; in the second pass the other side does. So a steady drift cancels within four forks (ABBA or
BAAB). Because the coin is fair, any other drift has either sign equally often, as the signed-rank test assumes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Pairing:
    """One pair to run: both forks of a case one right after the other, with the same seed."""

    case: int
    pair: int
    new_first: bool
    seed: int


class Schedule:
    """The passes of one comparison, reproducible by the seed. Cases are numbers; decided cases are left out."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._first: dict[int, bool] = {}  # case -> whether NEW began in the first of its two passes
        self._pairs: dict[int, int] = {}

    def next_pass(self, cases: Sequence[int]) -> list[Pairing]:
        """One pair of each of these cases."""
        order = self._random.sample(list(cases), len(cases))
        return [self._next_pair(case) for case in order]

    def _next_pair(self, case: int) -> Pairing:
        pair = self._pairs.get(case, 0)
        self._pairs[case] = pair + 1
        if pair % 2 == 0:
            self._first[case] = self._random.random() < 0.5
        new_first = self._first[case] if pair % 2 == 0 else not self._first[case]
        return Pairing(case, pair, new_first, self._random.getrandbits(32))
