"""What tests type into the form, and what they read on its pages.

A behaviour of the form is tried on `form_of`, without a page, where it can be; `posted` and
`check_errors` read what only a page shows. In sentences, `~` stands for a no-break space.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse
from wtforms import Field
from wtforms.fields.core import UnboundField

from letters.recipients import load_addressees
from letters.web.form.asked import Context
from letters.web.form.fields import LongText, Text
from letters.web.form.letter_form import LetterForm
from tests.conftest import TODAY
from tests.kit.pages import (
    CATALOGUE,
    ERROR_PREFIX,
    PERSON,
    SENT,
    SLUGS,
    WHOSE,
    heading_of,
    loaded,
    parse,
    text_of,
    title_of,
)

SANTE, PLATEFORME, SOIGNANT, INFORMATION, RELANCE, PLAINTE = SLUGS


def _fields_of(kind: type) -> set[str]:
    """The fields of the form that are of a kind."""
    fields = ((name, getattr(LetterForm, name)) for name in dir(LetterForm))
    made = ((name, field.field_class) for name, field in fields if isinstance(field, UnboundField))
    return {name for name, found in made if issubclass(found, kind)}


NEVER_SHOWN = {"from_letter", "lines_of", "channel_of"}  # only ever hidden
FIELDS = _fields_of(Field)
TEXTS = sorted(_fields_of(Text) - NEVER_SHOWN)
AREAS = sorted(_fields_of(LongText) - NEVER_SHOWN)
NAMES = ("given_name", "family_name", "represented_given_name", "represented_family_name")
OPTIONS_OF = {slug: tuple(o.name for o in CATALOGUE.wordings[slug].options) for slug in SLUGS}
DEFAULTS_OF = {slug: sorted(CATALOGUE.wordings[slug].default_options) for slug in SLUGS}
OPTIONS = OPTIONS_OF[SANTE]
EVERY_OPTION = sorted({option for options in OPTIONS_OF.values() for option in options})

MAYOTTE = "01976"  # the one body without a known address
ADDRESS = "12 rue des Lilas\n29200 Brest"
FUND = "MSA d’Armorique\n3 rue Hervé de Guébriant\n29412 Landerneau Cedex"
CARER = "Cabinet de l’Exemple\n2 rue du Pont\n29200 Brest"
CNIL, PLATFORM = (tuple(body.address_lines) for body in load_addressees())
WHOLE = {
    **PERSON,
    "birth_date": "03/03/1958",
    "address_line1": "12 rue de l’Église",
    "address_line2": "Bâtiment B",
    "postal_code": "29200",
    "city": "Brest",
    "country": "",
    "email": "camille@example.org",
    "reason": "Première ligne.\r\n\r\nSeconde ligne.",
    "options": ["cnil", "deces"],
}
EVERYTHING = {
    **WHOLE,
    **WHOSE["protected"],
    "represented_birth_date": "03/03/2015",
    "first_letter": SANTE,
    **SENT,
    "channel": "post",
    "received_on": "05/10/2026",
    "outcome": "partial",
    "answer_on": "20/10/2026",
    "missing": "La date d’effet.\r\nLe nom de qui a été prévenu.",
    "followed_up_on": "05/11/2026",
    "caisse_lines": "",
    "soignant_lines": "",
    "plateforme_lines": "Health Data Hub\r\n1 rue Neuve\r\n75015 PARIS",
    "cnil_lines": "CNIL\r\n2 place Neuve\r\n75007 PARIS",
}

NIR = "1 85 05 75 123 456 78"
NIR_TAKEN_OUT = (
    "Ce texte contenait ce qui ressemble à un numéro de sécurité sociale. "
    "Nous l’avons retiré\u00a0: ce site ne doit jamais le recevoir."
)
NIR_MESSAGE = f"{NIR_TAKEN_OUT} Vous pourrez l’écrire à la main sur la lettre imprimée."


def fr(sentence: str) -> str:
    return sentence.replace("~", "\u00a0")


def address_of(slug: str) -> str:
    return f"/fr/lettres/{slug}"


def everything(who: str = "self", first: str = SANTE, **changes: Any) -> dict[str, Any]:
    """A right answer to everything that any letter may ask."""
    born = {"birth_date": "03/03/2010"} if who == "minor" else {}
    lines = {"soignant_lines": CARER.replace("\n", "\r\n")} if first == SOIGNANT else {}
    return {**EVERYTHING, "who": who, "first_letter": first, **born, **lines, **changes}


# Without a page


def form_of(
    slug: str,
    answers: "Iterable[tuple[str, str]] | None" = (),
    *,
    today: date = TODAY,
    **typed: Any,
) -> LetterForm:
    """The form of a letter with these answers; as on a first visit with None."""
    context = Context(loaded().catalogue.wordings[slug], loaded(), today)
    if answers is None:
        return LetterForm(context)
    data = MultiDict(answers)
    for name, value in typed.items():
        data.setlist(name, [value] if isinstance(value, str) else list(value))
    return LetterForm(context, data)


# On a page


def post(
    client: FlaskClient, output: str | None = None, slug: str = SANTE, **answers: Any
) -> TestResponse:
    data = {**PERSON, **answers}
    return client.post(
        address_of(slug), data=data if output is None else {**data, "output": output}
    )


def main_form(text: str) -> Tag:
    """The form of the questions, or of the answers; others may stand beside it."""
    form = parse(text).select_one("main form#answers")
    assert form is not None
    return form


def shown(text: str) -> dict[str, Any]:
    """What the controls of the form hold, by name."""
    form = main_form(text)
    values: dict[str, Any] = {"options": []}
    for control in form.select("input:not([type=hidden]), textarea[name], select"):
        name, held = str(control["name"]), list(successful(control))
        if control.get("type") == "checkbox":
            values["options"] += held
        elif held or name not in values:
            values[name] = held[0] if held else ""
    return values


def successful(tag: Tag) -> Iterator[str]:
    """What a control sends (HTML, « constructing the entry list »), line ends as a person sees."""
    if tag.name == "select":
        options = tag.select("option")
        chosen = [option for option in options if option.has_attr("selected")] or options[:1]
        yield from (str(option["value"]) for option in chosen)
    elif tag.name == "textarea":
        yield tag.get_text()
    elif tag.get("type") not in {"radio", "checkbox"} or tag.has_attr("checked"):
        yield str(tag.get("value", ""))


def pairs(form: Tag, button: Tag | None = None) -> Iterator[tuple[str, str]]:
    """What a browser sends of `form` when `button` is pressed, in the order of the page."""
    if button and button.get("form"):  # it stands elsewhere, before its form
        yield str(button["name"]), str(button["value"])
    for tag in form.select("input, select, textarea, button"):
        if tag.name == "button":
            if tag is button and tag.get("name"):
                yield str(tag["name"]), str(tag.get("value", ""))
        elif tag.get("name"):
            for value in successful(tag):
                yield str(tag["name"]), re.sub("\r?\n", "\r\n", value)


def posted(text: str, **changes: str) -> "MultiDict[str, str]":
    """What a browser posts from the form of a page, with these answers changed."""
    values = MultiDict(pairs(main_form(text)))
    for name, value in changes.items():
        values[name] = re.sub("\r?\n", "\r\n", value)
    return values


def area_of(text: str, identifier: str) -> str:
    area = parse(text).find("textarea", id=identifier)
    assert isinstance(area, Tag)
    return area.get_text()


def letter_of(text: str) -> list[str]:
    return [text_of(tag) for tag in parse(text).select("article#letter :is(p, li, h2)")]


def recipient_of(text: str) -> list[str]:
    return [text_of(line) for line in parse(text).select("article#letter .recipient p")]


def sentences(page: BeautifulSoup) -> dict[str, str]:
    """The message beside each field in error, by the field's id."""
    messages = page.select("main form .error")
    return {
        str(message["id"]).removesuffix("-error"): text_of(message).removeprefix(ERROR_PREFIX)
        for message in messages
    }


