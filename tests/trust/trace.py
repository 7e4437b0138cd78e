"""What a program asks of the system, as strace (Linux) tells it: files, sockets, what is written.

Limits: memory that is shared with a file is not seen, but the file must have been opened for
writing first, and that is.
"""

import codecs
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

WRITING = {"write", "writev", "pwrite64", "pwritev", "pwritev2", "sendfile", "splice"}
WRITING |= {"copy_file_range"}
# -D: the program stays our child, and gets our signals. -y: what is behind each number of a file.
STRACE = ("strace", "-D", "-f", "-q", "-y", "-s", "131072", "--seccomp-bpf", "-e")
STRACE += (f"trace=%file,%network,memfd_create,io_uring_setup,{','.join(sorted(WRITING))}",)
# All that reads and changes nothing; anything else is a change until somebody looks at it.
READING = {"access", "faccessat", "faccessat2", "getcwd", "newfstatat", "readlink", "readlinkat"}
READING |= {"stat", "lstat", "statx", "statfs", "chdir", "getxattr", "lgetxattr"}
# What a server does with those who come to it; and how it would speak to others.
SERVING = {"accept", "accept4", "recvfrom", "recvmsg", "shutdown", "getsockname", "getpeername"}
SERVING |= {"getsockopt", "setsockopt", "sendto", "sendmsg"}
NETWORK = {"socket", "socketpair", "bind", "listen", "connect", "sendmmsg"}


class Call(NamedTuple):
    """One call of the system: its name, and the rest of the line, arguments and result."""

    name: str
    rest: str

    @property
    def texts(self) -> list[str]:
        found = re.findall(r'"((?:[^"\\]|\\.)*)"', self.rest)
        return [codecs.escape_decode(text)[0].decode(errors="replace") for text in found]

    @property
    def is_to_a_socket(self) -> bool:
        return bool(re.match(r"\d+<(socket:|TCP|UNIX)", self.rest))

    @property
    def is_outside(self) -> bool:
        """Neither to a visitor nor to another of our processes, by a pipe of our own."""
        return not (self.is_to_a_socket or re.match(r"(?![12]<)\d+<pipe:", self.rest))

    def __str__(self) -> str:
        return f"{self.name}({self.rest[:200]}"


@cache
def works() -> bool:
    """Whether there is a strace, and it may watch programs here."""
    tried = (*STRACE, "-o", "/dev/null", "true")
    return bool(shutil.which("strace")) and subprocess.run(tried, check=False).returncode == 0


def needed() -> None:
    """Leave a test out where there is no strace; never in CI."""
    if not works() and os.environ.get("CI") != "true":
        pytest.skip("strace is not installed, or may not watch programs")


def read(path: Path) -> list[Call]:
    """All calls of a trace, those that were interrupted by another process made whole."""
    calls, begun = list[Call](), dict[str, str]()
    for line in path.read_text(encoding="ascii").splitlines():
        process, _, said = line.partition(" ")
        if resumed := re.match(r" *<\.\.\. \w+ resumed>", said):
            said = begun.pop(process) + said[resumed.end() :]
        if said.endswith(" <unfinished ...>"):
            begun[process] = said.removesuffix(" <unfinished ...>")
        elif call := re.fullmatch(r" *(\w+)\((.*)", said):
            calls.append(Call(call[1], call[2]))
    return calls


def after(trace: list[Call], said: str) -> list[Call]:
    """The calls that follow the line that begins with `said`, on standard output."""
    [place] = [
        number
        for number, call in enumerate(trace)
        if call.name == "write" and any(text.startswith(said) for text in call.texts)
    ]
    return trace[place + 1 :]


def changes(trace: Iterable[Call]) -> list[str]:
    """Every file that is created, opened for writing, moved, removed or marked in any way."""
    opened = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_TMPFILE")
    harmless = READING | SERVING | NETWORK | WRITING
    return [
        str(call)
        for call in trace
        if (
            opened.search(call.rest)
            if call.name in {"open", "openat"}
            else call.name not in harmless
        )
    ]


def written(trace: Iterable[Call]) -> list[str]:
    """All that is written elsewhere than to a visitor or another of our processes, decoded."""
    outside = (call for call in trace if call.name in WRITING and call.is_outside)
    return [text for call in outside for text in (call.texts or [str(call)])]


def contacts(trace: Iterable[Call]) -> list[str]:
    """Every attempt to speak to somebody who has not come to us."""
    addressed = {"sendto", "sendmsg"}
    return [
        str(call)
        for call in trace
        if call.name in NETWORK or (call.name in addressed and "sa_family=" in call.rest)
    ]
