"""The files of one letter: texts, PDFs and the reminder for a calendar.

Names of files never hold anything of a person.
"""

from datetime import date

from flask import Response, url_for

from letters.deadlines import answer_due, follow_up_due, opens_after
from letters.render import text
from letters.render.archive import REMINDER
from letters.web import pdf_queue
from letters.web.form.letter_form import LetterForm
from letters.web.form.request import composed
from letters.web.languages import lazy_gettext
from letters.web.pages.letter import wants_large_print
from letters.wording import COMPLAINT, FOLLOW_UP

# A calendar is shared: neither tells who writes, nor to whom, nor about what.
REMINDER_TITLE = lazy_gettext("Vérifier une réponse reçue")
REMINDER_TEXT = lazy_gettext(
    "Avez-vous reçu une réponse à votre courrier ? Regardez aussi dans vos messages. "
    "Avec ou sans réponse, cette page dit la suite :"
)


def attachment(body: bytes, mimetype: str, name: str) -> Response:
    """An answer that a browser saves as `name`."""
    response = Response(body, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def file_name(stem: str, *, large: bool, ending: str = ".pdf") -> str:
    """A name that tells large print: two files that differ share none among the downloads."""
    return f"{stem}-gros-caracteres{ending}" if large else stem + ending


def message(form: LetterForm, *, short: bool = False) -> Response:
    """The message, to paste; the short one is for a box that takes no more."""
    body = text.document(composed(form), short=short)
    ending = "-version-courte.txt" if short else ".txt"
    return attachment(text.file_of(body), "text/plain", form.context.wording.slug + ending)


def pdf(form: LetterForm, *, spoken: bool = False) -> Response:
    """The letter, to post, or what to say aloud. Raises what the queue raises."""
    large, slug = wants_large_print(), form.context.wording.slug
    with pdf_queue.place():
        body = pdf_queue.draw(composed(form), spoken=spoken, large=large)
    name = file_name(f"{slug}-a-dire" if spoken else slug, large=large)
    return attachment(body, "application/pdf", name)


def has_reminder(form: LetterForm) -> bool:
    """Whether there is an answer to wait for that we know of."""
    return form.context.wording.step != COMPLAINT


def reminder(form: LetterForm) -> Response:
    """The calendar file of a letter whose day of sending is right."""
    return attachment(reminder_file(form)[1], "text/calendar", REMINDER)


def reminder_file(form: LetterForm) -> tuple[date, bytes]:
    """The day to look for an answer, and the calendar file that says so."""
    from letters.render.calendar import reminder  # a third of a second that other pages save

    wording, sent_on = form.context.wording, form.day("sent_on") or form.today
    day = opens_after(answer_due(sent_on, form.departments))
    if wording.step == FOLLOW_UP:
        followed = form.day("followed_up_on")
        if followed is None or not sent_on <= followed <= form.today:
            followed = form.today  # it goes today
        day = follow_up_due(followed)
    slug = form.first_letter.data if wording.speaks_of_earlier_letter else wording.slug
    url = url_for("pages.next_step", lettre=slug, envoi=sent_on.isoformat(), _external=True)
    return day, reminder(day, sent_on, url, str(REMINDER_TITLE), str(REMINDER_TEXT))
