"""Start nginx or Caddy in front of the application, with the very files of deploy/.

Replaced in them is only what a machine has of its own: folders, ports, the certificate. nginx gets
around them what Debian's nginx.conf has, logs switched on; the folders where it could put a body
or an answer are taken away once it runs. Limits: Linux (127.0.0.2 is a second visitor); Caddy's
own certificates come from the network, so it gets ours.
"""

import os
import re
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from getpass import getuser
from http.client import HTTPConnection, HTTPMessage, HTTPSConnection
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.server import PATIENCE, ROOT, until

DEPLOY = ROOT / "deploy"
NAME = "plume.example.fr"  # as in deploy/
FOLDER = "/srv/droit-de-plume/deploy"  # likewise
VISITOR, OTHER_VISITOR = "127.0.0.1", "127.0.0.2"


def program(name: str) -> str:
    """Where a program is; without it a test is skipped, and fails in CI."""
    # Programs of the system are not in everybody's PATH.
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found and sys.platform == "linux":
        return found
    missing = f"{name} manque : script/setup --dev (ou --tout) l'installe, sous Linux."
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((VISITOR, 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex((VISITOR, port)) == 0


class Reply(NamedTuple):
    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def all(self, name: str) -> list[str]:
        """Every value of a header: a header sent twice has two."""
        return self.headers.get_all(name, [])


@dataclass
class Front:
    """A server in front: its folder (conf, and run for what it writes), its ports."""

    folder: Path
    port: int = field(default_factory=free_port)
    plain_port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.port}"

    @property
    def run(self) -> Path:
        return self.folder / "run"

    def line(self, *, plain: bool = False, visitor: str = VISITOR) -> HTTPConnection:
        """A connection of a visitor, to be closed."""

        def connect(address: tuple[str, int], *_: object) -> socket.socket:
            return socket.create_connection((VISITOR, address[1]), PATIENCE, (visitor, 0))

        trust = ssl.create_default_context(cafile=self.folder / "fullchain.pem")
        made = (
            HTTPConnection(NAME, self.plain_port)
            if plain
            else HTTPSConnection(NAME, self.port, context=trust)
        )
        made._create_connection = connect  # type: ignore[attr-defined]  # no name server knows us
        return made

    def ask(
        self,
        method: str,
        path: str,
        body: str = "",
        headers: Mapping[str, str] | None = None,
        *,
        plain: bool = False,
        visitor: str = VISITOR,
    ) -> Reply:
        with closing(self.line(plain=plain, visitor=visitor)) as line:
            line.request(method, path, body or None, dict(headers or {}))
            response = line.getresponse()
            return Reply(response.status, response.headers, response.read())

    def send(self, request: bytes, *, plain: bool = False) -> None:
        """Send bytes, say that there are no more, and wait until the server closes."""
        connection = self.line(plain=plain)
        connection.connect()
        with connection.sock as line:
            line.sendall(request)
            line.shutdown(socket.SHUT_WR)  # on TLS too: what comes back is of no interest
            with suppress(ConnectionResetError):  # closed with bytes unread
                while line.recv(65536):
                    pass

    @property
    def written(self) -> str:
        """All that it has written anywhere, but Caddy's copy of what it was told to do."""
        found = (path for path in self.run.rglob("*") if path.name != "autosave.json")
        files = sorted(path for path in found if path.is_file())
        return "\n".join(path.read_bytes().decode("utf-8", "backslashreplace") for path in files)


def prepared(folder: Path, kind: str, changes: Mapping[str, str]) -> None:
    """Its folders, a certificate, and deploy/ with `changes`, each of which is somewhere in it."""
    target = folder / "deploy" / kind
    shutil.copytree(DEPLOY / kind, target)
    shutil.copy(DEPLOY / "panne.html", target.parent)
    (folder / "run").mkdir()
    left = set(changes)
    for path in target.iterdir():
        text = path.read_text(encoding="utf-8")
        left -= {old for old in changes if old in text}
        for old, new in changes.items():
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
    assert not left, "what the tests replace in deploy/ is no longer there"
    command = [
        *(program("openssl"), "req", "-x509", "-noenc", "-days", "2", "-subj", f"/CN={NAME}"),
        *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
        *("-addext", f"subjectAltName=DNS:{NAME}"),
        *("-keyout", "privkey.pem", "-out", "fullchain.pem"),
    ]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@contextmanager
def serving(front: Front, command: list[str], **variables: str) -> Iterator[Front]:
    """Run a server until the end of the block, once it answers."""
    how = {"cwd": front.run, "env": {**os.environ, **variables}, "stdin": subprocess.DEVNULL}
    with (
        (front.run / "printed").open("wb") as printed,
        subprocess.Popen(command, stdout=printed, stderr=subprocess.STDOUT, **how) as process,
    ):
        try:
            until(lambda: process.poll() is not None or answers(front.port))
            assert process.poll() is None, front.written
            yield front
        finally:
            process.terminate()


@contextmanager
def nginx(
    folder: Path, upstream: int, *, under: str = "", more: Mapping[str, str] | None = None
) -> Iterator[Front]:
    """nginx with site.conf, or with sous-chemin.conf in another site if `under` is a path."""
    front = Front(folder)
    run, shipped = front.run, folder / "deploy" / "nginx"
    changes = {
        FOLDER: f"{folder}/deploy",
        "/etc/letsencrypt/live/plume.example.fr": str(folder),
        "listen 80;": f"listen {VISITOR}:{front.plain_port};",
        "listen [::]:80;": f"listen {OTHER_VISITOR}:{front.plain_port};",
        "listen 443 ssl;": f"listen {VISITOR}:{front.port} ssl;",
        "listen [::]:443 ssl;": f"listen {OTHER_VISITOR}:{front.port} ssl;",
        "127.0.0.1:8000": f"127.0.0.1:{upstream}",
    }
    prepared(folder, "nginx", dict(more or {}) | changes)
    site = f"include {shipped}/site.conf;"
    if under:
        site = f"""include {shipped}/http.conf;
        server {{
            listen {VISITOR}:{front.port} ssl;
            server_name {NAME};
            ssl_certificate {folder}/fullchain.pem;
            ssl_certificate_key {folder}/privkey.pem;
            include {shipped}/sous-chemin.conf;
            location / {{ return 404; }}
        }}"""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {run}/{kind};\n" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"""
        {f"user {getuser()};" if os.geteuid() == 0 else ""}
        daemon off;
        worker_processes 2;
        pid {run}/pid;
        error_log {run}/error.log;
        events {{}}
        http {{
            access_log {run}/access.log;
            gzip on;
            {temporary}
            {site}
        }}""",
        encoding="utf-8",
    )
    command = [program("nginx"), "-p", str(run), "-c", str(folder / "nginx.conf")]
    with serving(front, [*command, "-e", str(run / "error.log")]):
        for kind in kinds:
            (run / kind).rmdir()
        yield front


def several(ports: Sequence[int]) -> dict[str, str]:
    """What is to change for `nginx` to stand in front of copies, the first of which it is told.

    As plusieurs.conf has a person do it; and visitors are not counted, since here there is one.
    """
    place = DEPLOY / "nginx"
    told = (place / "plusieurs.conf").read_text(encoding="utf-8")
    passage = (place / "passage.conf").read_text(encoding="utf-8")
    include = f"include {FOLDER}/nginx/http.conf;"
    [second] = re.findall(r"^    (server 192.0.2.2:8000.*?;)", told, re.M)
    others = (second.replace("192.0.2.2:8000", f"127.0.0.1:{port}") for port in ports[1:])
    return {
        include: f"{include}\n{include.replace('http.conf', 'plusieurs.conf')}",
        "proxy_pass http://127.0.0.1:8000;": "\n".join(re.findall(r"^#   (.*;)$", told, re.M)),
        second: "\n".join(others),
        **dict.fromkeys(re.findall(r"^limit_req  .*$", passage, re.M), ""),
    }


@contextmanager
def caddy(
    folder: Path, upstream: int, *, under: str = "", more: Mapping[str, str] | None = None
) -> Iterator[Front]:
    """Caddy with the Caddyfile, or with sous-chemin in another site if `under` is a path."""
    front = Front(folder)
    own = f"import {FOLDER}/caddy/reglages"
    first = f'import {FOLDER}/caddy/passage ""'
    place = f"admin off\nhttp_port {front.plain_port}\nhttps_port {front.port}\n"
    place += f"skip_install_trust\ndefault_bind {VISITOR}\n"
    tls = f"tls {folder}/fullchain.pem {folder}/privkey.pem\n"
    changes = {
        own: place + own,
        first: tls + first,
        FOLDER: f"{folder}/deploy",
        "127.0.0.1:8000": f"127.0.0.1:{upstream}",
    }
    prepared(folder, "caddy", changes | dict(more or {}))
    file = folder / "deploy" / "caddy" / "Caddyfile"
    if under:
        start, name, _ = file.read_text(encoding="utf-8").partition(f"\n{NAME} {{\n")
        log = f"log {{\noutput file {front.run}/site.log\n}}\n"
        site = f"import {folder}/deploy/caddy/sous-chemin\nrespond 404\n}}\n"
        file.write_text(start + name + tls + log + site, encoding="utf-8")
    command = [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(file)]
    home = str(front.run)
    with serving(front, command, HOME=home, XDG_DATA_HOME=home, XDG_CONFIG_HOME=home):
        yield front


# In the place of the application

FULL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 6\r\n\r\nPleine"
WELL = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
FALLS = b""


class StandIn(socketserver.TCPServer):
    """A machine that takes a request in, says always the same, and hangs up."""

    def __init__(self, says: bytes) -> None:
        super().__init__((VISITOR, 0), OneRequest)
        self.says, self.heard, self.port = says, list[bytes](), int(self.server_address[1])


class OneRequest(socketserver.StreamRequestHandler):
    timeout = PATIENCE
    server: StandIn

    def handle(self) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += (line := self.rfile.readline())
            assert line
        length = re.search(rb"Content-Length: (\d+)", head)
        self.server.heard.append(head + self.rfile.read(int(length[1]) if length else 0))
        self.wfile.write(self.server.says)


@contextmanager
def stand_ins(*said: bytes) -> Iterator[list[StandIn]]:
    with ThreadPoolExecutor(len(said)) as pool, ExitStack() as stack:
        machines = [stack.enter_context(StandIn(says)) for says in said]
        for machine in machines:
            pool.submit(machine.serve_forever, 0.01)
            stack.callback(machine.shutdown)
        yield machines


FRONTS = {"nginx": nginx, "caddy": caddy}
