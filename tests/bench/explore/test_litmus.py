"""The explorer's weak memory against the axioms of C++20: the table of litmus tests, and random programs."""

from __future__ import annotations

import random
import subprocess

import pytest

from tests.bench.explore.litmus import axioms
from tests.bench.host.harness import BUILD

PROGRAM = BUILD / "overhead" / "explore_litmus"

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="not built in this flavour")

STORES, LOADS = ("rlx", "rlx", "rel", "sc"), ("rlx", "rlx", "acq", "sc")
BOTH, FENCES = ("rlx", "acq", "rel", "acq_rel", "sc"), ("acq", "rel", "acq_rel", "sc")


def drawn(draw: random.Random) -> str:
    """Two or three threads, three loads at most, and few enough stores that all of them are kept."""
    registers = iter("abc")
    threads: list[list[str]] = [[] for _ in range(draw.choice((2, 2, 3)))]
    stored = {"x": 0, "y": 0}
    for place in range(draw.randint(6, 8)):
        location, thread = draw.choice("xy"), threads[place % len(threads)]
        kind = draw.choice((*["store"] * 5, *["load"] * 7, "fence", "fence", "add", "exchange", "compare"))
        if kind == "fence":
            thread.append(f"F.{draw.choice(FENCES)}")
            continue
        register = next(registers, None) if kind != "store" else None
        if kind == "load" and register is None:
            kind = "store"
        if kind != "load":
            location = min("xy", key=lambda name: stored[name])  # orders of many stores are very many
            stored[location] += 1
        new, keep = stored[location], f"{register}=" if register else ""
        thread.append(
            {
                "store": f"{location}={new}.{draw.choice(STORES)}",
                "load": f"{keep}{location}.{draw.choice(LOADS)}",
                "add": f"{keep}{location}+1.{draw.choice(BOTH)}",
                "exchange": f"{keep}{location}!{new}.{draw.choice(BOTH)}",
                "compare": f"{keep}{location}?{draw.randint(0, 1)}>{new}.{draw.choice(BOTH)}",
            }[kind]
        )
    return " | ".join(" ".join(thread) for thread in threads if thread) + f" || d={draw.choice(list('xy'))}"


def explored(programs: list[str]) -> list[tuple[set[str], set[str], str]]:
    result = subprocess.run(
        [str(PROGRAM), "--outcomes"], input="\n".join(programs), capture_output=True, text=True, check=True
    ).stdout.splitlines()
    lines = [line.split("\t") for line in result]
    return [(set(one.split()), set(other.split()), searched) for one, other, searched in lines]


def listed() -> dict[str, dict[str, str]]:
    """Program -> outcome -> its ground in the table."""
    result = subprocess.run([str(PROGRAM), "--list"], capture_output=True, text=True, check=True).stdout
    rows: dict[str, dict[str, str]] = {}
    for line in result.splitlines():
        _, program, outcome, ground = line.split("\t")
        if program:
            rows.setdefault(program, {})[outcome] = ground
    return rows


def test_the_table_agrees_with_the_axioms() -> None:
    rows = listed()
    assert len(rows) > 60
    for (text, outcomes), (_, searched, _) in zip(rows.items(), explored(list(rows))):
        program = axioms.parse(text)
        assert searched == axioms.executable(program), text  # only by the reduced search
        weak = axioms.allowed(program) - axioms.interleaved(program)
        shown = axioms.executable(program) - axioms.interleaved(program)
        assert {each for each, ground in outcomes.items() if ground != "forbidden"} == weak, text
        assert {each for each, ground in outcomes.items() if ground == "allowed"} == shown, text


def test_random_programs_have_exactly_the_outcomes_of_the_axioms() -> None:
    draw = random.Random(20)
    programs = [drawn(draw) for _ in range(200)]
    beyond = 0
    for text, (interleavings, weak, searched) in zip(programs, explored(programs)):
        program = axioms.parse(text)
        assert searched == "all", text
        assert interleavings == axioms.interleaved(program), text
        assert weak <= axioms.allowed(program), text
        assert weak == axioms.executable(program), text
        beyond += weak != interleavings
    assert beyond > 20  # otherwise no weak outcome was tried
