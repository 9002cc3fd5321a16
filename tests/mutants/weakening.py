"""Mutants of a source text: one memory order weakened, or one fence weakened or dropped."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from .operations import Place, places_of

DROPPED = "none"  # in place of an order: the fence is removed
# The valid weaker orders for each order of an operation, strongest first. A relaxed fence has no effect.
WEAKER = {
    "load": {"seq_cst": ("acquire", "relaxed"), "acquire": ("relaxed",), "consume": ("relaxed",)},
    "store": {"seq_cst": ("release", "relaxed"), "release": ("relaxed",)},
    "exchange": {
        "seq_cst": ("acq_rel", "acquire", "release", "relaxed"),
        "acq_rel": ("acquire", "release", "relaxed"),
        "acquire": ("relaxed",),
        "release": ("relaxed",),
    },
    "fence": {
        "seq_cst": ("acq_rel", "acquire", "release", DROPPED),
        "acq_rel": ("acquire", "release", DROPPED),
        "acquire": (DROPPED,),
        "release": (DROPPED,),
    },
}


@dataclass(frozen=True)
class Mutant:
    """A source text with one order weakened."""

    place: Place
    number: int  # among equal operations of its function, from 1
    weaker: str
    text: str

    @property
    def name(self) -> str:
        """Does not change when lines are added elsewhere: 'ChaseLevDeque::take bottom_.store#2 release relaxed'."""
        which = f"#{self.number}" if self.number > 1 else ""
        return f"{self.place.function} {self.place.operation}{which} {self.place.order} {self.weaker}"


def mutants_of(text: str) -> list[Mutant]:
    """All mutants, in the order of the text. Raises ValueError if the text cannot be parsed."""
    found = []
    alike: Counter[tuple[str, str]] = Counter()
    for place in places_of(text):
        alike[(place.function, place.operation)] += 1
        for weaker in WEAKER[place.kind].get(place.order, ()):
            number = alike[(place.function, place.operation)]
            found.append(Mutant(place, number, weaker, _changed(text, place, weaker)))
    return found


def _changed(text: str, place: Place, weaker: str) -> str:
    start, end = place.statement if weaker == DROPPED else (place.start, place.end)
    return text[:start] + (";" if weaker == DROPPED else f"std::memory_order_{weaker}") + text[end:]
