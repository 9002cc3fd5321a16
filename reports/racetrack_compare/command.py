"""`scripts/compare OLD NEW [CASE...]`: compares two sides; writes verdicts and a folder with page and files."""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from racetrack_report import calibration, engine, entry, runs, shell_words
from racetrack_report.arguments import Parser, positive, share, whole
from racetrack_report.calibration import LEAST_THRESHOLD, Calibration
from racetrack_report.loader import UnusableInput, invocations_of
from racetrack_report.model import Dataset

from . import archive, live, output, plan
from .collect import Meeting, chosen, meet, meet_subjects, one_sided, unmatched
from .comparison import BROKEN, INCOMPLETE, NOTHING, USAGE, Comparison, SideFacts
from .driver import Broken, Options, cases_of, facts_of
from .judgement import Rule, Threshold, judge
from .sides import Archive, Live, check_kinds, equal, side_of
from .when import utc_now

EPILOG = """OLD and NEW are two of a kind:
  build trees or plugins (.so), compared by alternating pairs of forks;
  subjects (queue/transfer/vyukov, or with parameters queue/transfer/vyukov/wait:spin) of one build, compared likewise;
  run folders, their names, or JSON files of Google Benchmark, compared without pairs, which is weaker.
CASE is the exact name of a case, or of all cases of a scenario or workload.

Exit codes: 0 nothing is slower; 1 something is slower, or NEW fails; 2 usage or unusable input;
3 incomplete or inconclusive; 4 nothing to compare; 70 the harness failed; 74 output was lost."""


class NothingToCompare(Exception):
    """Nothing can be compared; the message is one line."""


@dataclass(frozen=True)
class Call:
    """One call of the script: its options, and its folders."""

    options: argparse.Namespace
    arguments: tuple[str, ...]
    reports: Path


def main(arguments: Sequence[str]) -> int:
    """Compares; prints the verdicts and the page's path. Returns the exit code."""
    call = Call(parse(arguments), tuple(arguments), engine.reports_folder())
    try:
        return compare(call)
    except (UnusableInput, plan.Unplannable) as error:
        return complain(error, USAGE)
    except NothingToCompare as error:
        return complain(error, NOTHING)
    except Broken as error:
        return complain(error, BROKEN)
    except OSError as error:
        return complain(entry.described(error), BROKEN)
    except KeyboardInterrupt:
        return complain("interrupted", INCOMPLETE)


