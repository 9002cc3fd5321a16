"""The file records.jsonl of a run as bytes: its limits, and its size after its last record."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import struct
import zlib
from pathlib import Path

NAME = "records.jsonl"
# Next to it: the file's size in bytes after its last record. Both are only appended to, so a smaller size is a loss.
SIZE_NAME = "records.size"
MOST_BYTES = 1 << 30
GIB = 1 << 30


def check(path: Path) -> None:
    """Raises OSError if this is not a file that can be read as a whole: missing, a device, or too large."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "is not a regular file", str(path))
    if status.st_size > MOST_BYTES:
        raise OSError(
            errno.EFBIG,
            f"has {status.st_size / GIB:.3g} GiB, and at most {MOST_BYTES / GIB:.3g} GiB are read",
            str(path),
        )


def content_of(path: Path) -> bytes:
    """The whole file. Raises OSError as check() does."""
    check(path)
    return path.read_bytes()


def size_written(path: Path) -> int:
    """The smallest size that this records.jsonl must have; 0 if the run has no size file."""
    try:
        return int((path.parent / SIZE_NAME).read_bytes()[:32]) if path.name == NAME else 0
    except (OSError, ValueError):
        return 0


def lock(path: Path, engine: str) -> int:
    """A descriptor that excludes other writers of this engine's records, in Python and in C++ (RunFolder::lock_for).

    The lock is held until the descriptor is closed or the process ends. Creates the file if it is missing. Raises
    OSError: EBUSY if another process holds the lock.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
    try:
        check(path)
        place = (1 << 62) + zlib.crc32(engine.encode())
        wanted = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, place, 1, 0)
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, wanted)
    except OSError as error:
        os.close(file)
        if error.errno in (errno.EAGAIN, errno.EACCES):
            what = f"another process is writing records of {engine} to it: wait until it ends, or choose another run"
            raise OSError(errno.EBUSY, what, str(path)) from error
        raise
    return file


def note_size(path: Path, size: int) -> None:
    """Stores the file's current size. Call it under the file's lock. Errors are ignored, because the size is a lower
    bound."""
    if size <= size_written(path):
        return
    try:
        file = os.open(path.parent / SIZE_NAME, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError:
        return
    try:
        os.pwrite(file, f"{size:020}\n".encode(), 0)
    except OSError:
        pass
    finally:
        os.close(file)
