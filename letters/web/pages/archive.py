"""Several letters at once: one zip with the texts, the PDFs, the reminder and what to do."""

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from letters.render import text
from letters.render.archive import HOW_TO_SEND, READ_ME, REMINDER, BundledLetter, bundle, read_me
from letters.web import pdf_queue
from letters.web.form.asked import Context
from letters.web.form.letter_form import LetterForm
from letters.web.form.request import composed
from letters.web.formats import number
from letters.web.languages import gettext as _
from letters.web.pages.downloads import attachment, file_name, has_reminder, reminder_file
from letters.web.pages.letter import form_page, result_page, wants_large_print
from letters.web.site import site
from letters.wording import COMPLAINT, Wording

MOST_LETTERS = 6  # in one zip: each PDF takes its turn on the server


def zip_file(form: LetterForm) -> Response:
    """The letter and those named by `also`, in the order of the journey, in one file."""
    also = request.form.getlist("also")
    if problem := _problem_with(also):
        return Response(result_page(form, problem=problem), 422)
    slugs = {form.context.wording.slug, *also}
    wordings = [w for w in site().catalogue.wordings.values() if w.slug in slugs]
    forms = [_form_of(wording, form) for wording in wordings]
    for other in forms:
        if other is not form and not other.validate():
            return Response(form_page(other, also=slugs), 422)
    if form.sent_on.data and not form.validate_sending():
        return Response(result_page(form, problem=form.sent_on.errors[0]), 422)
    name = file_name("lettres", large=wants_large_print(), ending=".zip")
    with pdf_queue.place():
        return attachment(_zip(forms, form), "application/zip", name)


def _problem_with(also: list[str]) -> str:
    if not set(also) <= site().catalogue.wordings.keys():
        return _("Choisissez les lettres à ajouter dans la liste de cette page.")
    if len(also) > MOST_LETTERS:
        return _("Choisissez au plus %(limit)s lettres.") % {"limit": number(MOST_LETTERS)}
    return ""


def _form_of(wording: Wording, form: LetterForm) -> LetterForm:
    """The form of a letter, filled in with the answers given to another."""
    if wording.slug == form.context.wording.slug:
        return form
    # The person has not read what this letter can say of other steps, done or not yet.
    unread = {o.name for o in wording.options if o.after} - set(form.shown.data)
    answers = MultiDict((n, v) for n, v in form.answers() if n != "options" or v not in unread)
    answers.setlist("shown", [*form.shown.data, *unread])
    if form.day("followed_up_on") == form.today:
        answers.poplist("followed_up_on")  # a follow-up of today has not been sent yet
    return LetterForm(Context(wording, site(), form.today), answers)


def _zip(forms: list[LetterForm], asked_from: LetterForm) -> bytes:
    made = [(form, _files_of(form, place)) for place, form in enumerate(forms, 1)]
    files = [file for _form, named in made for file in named.items()]
    day = None
    if has_reminder(asked_from):
        day, body = reminder_file(asked_from)
        files.append((REMINDER, body))
    letters = [_described(form, tuple(named)) for form, named in made]
    told = read_me(letters, day, url_for("pages.next_step", _external=True))
    return bundle([(READ_ME, text.file_of(told)), *files])


def _files_of(form: LetterForm, place: int) -> dict[str, bytes]:
    letter, large = composed(form), wants_large_print()
    stem = f"{place}-{form.context.wording.slug}"
    files = {f"{stem}.txt": text.file_of(text.document(letter))}
    if letter.has_additions:
        files[f"{stem}-version-courte.txt"] = text.file_of(text.document(letter, short=True))
    files[file_name(stem, large=large)] = pdf_queue.draw(letter, large=large)
    if letter.spoken:
        name = file_name(f"{stem}-a-dire", large=large)
        files[name] = pdf_queue.draw(letter, spoken=True, large=large)
    return files


def _described(form: LetterForm, files: tuple[str, ...]) -> BundledLetter:
    wording = form.context.wording
    how = HOW_TO_SEND[wording.step if wording.step == COMPLAINT else form.recipient_kind]
    return BundledLetter(wording.title, how, files, wording.limits)
