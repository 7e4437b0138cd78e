"""What the pressed button of a form asks for (`output`): a page, a text, a PDF, a zip…

Nothing is kept. When a file cannot be made, the result page says so, with all that was typed.
"""

import sys
from collections.abc import Callable
from functools import partial

from flask import Response, current_app, request
from werkzeug.exceptions import ServiceUnavailable

from letters.web import pdf_queue
from letters.web.form.letter_form import LetterForm
from letters.web.languages import gettext as _
from letters.web.pages import archive, downloads
from letters.web.pages.letter import context_of, erased, form_page, result_page

Output = Callable[[LetterForm], Response]


def letter(slug: str) -> Response:
    output = request.form.get("output", "preview")
    if output == "erase":
        return erased(LetterForm(context_of(slug)))
    answers = request.form.copy()
    if output == "check":  # its errors in another language, what was asked once among them
        answers["lines_of"] = answers.get("lines_of", "").partition(" ")[0]
    form = LetterForm(context_of(slug), answers)
    if output in {"edit", "language"}:
        return _form(form, is_right=form.tell_of_nirs())
    is_right = form.validate()
    if not is_right or output == "check":
        return _form(form, is_right=is_right)
    if output in _DRAWN:
        return _drawn(form, _DRAWN[output])
    return _OTHERS.get(output, _preview)(form)


def _form(form: LetterForm, *, is_right: bool) -> Response:
    return Response(form_page(form), 200 if is_right else 422)


def _drawn(form: LetterForm, draw: Output) -> Response:
    """The file that `draw` makes, or the result page with what to do."""
    try:
        return draw(form)
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


def _preview(form: LetterForm) -> Response:
    return Response(result_page(form))


def _preview_with_day(form: LetterForm) -> Response:
    """The result page whose day of sending is wrong, in another language."""
    if not form.sent_on.data or form.validate_sending():
        return _preview(form)
    return Response(result_page(form, problem=form.sent_on.errors[0]), 422)


def _reminder(form: LetterForm) -> Response:
    if not downloads.has_reminder(form):  # nothing more to wait for that we know of
        return _preview(form)
    if form.validate_sending():
        return downloads.reminder(form)
    if "sent_on" in form.visible_fields:  # the form asks for it, the result page does not
        return _form(form, is_right=False)
    return Response(result_page(form, problem=form.sent_on.errors[0]), 422)


def _spoken(form: LetterForm) -> Response:
    has_it = form.context.wording.spoken
    return downloads.pdf(form, spoken=True) if has_it else _preview(form)


_DRAWN: dict[str, Output] = {"pdf": downloads.pdf, "slip": _spoken, "bundle": archive.zip_file}
_OTHERS: dict[str, Output] = {
    "day": _preview_with_day,
    "text": downloads.message,
    "short": partial(downloads.message, short=True),
    "calendar": _reminder,
}
