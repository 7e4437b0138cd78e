"""Two more engines than Chromium, driven by what each brings: Firefox and WebKitGTK.

Both obey the same commands (W3C WebDriver): WebKit's own driver takes them over HTTP, Firefox as
messages of Marionette, its own protocol. So no driver is downloaded. Limits: few commands, one
window, a profile that is new each time; nothing is asked of anybody but the site.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

FIREFOX, WEBKIT = "firefox-esr", "WebKitWebDriver"
PATIENCE = 120  # seconds before a browser is given up
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the name that W3C gave to a reference
# All that is not for this machine goes to a proxy that nobody holds, the browser's own errands too:
# it has many, and not each has a switch.
PREFERENCES: dict[str, Any] = {
    "marionette.port": 0,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.failover_direct": False,
    "network.proxy.allow_bypass": False,
}


class Engine:
    """A browser with one window. `_call` sends a command: Marionette's name, W3C's path."""

    def _call(self, name: str, path: str, **body: Any) -> Any:
        raise NotImplementedError

    def open(self, url: str) -> None:
        self._call("Navigate", "url", url=url)

    def back(self) -> None:
        self._call("Back", "back")

    def run(self, script: str) -> Any:
        """What a function with this body returns on the page."""
        return self._call("ExecuteScript", "execute/sync", script=script, args=[])

    def wait(self, condition: str) -> None:
        """Until this is true on the page."""
        end = time.monotonic() + PATIENCE
        while not self.run(f"return Boolean({condition})"):
            assert time.monotonic() < end, condition
            time.sleep(0.05)

    def press(self, selector: str) -> None:
        found = self._find(selector)
        # WebKitGTK presses only what is in sight.
        place = '{ block: "center", behavior: "instant" }'
        self.run(f"document.querySelector({json.dumps(selector)}).scrollIntoView({place})")
        self._call("ElementClick", f"element/{found}/click", id=found)

    def type(self, selector: str, text: str) -> None:
        found = self._find(selector)
        self._call("ElementSendKeys", f"element/{found}/value", id=found, text=text)

    def _find(self, selector: str) -> str:
        found = self._call("FindElement", "element", using="css selector", value=selector)
        return str(found[ELEMENT])


class Marionette(Engine):
    """Firefox: messages "length:[0, number, command, parameters]" on a socket."""

    def __init__(self, port: int, stack: ExitStack) -> None:
        door = stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
        self._stream = stack.enter_context(door.makefile("rwb"))
        self._read()  # who it is
        self._call("NewSession", "")

    def _call(self, name: str, path: str, **body: Any) -> Any:
        message = json.dumps([0, 1, f"WebDriver:{name}", body]).encode()
        self._stream.write(b"%d:%b" % (len(message), message))
        self._stream.flush()
        _kind, _number, error, result = self._read()
        assert error is None, error
        return result.get("value", result) if isinstance(result, dict) else result

    def _read(self) -> Any:
        length = b""
        while (sign := self._stream.read(1)) != b":":
            assert sign, "Firefox has closed the connection"
            length += sign
        return json.loads(self._stream.read(int(length)))


class WebDriver(Engine):
    """WebKitGTK: JSON over HTTP."""

    def __init__(self, port: int, nobody: int) -> None:
        self._root = f"http://127.0.0.1:{port}/session"
        ways = dict.fromkeys(("httpProxy", "sslProxy"), f"127.0.0.1:{nobody}")
        proxy = {"proxyType": "manual", "noProxy": ["127.0.0.1"], **ways}
        made = self._post(self._root, {"capabilities": {"alwaysMatch": {"proxy": proxy}}})
        self._root += f"/{made['sessionId']}"

    def _call(self, name: str, path: str, **body: Any) -> Any:
        body.pop("id", None)
        return self._post(f"{self._root}/{path}", body)

    @staticmethod
    def _post(url: str, body: dict[str, Any]) -> Any:
        request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            with urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)["value"]
        except HTTPError as error:
            raise AssertionError(error.read().decode()) from None


@contextmanager
def started(name: str) -> Iterator[Engine]:
    """The engine of a program, which ends with it."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        # Taken, and never listened to.
        nobody = stack.enter_context(socket.socket())
        nobody.bind(("127.0.0.1", 0))
        start = _firefox if name == FIREFOX else _webkit
        yield start(home, stack, nobody.getsockname()[1])


def _spawn(command: list[str], stack: ExitStack, **variables: str) -> None:
    """Start a program in a group of its own, which ends as a whole: it has children."""
    process = subprocess.Popen(
        command,
        env=os.environ | variables,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stack.callback(process.wait)
    stack.callback(os.killpg, process.pid, signal.SIGTERM)


def _firefox(home: Path, stack: ExitStack, nobody: int) -> Engine:
    wanted = PREFERENCES | {f"network.proxy.{kind}_port": nobody for kind in ("http", "ssl")}
    lines = (f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in wanted.items())
    (home / "user.js").write_text("\n".join(lines), encoding="utf-8")
    _spawn([FIREFOX, "--headless", "--marionette", "--profile", str(home)], stack, HOME=str(home))
    return Marionette(int(_awaited((home / "MarionetteActivePort").read_text)), stack)


def _webkit(home: Path, stack: ExitStack, nobody: int) -> Engine:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    xvfb = shutil.which("xvfb-run")
    command = [xvfb, "-a"] if xvfb else []
    _spawn([*command, WEBKIT, f"--port={port}"], stack, HOME=str(home), NO_AT_BRIDGE="1")
    engine: Engine = _awaited(lambda: WebDriver(port, nobody))
    return engine


def _awaited(get: Any) -> Any:
    """What `get` gives, once it does."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            if found := get():
                return found
        except (OSError, URLError):
            pass
        if time.monotonic() > end:
            raise TimeoutError(f"no browser after {PATIENCE} s")
        time.sleep(0.05)
