"""A subject has the same colour, marker and dash in every figure of a page, light or dark.

Figures are drawn with placeholder colours; `plots.canvas` replaces each by the CSS custom property named here, so that
the page's theme determines the colour. The hues follow Okabe and Ito (distinct with red-green blindness), darkened for
light pages and lightened for dark ones until text in them is readable (4.5:1); markers and dashes carry the same
information without colour.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# Role -> (placeholder in matplotlib, CSS colour on light, on dark).
INK = {
    "ink": ("#010101", "#1b1f24", "#e8eaed"),
    "muted": ("#020202", "#59616b", "#a4adb8"),
    "grid": ("#030303", "#dfe3e8", "#343b45"),
    "paper": ("#040404", "#ffffff", "#14171c"),
    "shade": ("#050505", "#f3ead8", "#2c2618"),
    "context": ("#060606", "#c3c9d1", "#4a525d"),
    "accent": ("#070707", "#0b57a4", "#7db8ff"),
}
SERIES = (
    ("#080801", "#0b5cad", "#6fb3ff"),  # blue
    ("#080802", "#b04100", "#ff9d5c"),  # vermillion
    ("#080803", "#00704f", "#45cf9f"),  # bluish green
    ("#080804", "#9c2f7c", "#f094cf"),  # reddish purple
    ("#080805", "#7a5c00", "#e3bf45"),  # ochre
    ("#080806", "#20687f", "#8fd6ea"),  # teal
)
MARKERS = ("o", "s", "^", "D", "v", "P")
DASHES: tuple[tuple[int, tuple[float, ...]], ...] = ((0, ()), (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))


@dataclass(frozen=True)
class Look:
    """The drawing style of a subject: placeholder colour, CSS class number, marker and dash."""

    color: str
    index: int
    marker: str
    dash: tuple[int, tuple[float, ...]]


class Palette:
    """Styles for subjects, given the most prominent first; only the first ones have separate colours."""

    def __init__(self, subjects: Iterable[str]) -> None:
        self._looks: dict[str, Look] = {}
        for place, subject in enumerate(dict.fromkeys(subjects)):
            index, lap = place % len(SERIES), place // len(SERIES)
            self._looks[subject] = Look(
                SERIES[index][0], index, MARKERS[(index + lap) % len(MARKERS)], DASHES[lap % len(DASHES)]
            )

    def __getitem__(self, subject: str) -> Look:
        return self._looks[subject]


def variables() -> dict[str, str]:
    """Placeholder colour -> the CSS value that replaces it in a figure."""
    named = {stand_in: f"var(--{role})" for role, (stand_in, _, _) in INK.items()}
    return named | {stand_in: f"var(--series-{index})" for index, (stand_in, _, _) in enumerate(SERIES)}


def declarations(dark: bool) -> str:
    """The custom properties of one theme."""
    column = 2 if dark else 1
    pairs = [(role, colors[column]) for role, colors in INK.items()]
    pairs += [(f"series-{index}", colors[column]) for index, colors in enumerate(SERIES)]
    return " ".join(f"--{name}: {value};" for name, value in pairs)


def ink(role: str) -> str:
    return INK[role][0]
