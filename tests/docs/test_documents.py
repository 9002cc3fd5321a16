"""What the documents name is there: paths, make targets, scripts, commands, options. Blocks marked `run` are run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.docs.documents import BUILD, DOCUMENTS, ROOT, Block, blocks, commands, links, spans

BUILT = (BUILD / "racetrack").is_file()
RACETRACK = ("racetrack", "build/release/racetrack")
# Programs that a reader has or installs; what they do is not ours to test.
ORDINARY = frozenset("apt-get cat cd cmake ctest echo export git jq mkdir python3 sed sudo valgrind".split())
MADE_BY_READER = {"my_test", "entry_test"}  # on the page that runs it
# Folders of the tree in which a path that a document names must exist; others are made by a build or a run.
OWN_FOLDERS = frozenset(".ci bench docs scenarios scripts tests".split())
MADE_BY_RUNS = re.compile(r"^reports/(?:runs|latest|comparisons|calibration)")
PATH = re.compile(r"^\.?[\w-]+(?:/[\w.*-]+)+/?$")
OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")
FOREIGN_OPTIONS = frozenset(
    "--build --depth --install --no-install-recommends --prefix --preset --test-dir --tool".split()
)


def shell_blocks() -> list[tuple[Path, Block]]:
    return [(document, block) for document in DOCUMENTS for block in blocks(document) if block.language == "sh"]


def identify(value: object) -> str:
    if isinstance(value, Path):
        return value.name
    return f"line{value.line}" if isinstance(value, Block) else str(value)


@cache
def help_of(*command: str) -> str:
    """What `racetrack COMMAND --help` or a script's --help prints."""
    done = subprocess.run([*command, "--help"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout + done.stderr


@cache
def make_targets() -> frozenset[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return frozenset(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


@cache
def racetrack_commands() -> frozenset[str]:
    text = help_of(str(BUILD / "racetrack"))
    return frozenset(re.findall(r"^  ([a-z]+)\s", text[text.find("Subcommands") :], re.MULTILINE))


@cache
def known_options() -> frozenset[str]:
    """All options of racetrack, of the scripts and of programs of explorations."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "scripts").iterdir() if path.is_file()]
    texts += [path.read_text(encoding="utf-8") for path in (ROOT / "reports").rglob("*command.py")]
    texts += [(ROOT / "bench/explore/standalone/main.cpp").read_text(encoding="utf-8")]
    if BUILT:
        texts += [help_of(str(BUILD / "racetrack"), command) for command in racetrack_commands()]
    return frozenset(option for text in texts for option in OPTION.findall(text)) | FOREIGN_OPTIONS


def check_command(line: str) -> None:
    """A command line names a program, a target, a command and options that exist."""
    words = shlex.split(line, comments=True)
    while words and re.match(r"^[A-Z_]+=", words[0]):
        words.pop(0)
    for separator in ("&&", "|", ";", ">", ">>"):
        if separator in words:
            at = words.index(separator)
            if separator in ("&&", "|", ";"):
                check_command(shlex.join(words[at + 1 :]))
            words = words[:at]
    program, arguments = words[0], words[1:]
    if program == "make":
        check_make(arguments)
    elif program in RACETRACK:
        check_racetrack(arguments)
    elif program.startswith(("scripts/", "tests/", ".ci/")):
        assert os.access(ROOT / program, os.X_OK), f"no program {program}: {line}"
        unknown = set(OPTION.findall(line)) - known_options()
        assert not unknown, line
    else:
        known = ORDINARY | MADE_BY_READER
        assert Path(program).name in known, f"{program} is neither ours nor an ordinary program: {line}"


def check_make(arguments: list[str]) -> None:
    for argument in arguments:
        if "=" in argument:
            assert argument.split("=")[0] in (ROOT / "Makefile").read_text(encoding="utf-8"), f"make {argument}"
        elif not argument.startswith("-"):
            assert argument in make_targets(), f"make {argument}"


def check_racetrack(arguments: list[str]) -> None:
    if not BUILT or arguments[0].startswith("-"):
        return
    if "--" in arguments:  # what follows is another program's
        arguments = arguments[: arguments.index("--")]
    command = arguments[0]
    assert command in racetrack_commands(), f"racetrack {command}"
    named = {option for option in OPTION.findall(" ".join(arguments)) if not option.startswith("--benchmark_")}
    unknown = named - set(OPTION.findall(help_of(str(BUILD / "racetrack"), command)))
    assert not unknown, f"racetrack {command}"


@pytest.mark.parametrize(("document", "block"), shell_blocks(), ids=identify)
def test_commands_exist(document: Path, block: Block) -> None:
    assert document.is_file()
    for line in commands(block):
        check_command(line)


@pytest.mark.skipif(not BUILT, reason="racetrack is not built")
@pytest.mark.parametrize(
    ("document", "block"), [each for each in shell_blocks() if each[1].word == "run"], ids=identify
)
def test_blocks_marked_run_do_run(document: Path, block: Block, tmp_path: Path) -> None:
    script = block.text.replace("/tmp/", f"{tmp_path}/").replace("build/release", str(BUILD))
    done = subprocess.run(["bash", "-ec", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, f"{document.name}:{block.line}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=identify)
def test_paths_exist(document: Path) -> None:
    missing = []
    for span in spans(document):
        path = span.split()[0] if span.startswith(("scripts/", "tests/")) else span
        if not PATH.match(path) or MADE_BY_RUNS.match(path) or path.split("/")[0] not in OWN_FOLDERS | {"reports"}:
            continue
        pattern = re.sub(r"\b[A-Z]+\b", "*", path.rstrip("/"))
        if not list(ROOT.glob(pattern)):
            missing.append(span)
    missing += [link for link in links(document) if not (document.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS, ids=identify)
def test_options_exist(document: Path) -> None:
    if not BUILT:
        pytest.skip("racetrack is not built")
    named = {
        option for span in spans(document) for option in OPTION.findall(span) if not option.startswith("--benchmark_")
    }
    assert named <= known_options()


def test_every_document_is_reached_from_the_readme() -> None:
    reached = set(links(ROOT / "README.md"))
    assert {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")} <= reached