def check_errors(response: TestResponse) -> dict[str, str]:
    """Check all that a page with errors owes to the person, and give its messages."""
    page = parse(response.text)
    found = sentences(page)
    assert response.status_code == 422
    assert response.content_type == "text/html; charset=utf-8"
    assert "Content-Disposition" not in response.headers
    assert found
    assert title_of(page).startswith(ERROR_PREFIX + heading_of(page))
    check_summary(page, found)
    for name in found:
        control = page.find(id=name)
        assert isinstance(control, Tag)
        hint = [f"{name}-hint"] if page.find(id=f"{name}-hint") else []  # it stays
        assert str(control["aria-describedby"]).split() == [*hint, f"{name}-error"]
        assert control.name == "fieldset" or control["aria-invalid"] == "true"
    groups = page.select("fieldset.in-error")  # a question with radio buttons
    assert len(page.select("[aria-invalid]")) + len(groups) == len(found)
    assert page.select("details:not([open]) [aria-invalid]") == []
    return found


def check_summary(page: BeautifulSoup, found: dict[str, str]) -> None:
    """It comes first, is read at once, and leads to each field, in the order of the form."""
    summary = page.select_one(
        "main > .error-summary:first-child[role=alert][tabindex='-1'][autofocus]"
    )
    assert summary is not None
    assert text_of(summary.find("h2")) == "Il y a un problème"
    told = [
        (str(page.select(link["href"])[0]["name"]), text_of(link), text_of(link.parent))
        for link in summary.select("li > a")
    ]
    wanted = []
    for name, message in found.items():  # the very words beside the field
        label = text_of(page.select_one(f"label[for={name}], fieldset#{name} > legend"))
        wanted.append((name, message, f"{label.removesuffix(' (facultatif)')} – {message}"))
    assert told == wanted
    assert len(summary.select("li")) == len(told)
