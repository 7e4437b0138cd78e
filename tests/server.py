"""Start the real server, as a person does, and keep all that it prints.

`script/server` itself is run, with PORT=0: the system gives a free port, and the line that says
« Droit de plume : http://… » gives the address. Used by the tests and by `script/pictures`.
"""

import os
import select
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
GREETING = "Droit de plume : "
PATIENCE = 120.0  # seconds before a server that says nothing, or does not end, is given up


class ServerError(Exception):
    """The server did not start; the message is what it printed."""


@dataclass
class Server:
    """A running server; once stopped, `code` and everything it printed."""

    process: subprocess.Popen[str]
    url: str
    errors: IO[str]
    greeting: str
    stdout: str = ""
    stderr: str = ""
    code: int | None = None

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

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
        self.stderr = read_all(self.errors)

    @property
    def printed(self) -> str:
        return self.stdout + self.stderr


def read_all(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


def environment(**settings: str) -> dict[str, str]:
    """This machine's environment with the settings given, and none of ours besides."""
    ours = ("DROIT_DE_PLUME_", "GUNICORN_CMD_ARGS", "WEB_CONCURRENCY", "HOST", "PORT")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "HOST": "127.0.0.1", "PORT": "0", **settings}


@contextmanager
def running(**settings: str) -> Iterator[Server]:
    """A server that answers, with these environment variables; stopped at the end."""
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as errors,
        subprocess.Popen(
            [ROOT / "script" / "server"],
            cwd=ROOT,
            env=environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
        ) as process,
    ):
        assert process.stdout
        try:
            ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
            greeting = process.stdout.readline() if ready else ""
            if not greeting.startswith(GREETING):
                raise ServerError(greeting + read_all(errors))
            url = greeting.removeprefix(GREETING).split()[0]
        except BaseException:
            process.kill()
            raise
        server = Server(process, url, errors, greeting)
        try:
            yield server
        finally:
            server.stop()
