"""The documents name only existing paths, make targets, scripts, commands and options. Blocks marked `run` are run.

A `text` block that follows shows lines of their output. A block that names a file of docs/examples is a part of it.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.docs.documents import BUILD, DOCUMENTS, FENCE, ROOT, Block, blocks, commands, links, spans
from tests.docs.reader import shows

BUILT = (BUILD / "racetrack").is_file()
RACETRACK = ("racetrack", "build/release/racetrack")
# Programs that a reader has or installs. They are not part of the project.
ORDINARY = frozenset("apt-get cat cd cmake ctest echo export git jq mkdir python3 sed sudo valgrind".split())
MADE_BY_READER = {"my_test"}  # created on the page that runs it
# The folders of the tree in which a path that a document names must exist. A build or a run creates other folders.
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
        return value.relative_to(ROOT).as_posix()
    return f"line{value.line}" if isinstance(value, Block) else str(value)


@cache
def help_of(*command: str) -> str:
    """The output of `racetrack COMMAND --help` or of a script's --help."""
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
    """Asserts that a command line names an existing program, target, command and options."""
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
    elif program.startswith("build/release/examples/"):
        assert (ROOT / "docs" / "examples" / f"{Path(program).name}.cpp").is_file(), f"no example {program}: {line}"
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
    if "--" in arguments:  # the rest belongs to another program
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


def output_shown_after(document: Path, block: Block) -> Block | None:
    """The `text` block that directly follows a block of commands."""
    following = [each for each in blocks(document) if each.line > block.line]
    return following[0] if following and following[0].language == "text" else None


@pytest.mark.skipif(not BUILT, reason="racetrack is not built")
@pytest.mark.parametrize(
    ("document", "block"), [each for each in shell_blocks() if each[1].word.split()[:1] == ["run"]], ids=identify
)
def test_blocks_marked_run_succeed(document: Path, block: Block, tmp_path: Path) -> None:
    script = block.text.replace("/tmp/", f"{tmp_path}/").replace("build/release", str(BUILD))
    expected = int(block.word.partition("exit=")[2] or 0)
    done = subprocess.run(["bash", "-ec", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == expected, f"{document.name}:{block.line}\n{done.stdout}\n{done.stderr}"
    shown = output_shown_after(document, block)
    printed = done.stdout.replace(str(BUILD), "build/release")
    assert shown is None or shows(printed, shown), f"{document.name}:{block.line} prints\n{done.stdout}"


def examples() -> list[tuple[Path, Block]]:
    return [
        (document, block)
        for document in DOCUMENTS
        for block in blocks(document)
        if block.word.startswith("docs/examples/")
    ]


@pytest.mark.parametrize(("document", "block"), examples(), ids=identify)
def test_shown_examples_are_parts_of_their_files(document: Path, block: Block) -> None:
    source = (ROOT / block.word).read_text(encoding="utf-8")
    assert block.text in source, f"{document.name}:{block.line} differs from {block.word}"


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


def anchors(document: Path) -> set[str]:
    """The anchors of a page's headings."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", document.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=identify)
def test_links_to_headings_exist(document: Path) -> None:
    found = re.findall(r"\]\(([^)#\s:]*)#([^)]+)\)", document.read_text(encoding="utf-8"))
    targets = [(document.parent / name if name else document, anchor) for name, anchor in found]
    missing = [f"{target.name}#{anchor}" for target, anchor in targets if anchor not in anchors(target)]
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS, ids=identify)
def test_options_exist(document: Path) -> None:
    if not BUILT:
        pytest.skip("racetrack is not built")
    named = {
        option for span in spans(document) for option in OPTION.findall(span) if not option.startswith("--benchmark_")
    }
    assert named <= known_options()


def test_every_document_is_reachable_from_the_readme() -> None:
    reached = set(links(ROOT / "README.md"))
    assert {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")} <= reached


def decisions() -> list[tuple[int, str, Path]]:
    """Number, text without tables, and file of each decision record."""
    heading = re.compile(r"^### (\d+)\. .*\n((?:(?!^#).*\n?)*)", re.MULTILINE)
    return [
        (int(match[1]), re.sub(r"^\|.*$", "", match[2], flags=re.MULTILINE), path)
        for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))
        for match in heading.finditer(path.read_text(encoding="utf-8"))
    ]


def test_decisions_are_short_and_numbered_once() -> None:
    found = decisions()
    numbers = sorted(number for number, _, _ in found)
    assert numbers == list(range(1, len(numbers) + 1))
    long = [f"{path.name} {number}" for number, text, path in found if len(text.split()) > 120]
    assert not long, f"more than 120 words: {long}"
