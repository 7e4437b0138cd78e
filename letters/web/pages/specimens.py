"""Letters that hold nothing of anybody: the blank one to fill in by hand, and the example to read.

Both are the same for everybody, so that each is drawn once (the example once a day) and a browser
may keep it for a day. The person and the bodies of the example are invented, and say so.
"""

from datetime import date, timedelta
from functools import lru_cache

from flask import Flask, Response, abort, render_template, request
from werkzeug.datastructures import MultiDict

from letters.compose import compose
from letters.model import OUTCOMES, WHO, Letter
from letters.render import html
from letters.web import gloss, pdf_queue
from letters.web.form.asked import Context
from letters.web.form.letter_form import LetterForm
from letters.web.form.request import composed, request_of
from letters.web.pages.downloads import attachment, file_name
from letters.web.pages.letter import context_of, wants_large_print
from letters.web.site import site, today
from letters.wording import Wording

_PERSON = {
    "given_name": "Camille",
    "family_name": "Durand",
    "birth_date": "03/03/1958",
    "address_line1": "12 rue de l’Exemple",
    "postal_code": "29200",
    "city": "Brest",
    "recipient": "other",
    "caisse_lines": "Caisse de l’Exemple\n1 rue de l’Exemple\n29200 Brest",
    "soignant_lines": "Cabinet de l’Exemple\n1 rue de l’Exemple\n29200 Brest",
    "channel": "post",
    "outcome": "silence",
}
# Before the day of the example: a month went by before the follow-up, then its fifteen days.
_SENT, _FOLLOWED_UP = timedelta(days=61), timedelta(days=20)


def example(wording: Wording, today: date) -> Letter:
    """The letter as somebody would send it on `today`, with the options that it proposes."""
    return composed(example_form(wording, today))


def example_form(wording: Wording, today: date) -> LetterForm:
    """What the person of the example answered."""
    context = Context(wording, site(), today)
    days = {"sent_on": today - _SENT, "followed_up_on": today - _FOLLOWED_UP}
    answers = _PERSON | {name: f"{day:%d/%m/%Y}" for name, day in days.items()}
    ticked = [("options", name) for name in wording.default_options]
    return LetterForm(context, MultiDict([*answers.items(), *ticked]))


def warm_up(app: Flask) -> Letter:
    """Show once what people will ask for, so that the first is answered as fast as the next.

    The letter is for the server to draw as well, which tells whether PDFs can be.
    """
    with app.app_context():
        wording = next(iter(site().catalogue.wordings.values()))
        form = example_form(wording, today())
        letter, answers = composed(form), MultiDict(form.answers())
    client = app.test_client()
    client.get("/fr/")
    for output in ("edit", "preview", "text"):
        answers["output"] = output
        client.post(f"/fr/lettres/{wording.slug}", data=answers)
    return letter


def example_page(slug: str) -> str:
    context = context_of(slug)
    form = example_form(context.wording, context.today)
    letter = composed(form)
    beside = gloss.beside(form, letter)
    return render_template(
        "example.html",
        wording=context.wording,
        sheet=html.sheet(letter, gloss=beside),
        spoken=html.spoken(letter, gloss=beside),
        gloss=beside,
    )


def example_file(slug: str) -> Response:
    context, large = context_of(slug), wants_large_print()
    body = _example_pdf(context.wording, context.today, large=large)
    return attachment(body, "application/pdf", file_name(f"{slug}-exemple", large=large))


@lru_cache(maxsize=32)  # two for each letter, on two days
def _example_pdf(wording: Wording, today: date, *, large: bool) -> bytes:
    with pdf_queue.place():
        return pdf_queue.draw(example(wording, today), large=large)


def blank_letter(slug: str) -> Response:
    """The letter with nothing typed, for the situation that the address names."""
    context, answers = context_of(slug), []
    asked = LetterForm(context).active_fields
    for name, called, known in (
        ("who", "who", WHO),
        ("outcome", "outcome", OUTCOMES),
        ("first_letter", "lettre", tuple(site().catalogue.earlier_letters)),
    ):
        value = request.args.get(called, known[0])
        if value not in known:
            abort(404)
        if name in asked:
            answers.append((name, value))
    large = wants_large_print()
    body = _blank_pdf(context.wording, tuple(answers), large=large)
    return attachment(body, "application/pdf", file_name(f"{slug}-vierge", large=large))


@lru_cache(maxsize=256)  # every letter in every situation
def _blank_pdf(wording: Wording, answers: tuple[tuple[str, str], ...], *, large: bool) -> bytes:
    # Not what commits the person to something more, such as writing to the CNIL as well.
    ticked = [("options", o.name) for o in wording.options if o.default and not o.after]
    form = LetterForm(Context(wording, site(), date.min), MultiDict([*answers, *ticked]))
    with pdf_queue.place():
        return pdf_queue.draw(compose(wording, request_of(form), None), large=large)
