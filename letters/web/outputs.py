"""Turn the valid answers of a form into what the pressed button asks for.

Each function makes one kind of answer: the result page, a text, a PDF, a calendar file, a zip of
several letters. Nothing is kept; names of files never hold anything of a person.
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from flask import Response, current_app, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import ServiceUnavailable

from letters.compose import compose, option_texts
from letters.deadlines import answer_due, extended_answer_due, follow_up_due
from letters.model import Letter
from letters.render import html, text
from letters.render.archive import (
    HOW_TO_SEND,
    READ_ME,
    REMINDER,
    BundleContents,
    BundledLetter,
    bundle,
    read_me,
)
from letters.typography import outside_cp1252
from letters.web import aids, pdf_queue
from letters.web.content import content
from letters.web.files import attachment, wants_large_print
from letters.web.forms import Context, LetterForm, recipient_choices
from letters.web.i18n import gettext as _
from letters.web.i18n import mark, number
from letters.web.qr import qr_code
from letters.wording import COMPLAINT, FOLLOW_UP, LATER_STEPS, OPPOSITION, Wording

# A calendar is shared: neither tells who writes, nor to whom, nor about what.
REMINDER_TITLE = mark("Vérifier une réponse reçue")
REMINDER_TEXT = mark(
    "Avez-vous reçu une réponse à votre courrier ? Regardez aussi dans vos messages. "
    "Avec ou sans réponse, cette page dit la suite :"
)
MOST_LETTERS = 6  # in one zip: each PDF takes its turn on the server


@dataclass(frozen=True, slots=True)
class Messages:
    """The text versions of a letter, as pasted and as downloaded."""

    subject: str
    full: str
    short: str

    @classmethod
    def of(cls, letter: Letter) -> "Messages":
        return cls(text.subject(letter), text.message(letter), text.short_message(letter))


def composed(form: LetterForm) -> Letter:
    """The letter that valid answers make."""
    return compose(form.context.wording, form.to_request(), form.context.today)


def form_page(form: LetterForm, *, also: Iterable[str] | None = None, erased: bool = False) -> str:
    """The form as it stands, with its errors if it was checked.

    `also` are the letters ticked for the zip, to be carried along; those of the request if not
    told. `erased` tells that the form was just emptied. The address in the QR code is that of the
    empty form, for another device.
    """
    wording = form.context.wording
    ticked = _offered(request.form.getlist("also") if also is None else also, but=wording.slug)
    whose = form.who.data
    aid = aids.current()
    several = [
        bodies
        for department, bodies in content().recipients.by_department()
        if department and len(bodies) > 1
    ]
    return render_template(
        "form.html",
        form=form,
        wording=wording,
        first_letters=content().catalogue.oppositions.values(),
        choices=recipient_choices(content().recipients),
        paragraphs=_option_texts(wording, whose),
        aided=aid and _option_texts(aid.wording(wording), whose),
        several=several,
        carried=[*form.carried(), *(("also", slug) for slug in ticked)],
        erased=erased,
        address=(address := url_for("pages.letter_form", slug=wording.slug, _external=True)),
        qr=qr_code(address),
    )


def _option_texts(wording: Wording, whose: str) -> dict[str, list[str]]:
    """What each option adds, by its name."""
    return {o.name: option_texts(wording, o.name, whose) for o in wording.options}


def erased(form: LetterForm) -> Response:
    """A fresh form, and the browser asked to drop the copies that it made of our pages.

    Browsers keep none on disk (`no-store`), but some hold the last pages in memory for « Back ».
    Only « cache »: cookies and storage have nothing of ours, and to clear them would reach other
    sites of the same domain or the same address.
    """
    response = Response(form_page(form, erased=True))
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def result_page(form: LetterForm, *, problem: str = "") -> str:
    """The finished letter and what to do with it; `problem` is what went wrong, if anything."""
    letter = composed(form)
    messages, aid = Messages.of(letter), aids.beside(form, letter)
    wording = form.context.wording
    _say_that_it_goes_today(form)
    others = [w for w in content().catalogue.wordings.values() if w.slug != wording.slug]
    return render_template(
        "result.html",
        form=form,
        wording=wording,
        letter=letter,
        sheet=html.sheet(letter, aid=aid),
        slip=html.slip(letter, aid=aid),
        aid=aid,
        messages=messages,
        unusual=outside_cp1252(messages.full),
        in_window=bool(letter.recipient),
        due=answer_due(form.context.today),
        extended=extended_answer_due(form.context.today),
        follow_up_due=follow_up_due(form.context.today),
        now=[other for other in others if other.step not in LATER_STEPS],
        later=[other for other in others if other.step in LATER_STEPS],
        also=request.form.getlist("also"),
        large=wants_large_print(),
        problem=problem,
    )


def _offered(slugs: Iterable[str], but: str) -> list[str]:
    """Those of `slugs` that a result page offers beside the letter `but`, in their order.

    A follow-up from which a first letter is asked for is not among them: it comes later.
    """
    wanted = set(slugs) - {but}
    wordings = content().catalogue.wordings.items()
    return [s for s, wording in wordings if s in wanted and wording.step not in LATER_STEPS]


def _say_that_it_goes_today(form: LetterForm) -> None:
    """Fill in the day of sending, for the reminder and for the letters that come after."""
    step = form.context.wording.step
    day = {OPPOSITION: form.sent_on, FOLLOW_UP: form.followed_up_on}.get(step)
    if day is not None and not day.data:
        day.data = f"{form.context.today:%d/%m/%Y}"


def preview(form: LetterForm) -> Response:
    return Response(result_page(form))


def preview_with_day(form: LetterForm) -> Response:
    """The result page whose day of sending is wrong, in another language."""
    if not form.sent_on.data or form.validate_sending():
        return preview(form)
    return Response(result_page(form, problem=form.sent_on.errors[0]), 422)


def full_text(form: LetterForm) -> Response:
    messages = Messages.of(composed(form))
    return _text_answer(form, messages.subject, messages.full, ".txt")


def short_text(form: LetterForm) -> Response:
    messages = Messages.of(composed(form))
    return _text_answer(form, messages.subject, messages.short, "-version-courte.txt")


def _text_answer(form: LetterForm, subject: str, body: str, ending: str) -> Response:
    name = f"{form.context.wording.slug}{ending}"
    return attachment(text.document(subject, body).encode(), "text/plain", name)


def letter_pdf(form: LetterForm) -> Response:
    return _pdf_answer(form, "")


def slip_pdf(form: LetterForm) -> Response:
    return _pdf_answer(form, _SLIP) if form.context.wording.spoken else preview(form)


_SLIP = "-a-dire"


def _pdf_answer(form: LetterForm, ending: str) -> Response:
    letter = composed(form)
    name = f"{form.context.wording.slug}{ending}.pdf"
    return _in_turn(form, lambda: _pdfs(letter, name)[name], "application/pdf", name)


def _pdfs(letter: Letter, *names: str) -> dict[str, bytes]:
    """The PDF files of a letter by name; a name that ends in `_SLIP` is that of the slip."""
    large = wants_large_print()
    return {
        name: pdf_queue.draw(letter, slip=name.endswith(f"{_SLIP}.pdf"), large=large)
        for name in names
    }


def _in_turn(form: LetterForm, make: Callable[[], bytes], mimetype: str, name: str) -> Response:
    """The file that `make` draws, or the result page with all that was typed and what to do."""
    try:
        with pdf_queue.place():
            return attachment(make(), mimetype, name)
    except ServiceUnavailable:
        problem = _(
            "Beaucoup de personnes demandent un fichier en ce moment. Vos réponses sont toujours "
            "là. Demandez-le à nouveau dans quelques secondes."
        )
        later = {"Retry-After": str(pdf_queue.RETRY_AFTER)}
        return Response(result_page(form, problem=problem), 503, later)
    except Exception:
        current_app.log_exception(sys.exc_info())
        problem = _(
            "Le fichier n’a pas pu être fabriqué. Vos réponses sont toujours là. Copiez le "
            "message, imprimez cette page, ou recommencez dans quelques minutes."
        )
        return Response(result_page(form, problem=problem), 500)


# The reminder


def calendar_file(form: LetterForm) -> Response:
    if form.context.wording.step == COMPLAINT:  # nothing more to wait for that we know of
        return preview(form)
    if not form.validate_sending():
        if "sent_on" in form.printed:  # the form asks for it, the result page does not
            return Response(form_page(form), 422)
        return Response(result_page(form, problem=form.sent_on.errors[0]), 422)
    _day, body = _reminder(form)
    return attachment(body, "text/calendar", REMINDER)


def _reminder(form: LetterForm) -> tuple[date, bytes]:
    """The day to look for an answer, and the calendar file that says so."""
    from letters.render.calendar import reminder  # a third of a second that other pages save

    sent_on = form.day("sent_on") or form.context.today
    if form.context.wording.step == FOLLOW_UP:
        followed = form.day("followed_up_on")
        if followed is None or not sent_on <= followed <= form.context.today:
            followed = form.context.today  # it goes today
        day = follow_up_due(followed)
    else:
        day = answer_due(sent_on)
    words = (_(REMINDER_TITLE), _(REMINDER_TEXT))
    return day, reminder(day, sent_on, _follow_up_url(form, sent_on), *words)


def _follow_up_url(form: LetterForm, sent_on: date) -> str:
    wording = form.context.wording
    slug = form.first_letter.data if wording.speaks_of_objection else wording.slug
    return url_for("pages.follow_up", lettre=slug, envoi=sent_on.isoformat(), _external=True)


# Several letters at once


def zip_file(form: LetterForm) -> Response:
    """The letter and those named by `also`, in the order of the journey, in one file."""
    also = request.form.getlist("also")
    catalogue = content().catalogue.wordings
    if problem := _problem_with(also):
        return Response(result_page(form, problem=problem), 422)
    slugs = {form.context.wording.slug, *also}
    forms = [_form_of(wording, form) for slug, wording in catalogue.items() if slug in slugs]
    for other in forms:
        if not other.validate():
            return Response(form_page(other, also=slugs), 422)
    if form.sent_on.data and not form.validate_sending():
        return Response(result_page(form, problem=form.sent_on.errors[0]), 422)
    return _in_turn(form, lambda: _zip(forms, form), "application/zip", "lettres.zip")


def _problem_with(also: list[str]) -> str:
    if not set(also) <= content().catalogue.wordings.keys():
        return _("Choisissez les lettres à ajouter dans la liste de cette page.")
    if len(also) > MOST_LETTERS:
        return _("Choisissez au plus %(limit)s lettres.") % {"limit": number(MOST_LETTERS)}
    return ""


def _form_of(wording: Wording, form: LetterForm) -> LetterForm:
    """The form of a letter, filled in with the answers given to another."""
    if wording.slug == form.context.wording.slug:
        return form
    context = Context(wording, content(), form.context.today)
    other = LetterForm(context, MultiDict(form.answers()))
    # The person has not read what this letter can say of other steps, done or not yet.
    unread = {o.name for o in wording.options if o.after} - set(form.shown)
    other.options.data = [name for name in other.options.data if name not in unread]
    if other.day("followed_up_on") == form.context.today:
        other.followed_up_on.data = ""  # a follow-up of today has not been sent yet
    return other


def _zip(forms: list[LetterForm], asked_from: LetterForm) -> bytes:
    made = [(form, _files_of(form, number)) for number, form in enumerate(forms, 1)]
    files = [file for _form, named in made for file in named.items()]
    day = None
    if asked_from.context.wording.step != COMPLAINT:
        day, body = _reminder(asked_from)
        files.append((REMINDER, body))
    letters = tuple(_described(form, tuple(named)) for form, named in made)
    contents = BundleContents(letters, day, url_for("pages.follow_up", _external=True))
    return bundle([(READ_ME, read_me(contents).encode()), *files])


def _files_of(form: LetterForm, number: int) -> dict[str, bytes]:
    letter = composed(form)
    messages = Messages.of(letter)
    stem = f"{number}-{form.context.wording.slug}"
    pdfs = [f"{stem}.pdf", *([f"{stem}{_SLIP}.pdf"] if letter.spoken else [])]
    return {
        f"{stem}.txt": text.document(messages.subject, messages.full).encode(),
        f"{stem}-version-courte.txt": text.document(messages.subject, messages.short).encode(),
        **_pdfs(letter, *pdfs),
    }


def _described(form: LetterForm, files: tuple[str, ...]) -> BundledLetter:
    wording = form.context.wording
    how = HOW_TO_SEND[wording.step if wording.step == COMPLAINT else form.kind]
    return BundledLetter(wording.title, how, files, wording.limits)


# The buttons of a result page, by the value of `output`.
OUTPUTS = {
    "preview": preview,
    "day": preview_with_day,
    "text": full_text,
    "short": short_text,
    "pdf": letter_pdf,
    "slip": slip_pdf,
    "calendar": calendar_file,
    "bundle": zip_file,
}
