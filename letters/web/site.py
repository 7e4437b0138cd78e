"""What the pages show, read once when the program starts, and today's date."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Flask, current_app

from letters.catalogue import Catalogue, load_catalogue
from letters.facts import Fact, load_facts
from letters.gloss import Gloss, Source, load_gloss, sources
from letters.recipients import Recipients, load_addressees, load_recipients
from letters.web.languages import TRANSLATED
from letters.web.settings import Settings

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Site:
    """The texts, facts and addresses of the site, and the settings of who runs it.

    `addressees` are the recipients that everybody writes to: the CNIL and the platform. `glosses`
    holds the reading aid by language.
    """

    settings: Settings
    facts: dict[str, Fact]
    catalogue: Catalogue
    recipients: Recipients
    addressees: Recipients
    glosses: dict[str, Gloss]

    @property
    def sources(self) -> list[Source]:
        """Every French text that has, or should have, a reading aid."""
        recipients = (*self.recipients, *self.addressees)
        return sources(self.catalogue.wordings.values(), self.facts.values(), recipients)


def load_site(settings: Settings) -> Site:
    """Read all. Raises ContentError."""
    facts = load_facts()
    return Site(
        settings=settings,
        facts=facts,
        catalogue=load_catalogue(facts),
        recipients=load_recipients(),
        addressees=load_addressees(),
        glosses={tag: load_gloss(tag) for tag in TRANSLATED},
    )


def init_app(app: Flask, loaded: Site) -> None:
    app.extensions["site"] = loaded


def site() -> Site:
    found: Site = current_app.extensions["site"]
    return found


def today() -> date:
    """Today in Paris, wherever the server is."""
    return datetime.now(PARIS).date()
