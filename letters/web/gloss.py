"""The reading aid on the pages: each French text of the letters and of the facts, translated.

A page in French says the French text itself. On the others, simple French among them, a text whose
translation is missing or out of date stays French, is marked as such, and says that its translation
is to be redone.
"""

from flask import Flask
from markupsafe import Markup, escape

from letters.compose import compose
from letters.gloss import Gloss
from letters.model import SPOKEN, Letter
from letters.render.html import LetterGloss
from letters.web.form.letter_form import LetterForm
from letters.web.form.request import request_of
from letters.web.formats import day as written_day
from letters.web.languages import SOURCE_LANGUAGE, current_language, reviewers
from letters.web.languages import gettext as _
from letters.web.site import site


def init_app(app: Flask) -> None:
    """Give the templates what they need to say French texts in the language of the page."""
    app.jinja_env.filters.update(gloss=gloss, gloss_text=gloss_text)
    app.jinja_env.globals.update(is_unreviewed=is_unreviewed, reviewers_of=reviewers_of)


def current() -> Gloss | None:
    """The aid in the language of the page; none in French."""
    return site().glosses.get(current_language().tag)


def reviewers_of(tag: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who has read a language's pages, and its reading aid."""
    found = site().glosses.get(tag)
    return reviewers(tag), found.reviewers if found else ()


def is_unreviewed() -> bool:
    """Whether the page is a translation that no named person has read as a whole."""
    tag = current_language().tag
    return tag != SOURCE_LANGUAGE and not all(reviewers_of(tag))


def gloss_text(french: str) -> str:
    """What a text says in the language of the page, or itself: where no markup can stand."""
    return _said(french) or french


def gloss(french: str) -> Markup:
    """The same on a page, marked where it stays French."""
    if said := _said(french):
        return escape(said)
    if not french or current() is None:
        return escape(french)
    marked = Markup('<span lang="{}">{}</span> <em>{}</em>')
    return marked.format(SOURCE_LANGUAGE, french, _("(traduction à revoir)"))


def _said(french: str) -> str:
    """What a text says in the language of the page; empty in French, or if out of date."""
    found = current()
    return found.of(french) if found else ""


def beside(form: LetterForm, letter: Letter) -> LetterGloss | None:
    """The translation to show beside the letter that the form makes; none on a page in French."""
    found, language = current(), current_language()
    if found is None:
        return None
    request = request_of(form)
    quoting = found.request(request, _("(traduction à revoir)"))
    said = compose(found.wording(form.context.wording), quoting, form.context.today, written_day)
    return LetterGloss(
        letter=said,
        sender=tuple(map(found.line, letter.sender)),
        spoken=found.of(SPOKEN),
        language=language.tag,
        direction=language.direction,
        name=_("Aide à la lecture :"),
        stale=_("Traduction à revoir : lisez le français, ou demandez à un proche."),
        own_words=_("Ici, vos propres mots, tels que vous les avez écrits."),
        own=frozenset(filter(None, request.fields.values())),
    )
