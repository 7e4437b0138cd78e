"""Letters that hold nothing of anybody: the blank one to fill in by hand, and the example to read.

Both are the same for everybody, so that each is drawn once (the example once a day) and a browser
may keep it for a day. The person and the bodies of the example are invented, and say so.
"""

from datetime import date, timedelta
from functools import lru_cache

from flask import Flask, Response, abort, request
from werkzeug.datastructures import MultiDict

from letters.compose import compose
from letters.model import OUTCOMES, WHO, Letter
from letters.render.html import LetterGloss as Aid
from letters.web import aids, pdf_queue
from letters.web.content import content, today
from letters.web.files import attachment, wants_large_print
from letters.web.forms import CARER, FUND, Context, LetterForm
from letters.wording import Wording

_ADDRESSES = {
    FUND: "Caisse de l’Exemple\n1 rue de l’Exemple\n29200 Brest",
    CARER: "Cabinet de l’Exemple\n1 rue de l’Exemple\n29200 Brest",
}
_PERSON = {
    "given_name": "Camille",
    "family_name": "Durand",
    "birth_date": "03/03/1958",
    "address_line1": "12 rue de l’Exemple",
    "postal_code": "29200",
    "city": "Brest",
    "recipient": "other",
    "channel": "post",
    "outcome": "silence",
}
# Before the day of the example: a month went by before the follow-up, then its fifteen days.
_SENT, _FOLLOWED_UP = timedelta(days=61), timedelta(days=20)


def example(wording: Wording, today: date) -> Letter:
    """The letter as somebody would send it on `today`, with the options that it proposes."""
    return compose(wording, example_form(wording, today).to_request(), today)


def example_aid(wording: Wording, today: date, letter: Letter) -> Aid | None:
    """The translation to show beside the example, which is `letter`; none on a page in French."""
    return aids.beside(example_form(wording, today), letter)


def example_form(wording: Wording, today: date) -> LetterForm:
    """What the person of the example answered."""
    context = Context(wording, content(), today)
    days = {"sent_on": today - _SENT, "followed_up_on": today - _FOLLOWED_UP}
    answers = _PERSON | {name: f"{day:%d/%m/%Y}" for name, day in days.items()}
    empty = LetterForm(context)
    answers["recipient_lines"] = _ADDRESSES[empty.lines_for]
    ticked = [("options", name) for name in empty.options.data]
    return LetterForm(context, MultiDict([*answers.items(), *ticked]))


def warm_up(app: Flask) -> Letter:
    """Show once what people will ask for, so that the first is answered as fast as the next.

    The letter is for the server to draw as well, which tells whether PDFs can be.
    """
    with app.app_context():
        wording = next(iter(content().catalogue.wordings.values()))
        form = example_form(wording, today())
        letter, answers = example(wording, today()), MultiDict(form.answers())
    client = app.test_client()
    client.get("/fr/")
    for output in ("edit", "preview", "text"):
        answers["output"] = output
        client.post(f"/fr/lettres/{wording.slug}", data=answers)
    return letter


def example_pdf(context: Context) -> Response:
    body = _example_pdf(context.wording, context.today, large=wants_large_print())
    return attachment(body, "application/pdf", f"{context.wording.slug}-exemple.pdf")


@lru_cache(maxsize=32)  # two for each letter, on two days
def _example_pdf(wording: Wording, today: date, *, large: bool) -> bytes:
    with pdf_queue.place():
        return pdf_queue.draw(example(wording, today), large=large)


def blank_pdf(context: Context) -> Response:
    """The letter with nothing typed, for the situation that the address names."""
    situation = {
        "who": (request.args.get("who", "self"), WHO),
        "outcome": (request.args.get("outcome", OUTCOMES[0]), OUTCOMES),
        "first_letter": (
            request.args.get("lettre", next(iter(content().catalogue.oppositions))),
            content().catalogue.oppositions,
        ),
    }
    if any(value not in known for value, known in situation.values()):
        abort(404)
    asked = LetterForm(context).asked
    answers = {name: value for name, (value, _known) in situation.items() if name in asked}
    body = _blank_pdf(context.wording, tuple(answers.items()), large=wants_large_print())
    return attachment(body, "application/pdf", f"{context.wording.slug}-vierge.pdf")


@lru_cache(maxsize=256)  # every letter in every situation
def _blank_pdf(wording: Wording, answers: tuple[tuple[str, str], ...], *, large: bool) -> bytes:
    form = LetterForm(Context(wording, content(), date.min), MultiDict(answers))
    # Not what commits the person to something more, such as writing to the CNIL as well.
    form.options.data = [o.name for o in wording.options if o.default and not o.after]
    with pdf_queue.place():
        return pdf_queue.draw(compose(wording, form.to_request(), None), large=large)
