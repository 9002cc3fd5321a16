"""A system call filter like Docker's default, for the processes that a test starts.

    /usr/bin/python3 -m tests.hostile.seccomp [--also NAME]... -- PROGRAM ARGUMENT...
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Callable, Iterable

# System calls that seccomp's profile of Docker 20.10 to 27 refuses with EPERM without extra capabilities; x86-64
# numbers.
REFUSED = {
    "acct": 163,
    "add_key": 248,
    "bpf": 321,
    "clock_adjtime": 305,
    "clock_settime": 227,
    "delete_module": 176,
    "fanotify_init": 300,
    "finit_module": 313,
    "get_mempolicy": 239,
    "init_module": 175,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "io_uring_setup": 425,
    "ioperm": 173,
    "iopl": 172,
    "kcmp": 312,
    "kexec_file_load": 320,
    "kexec_load": 246,
    "keyctl": 250,
    "lookup_dcookie": 212,
    "mbind": 237,
    "mount": 165,
    "move_pages": 279,
    "open_by_handle_at": 304,
    "perf_event_open": 298,
    "pivot_root": 155,
    "process_vm_readv": 310,
    "process_vm_writev": 311,
    "ptrace": 101,
    "quotactl": 179,
    "reboot": 169,
    "request_key": 249,
    "set_mempolicy": 238,
    "setns": 308,
    "settimeofday": 164,
    "swapoff": 168,
    "swapon": 167,
    "sysfs": 139,
    "umount2": 166,
    "unshare": 272,
    "userfaultfd": 323,
    "vhangup": 153,
}
# System calls that older profiles do not know or other sandboxes refuse.
OTHERS = {
    "pidfd_open": 434,
    "close_range": 436,
    "sched_setaffinity": 203,
    "sched_setscheduler": 144,
    "memfd_create": 319,
}
CLONE, CLONE3, PERSONALITY = 56, 435, 135
NEW_NAMESPACES = 0x7E020000
PERSONALITIES = (0x0, 0x0008, 0x20000, 0x20008, 0xFFFFFFFF)

_LOAD, _JUMP_EQUAL, _JUMP_SET, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_NUMBER, _FIRST_ARGUMENT = 0, 16  # offsets in struct seccomp_data


def is_possible() -> bool:
    """Whether the system call numbers above are those of this machine."""
    return platform.machine() == "x86_64"


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _program(also: Iterable[str]) -> bytes:
    refuse = _instruction(_RETURN, _ERRNO | errno.EPERM)
    code = [_instruction(_LOAD, _NUMBER)]
    for number in (*REFUSED.values(), *(OTHERS[name] for name in also)):
        code += [_instruction(_JUMP_EQUAL, number, 0, 1), refuse]
    # glibc falls back to clone, whose flags a filter can read.
    code += [_instruction(_JUMP_EQUAL, CLONE3, 0, 1), _instruction(_RETURN, _ERRNO | errno.ENOSYS)]
    code += [_instruction(_JUMP_EQUAL, CLONE, 0, 4), _instruction(_LOAD, _FIRST_ARGUMENT)]
    code += [_instruction(_JUMP_SET, NEW_NAMESPACES, 0, 1), refuse, _instruction(_LOAD, _NUMBER)]
    allowed = len(PERSONALITIES)
    code += [_instruction(_JUMP_EQUAL, PERSONALITY, 0, allowed + 2), _instruction(_LOAD, _FIRST_ARGUMENT)]
    code += [_instruction(_JUMP_EQUAL, value, allowed - i, 0) for i, value in enumerate(PERSONALITIES)]
    code += [refuse, _instruction(_RETURN, _ALLOW)]
    return b"".join(code)


def filter_like_docker(*also: str) -> Callable[[], None]:
    """Returns a function for a new process that installs the filter. It also refuses `also`, names in OTHERS."""
    code = _program(also)
    program = ctypes.create_string_buffer(code, len(code))
    libc = ctypes.CDLL(None, use_errno=True)

    def install() -> None:
        header = ctypes.create_string_buffer(struct.pack("@HP", len(program) // 8, ctypes.addressof(program)))
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, header, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "the system does not take the filter")

    return install


def main(arguments: list[str]) -> None:
    """Installs the filter and executes the program."""
    also = []
    while arguments and arguments[0] == "--also":
        also.append(arguments[1])
        arguments = arguments[2:]
    if arguments and arguments[0] == "--":
        arguments = arguments[1:]
    filter_like_docker(*also)()
    os.execvp(arguments[0], arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
