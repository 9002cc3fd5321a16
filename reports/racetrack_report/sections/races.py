"""Section 8: each race with both stacks, and the other findings of ThreadSanitizer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..correctness import Row
from ..model import Finding
from .findings import RACES, Place, Report, facts, folded, order, own_place, shortened, side, verdict_words

FENCES = (
    "ThreadSanitizer does not model std::atomic_thread_fence, which this subject uses, so it may report races that the "
    "fences prevent. This finding is therefore undecided; the explorer can decide it."
)
FOLDED_FROM = 6  # expected reports are folded if there are at least this many


def reports(findings: Sequence[Finding], anchors: Mapping[Finding, str]) -> tuple[Report, ...]:
    chosen = [finding for finding in order(findings) if finding.kind in RACES]
    return tuple(_report(finding, anchors[finding], len(chosen) < FOLDED_FROM) for finding in chosen)


def introduction(rows: Sequence[Row], shown: Sequence[Report]) -> str:
    """One paragraph: a summary of the findings, or the command that produces them."""
    watched = [row for row in rows if "tsan" in row.ran]
    if not watched:
        return "ThreadSanitizer did not run. `make tsan` runs every subject in a build that finds data races."
    if not shown:
        return f"ThreadSanitizer watched {len(watched)} subjects and controls and reported no race. That is no proof."
    return (
        f"ThreadSanitizer watched {len(watched)} subjects and controls. Equal reports are merged; k of n is the number "
        "of processes with the report. Unexpected findings come first, controls last."
    )


def _report(finding: Finding, anchor: str, few: bool) -> Report:
    words, kind = verdict_words(finding)
    between = " and ".join(dict.fromkeys(place for thread in finding.threads if (place := own_place(thread.stack))))
    location = finding.location
    return Report(
        anchor,
        f"{finding.kind.replace('_', ' ')} in {finding.subject}"
        + (f": {between}" if between else f": {finding.title}"),
        words,
        kind,
        few or not finding.as_expected or finding.result == "unknown",
        facts(finding),
        ((finding.title,) if between else ()) + ((FENCES,) if finding.result == "unknown" else ()),
        tuple(side(thread, "made") for thread in finding.threads),
        (Place(f"The memory ({location.what}) was allocated here", folded(location.stack)),)
        if location and location.stack
        else (),
        None,
        shortened(finding.text),
    )
