"""Start the real server, as a person or a host does, and keep all that it prints.

`script/server` itself is run, with PORT=0: the system gives a free port, and the line that says
« Droit de plume : http://… » gives the address. `service` is the other way in: it takes
another folder or another Python. Used by the tests and by `script/pictures`.
"""

import os
import select
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
SCRIPT = (str(ROOT / "script" / "server"),)
PYTHON = ROOT / ".venv" / "bin" / "python"
GREETING = "Droit de plume : "
PATIENCE = 120.0  # seconds before a server that says nothing, or does not end, is given up

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Server:
    """A running server; once stopped, `code` and everything it printed."""

    process: subprocess.Popen[str]
    errors: IO[str]
    url: str = ""
    greeting: str = ""
    stdout: str = ""
    stderr: str = ""
    code: int | None = None

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    def ask(
        self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
    ) -> Answer:
        connection = HTTPConnection(self.host, self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body or None, headers or {})
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def connect(self) -> socket.socket:
        return socket.create_connection((self.host, self.port), timeout=PATIENCE)

    def stop(self) -> None:
        """Ask it to end (SIGTERM) and wait until it has; does nothing the second time."""
        if self.code is not None:
            return
        self.process.terminate()
        try:
            rest, _ = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            rest, _ = self.process.communicate()
        self.code = self.process.returncode
        self.stdout = self.greeting + rest
        self.stderr = self.said()

    def said(self) -> str:
        """What it has printed on stderr until now."""
        # By position: the server writes at the place that a `seek` here would move.
        size = os.fstat(self.errors.fileno()).st_size
        return os.pread(self.errors.fileno(), size, 0).decode()


def environment(**settings: str) -> dict[str, str]:
    """This machine's environment with the settings given, and none of ours besides."""
    ours = ("DROIT_DE_PLUME_", "WEB_CONCURRENCY", "HOST", "PORT", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "HOST": "127.0.0.1", "PORT": "0", **settings}


def service(module: str = "deploy.serve", python: Path = PYTHON) -> tuple[str, ...]:
    """What a service runs, which has no use for script/setup."""
    return (str(python), "-m", module)


@contextmanager
def running(command: Sequence[str] = SCRIPT, cwd: Path = ROOT, **settings: str) -> Iterator[Server]:
    """A server that answers, with these environment variables; stopped at the end."""
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as errors,
        subprocess.Popen(
            command,
            cwd=cwd,
            env=environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
        ) as process,
    ):
        assert process.stdout
        try:
            server = Server(process, errors)
            ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
            server.greeting = process.stdout.readline() if ready else ""
            assert server.greeting.startswith(GREETING), server.greeting + server.said()
            server.url = server.greeting.removeprefix(GREETING).split()[0]
        except BaseException:
            process.kill()
            raise
        try:
            yield server
        finally:
            server.stop()


def until(state: Callable[[], object]) -> None:
    """Wait for a state to be reached."""
    limit = time.monotonic() + PATIENCE / 2
    while not state():
        assert time.monotonic() < limit, "given up"
        time.sleep(0.02)


def start(
    command: Sequence[str] = SCRIPT, cwd: Path = ROOT, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Start a server that refuses to."""
    return subprocess.run(
        command,
        cwd=cwd,
        env=environment(**settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE / 2,
        check=False,
    )
