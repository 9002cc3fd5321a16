"""Section 1, the verdict: the measured cases, the results as sentences, the failures, and the commands to run again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..model import Case, Dataset, Verdict
from ..correctness import Row
from ..palette import Palette
from ..ranking import Ranking, disqualified
from ..summary import ENDINGS, Summary
from ..units import count, rate, ratio_text
from ..view import Cell, Table, number, text, subject_cell
from . import matrix

STATES = {
    "interrupted": "Interrupted: the run was stopped before its end. The page shows the cases measured until then.",
    "failed": "The harness failed before the end of the run. The page shows the cases measured until then.",
    "cut off": "Cut off: the run has no closing record (it was killed, or still runs). It has the records so far.",
}
NAMED_WORKLOADS = 7


@dataclass(frozen=True)
class Strip:
    """The content of the top of the page."""

    raced: str
    state: tuple[str, ...]  # empty if every invocation ran to its end
    sentences: tuple[str, ...]
    counts: tuple[Cell, ...]
    commands: tuple[str, ...]
    failures: Table | None
    missing: Table | None


def verdict_cell(verdict: Verdict) -> Cell:
    """Text, icon and colour of a verdict."""
    word = verdict.kind.replace("_", " ") if verdict.kind else verdict.result
    return Cell(f"{matrix.ICONS[verdict.result]} {word}", kind=verdict.result)


def strip(
    data: Dataset, summaries: Sequence[Summary], rankings: Sequence[Ranking], rows: Sequence[Row], palette: Palette
) -> Strip:
    """The top of the page. `rows` are those of the correctness matrix."""
    state = [STATES[ended] for ended in dict.fromkeys(i.ended for i in data.invocations) if ended in STATES]
    if not data.invocations and data.cases:
        state.append("The environment records are missing: machine and plan of this run are unknown.")
    if not data.cases and not data.findings:
        state.append("No case was measured.")
    elif summaries and not any(summary.timed for summary in summaries):
        state.append("No case has a valid number.")
    commands = tuple(dict.fromkeys(str(i.plan["command"]) for i in data.invocations if i.plan.get("command")))
    return Strip(
        " ".join(filter(None, (_raced(data, summaries), matrix.watched(data)))),
        tuple(state),
        (*_headlines(rankings), *_fallen(summaries), *matrix.sentences(rows)),
        _counts(data, summaries),
        commands,
        _failures(summaries, palette),
        _missing(data),
    )


def _raced(data: Dataset, summaries: Sequence[Summary]) -> str:
    if not summaries and data.cases:
        return ""
    subjects = {s.subject for s in summaries if not s.control}
    workloads = sorted({s.workload.replace("_", " ") for s in summaries})
    machine = next((i.facts["machine"] for i in data.invocations if i.facts), None)
    where = (
        (
            f" on {machine['cpu']} ({machine['hardware_threads']} hardware "
            f"thread{'s' * (machine['hardware_threads'] != 1)})"
        )
        if machine
        else ""
    )
    forks = max((len(s.forks) for s in summaries), default=0)
    return (
        f"{len(subjects)} subject{'s' * (len(subjects) != 1)} in {len(summaries)} cases"
        f"{_of_workloads(workloads)}, up to {forks} "
        f"fork{'s' * (forks != 1)} each{where}."
    )


def _of_workloads(workloads: Sequence[str]) -> str:
    """' of transfer, paced'; only their number if there are many."""
    if len(workloads) > NAMED_WORKLOADS:
        return f" of {len(workloads)} workloads"
    return f" of {', '.join(workloads)}" if workloads else ""


def _headlines(rankings: Sequence[Ranking]) -> list[str]:
    """One sentence per class (bounded, unbounded), for the smallest setting, which most readers have."""
    chosen: dict[tuple[str, str], Ranking] = {}
    usual = Counter(ranking.setting.capacity for ranking in rankings)
    for ranking in rankings:
        key = (ranking.setting.origin, ranking.setting.bound)
        if not ranking.entries:
            continue
        if key not in chosen or _reach(ranking, usual) > _reach(chosen[key], usual):
            chosen[key] = ranking
    return [sentence(ranking) for ranking in chosen.values()]


def _reach(ranking: Ranking, usual: Counter[str]) -> tuple[int, int, int, int]:
    """Sort key: few threads, then small payloads, then the usual capacity, then most subjects."""
    setting = ranking.setting
    return (-setting.threads, -setting.payload, usual[setting.capacity], len(ranking.entries))


def sentence(ranking: Ranking) -> str:
    """The result of one setting in one or two sentences, with ratio and interval."""
    where = in_words(ranking)
    best, others = ranking.entries[0], ranking.winners[1:]
    speed = rate(best.interval.estimate)
    if len(ranking.entries) == 1:
        return f"{where}, only {best.summary.marked} has a number: {speed}."
    if not ranking.decisive:
        return (
            f"{where}, {best.summary.marked} was fastest with {speed}. {best.interval.n} "
            f"fork{'s are' if best.interval.n != 1 else ' is'} too few to rank it above the others."
        )
    if ranking.disturbed:
        return (
            f"{where}, {best.summary.marked} was fastest with {speed}. Other work on the machine disturbed too many "
            "forks to rank it above the others."
        )
    after = ranking.runner_up
    versus = f"{ratio_text(after.to_best)} more than {after.summary.marked}" if after and after.to_best else ""
    if not others:
        return f"{where}, {best.summary.marked} moves {versus}: {speed}."
    tied = matrix.listed([entry.summary.marked for entry in (best, *others)])
    tail = f" {best.summary.marked} moves {versus}, the next." if versus else ""
    return f"{where}, {tied} are tied at about {speed}.{tail}"


def in_words(ranking: Ranking) -> str:
    """'For 1 producer × 1 consumer of 8 bytes, bounded to 1024'."""
    setting = ranking.setting
    ends = (
        f"{setting.producers} producer{'s' * (setting.producers != 1)} × "
        f"{setting.consumers} consumer{'s' * (setting.consumers != 1)}"
    )
    bound = "unbounded" if setting.bound == "unbounded" else f"bounded to {setting.capacity}"
    extras = f", {setting.origin}" if setting.origin else ""
    return f"For {ends} of {setting.payload} bytes, {bound}{extras}"


def _fallen(summaries: Sequence[Summary]) -> list[str]:
    subjects_by_act: dict[str, list[str]] = {}
    acts = {
        "lost": "lost items",
        "duplicated": "delivered items twice",
        "reordered": "broke its order",
        "invented": "delivered items that were never sent",
        "torn": "returned torn values",
        "crash": "crashed",
        "hang": "hung",
        "overflow": "held more than its capacity",
        "false_empty": "reported empty when it was not",
        "false_full": "reported full when it was not",
        "not_linearizable": "returned results that no queue can return",
        "exclusion": "let two threads into a critical section",
        "wrong_result": "gave a wrong result",
        "leak": "left threads behind",
        "use_after_free": "used memory after it was freed",
        "double_free": "freed memory twice",
        "lost_wakeup": "lost a wakeup",
        "deadlock": "deadlocked",
    }
    for subject, fault in disqualified(summaries).items():
        act = acts.get(fault.kind, f"failed ({fault.kind.replace('_', ' ')})")
        subjects_by_act.setdefault(act if fault.engine == "bench" else f"{act} {fault.place}", []).append(subject)
    return [
        f"{matrix.listed(subjects)} {act} and {'is' if len(subjects) == 1 else 'are'} out."
        for act, subjects in subjects_by_act.items()
    ]


def _counts(data: Dataset, summaries: Sequence[Summary]) -> tuple[Cell, ...]:
    """Counts of cases (not forks) by outcome: subjects, controls, then engines and findings."""
    cells = []
    for control, noun in ((False, ""), (True, "control ")):
        group = [s for s in summaries if s.control == control]
        tally = Counter((s.verdict.result, s.verdict.as_expected) for s in group)
        for (result, expected), n in sorted(tally.items(), key=lambda item: (item[0][1], item[0][0])):
            words = f"{noun}{result}, {'as expected' if expected else 'not expected'}"
            words = f"{noun}{matrix.INCONCLUSIVE}" if result == "unknown" and not expected else words
            cells.append(Cell(f"{matrix.ICONS[result]} {count(n)} {words}", kind=matrix.kind_of(result, expected)))
    cells += matrix.counts(data)
    ended = Counter(c.ended for c in data.measured if c.ended != "ok")
    cells += [
        Cell(f"! {n} fork{'s' * (n != 1)} {ENDINGS.get(how, how)}", kind="unknown") for how, n in sorted(ended.items())
    ]
    return tuple(cells)


def _failures(summaries: Sequence[Summary], palette: Palette) -> Table | None:
    """Each case that is not a plain pass, with the observation; unexpected ones first."""
    rows = []
    for summary in sorted(summaries, key=lambda s: s.verdict.as_expected):
        for case in _worst(summary):
            verdict = case.verdict
            ended = "" if case.ended == "ok" else f"{case.ended} {case.ended_value}"
            seen = " ".join(part for part in (verdict.witness or "", case.output) if part)
            rows.append(
                (
                    subject_cell(summary, palette, struck=summary.failed),
                    text(summary.name, "name"),
                    verdict_cell(verdict),
                    text(*matrix.outcome(verdict.result, verdict.as_expected)),
                    text(verdict.detector or ""),
                    text(f"{_forks(summary)}"),
                    text(ended),
                    text(seen),
                    text(verdict.replay or "", "code"),
                )
            )
    columns = ("subject", "case", "verdict", "expected?", "detected by", "forks", "ended", "finding", "replay")
    return Table("failures", "Cases that did not pass in every fork", columns, tuple(rows)) if rows else None


def _worst(summary: Summary) -> list[Case]:
    """The fork to show for a case that is not a plain pass: the worst verdict, or the worst end."""
    bad = [case for case in summary.forks if case.verdict.result != "pass" or case.ended != "ok"]
    bad.sort(key=lambda case: (case.verdict.as_expected, -["pass", "unknown", "fail"].index(case.verdict.result)))
    return list(bad[:1])


def _forks(summary: Summary) -> str:
    bad = sum(case.verdict.result != "pass" or case.ended != "ok" for case in summary.forks)
    return f"{bad} of {len(summary.forks)}"


def _missing(data: Dataset) -> Table | None:
    """Planned cases with fewer forks (of other engines: runs) than planned."""
    planned: Counter[tuple[str, str]] = Counter()
    for invocation in data.invocations:
        for name in dict.fromkeys(invocation.plan.get("cases") or ()):
            planned[invocation.engine, name] += int(invocation.plan["forks"])
    present = Counter((case.engine, case.name) for case in (*data.cases, *data.python))
    rows = [
        (
            text(key[1] if key[0] == "bench" else f"{key[0]}: {key[1]}", "name"),
            number(float(present[key]), f"{present[key]} of {n}"),
        )
        for key, n in sorted(planned.items())
        if present[key] < n
    ]
    if not rows:
        return None
    return Table(
        "missing",
        f"Planned but not (fully) run: {len(rows)} of {len(planned)} cases",
        ("case", "forks run"),
        tuple(rows),
    )
