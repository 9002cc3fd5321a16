"""Converts forks to samples: corresponding cases of OLD and NEW, the cost of each fork, and faults that exclude a
verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from racetrack_report.faults import faults, key_of
from racetrack_report.model import Case, Dataset, Finding

from .cost import cost_of, repetition_of
from .driver import Ran
from .judgement import Sample
from .sides import Live

INCOMPLETE = 3  # exit code
Cost = Callable[[Case], tuple[str, float] | None]


@dataclass(frozen=True)
class Meeting:
    """The cases that both sides have: (name in OLD, name in NEW), and those that only one has."""

    names: tuple[tuple[str, str], ...]
    only_old: tuple[str, ...] = ()
    only_new: tuple[str, ...] = ()


def is_named(name: str, wanted: Sequence[str]) -> bool:
    """Whether a case is selected by its name or by a prefix; without names, every case is."""
    return not wanted or any(name == each or name.startswith(f"{each}/") for each in wanted)


def chosen(names: Iterable[str], wanted: Sequence[str]) -> list[str]:
    """The selected cases: exact names of cases, scenarios or workloads, no patterns."""
    return [name for name in names if is_named(name, wanted)]


def unmatched(names: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Those of `wanted` that match no case."""
    return [each for each in wanted if not any(is_named(name, [each]) for name in names)]


def one_sided(meeting: Meeting, paired: bool, code_of_missing: int) -> list[Sample]:
    """The cases that only one side has, as samples without numbers. A case that only NEW has does not affect the
    exit code."""
    sides = (("only OLD has it", code_of_missing, meeting.only_old), ("only NEW has it", 0, meeting.only_new))
    return [
        Sample(name, "", (), (), paired, reason=reason, code=code) for reason, code, names in sides for name in names
    ]


def meet(old: Sequence[str], new: Sequence[str]) -> Meeting:
    """Pairs cases of equal name."""
    both = set(old) & set(new)
    return Meeting(
        tuple((name, name) for name in old if name in both),
        tuple(name for name in old if name not in both),
        tuple(name for name in new if name not in both),
    )


def meet_subjects(old: Sequence[str], new: Sequence[str], sides: tuple[Live, Live]) -> Meeting:
    """Pairs cases with equal parameters, except the subject and the parameters that the sides' names give.

    How a subject waits belongs to the subject: if both have one case of a setting, these are paired whatever their
    `wait`. If there are several, those with equal `wait` are paired.
    """
    given = {name for side in sides for name, _ in side.fixed}
    loose = [_by_setting(names, given | {"wait"}) for names in (old, new)]
    strict = [_by_setting(names, given) for names in (old, new)]
    one_each = all(len(cases) == 1 for side in loose for cases in side.values())
    first, second = loose if one_each else strict
    names = [
        (first[key][0], second[key][0]) for key in first if key in second and len(first[key]) == len(second[key]) == 1
    ]
    olds, news = {a for a, _ in names}, {b for _, b in names}
    return Meeting(
        tuple(names), tuple(name for name in old if name not in olds), tuple(name for name in new if name not in news)
    )


def _by_setting(names: Iterable[str], without: set[str]) -> dict[tuple[str, ...], list[str]]:
    found: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        params = tuple(part for part in name.split("/")[3:] if part.partition(":")[0] not in without)
        found.setdefault(params, []).append(name)
    return found


def label(old: str, new: str) -> str:
    """One name for two cases: the parts that differ as `a→b`."""
    if old == new:
        return old
    ours, theirs = old.split("/"), new.split("/")
    if len(ours) != len(theirs):
        return f"{old} → {new}"
    parts = []
    for a, b in zip(ours, theirs):
        name, colon, value = b.partition(":")
        parts.append(b if a == b else f"{a}→{value if colon and a.startswith(name + ':') else b}")
    return "/".join(parts)


def samples_of_pairs(names: Sequence[tuple[str, str]], ran: Iterable[Ran], cost: Cost = cost_of) -> list[Sample]:
    """The samples of all pairs so far."""
    pairs: dict[int, list[Ran]] = {index: [] for index in range(len(names))}
    for each in ran:
        pairs[each.pairing.case].append(each)
    return [_paired(label(*names[index]), each, cost) for index, each in pairs.items()]


