"""One server and one Chromium a process for all browser tests; what each window sent and kept.

Without Chromium each browser test is skipped; with CI set in the environment it fails instead.
Nothing here waits for a time that a busy machine would miss.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.pages import find_chromium, launch
from tests.server import Server, running

NO_BROWSER = "Chromium is missing (chromium, chromium-browser or google-chrome)"
# What Chromium writes of a header of ours on a site without https, where it means nothing.
NO_HTTPS = "The Cross-Origin-Opener-Policy header has been ignored"
# What the page's origin keeps in the browser, by the name of the place.
KEPT = """async () => Object.entries({
  cookies: document.cookie.length,
  local: localStorage.length,
  session: sessionStorage.length,
  databases: (await indexedDB.databases()).length,
  caches: globalThis.caches ? (await caches.keys()).length : 0,
}).filter(([, size]) => size)"""

OpenWindow = Callable[..., Page]
DESKTOP: ViewportSize = {"width": 1280, "height": 800}


PATIENCE = 120_000  # milliseconds before an answer is given up

expect.set_options(timeout=PATIENCE)


def chromium() -> str:
    """Where Chromium is; where it is nowhere, the test ends here."""
    found = find_chromium()
    if found is None and os.environ.get("CI"):
        pytest.fail(NO_BROWSER, pytrace=False)
    return found or pytest.skip(NO_BROWSER)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = chromium()
    with sync_playwright() as playwright:
        started = launch(playwright, executable)
        yield started
        started.close()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running() as started:
        yield started


@dataclass
class Window:
    """A window in a profile of its own, and all that it asked, wrote in its console and kept.

    `origins` are the addresses it may talk to; `statuses` the refusals that the test provokes,
    each of which Chromium notes in the console. What a page's policy forbids comes there too.
    """

    page: Page
    origins: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        context = self.page.context
        context.set_default_timeout(PATIENCE)
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _hear(self, message: ConsoleMessage) -> None:
        notes = (NO_HTTPS, *(f"responded with a status of {code} " for code in self.statuses))
        if message.type in {"error", "warning"} and not any(note in message.text for note in notes):
            self.complaints.append(message.text)

    def verify(self) -> None:
        """Nothing complained, nothing asked of anyone else, nothing kept by the browser."""
        assert self.complaints == []
        assert [url for url in self.requests if not url.startswith(self.origins)] == []
        assert self.page.context.cookies() == []
        assert self.page.evaluate(KEPT) == []

    def clear(self) -> None:
        """Make it as new for the next test."""
        self.page.goto("about:blank")
        self.page.set_viewport_size(DESKTOP)
        self.page.emulate_media(color_scheme="light")
        self.page.context.clear_permissions()
        self.requests.clear()
        self.complaints.clear()


@pytest.fixture(scope="session")
def windows(browser: Browser) -> dict[str, Window]:
    """The windows already open, by their settings: opening one takes Chromium half a second."""
    return {}


@pytest.fixture
def window(browser: Browser, server: Server, windows: dict[str, Window]) -> Iterator[OpenWindow]:
    """Open a page with these settings of Playwright's new_context, and watch it."""
    used: list[str] = []

    def open_window(
        also: tuple[str, ...] = (), statuses: tuple[int, ...] = (422,), **settings: Any
    ) -> Page:
        usual = {"base_url": server.url, "locale": "fr-FR", "reduced_motion": "reduce"}
        settings = usual | {"java_script_enabled": True} | settings
        key = repr(sorted(settings.items()))
        if key not in windows:
            windows[key] = Window(browser.new_context(viewport=DESKTOP, **settings).new_page())
        used.append(key)
        windows[key].origins = (f"{settings['base_url']}/", *also)
        windows[key].statuses = statuses
        return windows[key].page

    yield open_window
    for key in used:
        try:
            windows[key].verify()
            windows[key].clear()
        except BaseException:  # the next test gets another one
            windows.pop(key).page.context.close()
            raise


@pytest.fixture
def page(window: OpenWindow) -> Page:
    """A page with JavaScript."""
    return window()


@pytest.fixture(params=[True, False], ids=["javascript", "no javascript"])
def any_page(window: OpenWindow, request: pytest.FixtureRequest) -> Page:
    """A page with JavaScript, then one without."""
    return window(java_script_enabled=request.param)
