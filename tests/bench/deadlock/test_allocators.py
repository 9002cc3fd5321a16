"""`racetrack deadlock` on programs whose malloc calls into pthreads: they run as they do without the detector."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.bench.deadlock.test_programs import PROGRAMS, RACETRACK, compile_to, watch

pytestmark = pytest.mark.skipif(not RACETRACK.is_file(), reason="racetrack is not built")

GUARDS = ["LOCK", "TRY", "ONCE", "THREAD_LOCAL", "C11", "RWLOCK", "SEMAPHORE", "HELPER"]
LIBRARIES = ["libjemalloc.so.2", "libtcmalloc_minimal.so.4", "libmimalloc.so.2.0"]
FOLDER = Path("/usr/lib/x86_64-linux-gnu")


@pytest.mark.parametrize("guard", GUARDS)
def test_program_with_its_own_allocator_runs(tmp_path: Path, guard: str) -> None:
    program = compile_to(tmp_path / "program", PROGRAMS / "allocator.cpp", f"-DGUARD={guard}")
    for options in ((), ("--order",), ("--order", "--stacks")):
        done = watch(program, options=options)
        assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", ""), options


def test_allocator_that_is_entered_twice_reports_it(tmp_path: Path) -> None:
    """The control: a preloaded library that allocates where the detector must not."""
    source = tmp_path / "allocates.cpp"
    source.write_text(
        """#include <cstdlib>
#include <dlfcn.h>
#include <pthread.h>
extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  static int (*next)(pthread_mutex_t*) = nullptr;
  if (next == nullptr) {
    (void)dlvsym(RTLD_NEXT, "pthread_mutex_lock", "NO_SUCH_VERSION");
    next = reinterpret_cast<int (*)(pthread_mutex_t*)>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
  }
  return next(mutex);
}
""",
        encoding="utf-8",
    )
    library = compile_to(tmp_path / "liballocates.so", source, "-shared", "-fPIC")
    program = compile_to(tmp_path / "program", PROGRAMS / "allocator.cpp", "-DGUARD=LOCK")
    done = subprocess.run(
        [program], env={"LD_PRELOAD": str(library)}, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (-6, "malloc was entered twice\n")


@pytest.mark.parametrize("options", [(), ("--order",)])
@pytest.mark.parametrize("library", LIBRARIES)
def test_program_with_a_common_allocator_runs(tmp_path: Path, library: str, options: tuple[str, ...]) -> None:
    if not (FOLDER / library).is_file():
        pytest.skip(f"{library} is not installed")
    program = compile_to(tmp_path / "program", PROGRAMS / "small.cpp", "-Wl,--no-as-needed", str(FOLDER / library))
    done = watch(program, options=options)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


@pytest.mark.parametrize(("word", "code"), [("crash", 139), ("exit", 5)])
def test_early_end_is_the_programs_own(tmp_path: Path, word: str, code: int) -> None:
    """The end is not blamed on the detector, which is loaded only after the library's constructor would have run."""
    library = compile_to(tmp_path / "libearly.so", PROGRAMS / "early_end.cpp", "-shared", "-fPIC")
    program = compile_to(
        tmp_path / "program", PROGRAMS / "small.cpp", "-Wl,--no-as-needed", str(library), f"-Wl,-rpath,{tmp_path}"
    )
    done = watch(program, word)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


def test_program_that_does_not_start_is_not_blamed_on_the_detector(tmp_path: Path) -> None:
    library = compile_to(tmp_path / "libgone.so", PROGRAMS / "early_end.cpp", "-shared", "-fPIC")
    program = compile_to(tmp_path / "program", PROGRAMS / "small.cpp", "-Wl,--no-as-needed", str(library))
    library.unlink()
    done = watch(program)
    assert done.returncode == 127
    assert "exited with code 127 before the detector began" in done.stderr
    assert "not loaded" not in done.stderr
