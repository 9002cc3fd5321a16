"""Detects missing records: the closing record of each engine call contains the number of the call's records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .model import Json, Remark


@dataclass
class _Call:
    """One call of an engine, according to the records read so far."""

    engine: str
    begun_at: int  # number of the line
    planned: frozenset[tuple[str, int]]  # case, fork
    seen: int = 0  # records, including lines of this call that could not be read
    closed: bool = False
    after_end: int = 0


@dataclass
class Closings:
    """Takes the lines of one records.jsonl in their order."""

    run: str
    _calls: dict[str, _Call] = field(default_factory=dict)
    _done: dict[str, set[tuple[str, int]]] = field(default_factory=dict)  # engine -> cases and forks with a record
    _lost: list[Remark] = field(default_factory=list)
    _lines: int = 0
    _is_cut: bool = False

    def read(self, number: int, record: Json) -> None:
        """A valid line."""
        self._lines += 1
        name, is_environment = str(record.get("invocation", "")), record["record"] == "environment"
        call = self._calls.get(name)
        if call is None:
            if not is_environment:
                return
            call = self._calls[name] = _Call(record["engine"], number, _planned(record))
        call.seen += 1
        call.after_end += call.closed
        if record["record"] == "case":
            self._done.setdefault(record["engine"], set()).add((record["case"], record["fork"]))
        if is_environment and record["phase"] == "end":
            self._close(number, call, record)

    def left_out(self, piece: bytes, cut: bool) -> None:
        """Counts an unreadable line for the call that it names, because it is already reported."""
        self._is_cut = self._is_cut or cut
        for name, call in self._calls.items():
            if name and name.encode() in piece:
                call.seen += 1

    def lost(self) -> list[Remark]:
        """Records that are missing although a closing record counts them."""
        return self._lost

    def unfinished(self) -> Iterator[Remark]:
        """The calls without a closing record.

        A file that ends in the middle of a line, or that contains only the beginning of a call, is reported by other
        remarks.
        """
        if self._is_cut or self._lines < 2:
            return
        for name, call in self._calls.items():
            if call.closed and not call.after_end:
                continue
            if not call.closed and self._was_completed(call):
                continue
            what = "records after its closing record" if call.closed else "no closing record"
            yield Remark(
                self.run,
                call.begun_at,
                f"unfinished: the {call.engine} call {name} has {what}: it was killed, still runs, or is cut short",
            )

    def _was_completed(self, call: _Call) -> bool:
        """Whether later calls ran all cases that this call had planned."""
        later = any(
            each.closed and each.engine == call.engine and each.begun_at > call.begun_at
            for each in self._calls.values()
        )
        return later and bool(call.planned) and call.planned <= self._done.get(call.engine, set())

    def _close(self, number: int, call: _Call, record: Json) -> None:
        counted = record.get("outcome", {}).get("records")
        call.closed, call.after_end = True, 0
        if counted is not None and call.seen < counted:
            self._lost.append(
                Remark(
                    self.run,
                    number,
                    f"damaged: {counted - call.seen} of {counted} records of the {call.engine} call are missing "
                    "before this line",
                )
            )
            call.seen = counted  # a later closing record counts from here


def _planned(record: Json) -> frozenset[tuple[str, int]]:
    plan = record.get("plan") or {}
    return frozenset((case, fork) for case in plan.get("cases", ()) for fork in range(plan.get("forks", 0)))
