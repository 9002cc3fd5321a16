"""scripts/setup against stubs for apt-get, dpkg-query, id and sudo, so that no test changes this machine."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETUP = ROOT / "scripts/setup"


def candidates(version: str) -> str:
    """The body of an apt-cache that offers every package in this version."""
    return f"""for name in "${{@:2}}"; do echo "$name:"; echo "  Candidate: {version}"; done"""


class Machine:
    """A PATH that holds a shell, the few tools that scripts/setup uses, and stubs that log their calls."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.log = folder / "log"
        self.bin.mkdir()
        self.log.touch()
        for tool in ("bash", "dirname", "env", "grep", "true"):
            (self.bin / tool).symlink_to(str(shutil.which(tool)))
        self.stub("id", "echo 0")
        self.stub("apt-get", "true")
        self.stub("apt-cache", candidates("1.0"))
        self.installed_but()
        self.modules = folder / "browser"
        self.modules_installed()

    def stub(self, name: str, body: str) -> None:
        path = self.bin / name
        path.write_text(f'#!/bin/bash\necho "{name} $*" >>"{self.log}"\n{body}\n', encoding="utf-8")
        path.chmod(0o755)

    def installed_but(self, *missing: str) -> None:
        """Installs a dpkg-query that knows every requested name except the missing ones, and fails for those."""
        cases = "|".join(missing) or "-"
        answer = f'case $name in {cases}) code=1 ;; *) echo "installed $name" ;; esac'
        self.stub("dpkg-query", f'code=0\nfor name in "${{@:4}}"; do\n{answer}\ndone\nexit $code')

    def modules_installed(self) -> None:
        """Creates the files as npm leaves them: npm's own lock file is newer."""
        installed = self.modules / "node_modules"
        installed.mkdir(parents=True)
        for age, path in ((10, self.modules / "package-lock.json"), (5, installed / ".package-lock.json")):
            path.touch()
            os.utime(path, (path.stat().st_mtime - age,) * 2)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(SETUP), *arguments],
            env={"PATH": str(self.bin), "BROWSER_TESTS": str(self.modules)},
            stdin=subprocess.DEVNULL,
            check=False,
            capture_output=True,
            text=True,
        )

    def calls(self, name: str) -> list[str]:
        return [line for line in self.log.read_text(encoding="utf-8").splitlines() if line.split()[0] == name]


@pytest.fixture(name="machine")
def make_machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_nothing_missing_is_quiet_and_calls_no_apt(machine: Machine) -> None:
    result = machine.run("build", "report", "test", "lint")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert machine.calls("apt-get") == [] and len(machine.calls("dpkg-query")) == 1


def test_only_missing_packages_are_installed(machine: Machine) -> None:
    machine.installed_but("cmake", "ninja-build")
    result = machine.run("build")
    assert result.returncode == 0, result.stderr
    [call] = machine.calls("apt-get")
    assert call.endswith(" install cmake ninja-build")
    assert "Install-Recommends=false" in call


def test_lists_are_fetched_only_when_apt_does_not_know_a_package(machine: Machine) -> None:
    machine.installed_but("cmake")
    fetched = machine.bin.parent / "fetched"
    machine.stub("apt-cache", f'[[ ! -e "{fetched}" ]] || {candidates("3.25")}')
    machine.stub("apt-get", f'[[ $* != *update* ]] || >"{fetched}"')
    assert machine.run("build").returncode == 0
    assert [call.split()[-1] for call in machine.calls("apt-get")] == ["update", "cmake"]


def test_apt_is_asked_once_for_all_packages(machine: Machine) -> None:
    machine.installed_but("cmake", "ninja-build", "g++")
    assert machine.run("build").returncode == 0
    assert machine.calls("apt-cache") == ["apt-cache policy g++ cmake ninja-build"]


def test_a_stale_list_is_fetched_again_and_the_installation_tried_again(machine: Machine) -> None:
    machine.installed_but("cmake")
    fetched = machine.bin.parent / "fetched"
    machine.stub("apt-get", f'if [[ $* == *update* ]]; then >"{fetched}"; else [[ -e "{fetched}" ]]; fi')
    assert machine.run("build").returncode == 0
    assert [call.split()[-1] for call in machine.calls("apt-get")] == ["cmake", "update", "cmake"]