def complain(error: object, code: int) -> int:
    print(f"compare: {error}", file=sys.stderr)
    return code


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = Parser(
        prog="scripts/compare",
        description="Did my change slow it down? Compares two builds, plugins, subjects or runs, with a stated error.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("old", metavar="OLD")
    parser.add_argument("new", metavar="NEW")
    parser.add_argument(
        "case", nargs="*", default=[], metavar="CASE", help="only these (default: all that both sides have)"
    )
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument(
        "--pairs", type=whole(1, 1000), metavar="N", help="pairs of forks per case (default: at least 12)"
    )
    amount.add_argument("--until-decided", action="store_true", help="look up to 4 times; what is decided stops")
    amount.add_argument("--detect", type=share, metavar="PERCENT", help="as many pairs as find so large a slowdown")
    parser.add_argument(
        "--budget", type=positive, metavar="S", help="stop after so many seconds (--until-decided: 600)"
    )
    parser.add_argument(
        "--plan", action="store_true", help="run nothing: say the time, the pairs and what they could show"
    )
    parser.add_argument("--time", type=positive, default=0.05, metavar="S", help="timed rounds per fork (default 0.05)")
    parser.add_argument(
        "--param", action="append", default=[], metavar="NAME=V1[,V2]", help="these values of a parameter"
    )
    parser.add_argument("--plugin", type=Path, metavar="SO", help="of two subjects: one or both are in this plugin")
    parser.add_argument(
        "--allow-missing", action="store_true", help="exit 0 although cases of OLD are missing from NEW"
    )
    parser.add_argument(
        "--same-machine", action="store_true", help="state that two JSON files were measured on one machine"
    )
    parser.add_argument("--full", action="store_true", help="the full sweep's cases")
    parser.add_argument("--seed", type=int, help="of the order and of the workloads (default: random)")
    parser.add_argument("--run", default="", metavar="NAME", help="name of the folder under reports/comparisons")
    return parser.parse_args(arguments)


def compare(call: Call) -> int:
    """Runs the comparison and returns the exit code. Raises UnusableInput, NothingToCompare, Broken."""
    given = call.options
    if given.plugin and not given.plugin.is_file():
        raise UnusableInput(f"--plugin {given.plugin}: no such file; build it first")
    plugin = given.plugin.resolve() if given.plugin else None
    old, new = (side_of(word, engine.ROOT, call.reports, plugin) for word in (given.old, given.new))
    check_kinds(old, new)
    if equal(old, new):
        raise NothingToCompare(
            f"{given.old} and {given.new} are the same: there is nothing to compare "
            "(`make calibrate` compares a build with itself)"
        )
    if isinstance(old, Live) and isinstance(new, Live):
        if given.same_machine:
            raise UnusableInput(
                "--same-machine: both sides are measured here; it is for JSON files of Google Benchmark"
            )
        return compare_live(call, old, new)
    assert isinstance(old, Archive) and isinstance(new, Archive)
    for word in ("pairs", "until_decided", "detect", "budget", "plan", "param", "plugin", "full", "seed"):
        if getattr(given, word):
            raise UnusableInput(f"--{word.replace('_', '-')}: both sides are measured already; nothing is run")
    return compare_archives(call, old, new)


def compare_live(call: Call, old: Live, new: Live) -> int:
    options = Options(call.options.time, tuple(call.options.param), call.options.full)
    names = meeting_of(call, old, new, options)
    facts = [facts_of(side.program) for side in (old, new)]
    known = known_calibration(call, str(facts[0]["machine"]["fingerprint"]))
    planned = planned_by(call, [name for _, name in names.names], known)
    if call.options.plan:
        for line in plan.report_lines([name for _, name in names.names], planned, options.time_s, known):
            print(line)
        return 0
    started, folder = utc_now(), new_folder(call)
    seed = call.options.seed if call.options.seed is not None else random.SystemRandom().getrandbits(32)
    budget = call.options.budget or (600.0 if call.options.until_decided else None)
    result = live.run((old, new), names.names, options, planned, threshold_of(known), folder, seed, budget)
    if not result.ran:
        return complain("stopped before the first pair was done; nothing is kept", INCOMPLETE)
    comparison = Comparison(
        folder.name,
        SideFacts(old.given, facts[0]["machine"], facts[0]["build"]),
        SideFacts(new.given, facts[1]["machine"], facts[1]["build"]),
        (*result.judged, *judge(one_sided(names, True, 0 if old.subject else code_of_missing(call)), result.rule)),
        result.rule,
        True,
        started,
        command_of(call, seed),
        result.state,
        names.only_old,
        names.only_new,
        known,
        remarks(known, options.time_s),
        dataset_of(folder, result),
    )
    return output.write(comparison, folder)


def dataset_of(folder: Path, result: live.Result) -> Dataset:
    """The environment records of both sides, for the page."""
    invocations = [each for side in ("old", "new") for each in invocations_of(folder / side, side)]
    cases = tuple(case for each in result.ran for case in (each.old, each.new))
    return Dataset(("old", "new"), cases, tuple(invocations))


def meeting_of(call: Call, old: Live, new: Live, options: Options) -> Meeting:
    """The pairs of cases to run. Raises NothingToCompare if there are none."""
    everything = [cases_of(side, options) for side in (old, new)]
    check_named(call, everything)
    ours, theirs = (chosen(names, call.options.case) for names in everything)
    if old.subject:
        names = meet_subjects(ours, theirs, (old, new))
    else:
        names = meet(ours, theirs)
    if not names.names:
        raise NothingToCompare(nothing_in_common(call, ours, theirs))
    return names


def check_named(call: Call, names: Sequence[Sequence[str]]) -> None:
    """Raises NothingToCompare if a CASE matches nothing, even if others match. `names`: the cases of both sides."""
    missing = unmatched([name for side in names for name in side], call.options.case)
    if missing:
        raise NothingToCompare(
            f"neither {call.options.old} nor {call.options.new} has a case {' '.join(missing)}: give exact names "
            "(`racetrack bench --benchmark_list_tests` lists them)"
        )


def code_of_missing(call: Call) -> int:
    """The exit code of a case that is missing from NEW."""
    return 0 if call.options.allow_missing else INCOMPLETE


def nothing_in_common(call: Call, ours: Sequence[str], theirs: Sequence[str]) -> str:
    wanted = f" of {' '.join(call.options.case)}" if call.options.case else ""
    for side, names in ((call.options.old, ours), (call.options.new, theirs)):
        if not names:
            return f"{side} has no case{wanted}: give exact names (`racetrack bench --benchmark_list_tests` lists them)"
    return f"{call.options.old} and {call.options.new} have no case{wanted} in common: {ours[0]} ..., {theirs[0]} ..."


def planned_by(call: Call, names: Sequence[str], known: Calibration | None) -> plan.Plan:
    if call.options.until_decided:
        return plan.until_decided(len(names))
    if call.options.detect:
        return plan.to_detect(names, call.options.detect, known)
    return plan.fixed(len(names), call.options.pairs)


def known_calibration(call: Call, fingerprint: str) -> Calibration | None:
    return calibration.load(call.reports, fingerprint)


def threshold_of(known: Calibration | None) -> Threshold:
    return known.threshold if known else lambda case, pairs: LEAST_THRESHOLD


def remarks(known: Calibration | None, time_s: float | None = None) -> tuple[str, ...]:
    """Remarks about the reliability of the threshold."""
    if known is None:
        return (
            "This machine is not calibrated, so the threshold is 3 % whatever its noise (`make calibrate` measures "
            "it).",
        )
    rate = known.false_alarms
    lines = [
        f"Between equal builds, this machine gave a false alarm in {known.alarms} of {known.comparisons} comparisons "
        f"(at most {rate.high:.0%} at 95 %; calibrated {known.measured_at[:10]})."
    ]
    if time_s is not None and time_s != known.time_s:
        lines.append(
            f"The calibration used forks of {known.time_s:g} s, this comparison {time_s:g} s: their noise may differ."
        )
    return tuple(lines)


def compare_archives(call: Call, old: Archive, new: Archive) -> int:
    sides = archive.read(old), archive.read(new)
    for warning in (each for side in sides if side.data is not None for each in side.data.remarks):
        print(f"compare: {warning}", file=sys.stderr)
    archive.check_environments(*sides, call.options.same_machine)
    check_named(call, [archive.known_names(side) for side in sides])
    samples, meeting = archive.samples(*sides, call.options.case)
    if not samples:
        raise NothingToCompare(nothing_in_common(call, *(chosen(side.names, call.options.case) for side in sides)))
    known = known_calibration(call, sides[1].environment) if sides[1].data is not None else None
    rule = Rule(threshold_of(known))
    folder = new_folder(call)
    comparison = Comparison(
        folder.name,
        sides[0].facts,
        sides[1].facts,
        tuple(judge([*samples, *one_sided(meeting, False, code_of_missing(call))], rule)),
        rule,
        False,
        utc_now(),
        command_of(call),
        "",
        meeting.only_old,
        meeting.only_new,
        known,
        (
            *archive.remarks(*sides, call.options.case, call.options.same_machine),
            *remarks(known),
        ),
        both_datasets(*sides),
    )
    return output.write(comparison, folder)


def both_datasets(old: archive.Read, new: archive.Read) -> Dataset | None:
    known = [side.data for side in (old, new) if side.data is not None]
    if not known:
        return None
    return Dataset(
        tuple(run for data in known for run in data.runs),
        tuple(case for data in known for case in data.cases),
        tuple(invocation for data in known for invocation in data.invocations),
        warnings=tuple(warning for data in known for warning in data.remarks),
    )


def new_folder(call: Call) -> Path:
    return new_folder_named(call.reports, call.options.run)


def new_folder_named(reports: Path, given: str) -> Path:
    """The folder of this comparison. Raises UnusableInput if it already has content."""
    name = given or os.environ.get("RUN")
    if not name:
        return runs.new_folder(reports / "comparisons", engine.default_name())
    folder = reports / "comparisons" / runs.checked_name(name)
    if folder.exists() and any(folder.iterdir()):
        raise UnusableInput(f"{folder}: already has a comparison; choose another name with --run")
    return folder


def command_of(call: Call, seed: int | None = None) -> str:
    """The command that repeats this call, into a new folder."""
    words = [*call.arguments, *(["--seed", str(seed)] if seed is not None and call.options.seed is None else [])]
    if "--run" in words:
        place = words.index("--run")
        words[place : place + 2] = []
    words = [word for word in words if not word.startswith("--run=")]
    return shell_words.command(["scripts/compare", *words])
