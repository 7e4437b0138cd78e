"""What the pages show, read once when the program starts, and today's date."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask, current_app

from letters.catalogue import Catalogue, load_catalogue
from letters.facts import Fact, load_facts
from letters.recipients import Recipients, load_addressees, load_recipients
from letters.web.commit import commit_of
from letters.web.settings import Settings

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Content:
    """The texts, facts and addresses of the site, and the settings of who runs it.

    `addressees` are the bodies that everybody writes to: the CNIL and the platform. `commit` is the
    one that runs, empty if unknown.
    """

    settings: Settings
    commit: str
    facts: dict[str, Fact]
    catalogue: Catalogue
    recipients: Recipients
    addressees: Recipients


def load_content(settings: Settings) -> Content:
    """Read everything. Raises FactsError, CatalogueError or RecipientsError."""
    facts = load_facts()
    commit = settings.commit or commit_of(Path(__file__).parents[2])
    return Content(
        settings, commit, facts, load_catalogue(facts), load_recipients(), load_addressees()
    )


def init_app(app: Flask, loaded: Content) -> None:
    """Give the requests of `app` its content."""
    app.extensions["content"] = loaded


def content() -> Content:
    """The content of the running application."""
    found: Content = current_app.extensions["content"]
    return found


def today() -> date:
    """Today in Paris, wherever the server is."""
    return datetime.now(PARIS).date()
