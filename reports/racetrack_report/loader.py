"""Loads run folders into a Dataset: every line is checked; damaged lines are reported and skipped."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from . import records_file
from .check import line_of, parse
from .closing import Closings
from .expectation import expectation_of
from .model import (
    Attempt,
    Bare,
    Case,
    Dataset,
    Explored,
    Finding,
    Frame,
    Histogram,
    Invocation,
    Json,
    Litmus,
    LitmusOutcome,
    Location,
    Lock,
    Mutant,
    OracleMutant,
    Outcome,
    Remark,
    Repetition,
    Search,
    Share,
    Speed,
    Stack,
    Thread,
    Verdict,
)

from .safe_text import shown


class UnusableInput(Exception):
    """No report can be made from this input; the message is one line: what, where, what to do."""


@dataclass(frozen=True)
class _Line:
    number: int
    text: str
    record: Json


def load(folders: Iterable[Path]) -> Dataset:
    """The records of these run folders (or records.jsonl files), merged.

    Raises UnusableInput when a folder cannot be read or none of its lines is a valid record.
    """
    cases: list[Case] = []
    invocations: list[Invocation] = []
    findings: list[Finding] = []
    mutants: list[Mutant] = []
    oracle_mutants: dict[tuple[str, str, str], OracleMutant] = {}
    warnings: list[Remark] = []
    searches: list[Search] = []
    repetitions: list[Repetition] = []
    speeds: dict[tuple[str, ...], Speed] = {}
    bare: dict[str, Bare] = {}
    litmus: dict[tuple[str, str], Litmus] = {}
    unfinished: list[Remark] = []
    raw: list[str] = []
    names: list[str] = []
    for folder in folders:
        path = folder / "records.jsonl" if folder.is_dir() else folder
        name = _run_name(path, names)
        closings = Closings(name)
        lines = list(_valid_lines(path, name, warnings, closings))
        if not lines:
            raise UnusableInput(f"{path}: has no valid record; give a folder that `racetrack bench` wrote")
        names.append(name)
        warnings.extend(closings.lost())
        unfinished.extend(closings.unfinished())
        raw.extend(line.text for line in lines)
        invocations.extend(_invocations(name, lines))
        cases.extend(_cases(name, lines, warnings))
        findings.extend(_findings(name, lines))
        searches.extend(_searches(name, lines))
        repetitions.extend(_repetitions(name, lines))
        speeds |= {(each.beside, each.program, each.subject, each.strategy): each for each in _speeds(lines)}
        bare |= {each.case: each for each in _bare(lines)}
        litmus |= {(each.shape, each.program): each for each in _litmus(lines)}
        mutants.extend(_mutants(name, lines))
        oracle_mutants |= {(each.of, each.oracle, each.mutant): each for each in _oracle_mutants(lines)}
    findings = _merged(findings, cases)
    return Dataset(
        tuple(names),
        _with_origins([case for case in cases if case.engine != "python"], invocations, warnings),
        tuple(invocations),
        tuple(findings),
        tuple(case for case in cases if case.engine == "python"),
        tuple(warnings),
        tuple(searches),
        tuple(repetitions),
        tuple(speeds.values()),
        tuple(litmus.values()),
        tuple(mutants),
        tuple(oracle_mutants.values()),
        tuple(raw),
        tuple(unfinished),
        tuple(bare.values()),
    )


def _run_name(path: Path, taken: list[str]) -> str:
    name = shown(path.resolve().parent.name)
    return name if name not in taken else f"{name}~{len(taken) + 1}"


def _valid_lines(path: Path, name: str, warnings: list[Remark], closings: Closings) -> Iterator[_Line]:
    try:
        size_written = records_file.size_written(path)  # before the content, because a run may append at any time
        content = records_file.content_of(path)
    except OSError as error:
        raise UnusableInput(f"{path}: {error.strerror or error}; give a run folder or its name") from error
    pieces = content.split(b"\n")
    for number, piece in enumerate(pieces, start=1):
        if not piece.strip():
            continue
        try:
            record = parse(piece)
        except ValueError as error:
            cut = number == len(pieces) and not content.endswith(b"\n")
            warnings.append(Remark(name, number, f"{'cut off' if cut else 'left out'}: {error}"))
            closings.left_out(piece, cut)
            continue
        closings.read(number, record)
        yield _Line(number, line_of(record), record)
    if len(content) < size_written:
        warnings.append(
            Remark(name, None, f"cut off: it has {len(content)} bytes of {size_written}: its last records are missing")
        )


def invocations_of(folder: Path, name: str) -> list[Invocation]:
    """The environment records of a run folder alone, which is fast; unreadable lines are skipped."""
    try:
        content = records_file.content_of(folder / records_file.NAME)
    except OSError:
        return []
    lines = []
    for piece in content.split(b"\n"):
        if b'"environment"' not in piece:
            continue
        with contextlib.suppress(ValueError):
            lines.append(_Line(0, "", parse(piece)))
    return _invocations(name, lines)


def _invocations(run: str, lines: list[_Line]) -> list[Invocation]:
    found: dict[str, Invocation] = {}
    for line in lines:
        record = line.record
        if record["record"] == "environment":
            key = record["invocation"]
            known = found.get(key, Invocation(run, key, record["engine"], None, None))
            found[key] = replace(known, **{record["phase"]: record})
    return list(found.values())


def _cases(run: str, lines: list[_Line], warnings: list[Remark]) -> list[Case]:
    """The case records. If a case and fork occur twice in one invocation, the later record counts."""
    found: dict[tuple[str, str, str, int], Case] = {}
    for line in lines:
        if line.record["record"] != "case":
            continue
        case = case_of(run, line.record)
        key = (case.engine, case.name, case.invocation, case.fork)
        if key in found:
            warnings.append(Remark(run, line.number, f"replaces an earlier record of {case.name} fork {case.fork}"))
        found[key] = case
    return list(found.values())


def case_of(run: str, record: Json) -> Case:
    verdict = record["verdict"]
    witness = verdict["witness"] or {}
    return Case(
        name=record["case"],
        run=run,
        invocation=record["invocation"],
        engine=record["engine"],
        family=record["family"],
        workload=record["workload"],
        subject=record["subject"],
        control=record["control"],
        params=record["params"],
        traits=record["traits"],
        fork=record["fork"],
        order_index=record["order_index"],
        ended=record["ended"]["how"],
        ended_value=record["ended"]["value"],
        output=str(record["ended"].get("output", "")),
        verdict=Verdict(
            verdict["result"],
            verdict["kind"],
            verdict["detector"],
            verdict["k"],
            verdict["n"],
            verdict["as_expected"],
            str(witness["text"]) if witness.get("text") else None,
            verdict["replay"],
            expectation_of(verdict),
        ),
        metrics={name: float(value) for name, value in record["metrics"].items() if value is not None},
        values={name: tuple(float(value) for value in values) for name, values in record["values"].items()},
        histograms={
            name: Histogram(
                tuple(float(value) for value, _ in data["buckets"]), tuple(count for _, count in data["buckets"])
            )
            for name, data in record["histograms"].items()
            if data["buckets"]
        },
        oversubscribed=record["oversubscribed"],
        placement=tuple((place["role"], place["thread"], place["cpu"]) for place in record["placement"]),
        commit=record["build"]["commit"],
        revision=_revision(record["build"]),
        duration_s=float(record["duration_s"]),
        disturbed=record.get("disturbed", False),
        explored=_explored(record),
        interpreter=_interpreter(record),
    )


def _explored(record: Json) -> Explored | None:
    exploration = record.get("exploration")
    if exploration is None:
        return None
    shares = tuple(
        Share(
            strategy=share["strategy"],
            executions=share["executions"],
            seconds=float(share["seconds"]),
            searched=share.get("searched", share["exhausted"]),
            exhausted=share["exhausted"],
        )
        for share in exploration["strategies"]
    )
    return Explored(
        shares=shares,
        complete=exploration["complete"],
        found_by=exploration.get("found_by", ""),
        searched=exploration.get("searched", ""),
        not_tried=exploration.get("not_tried", ""),
        notes=(
            *exploration.get("notes", ()),
            *(_share_of(library) for library in exploration.get("unseen_libraries", ())),
        ),
    )


def _share_of(library: Json) -> str:
    """How much of the executed code is that of a library that is not instrumented."""
    samples, total = library["samples"], library["of"]
    if total == 0:
        return f"{library['file']}: no sample of processor time was taken"
    return f"{library['file']}: {samples} of {total} samples of processor time ({100 * samples / total:.0f} %)"


def _interpreter(record: Json) -> str:
    facts = record.get("interpreter")
    return f"{facts['implementation']} {facts['version']}, GIL {facts['gil']}" if facts else ""


def _revision(build: Json) -> str:
    return f"{build['commit']}{' with changes' if build['dirty'] else ''}"


def _findings(run: str, lines: list[_Line]) -> list[Finding]:
    """The findings. Their records name no build; it is taken from their invocation, otherwise from the run if that
    has one."""
    builds = {line.record["invocation"]: _revision(line.record["build"]) for line in lines if line.record.get("build")}
    only = next(iter(builds.values())) if len(set(builds.values())) == 1 else ""
    return [
        _finding(run, builds.get(line.record["invocation"], only), line.record)
        for line in lines
        if line.record["record"] == "finding"
    ]


def _merged(findings: list[Finding], cases: list[Case]) -> list[Finding]:
    """Merges equal findings of the lock graph, which reports from each child process: k of n processes."""
    processes = Counter((case.run, case.engine, case.revision, case.name) for case in cases)
    found: dict[object, Finding] = {}
    for finding in findings:
        name = (finding.run, finding.engine, finding.revision, finding.case)
        if finding.detector != "lock_graph":
            found[(name, len(found))] = finding
            continue
        key = (name, finding.kind, finding.result, finding.grade, finding.title)
        k, n = (found[key].k + finding.k, found[key].n + finding.n) if key in found else (finding.k, finding.n)
        found[key] = replace(found.get(key, finding), k=k, n=n)
    # A child process without a finding still has a case record.
    return [
        replace(f, n=max(f.n, processes[(f.run, f.engine, f.revision, f.case)])) if f.detector == "lock_graph" else f
        for f in found.values()
    ]


def _finding(run: str, revision: str, record: Json) -> Finding:
    location = record["location"]
    return Finding(
        run=run,
        revision=revision,
        threads=tuple(
            Thread(
                each["name"],
                each["what"],
                _stack(each["stack"]),
                _stack(each["created"]),
                _lock(each["wants"]) if each["wants"] else None,
                tuple(_lock(lock) for lock in each["holds"]),
            )
            for each in record["threads"]
        ),
        location=Location(location["what"], _stack(location["stack"])) if location else None,
        **{
            name: record[name]
            for name in (
                *("invocation", "engine", "case", "family", "workload", "subject", "control", "detector", "kind"),
                *("result", "k", "n", "grade", "as_expected", "title", "text"),
            )
        },
    )


def _searches(run: str, lines: list[_Line]) -> list[Search]:
    """The searches. The later record of a case and strategy counts, because it includes the attempts of the earlier
    one."""
    found = {
        (line.record["case"], line.record["strategy"]): Search(
            run=run,
            limit_s=float(line.record["limit_s"]),
            limit_executions=line.record["limit_executions"],
            attempts=tuple(Attempt(**attempt) for attempt in line.record["attempts"]),
            **{name: line.record[name] for name in ("case", "family", "workload", "subject", "strategy")},
        )
        for line in lines
        if line.record["record"] == "search"
    }
    return list(found.values())


def _repetitions(run: str, lines: list[_Line]) -> list[Repetition]:
    names = ("case", "family", "workload", "subject", "processes", "same")
    found = {
        line.record["case"]: Repetition(run=run, **{name: line.record[name] for name in names})
        for line in lines
        if line.record["record"] == "repetition"
    }
    return list(found.values())


def _speeds(lines: list[_Line]) -> Iterator[Speed]:
    names = ("beside", "program", "subject", "strategy")
    for line in lines:
        if line.record["record"] == "speed":
            words = {name: line.record[name] for name in names}
            yield Speed(**words, ours=tuple(line.record["ours"]), theirs=tuple(line.record["theirs"]))


def _bare(lines: list[_Line]) -> Iterator[Bare]:
    names = ("case", "workload", "subject", "control", "params", "metric")
    for line in lines:
        if line.record["record"] == "bare":
            words = {name: line.record[name] for name in names}
            yield Bare(**words, racetrack=tuple(line.record["racetrack"]), bare=tuple(line.record["bare"]))


def _litmus(lines: list[_Line]) -> Iterator[Litmus]:
    names = ("shape", "program", "executions", "searched")
    for line in lines:
        if line.record["record"] == "litmus":
            yield Litmus(
                **{name: line.record[name] for name in names},
                outcomes=tuple(LitmusOutcome(**outcome) for outcome in line.record["outcomes"]),
                faults=tuple(line.record["faults"]),
            )


def _mutants(run: str, lines: list[_Line]) -> list[Mutant]:
    """The mutants. If one was explored twice, the later record counts."""
    found: dict[tuple[str, ...], Mutant] = {}
    for line in lines:
        if line.record["record"] == "mutant":
            mutant = _mutant(run, line.record)
            found[(mutant.header, mutant.function, mutant.operation, mutant.order, mutant.weaker)] = mutant
    return list(found.values())


def _mutant(run: str, record: Json) -> Mutant:
    change, explanation = record["change"] or {}, record["explanation"] or {}
    which = f"#{change['number']}" if change.get("number", 1) > 1 else ""
    outcomes = tuple(
        Outcome(**{name: each[name] for name in ("memory", "result", "executions", "test", "kind", "text", "replay")})
        for each in record["outcomes"]
    )
    return Mutant(
        run=run,
        header=record["header"],
        line=change.get("line", 0),
        function=change.get("function", ""),
        operation=change.get("operation", "") + which,
        order=change.get("order", ""),
        weaker=change.get("weaker", ""),
        outcomes=outcomes,
        why=explanation.get("why", ""),
        because=explanation.get("because", ""),
        as_expected=record["as_expected"],
    )


def _oracle_mutants(lines: list[_Line]) -> Iterator[OracleMutant]:
    names = ("of", "oracle", "mutant", "histories", "killed", "must", "as_expected")
    for line in lines:
        if line.record["record"] == "oracle_mutant":
            yield OracleMutant(kinds=tuple(line.record["kinds"]), **{name: line.record[name] for name in names})


def _stack(frames: list[Json]) -> Stack:
    return tuple(Frame(each["function"], each["file"], each["line"], each["module"]) for each in frames)


def _lock(record: Json) -> Lock:
    return Lock(record["name"], record["kind"], _stack(record["stack"]))


def _with_origins(cases: list[Case], invocations: list[Invocation], warnings: list[Remark]) -> tuple[Case, ...]:
    """Marks measured cases of different builds or machines with their origin, so that they are never pooled or ranked.

    Other engines have separate builds and no numbers to rank, so their cases are not marked.
    """
    marks = {(invocation.run, invocation.name): _likeness(invocation) for invocation in invocations}
    kinds = sorted({marks.get((case.run, case.invocation), ("?",)) for case in cases if case.engine == "bench"})
    if len(kinds) <= 1:
        return tuple(cases)
    labels = {kind: f"set {index}" for index, kind in enumerate(kinds, start=1)}
    runs: dict[str, set[str]] = {}
    for case in (case for case in cases if case.engine == "bench"):
        label = labels[marks.get((case.run, case.invocation), ("?",))]
        runs.setdefault(label, set()).add(case.run)
    details = "; ".join(f"{label}: {', '.join(sorted(names))}" for label, names in sorted(runs.items()))
    warnings.append(
        Remark(
            "merged runs",
            None,
            f"builds or machines differ, so their cases are never ranked together ({details})",
        )
    )
    return tuple(
        replace(case, origin=labels[marks.get((case.run, case.invocation), ("?",))]) if case.engine == "bench" else case
        for case in cases
    )


def _likeness(invocation: Invocation) -> tuple[str, ...]:
    facts = invocation.facts
    build = facts["build"]
    return (
        str(facts["machine"]["fingerprint"]),
        build["commit"],
        str(build["dirty"]),
        build["flavour"],
        build["compiler"],
        build["flags"],
    )
