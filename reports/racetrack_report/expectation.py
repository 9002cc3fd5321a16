"""A scenario author's expectation, as the engines evaluate it: the first line that matches detector and kind counts."""

from __future__ import annotations

from collections.abc import Iterable

from .model import Expected, Json


def expectation_of(verdict: Json) -> tuple[Expected, ...]:
    """The lines of a record's verdict."""
    return tuple(
        Expected(each["detector"], each["kind"], each["grade"], max(1, each.get("per_runs", 1)))
        for each in verdict["expectation"]
    )


def grade_of(expectation: Iterable[Expected], detector: str, kind: str) -> str:
    """The grade of the first line that matches; `never` if none does."""
    return next(
        (
            expected.grade
            for expected in expectation
            if matches(expected.detector, detector) and matches(expected.kind, kind)
        ),
        "never",
    )


def matches(pattern: str, name: str) -> bool:
    """A pattern that ends in `*` matches all names with that prefix."""
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else pattern == name