def test_no_network_is_one_line_and_exit_2(machine: Machine) -> None:
    machine.installed_but("cmake")
    machine.stub("apt-get", "exit 100")
    result = machine.run("build")
    assert result.returncode == 2
    assert result.stderr.splitlines()[-1].startswith("setup: apt-get could not install cmake")


def test_a_package_that_apt_does_not_know_is_named(machine: Machine) -> None:
    machine.installed_but("cmake")
    machine.stub("apt-cache", candidates("(none)"))
    result = machine.run("build")
    assert result.returncode == 2
    assert "apt knows no package cmake " in result.stderr


def test_another_system_gets_the_list_and_exit_2(machine: Machine) -> None:
    (machine.bin / "apt-get").unlink()
    result = machine.run("build")
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "libbenchmark-dev" in result.stderr and "SETUP=true" in result.stderr


def test_without_root_and_sudo_the_command_to_run_is_printed(machine: Machine) -> None:
    machine.installed_but("cmake")
    machine.stub("id", "echo 1000")
    result = machine.run("build")
    assert result.returncode == 2
    expected = "setup: not root and no sudo here; as root, run: apt-get install --no-install-recommends cmake\n"
    assert result.stderr == expected
    assert machine.calls("apt-get") == []


def test_without_root_nothing_missing_needs_no_sudo(machine: Machine) -> None:
    machine.stub("id", "echo 1000")
    assert machine.run("build").returncode == 0


def test_sudo_is_used_when_not_root(machine: Machine) -> None:
    machine.installed_but("cmake")
    machine.stub("id", "echo 1000")
    machine.stub("sudo", 'while [[ $1 == -* ]]; do shift; done\nexec "$@"')
    assert machine.run("build").returncode == 0
    assert any("install cmake" in call for call in machine.calls("sudo"))
    assert len(machine.calls("apt-get")) == 1


def test_sudo_that_would_ask_without_a_terminal_is_refused(machine: Machine) -> None:
    machine.installed_but("cmake")
    machine.stub("id", "echo 1000")
    machine.stub("sudo", "exit 1")
    result = machine.run("build")
    assert (result.returncode, machine.calls("apt-get")) == (2, [])
    assert "no terminal" in result.stderr


def test_an_unknown_group_is_one_line_and_exit_2(machine: Machine) -> None:
    result = machine.run("docs")
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)


def test_list_prints_each_package_once_and_changes_nothing(machine: Machine) -> None:
    machine.installed_but("cmake")
    result = machine.run("--list")
    names = result.stdout.split()
    assert result.returncode == 0 and "cmake" in names and "shellcheck" in names
    assert len(names) == len(set(names))
    assert machine.log.read_text(encoding="utf-8") == ""


@pytest.mark.skipif(os.environ.get("SETUP") == "true", reason="SETUP=true: this system was set up by hand")
def test_this_machine_has_what_the_tests_need() -> None:
    result = subprocess.run(
        [str(SETUP), "--list", "build", "report", "test"], check=True, capture_output=True, text=True
    )
    status = subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${Package}\n", *result.stdout.split()],
        check=False,
        capture_output=True,
        text=True,
    )
    assert set(result.stdout.split()) <= set(status.stdout.split())


def test_browser_test_modules_are_installed_only_for_tests_and_only_when_missing(machine: Machine) -> None:
    machine.stub("npm", "true")
    assert machine.run("test").returncode == 0 and machine.calls("npm") == []
    os.utime(machine.modules / "package-lock.json")
    assert machine.run("build").returncode == 0 and machine.calls("npm") == []
    assert machine.run("test").returncode == 0
    [call] = machine.calls("npm")
    assert call.startswith(f"npm ci --prefix {machine.modules} --ignore-scripts")


@pytest.mark.parametrize("npm", ["exit 1", None], ids=["no network", "no npm"])
def test_without_modules_the_browser_tests_are_skipped_with_a_message(npm: str | None, machine: Machine) -> None:
    os.utime(machine.modules / "package-lock.json")
    if npm is not None:
        machine.stub("npm", npm)
    result = machine.run("test")
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == "setup: the browser tests will be skipped: npm could not get playwright-core and axe-core\n"


def test_an_npm_without_a_package_suffices(machine: Machine) -> None:
    machine.installed_but("npm")
    machine.stub("npm", "true")
    assert machine.run("test").returncode == 0 and machine.calls("apt-get") == []
