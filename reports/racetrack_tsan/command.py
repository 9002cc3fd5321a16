"""`scripts/tsan`: runs child processes under ThreadSanitizer, converts their logs to findings, writes the page.

    scripts/tsan [FILTER] [--runs K] [--time S] [--run NAME] [ARGUMENTS of racetrack stress]
    scripts/tsan --parse-only [--run NAME]      findings from the logs of an earlier run

Exit codes: 0 all as expected; 1 an unexpected or missed finding; 2 usage; 3 incomplete; 4 nothing ran;
70 the harness failed; 74 output was lost.
"""

from __future__ import annotations

import ctypes
import datetime
import json
import subprocess
import sys
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path

from racetrack_report import entry, records_file, runs, shell_words
from racetrack_report.check import parse
from racetrack_report.engine import HARNESS, INCOMPLETE, ROOT, USAGE, Engine, reports_folder, run, split, write_page
from racetrack_report.loader import UnusableInput
from racetrack_report.model import Json

from .findings import Child, findings_of
from .names import short_name
from .project import FOREIGN, Project

TSAN = Engine("tsan", "stress", "tsan", joins=True)
# Three short processes for each case: the whole default run ends within ten minutes on two processors.
# Only a time-out detects hanging rounds here: the deadlock detector and ThreadSanitizer cannot watch one process
# together.
DEFAULTS = {"--runs": "3", "--time": "0.2", "--patience": "2"}
CANNOT_START = "FATAL: ThreadSanitizer: unexpected memory mapping"
ADDR_NO_RANDOMIZE = 0x0040000  # personality(2)
MOST_FRAMES = 6  # of a stack on a terminal
MOST_LOG = 64 * 1024 * 1024
AS_EXPECTED, UNEXPECTED = 0, 1


def main(arguments: Sequence[str]) -> int:
    """Runs, parses, judges, writes the page. Returns the exit code."""
    if "--parse-only" in arguments:
        return parse_only([argument for argument in arguments if argument != "--parse-only"])
    given = {argument.partition("=")[0] for argument in arguments}
    defaults = [word for name, value in DEFAULTS.items() if name not in given for word in (name, value)]
    if TSAN.program.is_file() and not can_start(TSAN.program):
        return USAGE
    began = _now()
    return run(TSAN, [*arguments, *defaults], lambda folder, code: after(folder, code, since=began))


def parse_only(arguments: Sequence[str]) -> int:
    """Writes the findings of the run that --run names, or of the latest run."""
    try:
        name, others = split(TSAN, arguments)
        if others:
            raise UnusableInput(f"--parse-only runs nothing, so it has no use for {others[0]!r}")
        folder = runs.find(reports_folder(), name) if name else runs.latest(reports_folder())
        code = after(folder, AS_EXPECTED, since="")
        return write_page(TSAN, folder, code)
    except UnusableInput as error:
        print(f"tsan: {error}", file=sys.stderr)
        return USAGE
    except runs.NothingToReport as error:
        print(f"tsan: {error}", file=sys.stderr)
        return 4


def can_start(program: Path) -> bool:
    """Whether ThreadSanitizer starts here.

    If the system's address randomisation prevents it, it is switched off for this process and its children. If that is
    refused, one line with the remedy is printed.
    """
    for mended in (False, True):
        tried = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False)
        if CANNOT_START not in tried.stderr:
            return True
        if mended or ctypes.CDLL(None, use_errno=True).personality(ADDR_NO_RANDOMIZE) < 0:
            break
    print(
        "tsan: ThreadSanitizer's addresses are in use, and randomisation cannot be switched off: `sysctl "
        "vm.mmap_rnd_bits=28` as root, or in a container `--security-opt seccomp=unconfined`",
        file=sys.stderr,
    )
    return False


def after(folder: Path, code: int, since: str) -> int:
    """Adds new findings to the run; prints and judges those of calls that began after `since`."""
    try:
        records = list(_records(folder))
        invocations = _invocations(records)
        findings = [finding for name in invocations for finding in _findings(folder, records, name)]
        known = {_key(record) for record in records if record["record"] == "finding"}
        added = [finding for finding in findings if _key(finding) not in known]
        runs.append(folder, [*added, *_closed_again(records, {finding["invocation"] for finding in added})])
    except OSError as error:
        where = error.filename or folder
        again = shell_words.command(["scripts/tsan", "--parse-only", "--run", folder.name])
        entry.complain("tsan", f"{where}: {error.strerror}: fix it, then `{again}`")
        return INCOMPLETE
    except ValueError as error:
        print(f"tsan: {folder / 'tsan'}: a finding {error}", file=sys.stderr)
        return HARNESS
    shown = {name for name, began in invocations.items() if began >= since}
    if not shown:
        return code
    findings = [finding for finding in findings if finding["invocation"] in shown]
    for line in report_lines(findings):
        print(line)
    unexpected = sum(not finding["as_expected"] for finding in findings)
    print(f"tsan: {len(findings)} findings, {unexpected} not as expected; logs in {folder / 'tsan'}", flush=True)
    if unexpected and (code == AS_EXPECTED or code == INCOMPLETE and not _was_interrupted(records, shown)):
        return UNEXPECTED
    return code


