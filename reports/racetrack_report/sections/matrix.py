"""Section 7, the correctness matrix: subjects and controls by detector, expected and observed findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ..correctness import Row, Sighting, columns
from ..model import Case, Dataset, Finding
from ..units import count, quantity
from ..view import MOST_WORDS, Block, Cell, Table, number, text, without_empty
from .findings import short_revision

UNEXPECTED = "NOT expected"
INCONCLUSIVE = "inconclusive"
ICONS = {"pass": "✓", "unknown": "?", "fail": "✗"}
ENGINES = {"tsan": "TSan"}
SEVERITY = ("foreseen", "unknown", "fail")  # kinds of the lines of a cell, the worst last
NAMED = 6  # subjects named in a sentence
KEY = (
    "Each cell states what a detector found, and whether the scenario's author expected it. ✓ none seen: no fault was "
    "found, which is no proof. ✗ … as expected: the fault must or may occur. ✗ … NOT expected: the subject or its "
    "expectation is wrong. ! not seen, expected: the detector missed a fault that must occur. ? unknown: the detector "
    "cannot decide. Inconclusive: at least one verdict is unknown, so the subject has not passed, and the control was "
    "not detected. “Not run”: the detector did not watch this subject."
)


def block(data: Dataset, rows: Sequence[Row], anchors: Mapping[Finding, str]) -> Block:
    subjects, controls = parted(rows)
    titles = columns(rows)
    tables = []
    if subjects:
        tables.append(_table("matrix", "Subjects by detector", subjects, titles, anchors))
    if controls:
        tables.append(_table("controls", "Controls and their corrected twins", controls, titles, anchors))
    return Block(
        "correctness",
        "Correctness matrix",
        (
            KEY,
            "Controls are wrong on purpose: they prove that a detector works. Each is listed with its corrected "
            "twin, in which no fault may be found.",
        )
        if controls
        else (KEY,),
        (),
        tuple(tables),
        tuple(table for table in (_by_case(data),) if table is not None),
    )


def parted(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """(subjects, controls with their twins).

    The corrected twin of a queue's control is a control too, with a similar name. In the lock family, the other
    programs of a control's workload are its twins.
    """
    with_control = {(row.name.family, row.name.workload) for row in rows if row.name.control and row.name.workload}
    apart = [row for row in rows if row.name.control or (row.name.family, row.name.workload) in with_control]
    return [row for row in rows if row not in apart], apart


def label(row: Row) -> str:
    return f"{row.name.workload}/{row.name.subject}" if row.name.workload else row.name.subject


def sighting_cell(sighting: Sighting, brief: bool = False) -> Cell:
    """Text, icon and colour of one sighting, and its frequency. `brief`: without unit, and without time to find."""
    kind = sighting.kind.replace("_", " ").replace("*", "anything")
    often = f"{count(sighting.k)} of {count(sighting.n)}" + f" {sighting.unit}" * (not brief)
    if len(sighting.findings) > 1:
        often = f"{len(sighting.findings)} different, up to {often}"
    if sighting.after_s is not None and not brief:
        often += f", first after {quantity('after_s', sighting.after_s)}"
    if sighting.missed:
        return Cell(f"! {kind} not seen, expected", kind="fail", detail=often)
    if sighting.result == "unknown":
        if not kind:
            return Cell("? no verdict", kind="unknown", detail=often)
        why = "fences" if sighting.findings else "cannot be judged"
        return Cell(f"? {kind}, unknown ({why})", kind="unknown", detail=often)
    if sighting.expected:
        return Cell(f"✗ {kind}, as expected", kind="foreseen", detail=often)
    return Cell(f"✗ {kind}, {UNEXPECTED}", kind="fail", detail=often)


def outcome(result: str, as_expected: bool) -> tuple[str, str]:
    """Whether a verdict is as expected: text and CSS class."""
    if as_expected:
        return "as expected", ""
    return (INCONCLUSIVE, "unknown") if result == "unknown" else (UNEXPECTED, "fail")


def _all_in_all(row: Row) -> Cell:
    words_, kind = outcome("unknown" if row.inconclusive else "fail", row.as_expected)
    icon = {"": ICONS["pass"], "unknown": ICONS["unknown"], "fail": ICONS["fail"]}[kind]
    return Cell(f"{icon} {words_}", kind=kind or "pass")


def _cell(row: Row, column: str, anchors: Mapping[Finding, str]) -> Cell:
    """The findings of one detector. If they have too many words, units and times are left out, then the last findings;
    the sections on races and deadlocks and the table by case have all. The count of the findings that are left out has
    the kind of the worst of them."""
    if column not in row.ran:
        return Cell("not run", kind="quiet")
    expected = "; ".join(row.expected_of(column))
    seen = row.seen.get(column, ())
    if not seen:
        return Cell("✓ none seen", kind="pass", detail=expected)
    cell = _of_lines([_linked(sighting, anchors, False) for sighting in seen], expected)
    for shown in range(len(seen), 0, -1):
        if cell.words <= MOST_WORDS:
            break
        lines = [_linked(sighting, anchors, True) for sighting in seen]
        hidden = [line.kind for line in lines[shown:]]
        more = [Cell(f"and {len(hidden)} more", kind=max(hidden, key=SEVERITY.index))] if hidden else []
        cell = _of_lines([*lines[:shown], *more], expected)
    return cell


def _linked(sighting: Sighting, anchors: Mapping[Finding, str], brief: bool) -> Cell:
    """A line of a cell, with a link to its finding if the page has one."""
    cell = sighting_cell(sighting, brief)
    target = next((anchors[finding] for finding in sighting.findings if finding in anchors), "")
    return Cell(cell.text, kind=cell.kind, detail=cell.detail, href=f"#{target}" if target else "")


def _of_lines(lines: Sequence[Cell], expected: str) -> Cell:
    return Cell(" ".join(line.text for line in lines), lines=tuple(lines), detail=expected)


def _table(
    name: str, caption: str, rows: Sequence[Row], titles: Mapping[str, str], anchors: Mapping[Finding, str]
) -> Table:
    table_rows = tuple(
        (
            text(label(row)),
            _all_in_all(row),
            text(row.name.family),
            text(short_revision(row.name.revision)),
            text(("faulty" if row.faulty else "corrected") if name == "controls" else ""),
            *(_cell(row, column, anchors) for column in titles),
            number(float(row.rounds), count(row.rounds)) if row.rounds else Cell("–"),
        )
        for row in rows
    )
    return without_empty(
        Table(
            name,
            caption,
            ("subject", "all in all", "family", "source", "meant to be", *titles.values(), "rounds"),
            table_rows,
            only="only unexpected",
            chosen=frozenset(place for place, row in enumerate(rows) if not row.as_expected),
        )
    )


def _by_case(data: Dataset) -> Table | None:
    """Each case of a fault-finding engine that is not a plain pass, with the command that replays it."""
    bad = [
        case
        for case in data.cases
        if case.engine != "bench" and (case.verdict.result != "pass" or not case.verdict.as_expected)
    ]
    bad.sort(key=lambda case: (case.verdict.as_expected, case.control, case.name))
    return (
        Table("by-case", f"Case by case: {len(bad)} that did not pass", CASE_COLUMNS, _case_rows(bad)) if bad else None
    )


CASE_COLUMNS = (
    "case",
    "engine",
    "verdict",
    "expected?",
    "detected by",
    "rounds",
    "time to find",
    "finding",
    "replay",
)


def _case_rows(cases: Sequence[Case]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        (
            text(case.name, "name"),
            text(case.engine),
            Cell(f"{ICONS[v.result]} {(v.kind or v.result).replace('_', ' ')}", kind=v.result),
            text(*outcome(v.result, v.as_expected)),
            text(v.detector or ""),
            Cell(f"{count(v.k)} of {count(v.n)}", sort=float(v.k)),
            number(found, quantity("time_to_find_s", found))
            if (found := case.metrics.get("time_to_find_s"))
            else Cell("–"),
            text(" ".join(part for part in (v.witness or "", case.output) if part)),
            text(v.replay or "", "code"),
        )
        for case in cases
        for v in (case.verdict,)
    )


def watched(data: Dataset) -> str:
    """Lists the runs that find faults: 'Stress ran 34 cases in 1 204 rounds; TSan ran 12 cases in 60 rounds.'"""
    parts = []
    for engine in dict.fromkeys(case.engine for case in data.cases if case.engine != "bench"):
        group = [case for case in data.cases if case.engine == engine]
        rounds = sum(case.verdict.n for case in group)
        names = len({case.name for case in group})
        parts.append(f"{ENGINES.get(engine, engine)} ran {names} case{'s' * (names != 1)} in {count(rounds)} rounds")
    whole = "; ".join(parts)
    return f"{whole[0].upper()}{whole[1:]}." if parts else ""


def sentences(rows: Sequence[Row]) -> list[str]:
    """The unexpected results as sentences, or one sentence that there are none."""
    if not rows:
        return []
    subjects = [row for row in rows if not row.name.control]
    controls = [row for row in rows if row.name.control]
    odd = [row for row in subjects if not row.as_expected and not row.inconclusive]
    unclear = [row for row in rows if row.inconclusive]
    lines = []
    if odd:
        lines.append(f"Not as expected: {listed(_named(odd))}.")
    elif not any(row.inconclusive for row in subjects):
        lines.append(f"No detector found an unexpected fault in {len(subjects)} subject{'s' * (len(subjects) != 1)}.")
    blind = [row for row in controls if not row.as_expected and not row.inconclusive]
    faulty = sum(row.faulty for row in controls)
    if blind:
        lines.append(f"Of {len(controls)} controls, {len(blind)} had unexpected results: {listed(_named(blind))}.")
    elif controls and not any(row.inconclusive for row in controls):
        lines.append(f"All {faulty} faulty controls were detected, and no fault was found in their corrected twins.")
    if unclear:
        lines.append(f"Inconclusive: {listed([label(row) for row in unclear[:NAMED]] + _rest(unclear))}.")
    return lines


def _rest(rows: Sequence[Row]) -> list[str]:
    return [f"{len(rows) - NAMED} more"] if len(rows) > NAMED else []


def _named(rows: Sequence[Row]) -> list[str]:
    """'vyukov (race by TSan)', for the first NAMED rows."""
    names = []
    for row in rows[:NAMED]:
        seen = [
            f"{sighting.kind.replace('_', ' ')}{' not seen' * sighting.missed} by {title}"
            for column, title in columns([row]).items()
            for sighting in row.seen.get(column, ())
            if not sighting.expected or sighting.missed
        ]
        names.append(f"{label(row)} ({', '.join(seen)})" if seen else label(row))
    return names + _rest(rows)


def counts(data: Dataset) -> list[Cell]:
    """Counts of the cases of the fault-finding engines and of findings, by outcome; expected outcomes are added up."""
    cells = []
    judged = [case for case in data.cases if case.engine != "bench"]
    for engine in sorted({case.engine for case in judged}):
        name, group = ENGINES.get(engine, engine), [case for case in judged if case.engine == engine]
        odd = Counter((case.control, case.verdict.result) for case in group if not case.verdict.as_expected)
        for (control, result), n in sorted(odd.items()):
            missed = result == "pass"
            how = "not seen, expected" if missed else INCONCLUSIVE if result == "unknown" else f"{result}, not expected"
            words_ = f"{name}: {'control ' * control}{how}"
            cells.append(
                Cell(f"{'!' if missed else ICONS[result]} {count(n)} {words_}", kind=kind_of(result, False, missed))
            )
        usual = [case for case in group if case.verdict.as_expected]
        failed = sum(case.verdict.result == "fail" for case in usual)
        if usual:
            faults = f", {count(failed)} with a fault" if failed else ""
            cells.append(
                Cell(f"✓ {count(len(usual))} {name} case{'s' * (len(usual) != 1)} as expected{faults}", kind="pass")
            )
    for detector, name in (("lock_graph", "lock graph"), ("tsan", "TSan")):
        findings = [finding for finding in data.findings if finding.detector == detector]
        plain = [f for f in findings if f.as_expected and f.k and f.result != "unknown"]
        apart = Counter(
            (f.control, f.kind.replace("_", " "), f.result if f.k else "pass") for f in findings if f not in plain
        )
        for (control, kind, result), n in sorted(apart.items()):
            missed, whose = result == "pass", " in controls" * control
            finding_text = f"{kind} finding{'s' * (n != 1)}{whose} ({name})"
            words_ = f"{finding_text}, {'unknown (fences)' if result == 'unknown' else 'not expected'}"
            words_ = f"{kind}{whose} ({name}) not seen, expected" if missed else words_
            cells.append(
                Cell(f"{'!' if missed else ICONS[result]} {count(n)} {words_}", kind=kind_of(result, False, missed))
            )
        if plain:
            cells.append(
                Cell(
                    f"✗ {count(len(plain))} finding{'s' * (len(plain) != 1)} ({name}), as expected",
                    kind=kind_of("fail", True),
                )
            )
    return cells


def kind_of(result: str, expected: bool, missed: bool = False) -> str:
    """The CSS class of a verdict. An expected failure gets a quiet class, a missed one that of a failure."""
    if missed:
        return "fail"
    return "foreseen" if result == "fail" and expected else result


def listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
