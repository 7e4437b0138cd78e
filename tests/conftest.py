"""What several test modules share: the application, the letters, the day.

`pytest --golden` rewrites tests/golden/*.txt after a wanted change of wording; read the diff.
`--vite` leaves out whatever starts a browser, Java or another program, and the modules named in
`PATIENT`; `--tout` tries what is marked `tout` too, and full products where pairs are tried
otherwise (tests/kit).
"""

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from letters.catalogue import Catalogue, load_catalogue
from letters.facts import Fact, load_facts
from letters.recipients import Recipients, load_recipients
from tests import kit
from tests.kit import CLOCK, clock
from tests.kit.drawn import drawn_anew, drawn_once  # noqa: F401  fixtures

TODAY = date(2026, 11, 21)
# They draw many PDFs, make many sites, or try hostile input on everything.
PATIENT = {"archive", "bundle", "carried", "font", "forgotten", "fuzz", "geometry"}
PATIENT |= {"hostile", "i18n", "languages", "leaks", "log", "new_letter", "pdf", "pdf_queue"}
PATIENT |= {"scripts", "settings", "specimens"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="rewrite the golden texts")
    parser.addoption("--vite", action="store_true", help="no browser, Java or other program")
    parser.addoption("--tout", action="store_true", help="full products, and what is rarely run")


def pytest_configure(config: pytest.Config) -> None:
    kit.everything = config.getoption("--tout")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    quick = config.getoption("--vite")
    marks = () if kit.everything else ("tout",)
    marks += ("browser", "java", "server") if quick else ()
    left_out = [
        item
        for item in items
        if any(map(item.get_closest_marker, marks))
        or (quick and item.path.stem.removeprefix("test_") in PATIENT)
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


@pytest.fixture(autouse=True)
def same_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page is asked for on `TODAY`, so that no test depends on the day it is run."""
    monkeypatch.setattr(CLOCK, clock(TODAY))


@pytest.fixture(scope="session")
def facts() -> dict[str, Fact]:
    return load_facts()


@pytest.fixture(scope="session")
def catalogue(facts: dict[str, Fact]) -> Catalogue:
    return load_catalogue(facts)


@pytest.fixture(scope="session")
def recipients() -> Recipients:
    return load_recipients()


@pytest.fixture(scope="session")
def app() -> Flask:
    return create_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
