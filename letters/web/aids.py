"""The reading aid on the pages: each French text of the letters and of the facts, translated.

A page in French says the French text itself. On the others, simple French among them, a text whose
translation is missing or out of date stays French, is marked as such, and says that its translation
is to be redone.
"""

from flask import Flask
from markupsafe import Markup, escape

from letters.compose import compose
from letters.gloss import Gloss as Reading
from letters.model import SPOKEN, Letter
from letters.render.html import LetterGloss as Aid
from letters.web.content import content
from letters.web.forms import LetterForm
from letters.web.i18n import SOURCE_LANGUAGE, current_language, reviewers
from letters.web.i18n import day as written_day
from letters.web.i18n import gettext as _


def init_app(app: Flask) -> None:
    """Give the templates what they need to say French texts in the language of the page."""
    app.jinja_env.filters.update(reading=reading, reading_text=reading_text)
    app.jinja_env.globals.update(is_unreviewed=is_unreviewed, reviewers_of=reviewers_of)


def reading_of(tag: str) -> Reading | None:
    """The aid in a language; none in French."""
    return content().readings.get(tag)


def current() -> Reading | None:
    """The aid in the language of the page; none in French."""
    return reading_of(current_language().tag)


def reviewers_of(tag: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who has read a language's pages, and its reading aid."""
    aid = reading_of(tag)
    return reviewers(tag), aid.reviewers if aid else ()


def is_unreviewed() -> bool:
    """Whether the page is a translation that no named person has read as a whole."""
    tag = current_language().tag
    return tag != SOURCE_LANGUAGE and not all(reviewers_of(tag))


def reading_text(french: str) -> str:
    """What a text says in the language of the page, or itself: where no markup can stand."""
    return _said(french) or french


def reading(french: str) -> Markup:
    """The same on a page, marked where it stays French."""
    if said := _said(french):
        return escape(said)
    if not french or current() is None:
        return escape(french)
    marked = Markup('<span lang="{}">{}</span> <em>{}</em>')
    return marked.format(SOURCE_LANGUAGE, french, _("(traduction à revoir)"))


def _said(french: str) -> str:
    """What a text says in the language of the page; empty in French, or if out of date."""
    aid = current()
    return aid.of(french) if aid else ""


def beside(form: LetterForm, letter: Letter) -> Aid | None:
    """The translation to show beside the letter that the form makes; none on a page in French."""
    aid, language = current(), current_language()
    if aid is None:
        return None
    request = form.to_request()
    quoting = aid.request(request, _("(traduction à revoir)"))
    said = compose(aid.wording(form.context.wording), quoting, form.context.today, written_day)
    return Aid(
        letter=said,
        sender=tuple(map(aid.line, letter.sender)),
        spoken=aid.of(SPOKEN),
        language=language.tag,
        direction=language.direction,
        name=_("Aide à la lecture :"),
        stale=_("Traduction à revoir : lisez le français, ou demandez à un proche."),
        own_words=_("Ici, vos propres mots, tels que vous les avez écrits."),
        own=frozenset(filter(None, request.fields.values())),
    )
