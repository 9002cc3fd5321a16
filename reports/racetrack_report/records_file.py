"""The file records.jsonl of a run as bytes: its bounds, and how long it was when its last record was written."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

NAME = "records.jsonl"
# Beside it: the size in bytes that the file had after its last record. Both are only ever appended to, so less is a loss.
SIZE_NAME = "records.size"
MOST_BYTES = 1 << 30
GIB = 1 << 30


def check(path: Path) -> None:
    """Raises OSError when this is not a file that can be read whole: missing, a device, or of an absurd size."""
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
    """The least size that this records.jsonl must have; 0 when the run has no such file."""
    try:
        return int((path.parent / SIZE_NAME).read_bytes()[:32]) if path.name == NAME else 0
    except (OSError, ValueError):
        return 0


def note_size(path: Path, size: int) -> None:
    """Notes that the file has this size now. Call it under the file's lock. An error is ignored: the size is a lower bound."""
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
