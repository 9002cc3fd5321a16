"""Section 13: the data to download, what was left out, the method and the words."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Sequence
from dataclasses import dataclass

from ..export import csv_of
from ..model import Dataset
from ..units import size
from ..view import Table, text

RECORDS_LIMIT = 6 << 20  # packed records beyond this stay beside the page
CSV_PLAIN_LIMIT = 1 << 20  # above this the embedded CSV is compressed; records.csv beside the page never is

METHOD = (
    (
        "Unit",
        "A fork: one process run of one case. Its value is the median of its timed rounds. Forks of all cases run in "
        "random interleaved order, so that drift of the machine hits all subjects alike.",
    ),
    (
        "Interval of a median",
        "The order-statistic (sign test) interval: exact for any distribution. Six forks reach 96.9 % "
        "with their whole range; five reach 93.8 %, three 75 %, and one has no interval at all. No "
        "outlier is dropped.",
    ),
    (
        "Ratio of two subjects",
        "By fork where both were measured in the same forks: Hodges-Lehmann estimate of the ratio and "
        "the interval of the signed-rank test, on logarithms. Else a bootstrap of the ratio of "
        "medians, marked as weaker. An interval that reaches less than 90 % decides nothing.",
    ),
    (
        "Ties",
        "A subject is tied with the fastest when the interval of their ratio includes 1. The intervals are not "
        "corrected for the number of subjects.",
    ),
    (
        "Percentiles",
        "Taken per fork, then the median over forks with a bootstrap over forks. Samples of different forks are "
        "never pooled. Shown only with ten samples or more beyond it.",
    ),
    (
        "Verdicts",
        "Before a case is timed, a recorded round is judged by oracles. A case that fails has a verdict and no "
        "number, even if only one of its forks failed.",
    ),
    (
        "Minimum detectable effect",
        "The smallest true difference that a t test of the logarithms of this many unpaired forks "
        "would find in 80 % of runs, from the spread seen.",
    ),
)
GLOSSARY = (
    ("subject", "the queue (or other object) under test"),
    (
        "workload",
        "what the threads do to it: of a queue, transfer (throughput), round_trip, paced, burst, shutdown or print",
    ),
    ("case", "one subject in one workload with one choice of parameters"),
    ("fork", "one process run of a case; the unit of all statistics here"),
    ("round", "a fresh subject, all threads run, all join, oracles judge"),
    ("oracle", "what judges a recorded round: was an item lost, duplicated, reordered, invented?"),
    (
        "bounded, unbounded",
        "whether a queue has a capacity at which pushing waits or fails; different classes, never ranked together",
    ),
    ("FIFO per producer", "items of one producer keep their order; those of different producers need not"),
    ("wait", "what a thread does when it cannot go on: spin, yield or block"),
    ("oversubscribed", "more threads than hardware threads: the system takes turns between them"),
    ("overlap", "time with all threads at work, as a share of the whole"),
    ("Jain's index", "fairness between threads: 1 when all did equally much, 1/n when one did all"),
    ("1/(1-p)", "percentiles spaced so that each further nine is as wide as the last"),
    (
        "detector",
        "what sees a fault: oracle, watchdog, lock graph, ThreadSanitizer, explorer, or the process that died",
    ),
    ("execution", "one run of a small round under one schedule, from its first step to its last"),
    ("strategy", "how the explorer chooses who goes on: at random, by priorities, by a search"),
    ("rotation", "the explorer's strategies by turns, as it works unless it is told otherwise"),
    ("weak memory", "loads may read older stores than the latest, where C++20 lets them"),
    ("litmus test", "a program of a few loads and stores; which values may they read?"),
    ("mutant", "code with one memory order weakened or one fence dropped: the tests should fail"),
    (
        "control",
        "wrong on purpose, to prove that a detector can see it; its corrected twin is the same without the fault",
    ),
    (
        "expected: must, may, never",
        "what a scenario's author says a detector sees; only a missed must and a seen never surprise",
    ),
    ("k of n", "how many of the rounds, or of the processes, showed it"),
    ("lost", "an item was pushed, and neither popped nor left in the queue"),
    ("duplicated", "an item came out twice"),
    ("invented", "something came out that nobody had put in"),
    ("reordered", "items came out in an order that the declared one forbids"),
    ("torn", "a value was put together from two"),
    ("overflow", "more items were inside than the capacity allows"),
    ("false empty", "empty was said of a queue in which an item lay all the while"),
    ("false full", "full was said of a queue that had room all the while"),
    ("not linearizable", "no order of the operations explains what they returned"),
    ("exclusion", "two threads were at once where only one may be"),
    ("wrong result", "what was computed is wrong, or came to the wrong asker"),
    ("lost result", "a task was run, and nobody got what became of it"),
    ("lost exception", "a task threw, and its future does not know of it"),
    ("accepted late", "a pool that was shut down took a task"),
    ("race", "two threads used the same memory, one of them writing, with nothing that orders them"),
    ("deadlock", "threads wait in a circle, each for a lock that the next one holds"),
    ("potential deadlock", "locks were taken in orders that allow a deadlock; none happened"),
    ("lost wakeup", "all threads sleep, and nobody is left to wake one"),
    ("hang", "threads waited for what never came"),
    ("misuse", "a lock was used as it must not be: unlocked by a thread that does not hold it, destroyed while held"),
    ("use after free", "memory was used after it had been given back"),
    ("double free", "memory was given back twice"),
    ("leak", "a thread, a child process or a descriptor was left behind"),
    ("crash", "the child process died"),
    ("steal", "processor time that the hypervisor gave to other guests"),
)


@dataclass(frozen=True)
class Download:
    """A link that works offline and without JavaScript: the data is in the link."""

    name: str
    href: str
    told: str


def downloads(data: Dataset) -> tuple[Download, ...]:
    return of_lines(data.raw_lines, csv_of(data), "records.csv", "one row per fork")


def of_lines(lines: Sequence[str], csv: str, csv_name: str, csv_told: str) -> tuple[Download, ...]:
    """Lines of records, packed, and a table of them."""
    records = ("\n".join(lines) + "\n").encode()
    packed = gzip.compress(records, 6, mtime=0)
    table = csv.encode()
    told = f"all {len(lines)} records ({size(len(packed))}, {size(len(records))} unpacked)"
    if len(packed) <= RECORDS_LIMIT:
        found = [Download("records.jsonl.gz", _uri("application/gzip", packed), told)]
    else:
        found = [Download("records.jsonl", "records.jsonl", f"{told}, too many for this page: in the file beside it")]
    if len(table) <= CSV_PLAIN_LIMIT:
        found.append(Download(csv_name, _uri("text/csv;charset=utf-8", table), f"{csv_told} ({size(len(table))})"))
    else:
        small = gzip.compress(table, 6, mtime=0)
        found.append(Download(f"{csv_name}.gz", _uri("application/gzip", small), f"{csv_told} ({size(len(small))})"))
    return tuple(found)


def _uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def left_out(data: Dataset) -> Table | None:
    """What the sweep cut to fit its time, and subjects that could not be built."""
    pairs = dict.fromkeys(
        (entry["what"], entry["why"]) for i in data.invocations for entry in i.plan.get("left_out") or ()
    )
    rows = tuple((text(what), text(why)) for what, why in pairs)
    return Table("left-out", "Left out of this run", ("what", "why"), rows) if rows else None


def broken(data: Dataset) -> Sequence[str]:
    return [str(warning) for warning in data.remarks]
