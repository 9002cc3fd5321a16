"""Synthetic runs: records as the C++ host writes them, with the noise and the accidents of a real sweep.

`sweep()` returns the lines of a records.jsonl as dictionaries; `write_run()` writes them into a folder. Every accident
(a lost item, a crash, a timeout, an interrupted run, a hostile name) is one argument. `points()` are measured Points.
Records of fault-finding engines are in `searches`.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

Record = dict[str, Any]

HOSTILE = "<script>alert(1)</script>&\"'$x_$</svg>-->"

BUILD: Record = {
    "commit": "0123456789abcdef0123456789abcdef01234567",
    "dirty": False,
    "flavour": "release",
    "compiler": "g++ 12.2.0",
    "flags": "-O2 -std=c++20",
    "stamp": "abi 1, release, libstdc++ 12",
}


@dataclass(frozen=True)
class Subject:
    """One subject: its time per item, its slowdown with threads, the noise of its forks."""

    name: str
    ns: float
    slowdown: float
    noise: float
    bound: str = "bounded"
    order: str = "fifo"
    single: bool = False
    bimodal: bool = False
    wait: str = "yield"


SUBJECTS = (
    Subject("mutex_condvar", 210, 1.6, 0.08, wait="block"),
    Subject("recursive_mutex_condvar_any", 340, 1.7, 0.08, wait="block"),
    Subject("moodycamel", 42, 1.15, 0.05, bound="unbounded", order="per_producer"),
    Subject("moodycamel_tokens", 31, 1.1, 0.04, bound="unbounded", order="per_producer"),
    Subject("tbb_concurrent", 68, 1.3, 0.05, bound="unbounded"),
    Subject("tbb_bounded", 95, 1.5, 0.06),
    Subject("boost_lockfree", 120, 1.4, 0.05),
    Subject("boost_spsc", 9, 1.0, 0.10, single=True),
    Subject("atomic_queue2", 22, 1.5, 0.05, bimodal=True),
    Subject("atomic_queue_b2", 24, 1.5, 0.05),
    Subject("xenium_vyukov", 23, 1.6, 0.06),
    Subject("vyukov", 22.5, 1.6, 0.06),
)

SHAPES = ((1, 1), (1, 2), (2, 1), (2, 2))


def machine(threads: int = 2, steal: float | None = 0.001) -> Record:
    return {
        "hostname": "bench-host",
        "cpu": "Example CPU @ 2.10GHz",
        "cores": threads,
        "hardware_threads": threads,
        "cpus_allowed": list(range(threads)),
        "packages": 1,
        "numa_nodes": 1,
        "caches": [
            {"level": 1, "bytes": 32768, "shared_by": 1},
            {"level": 2, "bytes": 1048576, "shared_by": 1},
            {"level": 3, "bytes": 34603008, "shared_by": threads},
        ],
        "governor": "unknown",
        "turbo": "unknown",
        "memory_bytes": 8 << 30,
        "kernel": "6.1.0-18-amd64",
        "os": "Debian GNU/Linux 12 (bookworm)",
        "virtualization": "kvm",
        "load_1min": 0.4,
        "steal_ratio": steal,
        "tsc": {"invariant": True, "hz": 2.1e9, "skew_ns": 18.0},
        "libraries": {"benchmark": "1.7.1", "tbb": "2021.8", "boost": "1.74"},
        "fingerprint": "f00dcafe",
    }


def environment(phase: str, invocation: str = "i1", **extra: Any) -> Record:
    at = "2026-11-23T10:00:00.000Z" if phase == "begin" else "2026-11-23T10:05:00.000Z"
    return {
        "schema": 1,
        "record": "environment",
        "engine": "bench",
        "phase": phase,
        "invocation": invocation,
        "started_at": at,
        "machine": machine(),
        "build": dict(BUILD),
        **extra,
    }


def histogram(rng: np.random.Generator, median_ns: float, count: int = 12_000) -> Record:
    """A skewed latency histogram in buckets of about 3 %, [highest value, count] ascending."""
    body = rng.lognormal(math.log(median_ns), 0.35, count)
    slow = rng.random(count) < 0.002
    body[slow] *= rng.pareto(1.2, int(slow.sum())) * 20 + 5
    edges = np.ceil(32 * np.power(1.03125, np.arange(620)))
    slots, counts = np.unique(np.searchsorted(edges, np.minimum(body, edges[-1])), return_counts=True)
    return {"unit": "ns", "count": count, "buckets": [[float(edges[slot]), int(n)] for slot, n in zip(slots, counts)]}


def percentiles(name: str, data: Record) -> Record:
    values = np.array([value for value, _ in data["buckets"]])
    total = np.cumsum([n for _, n in data["buckets"]])
    metrics: Record = {}
    for label, q in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)):
        if data["count"] * (1 - q) >= 10:
            metrics[f"{name}_{label}_ns"] = float(values[np.searchsorted(total, q * data["count"])])
    metrics[f"{name}_max_ns"] = float(values[-1])
    return metrics


def verdict(result: str = "pass", kind: str | None = None, **extra: Any) -> Record:
    return {
        "result": result,
        "kind": kind,
        "detector": "oracle.conservation" if kind else None,
        "k": 1 if result == "fail" else 0,
        "n": 1,
        "as_expected": result == "pass",
        "expectation": [],
        "witness": {"text": f"1 of 1000 items {kind}"} if kind else None,
        "replay": "racetrack replay abc" if kind else None,
        **extra,
    }


def case(subject: Subject, workload: str, params: Record, fork: int, *, seed: int = 7, **extra: Any) -> Record:
    """One case record that ended well and was not timed; `timed()` adds numbers."""
    threads = int(params.get("producers", 1)) + int(params.get("consumers", 1))
    name = "/".join(["queue", workload, subject.name] + [f"{key}:{value}" for key, value in params.items()])
    single = "single" if subject.single else "multi"
    return {
        "schema": 1,
        "record": "case",
        "engine": "bench",
        "invocation": "i1",
        "language": "c++",
        "case": name,
        "family": "queue",
        "workload": workload,
        "subject": subject.name,
        "control": False,
        "params": params,
        "traits": {
            "library": subject.name.split("_", maxsplit=1)[0],
            "library_version": "1.0",
            "bound": subject.bound,
            "order": subject.order,
            "producers": single,
            "consumers": single,
            "progress": "blocking" if subject.wait == "block" else "lock_free",
            "item": "value",
            "empty": "exact",
            "full": "exact",
            "fences": False,
            **({"capacity_actual": 1024} if subject.bound == "bounded" else {}),
        },
        "fork": fork,
        "order_index": 0,
        "seed": seed,
        "build": dict(BUILD),
        "ended": {"how": "ok", "value": 0},
        "verdict": verdict(),
        "metrics": {},
        "values": {},
        "histograms": {},
        "oversubscribed": threads > 2,
        "placement": [{"role": "producer", "thread": 0, "cpu": 0}, {"role": "consumer", "thread": 1, "cpu": 1}],
        "started_at": "2026-11-23T10:01:00.000Z",
        "duration_s": 0.4,
        **extra,
    }


def timed(record: Record, subject: Subject, rng: np.random.Generator) -> Record:
    """The record with the metrics of its workload, forks and rounds as noisy as the subject."""
    params = record["params"]
    threads = int(params.get("producers", 1)) + int(params.get("consumers", 1))
    ns = subject.ns * subject.slowdown ** math.log2(threads / 2 + 1e-9 if threads > 2 else 1)
    ns *= (int(params.get("payload", 8)) / 8) ** 0.2 * rng.lognormal(0, subject.noise)
    if subject.bimodal and rng.random() < 0.4:
        ns *= 2.2
    metrics: Record = {"peak_rss_bytes": 9e6 + rng.random() * 1e6, "baseline_rss_bytes": 8e6}
    workload = record["workload"]
    if workload == "transfer":
        rounds = 1e9 / (ns * rng.lognormal(0, 0.02, 9))
        record["values"] = {"items_per_s": [float(f"{value:.6g}") for value in rounds]}
        rate = float(np.median(rounds))
        metrics |= {
            "items_per_s": rate,
            "ns_per_item": 1e9 / rate,
            "overlap_ratio": 0.97,
            "rounds_count": 9,
            "fairness_jain_ratio": 1.0 - 0.1 * rng.random() if threads > 2 else None,
            "finish_spread_ns": 8e5,
            "failed_push_per_item_ratio": 0.2 * rng.random(),
            "failed_pop_per_item_ratio": 0.3 * rng.random(),
            "cpu_ns_per_item": ns * 1.9,
            "voluntary_switches_per_s": 900.0,
            "involuntary_switches_per_s": 40.0,
            "items_per_round_count": 100000,
            "round_s": 0.01,
        }
        latencies = {"push": ns, "pop": ns * 1.2}
    elif workload == "round_trip":
        latencies = {"trip": ns * 4}
    elif workload == "paced":
        load = float(params["rate_per_s"]) * ns / 1e9
        latencies = {"delivery": ns * 5 / max(0.02, 1 - load)}
    else:
        latencies = {}
        if workload == "burst":
            metrics |= {"fill_ns_per_item": ns * 0.6, "drain_ns_per_item": ns * 0.5}
        if workload == "shutdown":
            metrics |= {"shutdown_ns": ns * 3000}
        if workload == "print":
            metrics |= {"lines_count": 10000, "torn_lines_count": 0}
    for name, median in latencies.items():
        data = histogram(rng, median)
        record["histograms"][f"{name}_ns"] = data
        metrics |= percentiles(name, data)
    record["metrics"] = metrics
    return record


def plan_of(subjects: tuple[Subject, ...], wide: bool) -> list[tuple[Subject, str, Record]]:
    cells: list[tuple[Subject, str, Record]] = []
    for subject in subjects:
        capacity: int | str = 1024 if subject.bound == "bounded" else "unbounded"
        tail = {"wait": subject.wait, "pin": "compact"}
        for producers, consumers in SHAPES[:1] if subject.single else SHAPES:
            shape = {"producers": producers, "consumers": consumers}
            for payload in (8, 64, 256) if wide and (producers, consumers) == (1, 1) else (8,):
                cells.append((subject, "transfer", {**shape, "capacity": capacity, "payload": payload, **tail}))
            if wide and subject.bound == "bounded" and (producers, consumers) == (1, 1):
                for other in (16, 65536):
                    cells.append((subject, "transfer", {**shape, "capacity": other, "payload": 8, **tail}))
        one = {"producers": 1, "consumers": 1, "capacity": capacity, "payload": 8, **tail}
        cells.append((subject, "round_trip", one))
        for rate in (100_000, 1_000_000):
            cells.append((subject, "paced", {**one, "rate_per_s": rate}))
        if wide:
            cells += [(subject, "burst", one), (subject, "shutdown", one)]
    return cells


def sweep(
    subjects: tuple[Subject, ...] = SUBJECTS,
    forks: int = 6,
    seed: int = 7,
    *,
    wide: bool = True,
    accidents: bool = False,
    interrupted: bool = False,
) -> list[Record]:
    """All lines of a run: begin, the cases of every fork in random order, end."""
    rng = np.random.default_rng(seed)
    cells = plan_of(subjects, wide)
    names = [case(*cell, 0)["case"] for cell in cells]
    records = []
    for fork in range(forks):
        for index in rng.permutation(len(cells)):
            subject, workload, params = cells[index]
            records.append(timed(case(subject, workload, dict(params), fork), subject, rng))
    if wide:
        records += prints(forks, rng)
    if accidents:
        cause_accidents(records)
    for index, record in enumerate(records):
        record["order_index"] = index
    planned = len(records)
    if interrupted:
        records = records[: planned // 2]
    begin = environment(
        "begin",
        plan={
            "command": "racetrack bench queue --seed 7",
            "seed": seed,
            "forks": forks,
            "min_time_s": 0.1,
            "cases": sorted({*names, *(record["case"] for record in records)}),
            "left_out": [{"what": "payload 64 and 256 beyond 1x1", "why": "to fit the default sweep into its time"}],
        },
    )
    end = environment(
        "end",
        outcome={
            "ended": "interrupted" if interrupted else "complete",
            "done": len(records),
            "planned": planned,
            "duration_s": 300.0,
        },
    )
    return [begin, *records, end]


def prints(forks: int, rng: np.random.Generator) -> list[Record]:
    records = []
    for name in ("unsynchronised", "mutex", "osyncstream"):
        subject = Subject(name, 300, 1, 0.05)
        for fork in range(forks):
            record = timed(case(subject, "print", {"threads": 2}, fork), subject, rng)
            record["traits"] = {}
            if name == "unsynchronised":
                expectation = [{"detector": "oracle.lines", "kind": "torn", "grade": "may"}]
                record["verdict"] = verdict("fail", "torn", as_expected=True, expectation=expectation)
                record["metrics"]["torn_lines_count"] = 412
            records.append(record)
    return records


def expecting(*lines: tuple[str, str, str]) -> list[Record]:
    return [{"detector": detector, "kind": kind, "grade": grade, "per_runs": 1} for detector, kind, grade in lines]


UNLOCKED = expecting(("oracle.torn", "torn", "may"), ("tsan", "race", "must"))


def points(forks: int = 6, shares: tuple[int, ...] = (50, 90, 99), seed: int = 7) -> list[Record]:
    """Measured Points: the unlocked one tears, as its author expects, and still has numbers."""
    rng = np.random.default_rng(seed)
    records = []
    for name, lock, ns in (
        ("unlocked", "none", 2.5),
        ("seqlock", "sequence", 6.0),
        ("mutex", "mutex", 40.0),
        ("shared_mutex", "reader_writer", 90.0),
    ):
        for share in shares:
            for fork in range(forks):
                record = case(Subject(name, ns, 1, 0.05), "read_write", {}, fork)
                params = {"threads": 2, "read_share": share, "pin": "compact"}
                rate = 1e9 / (ns * (2 - share / 100) * rng.lognormal(0, 0.05))
                torn = 0.001 if name == "unlocked" else 0.0
                record |= {
                    "case": f"point/read_write/{name}/threads:2/read_share:{share}/pin:compact",
                    "family": "point",
                    "params": params,
                    "traits": {
                        "lock": lock,
                        "readers": "optimistic" if lock in ("none", "sequence") else "alone",
                        "fairness": "none",
                        "progress": "wait_free" if lock == "none" else "blocking",
                        "fences": name == "seqlock",
                    },
                    "metrics": {
                        "operations_per_s": rate,
                        "rounds_count": 10.0,
                        "operations_per_round_count": 100000.0,
                        "reads_per_operation_ratio": share / 100,
                        "torn_reads_per_operation_ratio": torn,
                    },
                    "values": {"operations_per_s": [rate]},
                    "oversubscribed": False,
                }
                if torn:
                    record["verdict"] = verdict(
                        "fail", "torn", detector="oracle.torn", as_expected=True, k=18, n=20, expectation=UNLOCKED
                    )
                records.append(record)
    return records


def cause_accidents(records: list[Record]) -> None:
    """One subject loses items, one crashes, one hangs, each in one of its forks."""

    def strike(subject: str, **change: Any) -> None:
        for record in records:
            if record["subject"] == subject and record["workload"] == "transfer" and record["fork"] == 1:
                record.update(metrics={}, values={}, histograms={}, **change)
                return

    strike("boost_lockfree", verdict=verdict("fail", "lost"))
    strike(
        "xenium_vyukov",
        ended={"how": "signal", "value": 11, "output": "Segmentation fault <b>&"},
        verdict=verdict("fail", "crash", detector="process"),
    )
    strike("tbb_bounded", ended={"how": "timeout", "value": 9}, verdict=verdict("unknown", None))


def write_run(folder: Path, records: list[Record]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "records.jsonl", "w", encoding="utf-8") as stream:
        for record in records:
            stream.write(json.dumps(record, separators=(",", ":")) + "\n")
    return folder
