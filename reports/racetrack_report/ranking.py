"""The ranking of each setting: ties stay ties, failed subjects are excluded, bounded and unbounded queues are
separate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .faults import Fault
from .statistics import Interval, ratio
from .summary import Setting, Summary, natural

METRIC = "items_per_s"


@dataclass(frozen=True, eq=False)
class Entry:
    """One subject. `to_best` is the ratio of the leader to this one (1 or more), None for the leader itself."""

    summary: Summary
    interval: Interval
    to_best: Interval | None
    paired: bool
    tied: bool  # with the leader: the interval of the ratio includes 1, or is too weak to decide


@dataclass(frozen=True, eq=False)
class Ranking:
    """Subjects of one setting, fastest first. `out` are those that failed, here or elsewhere in the data."""

    setting: Setting
    entries: tuple[Entry, ...]
    out: tuple[Summary, ...]
    missing: tuple[Summary, ...]  # checked but without a number: killed, timed out, interrupted

    @property
    def winners(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.to_best is None or entry.tied)

    @property
    def disturbed(self) -> bool:
        """Whether other work on the machine makes the order doubtful: it slows, so that a loser may be the fastest."""
        return any(entry.summary.disturbed for entry in self.entries)

    @property
    def decisive(self) -> bool:
        """Whether the number of forks suffices for ties to be meaningful."""
        return bool(self.entries) and all(entry.to_best is None or entry.to_best.decisive for entry in self.entries)

    @property
    def runner_up(self) -> Entry | None:
        """The fastest subject that is not tied with the leader."""
        return next((entry for entry in self.entries if entry.to_best is not None and not entry.tied), None)


def disqualified(summaries: Iterable[Summary]) -> dict[str, Fault]:
    """Measured subject -> its fault. One failure, in any setting and engine, excludes it from every ranking."""
    found: dict[str, Fault] = {}
    for summary in summaries:
        if summary.fault is not None and not summary.control and summary.workload != "print":
            found.setdefault(summary.subject, summary.fault)
    return found


def rank_all(summaries: Iterable[Summary], workload: str = "transfer", metric: str = METRIC) -> list[Ranking]:
    """The ranking of queues in every setting of a workload. Controls are excluded."""
    groups: dict[Setting, list[Summary]] = {}
    for summary in summaries:
        if summary.first.family == "queue" and summary.workload == workload and not summary.control:
            groups.setdefault(summary.setting, []).append(summary)
    rankings = [_rank(setting, members, metric) for setting, members in groups.items()]
    return sorted(rankings, key=lambda ranking: setting_order(ranking.setting))


def setting_order(setting: Setting) -> tuple[object, ...]:
    return (
        setting.origin,
        setting.threads,
        setting.producers,
        setting.payload,
        setting.others,
        setting.bound,
        natural(setting.capacity),
    )


def _rank(setting: Setting, members: list[Summary], metric: str) -> Ranking:
    struck = tuple(member for member in members if member.out)
    numbered = [
        (interval, member) for member in members if not member.out and (interval := member.interval(metric)) is not None
    ]
    numbered.sort(key=lambda pair: (-pair[0].estimate, pair[1].name))
    missing = tuple(member for member in members if not member.out and member.interval(metric) is None)
    entries: list[Entry] = []
    for interval, member in numbered:
        if not entries:
            entries.append(Entry(member, interval, None, False, False))
            continue
        best = entries[0].summary
        to_best, paired = ratio(best.per_fork(metric), member.per_fork(metric))
        entries.append(Entry(member, interval, to_best, paired, not to_best.excludes(1.0)))
    return Ranking(setting, tuple(entries), struck, missing)
