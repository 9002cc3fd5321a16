"""Synthetic records of fault-finding engines: cases of stress and TSan, findings with stacks and locks.

`hunt()` is a whole search; `race()`, `deadlock()` and `finding()` are single findings, whose fields can all be
overridden.
"""

from __future__ import annotations

from typing import Any

from tests.reports.synthetic import BUILD, UNLOCKED, Record, Subject, case, environment, expecting, verdict

DEADLOCK = expecting(
    ("lock_graph", "deadlock", "must"), ("lock_graph", "potential_deadlock", "may"), ("watchdog", "*", "may")
)


def searched(engine: str, scenario: str, *, control: bool = False, n: int = 200, **reported: Any) -> Record:
    """One case record of a fault-finding engine; the keyword arguments go into the verdict."""
    family, workload, subject = scenario.split("/")
    record = case(Subject(subject, 1, 1, 0), workload, {"pin": "compact"}, 0)
    record |= {
        "engine": engine,
        "invocation": engine,
        "case": f"{scenario}/pin:compact",
        "family": family,
        "control": control,
        "traits": {"library": "racetrack"},
        "build": {**BUILD, "flavour": "tsan" if engine == "tsan" else "release"},
        "metrics": {"rounds_count": n, "rounds_per_s": 60.0},
        "oversubscribed": False,
    }
    said: Record = {"n": n, **reported}
    record["verdict"] = verdict(**said)
    if record["verdict"]["result"] == "fail":
        record["metrics"] |= {"time_to_find_s": 0.21, "first_failed_round_count": 12}
    return record


def frame(function: str, file: str = "", line: int | None = None, module: str = "racetrack") -> Record:
    return {"function": function, "file": file, "line": line, "module": module}


def lock(name: str, kind: str = "mutex", line: int = 43) -> Record:
    return {"name": name, "kind": kind, "stack": [frame("OppositeOrder::step", "scenarios/lock/two_locks.cpp", line)]}


THREAD_START = [
    frame("std::thread::_State_impl<team>::_M_run()", "/usr/include/c++/12/bits/std_thread.h", 211),
    frame("execute_native_thread_routine", module="/lib/x86_64-linux-gnu/libstdc++.so.6"),
]
CREATED = [
    frame("pthread_create", module="libtsan.so.2"),
    frame("racetrack::load::Team::Team", "bench/load/team.cpp", 88),
]


def finding(detector: str, kind: str, scenario: str, **extra: Any) -> Record:
    """One finding without threads, unexpected by default."""
    family, workload, subject = scenario.split("/")
    return {
        "schema": 1,
        "record": "finding",
        "engine": "tsan" if detector == "tsan" else "stress",
        "invocation": "tsan" if detector == "tsan" else "stress",
        "case": f"{scenario}/pin:compact",
        "family": family,
        "workload": workload,
        "subject": subject,
        "control": False,
        "detector": detector,
        "kind": kind,
        "result": "fail",
        "k": 3,
        "n": 5,
        "grade": "never",
        "as_expected": False,
        "title": f"{kind} somewhere",
        "text": f"WARNING: {kind}\n  #0 first line of the report",
        "threads": [],
        "location": None,
        "started_at": "2026-11-23T10:03:00.000Z",
        **extra,
    }


def side(name: str, what: str, stack: list[Record], wants: Record | None, *holds: Record) -> Record:
    return {"name": name, "what": what, "stack": stack, "created": CREATED, "wants": wants, "holds": list(holds)}


def race(subject: str = "unlocked", **extra: Any) -> Record:
    """A data race of a Point: two stacks, each with two frames of the standard library below its own."""
    source = f"scenarios/point/{subject}.cpp"
    return finding(
        "tsan",
        "race",
        f"point/read_write/{subject}",
        **{
            "title": "data race on x_ and y_",
            "threads": [
                side(
                    "T1",
                    "write of 8 bytes",
                    [frame(f"{subject}::set", source, 21), *THREAD_START],
                    None,
                    lock("M12", ""),
                ),
                side("T2", "read of 8 bytes", [frame(f"{subject}::get", source, 24), *THREAD_START], None),
            ],
            "location": {"what": "heap block of size 64", "stack": [frame("make_round", "bench/point.hpp", 52)]},
            **extra,
        },
    )


def deadlock(kind: str = "deadlock", **extra: Any) -> Record:
    """The lecture's two locks in opposite order."""
    threads = [
        side("thread 1", "waits for a mutex", [], lock("b_", line=61), lock("a_", line=60)),
        side("thread 2", "waits for a mutex", [], lock("a_", line=61), lock("b_", line=60)),
    ]
    reported: Record = {"title": "2 threads wait for each other", "threads": threads, "control": True, "grade": "must"}
    return finding("lock_graph", kind, "lock/two_locks/opposite_order", **{**reported, "as_expected": True, **extra})


def hunt() -> list[Record]:
    """Stress, TSan and the lock graph over a few subjects and controls: most as expected, some not."""
    lost = expecting(("oracle.conservation", "lost", "must"))
    torn: Record = verdict("fail", "torn", detector="oracle.torn", as_expected=True, k=180, n=200, expectation=UNLOCKED)
    hang: Record = verdict("fail", "hang", detector="watchdog", as_expected=True, k=1, n=200, expectation=DEADLOCK)
    found: Record = verdict("fail", "lost", as_expected=True, k=90, n=200, expectation=lost)
    return [
        *phase("begin", "stress"),
        searched("stress", "queue/transfer/mutex_condvar"),
        searched("stress", "queue/transfer/moodycamel"),
        searched("stress", "queue/transfer/vyukov", result="fail", kind="duplicated", k=3),
        searched("stress", "point/read_write/seqlock"),
        searched("stress", "point/read_write/unlocked", **torn),
        searched("stress", "queue/transfer/loses_every_1000th", control=True, **found),
        searched("stress", "queue/transfer/loses_none", control=True),
        searched("stress", "queue/transfer/treiber_aba", control=True, as_expected=False, expectation=lost),
        searched("stress", "lock/two_locks/opposite_order", control=True, **hang),
        searched("stress", "lock/two_locks/scoped_lock"),
        deadlock(),
        deadlock("potential_deadlock", grade="may"),
        *phase("end", "stress"),
        *phase("begin", "tsan"),
        searched("tsan", "point/read_write/unlocked", expectation=UNLOCKED, n=40),
        searched("tsan", "point/read_write/seqlock", n=40),
        searched("tsan", "queue/transfer/moodycamel", n=40),
        race(grade="must", as_expected=True, k=5),
        race("seqlock", result="unknown", grade="may", as_expected=True, k=2),
        finding("tsan", "race", "queue/transfer/moodycamel", title="data race in ConcurrentQueue"),
        finding("tsan", "race", "lock/double_checked/relaxed", control=True, k=0, grade="must"),
        *phase("end", "tsan"),
    ]


def phase(name: str, engine: str) -> list[Record]:
    """The environment record of one end of an invocation."""
    outcome = {"ended": "complete", "done": 9, "planned": 9, "duration_s": 60.0}
    plan = {"command": f"racetrack {engine}", "seed": 7, "forks": 1, "min_time_s": 1.0, "cases": [], "left_out": []}
    extra: Record = {"plan": plan} if name == "begin" else {"outcome": outcome}
    record = environment(name, engine, engine=engine, **extra)
    record["build"]["flavour"] = "tsan" if engine == "tsan" else "release"
    return [record]