def _records(folder: Path) -> Iterator[Json]:
    records_file.check(folder / records_file.NAME)
    with open(folder / records_file.NAME, "rb") as stream:
        for line in stream:
            try:
                record = parse(line)
            except ValueError:
                continue  # the page names them
            if record["engine"] == "tsan":
                yield record


def _invocations(records: Iterable[Json]) -> dict[str, str]:
    """Calls of the tsan engine that ran a case, each with the time of the first one."""
    began: dict[str, str] = {}
    for record in records:
        if record["record"] == "case":
            began.setdefault(record["invocation"], record["started_at"])
    return began


def _closed_again(records: Iterable[Json], invocations: Container[str]) -> list[Json]:
    """New closing records of calls whose findings were appended after theirs, so that a loss of the findings is
    detected."""
    ends = {
        record["invocation"]: record
        for record in records
        if record["record"] == "environment" and record["phase"] == "end" and record["invocation"] in invocations
    }
    return [end | {"started_at": _now()} for end in ends.values()]


def _was_interrupted(records: Iterable[Json], invocations: Container[str]) -> bool:
    ends = [record for record in records if record["record"] == "environment" and record["phase"] == "end"]
    return any(end["outcome"]["ended"] == "interrupted" for end in ends if end["invocation"] in invocations)


def _findings(folder: Path, records: Iterable[Json], invocation: str) -> list[Json]:
    logs = folder / "tsan" / invocation.replace(":", "")
    children = [
        Child(record, log_text(logs, record["order_index"]))
        for record in records
        if record["record"] == "case" and record["invocation"] == invocation
    ]
    findings = findings_of(children, Project(str(ROOT)), _now())
    return [parse(json.dumps(finding).encode()) for finding in findings]


def _now() -> str:
    """The current time in racetrack's format: UTC, milliseconds."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}Z"


def log_text(logs: Path, order_index: int) -> str:
    """The reports of this child process and of the processes that it forked, from the files NUMBER.PROCESS."""
    texts = []
    for path in sorted(logs.glob(f"{order_index:05}.*")):
        with open(path, "rb") as stream:
            texts.append(stream.read(MOST_LOG).decode("utf-8", "replace"))
    return "\n".join(texts)


def _key(finding: Json) -> tuple[str, ...]:
    """The identity of a finding, equal however often the logs are parsed."""
    return finding["invocation"], finding["case"], finding["kind"], finding["title"]


def report_lines(findings: Iterable[Json]) -> list[str]:
    """Lines for a terminal: unexpected findings first, with the report; equal findings of a scenario's cases are
    merged."""
    groups: dict[tuple[str, ...], list[Json]] = {}
    for each in findings:
        scenario = f"{each['family']}/{each['workload']}/{each['subject']}"
        groups.setdefault((_mark(each), scenario, each["title"]), []).append(each)
    lines = []
    for (mark, scenario, title), group in sorted(
        groups.items(), key=lambda item: (item[0][0] != "UNEXPECTED", item[0])
    ):
        k, n = (sum(each[name] for each in group) for name in ("k", "n"))
        cases = f", {len(group)} cases" if len(group) > 1 else ""
        count = "" if title.startswith("missed:") else f" ({k} of {n} child processes{cases})"
        lines.append(f"{mark} {scenario}: {title}{count}")
        if mark == "UNEXPECTED":
            lines += _stacks(group[0])
    return lines


def _stacks(finding: Json) -> list[str]:
    """The stack of each thread: the innermost call and those of the project; the page and the log have all."""
    lines = []
    for thread in finding["threads"]:
        lines.append(f"    {thread['what']}{' by ' if thread['name'] else ''}{thread['name']}:")
        stack = [
            frame for at, frame in enumerate(thread["stack"]) if at == 0 or not FOREIGN.match(frame["file"] or "<")
        ]
        for frame in stack[:MOST_FRAMES]:
            place = f"{frame['file']}:{frame['line']}" if frame["line"] else frame["module"]
            lines.append(f"        {short_name(frame['function'])} ({place})")
    if finding["location"]:
        lines.append(f"    {finding['location']['what']}")
    return lines


def _mark(finding: Json) -> str:
    if not finding["as_expected"]:
        return "UNEXPECTED"
    return "unknown (fences)" if finding["result"] == "unknown" else "expected"
