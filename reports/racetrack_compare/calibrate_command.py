"""`scripts/calibrate [BUILD] [CASE...]`: measures this machine's noise floor and stores it for later comparisons."""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence

from racetrack_report import calibration, engine, entry
from racetrack_report.arguments import Parser, positive, whole
from racetrack_report.calibration import Calibration
from racetrack_report.loader import UnusableInput
from racetrack_report.units import percent

from .collect import chosen, unmatched
from .command import new_folder_named
from .comparison import BROKEN, INCOMPLETE, NOTHING, SAME_SPEED, USAGE
from .driver import Broken, Options, cases_of
from .plan import duration, even, seconds
from .same_build import Incomplete, Wanted, calibrate, some_of
from .sides import Live, side_of
from .significance import least_pairs

SHOWN_PAIRS = (6, 12, 20, 40)
MOST_CASES = 8
EPILOG = """Kept in reports/calibration, one file per environment; a new calibration replaces the last.
Exit codes: 0 calibrated; 2 usage; 3 incomplete; 4 nothing to run; 70 the harness failed; 74 output was lost."""


def main(arguments: Sequence[str]) -> int:
    """Calibrates; prints the floor and the rate of false alarms. Returns the exit code."""
    options = parse(arguments)
    try:
        return run(options)
    except UnusableInput as error:
        return complain(error, USAGE)
    except Incomplete as error:
        return complain(error, INCOMPLETE)
    except Broken as error:
        return complain(error, BROKEN)
    except OSError as error:
        return complain(entry.described(error), BROKEN)
    except KeyboardInterrupt:
        return complain("interrupted", INCOMPLETE)


def complain(error: object, code: int) -> int:
    print(f"calibrate: {error}", file=sys.stderr)
    return code


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = Parser(
        prog="scripts/calibrate",
        description="Measure the differences that this machine shows between equal builds.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("build", nargs="?", default="build/release", metavar="BUILD", help="build tree or plugin")
    parser.add_argument("case", nargs="*", metavar="CASE", help="exact names (default: one case of up to 8 workloads)")
    parser.add_argument("--comparisons", type=whole(1, 1000), default=5, metavar="K", help="how many (default 5)")
    parser.add_argument("--pairs", type=whole(1, 1000), metavar="N", help="pairs per case (default: at least 12)")
    parser.add_argument("--time", type=positive, default=0.05, metavar="S", help="timed rounds per fork (default 0.05)")
    parser.add_argument("--seed", type=int, help="of the order and of the workloads (default: random)")
    parser.add_argument("--run", default="", metavar="NAME", help="name of the folder under reports/comparisons")
    return parser.parse_args(arguments)


def run(given: argparse.Namespace) -> int:
    reports = engine.reports_folder()
    side = side_of(given.build, engine.ROOT, reports)
    if not isinstance(side, Live) or side.subject:
        raise UnusableInput(f"{given.build}: give a build tree or a plugin, to compare it with itself")
    options = Options(given.time)
    everything = cases_of(side, options)
    missing = unmatched(everything, given.case)
    if missing or not everything:
        named = f" {' '.join(missing)}: give exact names" if missing else ": build it with its plugins"
        return complain(f"{given.build} has no case{named}", NOTHING)
    names = chosen(everything, given.case)
    names = names if given.case else some_of(names, MOST_CASES)
    wanted = Wanted(names, given.comparisons, given.pairs or even(max(12, least_pairs(len(names)) + 2)))
    takes = seconds(len(names), wanted.pairs * wanted.comparisons, given.time, None)
    print(
        f"calibrate: {len(names)} cases, {wanted.comparisons} comparisons of {wanted.pairs} pairs: about "
        f"{duration(takes)}",
        file=sys.stderr,
    )
    seed = given.seed if given.seed is not None else random.SystemRandom().getrandbits(32)
    found, state = calibrate(side, wanted, options, new_folder_named(reports, given.run), seed)
    path = calibration.save(reports, found)
    for line in report_lines(found):
        print(line)
    print(path)
    if state:
        return complain(state, INCOMPLETE)
    return SAME_SPEED


def report_lines(found: Calibration) -> list[str]:
    """The noise floor and the rate of false alarms as sentences."""
    rate = found.false_alarms
    floors = ", ".join(f"{percent(found.floor('', pairs))} with {pairs} pairs" for pairs in SHOWN_PAIRS)
    noisiest = max(found.logs, key=found.spread)
    return [
        f"false alarms between equal builds: {found.alarms} of {found.comparisons} comparisons of {len(found.logs)} "
        f"cases (95 % interval {rate.low:.0%} to {rate.high:.0%})",
        f"noise floor over all cases: {floors}",
        "the threshold of a comparison is the noise floor, but at least 3 %",
        f"spread of a pair's ratio: {percent(found.spread(''))} in the median case, "
        f"{percent(found.spread(noisiest))} in {noisiest}",
    ]
