"""Section 13: downloads, the cases that were left out, the method and the glossary."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Sequence
from dataclasses import dataclass

from ..export import csv_of
from ..model import Dataset
from ..units import size
from ..view import Table, text

RECORDS_LIMIT = 6 << 20  # larger compressed records are a file next to the page
CSV_PLAIN_LIMIT = 1 << 20  # above this the embedded CSV is compressed; the file records.csv never is

# Terms, each with its sentences.
METHOD = (
    (
        "Unit",
        (
            "A fork: one process run of one case. Its value is the median of its timed rounds.",
            "Forks of all cases run in random interleaved order, so that drift of the machine affects all subjects "
            "equally.",
        ),
    ),
    (
        "Interval of a median",
        (
            "The order-statistic (sign test) interval: exact for any distribution. No outlier is dropped.",
            "Its confidence is 96.9 % with six forks (their whole range), 93.8 % with five, 75 % with three; one fork "
            "has no interval.",
        ),
    ),
    (
        "Ratio of two subjects",
        (
            "Paired, if both ran in the same forks: Hodges-Lehmann estimate and signed-rank interval of logarithms.",
            "Otherwise a bootstrap of the ratio of medians, marked as weaker.",
            "An interval with less than 90 % confidence decides nothing.",
        ),
    ),
    (
        "Ties",
        (
            "A subject is tied with the fastest when the interval of their ratio includes 1.",
            "The intervals are not corrected for the number of subjects.",
        ),
    ),
    (
        "Percentiles",
        (
            "Taken per fork; the table shows the median over forks with a bootstrap over forks.",
            "Samples of different forks are never pooled.",
            "A percentile is shown only with at least ten samples beyond it.",
        ),
    ),
    (
        "Verdicts",
        (
            "Before the timing, oracles check a recorded round.",
            "A case that fails has a verdict and no number, even if only one fork failed.",
        ),
    ),
    (
        "Minimum detectable effect",
        (
            "The smallest true difference that a t test would detect in 80 % of runs, given the observed spread.",
            "The test compares the logarithms of this many unpaired forks.",
        ),
    ),
)
GLOSSARY = (
    ("subject", "the queue or other object under test"),
    (
        "workload",
        "the threads' use of a subject; for a queue: transfer (throughput), round_trip, paced, burst, shutdown or "
        "print",
    ),
    ("case", "one subject in one workload with one choice of parameters"),
    ("fork", "one process run of a case; the unit of all statistics here"),
    ("round", "a new subject; all threads run and join; oracles check the result"),
    ("oracle", "checks a recorded round: was an item lost, duplicated, reordered or invented?"),
    (
        "bounded, unbounded",
        "whether a queue has a capacity at which a push waits or fails; the two classes are never ranked together",
    ),
    ("FIFO per producer", "items of one producer keep their order; items of different producers may be reordered"),
    ("wait", "how a thread waits for its next operation to become possible: spin, yield or block"),
    ("oversubscribed", "more threads than hardware threads, so that the operating system preempts them"),
    (
        "disturbed",
        "a fork in which a thread waited for its processor in more than a quarter of the rounds, or whose processors "
        "the hypervisor took",
    ),
    ("overlap", "the share of the time in which all threads work"),
    ("Jain's index", "fairness between threads: 1 if all did equal work, 1/n if one did all"),
    ("1/(1-p)", "spaces percentiles so that each further nine takes the same width"),
    (
        "detector",
        "finds a fault: an oracle, the watchdog, the lock graph, ThreadSanitizer, the explorer, or the end of the "
        "process",
    ),
    ("execution", "in the explorer: one run of a small round under one schedule"),
    ("strategy", "how the explorer chooses the next thread: at random, by priorities, or by depth-first search"),
    ("rotation", "several strategies of the explorer alternate (the default)"),
    ("weak memory", "loads may read older stores where C++20 allows it"),
    ("litmus test", "a program of a few loads and stores, with the outcomes that C++20 allows or forbids"),
    ("mutant", "a header with one weakened memory order or one dropped fence: the tests should fail"),
    (
        "control",
        "a subject that is wrong on purpose, to prove that a detector works; its corrected twin lacks the fault",
    ),
    (
        "expected: must, may, never",
        "the scenario author's expectation of a finding; a missing must and an observed never are unexpected",
    ),
    ("k of n", "k of n rounds (or processes) showed the fault"),
    ("lost", "an item was pushed, and was neither popped nor left in the queue"),
    ("duplicated", "an item was popped twice"),
    ("invented", "a popped item had never been pushed"),
    ("reordered", "items were popped in an order that the declared order forbids"),
    ("torn", "a value that combines parts of two values"),
    ("overflow", "the queue held more items than its capacity"),
    ("false empty", "the queue reported empty although it held an item during the whole operation"),
    ("false full", "the queue reported full although it had room during the whole operation"),
    ("not linearizable", "no order of the operations explains what they returned"),
    ("exclusion", "two threads were in a critical section at the same time"),
    ("wrong result", "a result is wrong, or was returned to the wrong caller"),
    ("lost result", "a task ran, and its result was not returned"),
    ("lost exception", "a task threw, and its future has no exception"),
    ("accepted late", "a pool accepted a task after its shutdown"),
    ("race", "two threads accessed the same memory, at least one by a write, without synchronisation between them"),
    ("deadlock", "a cycle of threads, each of which waits for a lock that the next one holds"),
    ("potential deadlock", "the lock order allows a deadlock; none happened"),
    ("lost wakeup", "all threads sleep, and no thread is left to wake one"),
    ("hang", "threads wait for an event that never happens"),
    ("misuse", "incorrect use of a lock, such as unlock by a thread that does not hold it, or destruction while held"),
    ("use after free", "memory was used after it was freed"),
    ("double free", "memory was freed twice"),
    ("leak", "a thread, child process or file descriptor remained after the round"),
    ("crash", "the child process died"),
    ("steal", "processor time that the hypervisor gave to other guests"),
)


@dataclass(frozen=True)
class Download:
    """A link that works offline and without JavaScript: the link contains the data."""

    name: str
    href: str
    description: str


def downloads(data: Dataset) -> tuple[Download, ...]:
    return of_lines(data.raw_lines, csv_of(data), "records.csv", "one row per fork")


def of_lines(lines: Sequence[str], csv: str, csv_name: str, csv_description: str) -> tuple[Download, ...]:
    """Downloads of the lines of records (compressed), and of a table made from them."""
    records = ("\n".join(lines) + "\n").encode()
    packed = gzip.compress(records, 6, mtime=0)
    table = csv.encode()
    description = f"all {len(lines)} records ({size(len(packed))}, {size(len(records))} uncompressed)"
    if len(packed) <= RECORDS_LIMIT:
        found = [Download("records.jsonl.gz", _uri("application/gzip", packed), description)]
    else:
        found = [
            Download(
                "records.jsonl", "records.jsonl", f"{description}, too many for this page; see the file next to it"
            )
        ]
    if len(table) <= CSV_PLAIN_LIMIT:
        found.append(
            Download(csv_name, _uri("text/csv;charset=utf-8", table), f"{csv_description} ({size(len(table))})")
        )
    else:
        small = gzip.compress(table, 6, mtime=0)
        found.append(
            Download(f"{csv_name}.gz", _uri("application/gzip", small), f"{csv_description} ({size(len(small))})")
        )
    return tuple(found)


def _uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def left_out(data: Dataset) -> Table | None:
    """Cases that were dropped to fit the time of the sweep, and subjects that could not be built."""
    pairs = dict.fromkeys(
        (entry["what"], entry["why"]) for i in data.invocations for entry in i.plan.get("left_out") or ()
    )
    rows = tuple((text(what), text(why)) for what, why in pairs)
    return Table("left-out", "Left out of this run", ("what", "why"), rows) if rows else None


def broken(data: Dataset) -> Sequence[str]:
    return [str(warning) for warning in data.remarks]
