"""scripts/check_includes: for each rule of include direction, a tree that follows it and a control that does not."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# A tree that uses each permitted direction once.
KEPT = {
    "bench/include/racetrack/queue.hpp": "#include <atomic>\n#include <sys/mman.h>\n#include <racetrack/probe.hpp>\n",
    "bench/include/racetrack/probe.hpp": "#pragma once\n",
    "bench/oracle/order.hpp": "#include <racetrack/probe.hpp>\n",
    "bench/load/team.cpp": '#include "team.hpp"\n#include <hwloc.h>\n#include <fmt/core.h>\n',
    "bench/load/team.hpp": "#include <thread>\n",
    "bench/measure/bench.cpp": '#include <benchmark/benchmark.h>\n#include "load/team.hpp"\n',
    "bench/measure/judge.cpp": '#include "oracle/order.hpp"\n',
    "bench/stress/watchdog.cpp": '#include "../load/team.hpp"\n',
    "bench/host/main.cpp": '#include "measure/bench.hpp"\n#include <CLI/CLI.hpp>\n',
    "scenarios/queue/ring.cpp": '#include <racetrack/queue.hpp>\n#include "ring.hpp"\n#include <tbb/tbb.h>\n',
    "scenarios/queue/ring.hpp": "// #include <benchmark/benchmark.h>\n/*\n#include <host/run.hpp>\n*/\n",
    "reports/page/model.py": '"""Reads records of bench/ runs."""\nENGINES = ("bench", "stress")\n',
    "scripts/bench": '#!/usr/bin/python3\nHOST = "build/release/racetrack"\n',
}


def check(root: Path, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    command = [str(ROOT / "scripts/check_includes"), str(root)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_a_tree_that_follows_the_direction_passes(tmp_path: Path) -> None:
    result = check(tmp_path, KEPT)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout
    assert result.stdout == "check_includes: 11 sources, 2 scripts, 0 violations\n"


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        pytest.param("scenarios/queue/a.cpp", "\n#include <benchmark/benchmark.h>\n", 2, id="scenario-benchmark"),
        pytest.param("scenarios/queue/a.cpp", '#include "load/team.hpp"\n', 1, id="scenario-load"),
        pytest.param(
            "scenarios/queue/a.cpp",
            '#include "../../bench/oracle/order.hpp"\n',
            1,
            id="scenario-oracle-by-path",
        ),
        pytest.param("scenarios/queue/a.cpp", '#include "host/not_there.hpp"\n', 1, id="scenario-absent-engine-header"),
        pytest.param("scenarios/queue/a.cpp", '#include "../lock/spin.hpp"\n', 1, id="scenario-other-family"),
        pytest.param("scenarios/queue/a.cpp", "#include <hwloc.h>\n", 1, id="scenario-topology"),
        pytest.param("scenarios/queue/a.cpp", "#define H <host/run.hpp>\n#include H\n", 2, id="include-through-macro"),
        pytest.param("bench/include/racetrack/a.hpp", "#include <fmt/core.h>\n", 1, id="public-third-party"),
        pytest.param("bench/include/racetrack/a.hpp", "#include <hwloc.h>\n", 1, id="public-hwloc"),
        pytest.param("bench/include/racetrack/a.hpp", '#include "oracle/order.hpp"\n', 1, id="public-oracle"),
        pytest.param("bench/oracle/a.cpp", '#include "load/team.hpp"\n', 1, id="oracle-load"),
        pytest.param("bench/load/a.cpp", '#include "oracle/order.hpp"\n', 1, id="load-oracle"),
        pytest.param("bench/load/a.cpp", '# include "host/run.hpp"\n', 1, id="load-host"),
        pytest.param("bench/measure/a.cpp", '#include "stress/watchdog.hpp"\n', 1, id="measure-stress"),
        pytest.param("bench/deadlock/a.cpp", '#include "stress/watchdog.hpp"\n', 1, id="deadlock-stress"),
        pytest.param("bench/stress/a.cpp", '#include "explore/world.hpp"\n', 1, id="stress-explore"),
        pytest.param("bench/stress/a.cpp", '#include "host/run.hpp"\n', 1, id="stress-host"),
        pytest.param("bench/stress/a.cpp", "#include <benchmark/benchmark.h>\n", 1, id="stress-benchmark"),
        pytest.param("bench/host/a.cpp", "#include <benchmark/benchmark.h>\n", 1, id="host-benchmark"),
        pytest.param("bench/host/a.cpp", '#include "../../scenarios/queue/ring.hpp"\n', 1, id="host-scenario"),
        pytest.param("bench/host/a.hpp.in", '#include "scenarios/queue/ring.hpp"\n', 1, id="template-scenario"),
        pytest.param("bench/misc/a.cpp", "#include <atomic>\n", 1, id="folder-without-rule"),
        pytest.param("reports/page/a.py", 'open("../bench/host/main.cpp")\n', 1, id="report-reads-source"),
        pytest.param(
            "reports/page/a.py",
            'from pathlib import Path\nP = Path() / "scenarios"\n',
            2,
            id="report-joins-source",
        ),
        pytest.param("scripts/tool", '#!/usr/bin/python3\nA = "scenarios/queue"\n', 2, id="script-names-source"),
    ],
)
def test_a_control_that_breaks_one_rule_fails_at_its_line(tmp_path: Path, path: str, text: str, line: int) -> None:
    result = check(tmp_path, KEPT | {path: text})
    assert result.returncode == 1, result.stdout
    violations = result.stdout.splitlines()[:-1]
    assert len(violations) == 1
    assert violations[0].startswith(f"{path}:{line}: ")


def test_nothing_to_check_is_not_a_success(tmp_path: Path) -> None:
    assert check(tmp_path, {}).returncode == 4


@pytest.mark.parametrize("arguments", [["--fix"], ["a", "b"], ["/no/such/folder"]])
def test_wrong_usage_is_one_line_and_exit_2(arguments: list[str]) -> None:
    command = [str(ROOT / "scripts/check_includes"), *arguments]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
