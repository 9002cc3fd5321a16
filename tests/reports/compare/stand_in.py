"""A simulated racetrack that measures nothing: a configuration file defines its results, so that tests know the truth.

`install()` creates a build tree with it. Each fork has the cost of its case, with white noise.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
NAMES = [
    f"queue/transfer/vyukov/producers:{producers}/consumers:1/capacity:1024/payload:8/wait:yield/pin:compact"
    for producers in (1, 2)
]
PROGRAM = f"""#!/usr/bin/python3
import sys
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "reports")!r}]
from tests.reports.compare import stand_in
sys.exit(stand_in.main(__file__, sys.argv[1:]))
"""


def install(folder: Path, **config: Any) -> Path:
    """A build tree whose racetrack has these costs. See `main` for the other settings of its configuration file."""
    from tests.reports import synthetic  # pylint: disable=import-outside-toplevel

    folder.mkdir(parents=True)
    program = folder / "racetrack"
    program.write_text(PROGRAM, encoding="utf-8")
    program.chmod(0o755)
    config = {"cases": {name: 100.0 for name in NAMES}, "noise": 0.01, "commit": folder.name * 8} | config
    config["machine"] = synthetic.machine() | {"fingerprint": config.get("fingerprint", "f00dcafe")}
    config["build"] = synthetic.BUILD | {"commit": config["commit"]}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def main(program: str, arguments: list[str]) -> int:
    """Answers doctor --json, bench --benchmark_list_tests and bench --schedule.

    The file config.json next to it may have: cases (name -> ns), noise, commit, fingerprint; fail and crash (a part of
    a name), kind and expected (of the failure), killed (forks), refuse (a message), die_after (turns), slow_s (per
    turn), ancient. The file turns has the number of turns so far.
    """
    config = json.loads((Path(program).parent / "config.json").read_text(encoding="utf-8"))
    facts = {name: config[name] for name in ("machine", "build")}
    if arguments[0] == "doctor":
        print(json.dumps(facts))
        return 0
    if config.get("refuse"):
        print(f"racetrack: {config['refuse']}", file=sys.stderr)
        return 2
    if "--benchmark_list_tests" in arguments:
        pattern = arguments[-1] if arguments[-1].startswith("^") else ""
        found = [name for name in config["cases"] if re.search(pattern, name)]
        print("\n".join(found))
        return 0 if found else 4
    if config.get("ancient"):
        print("racetrack: unknown argument '--schedule' (see racetrack bench --help)", file=sys.stderr)
        return 2
    return _take_turns(program, config, facts, Path(arguments[arguments.index("--out") + 1]))


def _take_turns(program: str, config: Any, facts: Any, folder: Path) -> int:
    import numpy as np  # pylint: disable=import-outside-toplevel

    from tests.reports import synthetic  # pylint: disable=import-outside-toplevel

    rng = np.random.default_rng(sum(map(ord, config["commit"])))
    records = [synthetic.environment("begin") | facts]
    for turn, line in enumerate(sys.stdin):
        if turn == config.get("die_after", -1):
            print("racetrack: the sky fell", file=sys.stderr)
            return 70
        records.append(_answer(config, line, turn, rng))
        (Path(program).parent / "turns").write_text(str(turn + 1), encoding="ascii")
        time.sleep(config.get("slow_s", 0))
        print(json.dumps(records[-1]), flush=True)
    records.append(synthetic.environment("end") | facts)
    synthetic.write_run(folder, records)
    return 0


def _answer(config: Any, line: str, turn: int, rng: Any) -> Any:
    from tests.reports import synthetic  # pylint: disable=import-outside-toplevel

    name, fork, seed = line.split()
    family, workload, subject, *params = name.split("/")
    values = {
        key: int(value) if value.isdigit() else value for key, _, value in (each.partition(":") for each in params)
    }
    record = synthetic.case(synthetic.Subject(subject, 1, 1, 0), workload, values, int(fork), seed=int(seed))
    record |= {
        "case": name,
        "family": family,
        "order_index": turn,
        "build": record["build"] | {"commit": config["commit"]},
    }
    if config.get("fail") and config["fail"] in name:
        return record | {
            "verdict": synthetic.verdict("fail", config.get("kind", "lost"), as_expected=config.get("expected", False))
        }
    if config.get("crash") and config["crash"] in name and turn >= 3:
        failed = synthetic.verdict("fail", "crash", detector="process")
        return record | {"ended": {"how": "signal", "value": 11}, "verdict": failed}
    if config.get("killed") and int(fork) in config["killed"]:
        return record | {"ended": {"how": "timeout", "value": 9}, "verdict": synthetic.verdict("unknown")}
    ns = config["cases"][name] * float(rng.lognormal(0, config["noise"]))
    return record | {"metrics": {"items_per_s": 1e9 / ns, "rounds_count": 3}, "values": {"items_per_s": [1e9 / ns] * 3}}
