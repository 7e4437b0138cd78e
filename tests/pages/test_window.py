"""The watch on every browser test: what a page must not do is noticed, each thing by itself."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.pages import FORM
from tests.pages.conftest import Window
from tests.server import Server

pytestmark = pytest.mark.browser

MISDEEDS = {
    "an error in the console": "console.error('oh')",
    "an error that nobody catches": "setTimeout(() => { throw new Error('oh') })",
    "a style that the policy forbids": "document.body.innerHTML = '<p style=\"color: red\">oh</p>'",
    "a script that the policy forbids": "document.body.append(Object.assign("
    "document.createElement('script'), { textContent: '1' }))",
    "a picture from elsewhere": "new Image().src = 'https://elsewhere.example/x.png'",
    "a request to elsewhere": "fetch('https://elsewhere.example/').catch(() => {})",
    "a cookie": "document.cookie = 'oh=1'",
    "local storage": "localStorage.setItem('oh', '1')",
    "session storage": "sessionStorage.setItem('oh', '1')",
    "a database": "new Promise((done) => { indexedDB.open('oh').onsuccess = done; }).then(() => 1)",
    "a cache": "caches.open('oh').then(() => 1)",
}


@pytest.fixture
def watched(browser: Browser, server: Server) -> Iterator[Window]:
    context = browser.new_context(base_url=server.url)
    window = Window(context.new_page(), origins=(f"{server.url}/",))
    window.page.goto(FORM)
    yield window
    context.close()


@pytest.mark.parametrize("misdeed", MISDEEDS)
@pytest.mark.check(1, 6, 7)
def test_what_a_page_must_not_do_is_noticed(watched: Window, misdeed: str) -> None:
    watched.page.evaluate(MISDEEDS[misdeed])
    for _ in range(600):  # Chromium tells of some a moment later
        try:
            watched.verify()
        except AssertionError:
            return
        watched.page.wait_for_timeout(20)
    pytest.fail(f"nobody noticed {misdeed}")
