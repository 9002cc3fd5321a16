"""Section 8: every race with both its stacks; what else ThreadSanitizer stopped a process for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..correctness import Row
from ..model import Finding
from .findings import RACES, Place, Report, facts, folded, order, own_place, shortened, side, verdict_words

FENCES = (
    "ThreadSanitizer does not model std::atomic_thread_fence, which this subject uses: it reports races that the fences "
    "may well prevent. So nobody can tell from this; the explorer can."
)
FOLDED_FROM = 6  # expected ones are folded as soon as there are so many


def reports(findings: Sequence[Finding], anchors: Mapping[Finding, str]) -> tuple[Report, ...]:
    chosen = [finding for finding in order(findings) if finding.kind in RACES]
    return tuple(_report(finding, anchors[finding], len(chosen) < FOLDED_FROM) for finding in chosen)


def introduction(rows: Sequence[Row], shown: Sequence[Report]) -> str:
    """One paragraph: what is there, or what to run."""
    watched = [row for row in rows if "tsan" in row.ran]
    if not watched:
        return "ThreadSanitizer did not run. `make tsan` runs every subject in a build that finds data races."
    if not shown:
        return f"ThreadSanitizer watched {len(watched)} subjects and controls and reported no race. That is no proof."
    return (
        f"ThreadSanitizer watched {len(watched)} subjects and controls. Equal reports of several processes are one here; k of n "
        "says in how many of the processes it was seen. What nobody expected comes first, controls last."
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