def _paired(case: str, pairs: list[Ran], cost: Cost) -> Sample:
    reason, code = _against([pair.old for pair in pairs], [pair.new for pair in pairs])
    costs = [(pair, cost(pair.old), cost(pair.new)) for pair in pairs]
    whole = [(pair, old, new) for pair, old, new in costs if old is not None and new is not None]
    return Sample(
        case,
        whole[0][1][0] if whole else "",
        tuple(old[1] for _, old, _ in whole),
        tuple(new[1] for _, _, new in whole),
        True,
        tuple(pair.pairing.new_first for pair, _, _ in whole),
        tuple(pair.started for pair, _, _ in whole),
        len(pairs) - len(whole),
        reason or ("" if whole or not pairs else "no pair has a number on both sides"),
        code if reason or whole or not pairs else INCOMPLETE,
        (
            tuple(repetition_of(pair.old, old[1]) for pair, old, _ in whole),
            tuple(repetition_of(pair.new, new[1]) for pair, _, new in whole),
        ),
    )


def samples_of_runs(names: Sequence[tuple[str, str]], old: Dataset, new: Dataset, cost: Cost = cost_of) -> list[Sample]:
    """Samples of two earlier runs, by fork, without pairs."""
    ours, theirs = _forks(old), _forks(new)
    return [
        _unpaired(
            label(*pair), ours[pair[0]], theirs[pair[1]], cost, (old.findings, new.findings), (old.cases, new.cases)
        )
        for pair in names
    ]


def _forks(data: Dataset) -> Mapping[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for case in data.measured:
        found.setdefault(case.name, []).append(case)
    return found


def _unpaired(
    case: str,
    old: list[Case],
    new: list[Case],
    cost: Cost,
    findings: tuple[Sequence[Finding], Sequence[Finding]],
    everything: tuple[Sequence[Case], Sequence[Case]],
) -> Sample:
    reason, code = _against(old, new)
    if not reason:  # findings of stress or ThreadSanitizer in the same run count as well
        fallen = [faults(cases, found) for cases, found in zip(everything, findings)]
        for side, forks, faulty in (("OLD", old, fallen[0]), ("NEW", new, fallen[1])):
            fault = next((faulty[key_of(fork)] for fork in forks if key_of(fork) in faulty), None)
            if fault is not None:
                code = INCOMPLETE if side == "OLD" or reason else 1  # a failure that OLD has too is not a regression
                reason += f"{'; ' if reason else ''}{side} failed {fault.place} ({fault.kind.replace('_', ' ')})"
    able = [[(fork, value) for fork in forks if (value := cost(fork)) is not None] for forks in (old, new)]
    ours, theirs = ([value for _, value in each] for each in able)
    details = [tuple(repetition_of(fork, value[1]) for fork, value in each) for each in able]
    missing = [side for side, values in (("OLD", ours), ("NEW", theirs)) if not values]
    if not reason and missing:
        reason, code = (
            f"{' and '.join(missing)} {'have' if len(missing) > 1 else 'has'} no fork with a number",
            INCOMPLETE,
        )
    return Sample(
        case,
        ours[0][0] if ours else "",
        tuple(value for _, value in ours),
        tuple(value for _, value in theirs),
        False,
        lost=len(old) + len(new) - len(ours) - len(theirs),
        reason=reason,
        code=code,
        details=(details[0], details[1]),
    )


def _against(old: Sequence[Case], new: Sequence[Case]) -> tuple[str, int]:
    """(reason why there is no verdict of speed, exit code). A side that failed an oracle or crashed has no speed.

    The code is 1 for a failure of NEW that its scenario does not expect and that OLD does not have, 0 if every failure
    is expected, otherwise 3.
    """
    reasons, codes = [], {0}
    for side, forks in (("OLD", old), ("NEW", new)):
        failed = [fork for fork in forks if fork.verdict.result == "fail"]
        if failed:
            verdict = failed[0].verdict
            seen = f"{(verdict.kind or 'failed').replace('_', ' ')}, detected by {verdict.detector}"
            reasons.append(f"{side} failed in {len(failed)} of {len(forks)} forks ({seen})")
            if any(not fork.verdict.as_expected for fork in failed):
                codes.add(1 if side == "NEW" else 3)
    return "; ".join(reasons), 1 if 1 in codes and 3 not in codes else max(codes)
