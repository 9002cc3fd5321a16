"""The role bodies as compiled: sums in registers, and no call of a subject's function that could be inlined."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs.documents import BUILD

PLUGINS = sorted((BUILD / "plugins").glob("*.so"))
BODY = re.compile(
    r"racetrack::(?:queue|ipc)::[^\n]*?\b"
    r"(produce|consume|ask|answer|ask_through|answer_through|send|work_until_sentinel)<"
)

pytestmark = pytest.mark.skipif(
    BUILD.name != "release" or not PLUGINS or shutil.which("objdump") is None,
    reason="needs plugins of the release flavour and objdump",
)


@dataclass(frozen=True)
class Body:
    """One compiled function."""

    name: str
    code: str

    @property
    def own_calls(self) -> list[str]:
        """The functions of the plugin that this one calls. Calls of shared libraries go through the linkage table."""
        called = re.findall(r"\scall\s+[0-9a-f]+ <([^\n]*)>$", self.code, re.MULTILINE)
        return [name for name in called if not name.endswith("@plt") and not is_cold(name) and not is_of_library(name)]


def is_cold(name: str) -> bool:
    """Whether the compiler has moved the function out of the loop."""
    return name.endswith(".cold") or "[clone .cold]" in name


def is_of_library(name: str) -> bool:
    """Whether the function is part of a library, where g++ splits functions before it inlines. Bare loops call it."""
    words = re.split(r"[<(]", name, maxsplit=1)[0].split()
    return any(word.startswith(("boost::", "moodycamel::", "std::", "tbb::", "xenium::")) for word in words)


def bodies_of(plugin: Path) -> list[Body]:
    listed = subprocess.run(
        ["objdump", "-dC", "--no-show-raw-insn", str(plugin)], check=True, capture_output=True, text=True
    ).stdout
    found = []
    for block in listed.split("\n\n"):
        head, _, code = block.partition("\n")
        if "ThroughputProbe" in head and "[clone .cold]" not in head and BODY.search(head):
            found.append(Body(head, code))
    return found


@pytest.mark.parametrize("plugin", PLUGINS, ids=[plugin.stem for plugin in PLUGINS])
def test_no_item_costs_a_call_that_could_be_inlined(plugin: Path) -> None:
    called = {(body.name, name) for body in bodies_of(plugin) for name in body.own_calls}
    assert not called, f"{plugin.name}: " + "; ".join(f"{name} by {body[:200]}" for body, name in sorted(called))


@pytest.mark.parametrize("queue", ["lamport", "vyukov", "boost_spsc"])
def test_sums_are_in_registers(queue: str) -> None:
    """For queues with short operations, no loop adds to memory, except in the queue's own code.

    More than 8 bytes are compared word by word, unrolled, which takes all registers.
    """
    plugin = BUILD / "plugins" / f"{queue}.so"
    if not plugin.is_file():
        pytest.skip(f"{queue} is not built")
    bodies = [body for body in bodies_of(plugin) if re.search(r"\b(produce|consume)<false", body.name)]
    # The paced producer's histogram needs the registers.
    bodies = [body for body in bodies if "Paced" not in body.name and "Item<8" in body.name]
    assert bodies, "no body was found: were they renamed?"
    for body in bodies:
        in_memory = re.findall(
            r"^.*\b(?:addq?|subq?|incq?|decq?|paddq)\s+\S+,-?0x[0-9a-f]+\(%r[bs]p\)$", body.code, re.M
        )
        in_loop = [line for line in in_memory if not re.search(r"\bsub\s+%r\w+,-0x[0-9a-f]+\(%rbp\)$", line)]
        assert not in_loop, f"{body.name}: {in_loop}"
