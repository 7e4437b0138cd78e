"""What a program asks of the system, as strace (Linux) tells it: files, sockets, what is written.

Limits: memory that is shared with a file is not seen, but the file must have been opened for
writing first, and that is.
"""

import codecs
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

WRITING = "write,writev,pwrite64,pwritev,pwritev2,sendfile,splice,copy_file_range,memfd_create"
# -D: the program stays our child, and gets our signals. -y: what is behind each number of a file.
STRACE = ("strace", "-D", "-f", "-q", "-y", "-s", "131072", "--seccomp-bpf")
STRACE = (*STRACE, "-e", f"trace=%file,%network,{WRITING},io_uring_setup")
# All that reads and changes nothing; anything else is a change until somebody looks at it.
READING = {"access", "faccessat", "faccessat2", "getcwd", "newfstatat", "readlink", "readlinkat"}
READING |= {"stat", "lstat", "statx", "statfs", "chdir", "getxattr", "lgetxattr"}
# What a server does with those who come to it.
SERVING = {"accept", "accept4", "recvfrom", "recvmsg", "shutdown", "getsockname", "getpeername"}
SERVING |= {"getsockopt", "setsockopt", "sendto", "sendmsg"}
CALL = re.compile(r"(\d+) +(\w+)\((.*)", re.DOTALL)
RESUMED = re.compile(r"(\d+) +<\.\.\. \w+ resumed>(.*)", re.DOTALL)
UNFINISHED = " <unfinished ...>"
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
FILE = re.compile(r"\d+<([^>]*)>")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the system: its name, and the rest of the line, arguments and result."""

    name: str
    rest: str

    @property
    def strings(self) -> list[str]:
        return [_decoded(string) for string in STRING.findall(self.rest)]

    @property
    def file(self) -> str:
        """What is behind the first argument, when it is a number of an open file."""
        found = FILE.match(self.rest)
        return found[1] if found else ""

    @property
    def is_to_a_socket(self) -> bool:
        return self.file.startswith(("socket:", "TCP:", "TCPv6:", "UNIX"))

    @property
    def is_to_ourselves(self) -> bool:
        """Whether it goes to another of our processes: a pipe that is no standard stream."""
        return self.file.startswith("pipe:") and not self.rest.startswith(("1<", "2<"))

    def __str__(self) -> str:
        return f"{self.name}({self.rest[:200]}"


def _decoded(string: str) -> str:
    raw, _ = codecs.escape_decode(string.encode())
    assert isinstance(raw, bytes)
    return raw.decode(errors="replace")


@cache
def works() -> bool:
    """Whether there is a strace, and it may watch programs here."""
    if not shutil.which("strace"):
        return False
    tried = (*STRACE, "-o", "/dev/null", "true")
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


def needed() -> None:
    """Leave a test out where there is no strace; never in CI."""
    if not works() and os.environ.get("CI") != "true":
        pytest.skip("strace is not installed, or may not watch programs")


def calls(lines: Iterable[str]) -> Iterator[Call]:
    """The calls of a trace, those that were interrupted by another process made whole."""
    begun: dict[str, str] = {}
    for line in lines:
        resumed = RESUMED.fullmatch(line)
        whole = begun.pop(resumed[1]) + resumed[2] if resumed else line
        if whole.endswith(UNFINISHED):
            begun[whole.partition(" ")[0]] = whole.removesuffix(UNFINISHED)
        elif call := CALL.fullmatch(whole):
            yield Call(call[2], call[3])


def read(path: Path) -> list[Call]:
    """All calls of a trace that has been written to its end."""
    return list(calls(path.read_text(encoding="ascii").splitlines()))


def after(trace: list[Call], said: str) -> list[Call]:
    """The calls that follow the line that begins with `said`, on standard output."""
    places = [
        number
        for number, call in enumerate(trace)
        if call.name == "write" and any(text.startswith(said) for text in call.strings)
    ]
    assert len(places) == 1, f"{said!r} is written {len(places)} times"
    return trace[places[0] + 1 :]


def changes(trace: Iterable[Call]) -> list[str]:
    """Every file that is created, opened for writing, moved, removed or marked in any way."""
    return [str(call) for call in trace if _changes(call)]


def _changes(call: Call) -> bool:
    if call.name in {"open", "openat"}:
        return bool(re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_TMPFILE", call.rest))
    if call.name in WRITING.split(","):
        return call.name == "memfd_create"
    return call.name not in READING | SERVING | NETWORK


def written(trace: Iterable[Call]) -> list[str]:
    """All that is written elsewhere than to a visitor or another of our processes, decoded."""
    writes = (call for call in trace if call.name in WRITING.split(","))
    outside = (call for call in writes if not (call.is_to_a_socket or call.is_to_ourselves))
    return [text for call in outside for text in (call.strings or [str(call)])]


def contacts(trace: Iterable[Call]) -> list[str]:
    """Every attempt to speak to somebody who has not come to us."""
    return [str(call) for call in trace if call.name in NETWORK or _is_addressed(call)]


NETWORK = {"socket", "socketpair", "bind", "listen", "connect", "sendmmsg"}


def _is_addressed(call: Call) -> bool:
    return call.name in {"sendto", "sendmsg"} and "sa_family=" in call.rest
