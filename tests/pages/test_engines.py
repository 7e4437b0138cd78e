"""The journey in two more engines: Firefox ESR and WebKitGTK, which is close to Safari.

Limits: no screen reader, no phone; Safari itself is not tried.
"""

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.pages import FORM, HOME
from tests.pages.engines import FIREFOX, WEBKIT, Engine, started
from tests.server import Server

pytestmark = pytest.mark.browser

TYPED = {"#given_name": "Zoé", "#family_name": "L’Haÿ"}


@pytest.fixture(params=[FIREFOX, WEBKIT])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if not shutil.which(request.param):
        missing = f"{request.param} is not installed: script/setup --dev"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    with started(request.param) as engine:
        yield engine


def shown(engine: Engine) -> dict[str, str]:
    return {field: engine.run(f"return document.querySelector('{field}').value") for field in TYPED}


@pytest.mark.rule(6, 15)
def test_the_journey_and_back_keep_what_was_typed(engine: Engine, server: Server) -> None:
    engine.open(f"{server.url}{HOME}")
    engine.press("main .button")
    engine.wait("document.querySelector('#given_name')")
    for field, text in TYPED.items():
        engine.type(field, text)
    engine.type("#recipient", "29")
    engine.press("main .button")
    engine.wait("document.querySelector('#letter')")
    letter = engine.run("return document.querySelector('#letter').innerText")
    assert "CPAM du Finistère" in letter
    assert "Zoé L’Haÿ" in letter
    assert engine.run("return document.querySelector('#message').value").endswith("Zoé L'Haÿ")
    assert engine.run("return !document.querySelector('[data-copy=message]').hidden")

    engine.back()
    engine.wait(f"location.pathname === '{FORM}' && document.querySelector('#given_name')")
    assert shown(engine) == TYPED
    engine.press("main .button")
    engine.wait("document.querySelector('#letter')")
    engine.press("[value=edit]:not([formaction])")
    engine.wait("document.querySelector('#given_name')")
    assert shown(engine) == TYPED

    engine.press("main .button")
    engine.wait("document.querySelector('#letter')")
    engine.press("[value=erase]")
    engine.wait("document.querySelector('[role=status]')")
    assert shown(engine) == dict.fromkeys(TYPED, "")
