"""What the pages show, read once when the program starts, and today's date."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Flask, current_app

from letters.catalogue import Catalogue, load_catalogue
from letters.facts import Fact, load_facts
from letters.gloss import Gloss as Reading
from letters.gloss import Source, sources
from letters.gloss import load_gloss as load_reading
from letters.recipients import Recipients, load_addressees, load_recipients
from letters.web.i18n import TRANSLATED
from letters.web.settings import Settings

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Content:
    """The texts, facts and addresses of the site, and the settings of who runs it.

    `addressees` are the bodies that everybody writes to: the CNIL and the platform. `readings`
    holds the reading aid by language.
    """

    settings: Settings
    facts: dict[str, Fact]
    catalogue: Catalogue
    recipients: Recipients
    addressees: Recipients
    readings: dict[str, Reading]

    @property
    def sources(self) -> list[Source]:
        """Every French text that has, or should have, a reading aid."""
        bodies = (*self.recipients, *self.addressees)
        return sources(self.catalogue.wordings.values(), self.facts.values(), bodies)


def load_content(settings: Settings) -> Content:
    """Read all. Raises FactsError, CatalogueError, RecipientsError or TranslationError."""
    facts = load_facts()
    return Content(
        settings=settings,
        facts=facts,
        catalogue=load_catalogue(facts),
        recipients=load_recipients(),
        addressees=load_addressees(),
        readings={tag: load_reading(tag) for tag in TRANSLATED},
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
